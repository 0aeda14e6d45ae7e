"""
httpx.
"""

from __future__ import annotations

import httpx

from tests.toolkit.clients.suite.client import Client
from tests.toolkit.clients.suite.httpx_clients import AsyncHttpx, SyncHttpx


class _Library(Client):
    library = httpx
    broken = httpx.RemoteProtocolError
    timed_out = httpx.ReadTimeout


class Sync(_Library, SyncHttpx):
    pass


class Async(_Library, AsyncHttpx):
    pass

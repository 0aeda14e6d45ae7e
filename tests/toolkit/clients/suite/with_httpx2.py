"""
httpx2.
"""

from __future__ import annotations

import httpx2

from tests.toolkit.clients.suite.client import Client
from tests.toolkit.clients.suite.httpx_clients import AsyncHttpx, SyncHttpx


class _Library(Client):
    library = httpx2
    broken = httpx2.RemoteProtocolError
    timed_out = httpx2.ReadTimeout


class Sync(_Library, SyncHttpx):
    pass


class Async(_Library, AsyncHttpx):
    pass

"""
Whether somebody else follows what urllib3 does below a call: then nothing is left out.

Instruments replace methods of connections and of pools to see requests, and tests to change them.
"""

from __future__ import annotations

import http.client
from functools import lru_cache
from types import FunctionType
from typing import Any

from urllib3.connectionpool import HTTPConnectionPool

_BELOW = frozenset({"botocore", "http", "urllib3"})
"""Packages whose own code writes requests, as the library has it."""


def is_listened_to(pool: type[HTTPConnectionPool]) -> bool:
    """
    Whether a method of the connections of *pool* is neither the library's own nor put there by us.
    """
    kind: Any = pool.ConnectionCls
    base = http.client.HTTPConnection
    make = pool._make_request  # noqa: SLF001 - it may be replaced all the same
    return base.debuglevel > 0 or not _are_own(
        *(make, kind.request, kind.putrequest, kind.send, kind.connect, kind.getresponse),
        *(base.putrequest, base.putheader, base.endheaders, base.send, base.connect, base.getresponse),
    )


def are_calls_listened_to(pool: type[HTTPConnectionPool]) -> bool:
    """
    The same of the calls of *pool*, and of what they lead to.
    """
    return not _are_own(pool.urlopen) or is_listened_to(pool)


@lru_cache(maxsize=32)
def _are_own(*methods: object) -> bool:
    return all(map(_is_own, methods))


def _is_own(method: object) -> bool:
    # Not by `__module__`, nor by the mark of what is ours: wrappers take both over from what they wrap.
    while isinstance(method, FunctionType):
        package = method.__globals__["__name__"].partition(".")[0]
        if package != "taketwo":
            return package in _BELOW
        method = getattr(method, "__wrapped__", None)
    return False

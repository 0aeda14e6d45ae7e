"""
Recorded requests as they go over the wire, as far as that decides on a match.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import lru_cache
from itertools import chain
from urllib.parse import quote_plus

from taketwo.cassette.body.codec import body_to_bytes
from taketwo.cassette.deciding_headers import counted
from taketwo.cassette.header_names import header
from taketwo.cassette.index import Wire
from taketwo.cassette.model import Pairs, StoredRequest

_quoted = lru_cache(maxsize=1000)(quote_plus)  # many requests of a suite ask with the same few values
_UNRESERVED = re.compile(r"[A-Za-z0-9_.~-]*+\Z")
"""What stands in an address as it is."""


def wires_of(requests: Iterable[StoredRequest]) -> list[Wire]:
    """
    *requests* as they would go over the wire if nothing in them were volatile.
    """
    return list(map(wire_of, requests))


def wire_of(request: StoredRequest, listed: Collection[str] = ()) -> Wire:
    body = b"" if request.body is None else body_to_bytes(request.body)
    media_type = header(request.headers, "content-type") if body else ""
    url = with_query(request.url, request.query)
    return Wire(request.method, url, media_type, body, counted(request.headers, listed))


def with_query(url: str, query: Pairs) -> str:
    if not query:
        return url
    if all(map(_UNRESERVED.match, chain.from_iterable(query))):
        return f"{url}?{'&'.join(map('='.join, query))}"
    return f"{url}?{'&'.join(f'{_quoted(name)}={_quoted(value)}' for name, value in query)}"

"""
What urllib3 would write for a call, told without writing it.

Only of calls that leave no doubt: whatever urllib3 would change, encode, refuse or warn of is not told here.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TypeAlias

from urllib3._version import __version__

from taketwo.cassette.header_names import header
from taketwo.cassette.index import Wire
from taketwo.cassette.model import LiveRequest, Pairs
from taketwo.playback.player import IncomingRequest

_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
_TELL_LENGTH = frozenset({"PATCH", "POST", "PUT"})
"""Methods whose requests tell their length without a body too."""
_TARGET = re.compile(r"/(?!/)(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-F]{2})*")
"""Paths with queries that are sent as they are."""
_USUAL = {"http": "80", "https": "443"}
_MORE_THAN_SENT = frozenset({"expect", "transfer-encoding", "upgrade"})
"""Headers with which more happens than that they are sent."""


Given: TypeAlias = tuple[tuple[object, object], ...]
"""Headers as a client has them: their names and values."""


def written(method: str, url: str, headers: Given, body: object) -> IncomingRequest | None:
    """
    The request; None where there is a doubt. *url* is one of :func:`is_plain_address`.
    """
    content = _content(body)
    try:
        pairs = _plain(headers)
    except TypeError:  # what cannot be hashed is no text
        return None
    if content is None or pairs is None or method not in _METHODS:
        return None

    def whole() -> LiveRequest:
        sent = _sent(pairs, url, None if body is None else content, method)
        return LiveRequest(method=method, url=url, headers=sent, body=content)

    media_type = header(pairs, "content-type") if content else ""
    return IncomingRequest(Wire(method, url, media_type, content), (headers, len(content)), whole)


def is_plain_address(base: str, target: str) -> bool:
    """
    Whether *base*, the scheme and host, and *target*, the path and query, are sent as they stand here.
    """
    return _is_plain_base(base) and _TARGET.fullmatch(target) is not None


@lru_cache(maxsize=64)
def _is_plain_base(base: str) -> bool:
    scheme, _, authority = base.partition("://")
    host, has_port, port = authority.partition(":")
    is_name = host.replace(".", "").replace("-", "").isalnum() and host.isascii() and host == host.lower()
    is_port = port.isdecimal() and port.isascii() and port[0] != "0" and port != _USUAL.get(scheme)
    return scheme in _USUAL and is_name and (is_port or not has_port)


def _content(body: object) -> bytes | None:
    if body is None:
        return b""
    if isinstance(body, bytes):
        return body
    return body.encode() if isinstance(body, str) and body.isascii() else None


@lru_cache(maxsize=256)  # most requests of a client have the same
def _plain(headers: Given) -> Pairs | None:
    """
    *headers* as they are sent; None where there is a doubt.
    """
    pairs = []
    for name, value in headers:
        text = value.decode("latin-1") if isinstance(value, bytes) else value
        if not isinstance(name, str) or not isinstance(text, str):
            return None
        is_name = name.isascii() and name.replace("-", "").replace("_", "").isalnum()
        if not is_name or not text.isascii() or not text.isprintable():
            return None
        pairs.append((name, text.strip()))
    names = {name.lower() for name, _ in pairs}
    return None if names & _MORE_THAN_SENT or len(names) < len(pairs) else tuple(pairs)


def _sent(pairs: Pairs, url: str, content: bytes | None, method: str) -> Pairs:
    """
    The headers with those that urllib3 and http.client add.
    """
    added = {"Host": url.partition("://")[2].partition("/")[0], "Accept-Encoding": "identity"}
    if content is not None or method in _TELL_LENGTH:
        added["Content-Length"] = str(len(content or b""))
    added["User-Agent"] = f"python-urllib3/{__version__}"
    given = {name.lower() for name, _ in pairs}
    return (*((name, value) for name, value in added.items() if name.lower() not in given), *pairs)

"""
What urllib3 would write for a call, told without writing it.

Only of calls that leave no doubt: whatever urllib3 would change, encode, refuse or warn of is not told here.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from urllib3._version import __version__

from taketwo.cassette.index import Wire
from taketwo.cassette.model import LiveRequest, Pairs
from taketwo.playback.player import IncomingRequest

_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
_TELL_LENGTH = frozenset({"PATCH", "POST", "PUT"})
"""Methods whose requests tell their length without a body too."""
_BASE = re.compile(r"https?://[a-z0-9](?:[a-z0-9.\-]*[a-z0-9])?(?::[1-9][0-9]*)?")
_TARGET = re.compile(r"/(?!/)(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-F]{2})*")
"""Paths with queries that are sent as they are."""
_NAME = re.compile(r"[A-Za-z0-9\-_]+")
_VALUE = re.compile(r"[\x20-\x7e]*")
_MORE_THAN_SENT = frozenset({"expect", "transfer-encoding", "upgrade"})
"""Headers with which more happens than that they are sent."""


Given: TypeAlias = tuple[tuple[object, object], ...]
"""Headers as a client has them: their names and values."""


class _Head(NamedTuple):
    """
    The headers of a call, and what the request is told apart by.
    """

    given: Pairs
    names: frozenset[str]
    media_type: str


def written(method: str, url: str, headers: Given, body: object) -> IncomingRequest | None:
    """
    The request; None where there is a doubt. *url* is one of :func:`is_plain_address`.
    """
    content = _content(body)
    try:
        head = _head(headers)
    except TypeError:  # what cannot be hashed is no text
        return None
    if content is None or head is None or method not in _METHODS:
        return None

    def whole() -> LiveRequest:
        pairs = _sent(head, url, None if body is None else content, method)
        return LiveRequest(method=method, url=url, headers=pairs, body=content)

    key = headers, len(content)
    return IncomingRequest(Wire(method, url, head.media_type if content else "", content), key, whole)


def is_plain_address(base: str, target: str) -> bool:
    """
    Whether *base*, the scheme and host, and *target*, the path and query, are sent as they stand here.
    """
    return _is_plain_base(base) and _TARGET.fullmatch(target) is not None


@lru_cache(maxsize=64)
def _is_plain_base(base: str) -> bool:
    is_usual_port = base.startswith("http://") and base.endswith(":80")
    is_usual_port |= base.startswith("https://") and base.endswith(":443")
    return _BASE.fullmatch(base) is not None and not is_usual_port


def _content(body: object) -> bytes | None:
    if body is None:
        return b""
    if isinstance(body, bytes):
        return body
    return body.encode() if isinstance(body, str) and body.isascii() else None


@lru_cache(maxsize=256)  # most requests of a client have the same
def _head(headers: Given) -> _Head | None:
    pairs = []
    for name, value in headers:
        text = value.decode("latin-1") if isinstance(value, bytes) else value
        if not isinstance(name, str) or not isinstance(text, str):
            return None
        if _NAME.fullmatch(name) is None or _VALUE.fullmatch(text) is None:
            return None
        pairs.append((name, text.strip()))
    names = frozenset(name.lower() for name, _ in pairs)
    if names & _MORE_THAN_SENT or len(names) < len(pairs):
        return None
    return _Head(
        tuple(pairs), names, next((value for name, value in pairs if name.lower() == "content-type"), "")
    )


def _sent(head: _Head, url: str, content: bytes | None, method: str) -> Pairs:
    """
    The headers with those that urllib3 and http.client add.
    """
    added = {"Host": url.partition("://")[2].partition("/")[0], "Accept-Encoding": "identity"}
    if content is not None or method in _TELL_LENGTH:
        added["Content-Length"] = str(len(content or b""))
    added["User-Agent"] = f"python-urllib3/{__version__}"
    return (*((name, value) for name, value in added.items() if name.lower() not in head.names), *head.given)

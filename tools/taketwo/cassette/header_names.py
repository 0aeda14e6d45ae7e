"""
Headers by their names, and how these are spelled where a client shows them as the service wrote them.

Cassettes hold them in small letters, which no lookup minds that heeds HTTP. Code that makes a dictionary of
headers does mind, as gql does with those of a handshake.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from taketwo.cassette.model import Pairs

_WORDS = {
    "dnt": "DNT",
    "etag": "ETag",
    "graphql": "GraphQL",
    "md5": "MD5",
    "ratelimit": "RateLimit",
    "te": "TE",
    "websocket": "WebSocket",
    "www": "WWW",
    "xss": "XSS",
}


@lru_cache(maxsize=1024)
def spelled(name: str) -> str:
    """
    *name* as most services write it: ``Sec-WebSocket-Protocol``, ``ETag``, ``X-Request-Id``.

    One that is not in small letters is as it was written.
    """
    if not name.islower():
        return name
    return "-".join(_WORDS.get(word, word.capitalize()) for word in name.split("-"))


def are_lowercase(names: Iterable[str]) -> bool:
    """
    Whether a service wrote *names* in small letters, as few do.
    """
    return all(name.islower() for name in names)


def first_values(headers: Pairs) -> dict[str, str]:
    """
    The value of the first header of each name, by these in small letters.
    """
    return {name.lower(): value for name, value in reversed(headers)}


def header(headers: Pairs, wanted: str) -> str:
    """
    The value of the first header whose name is *wanted*, in small letters; empty when there is none.
    """
    for name, value in headers:
        if name.lower() == wanted:
            return value
    return ""

"""
The addresses under which services listen today, and the names under which recordings know them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

# What follows a host, so that neither http://shop:80 is found in http://shop:8000 nor shop in shop.org.
_END_OF_HOST = r"(?![\w-]|[.:]\w)"


def is_at(url: str, address: str) -> bool:
    """
    Whether *url* leads to the service at *address*.
    """
    return url.startswith(address) and url.removeprefix(address)[:1] in {"", "/", "?", "#"}


@dataclass(frozen=True, slots=True)
class BaseUrls:
    """
    The addresses of the services today, each with the name under which recordings know it.
    """

    live_to_stable: Mapping[str, str]

    def stable(self, text: str) -> str:
        for live, stable in self.live_to_stable.items():
            if live != stable and _netloc(live) in text:
                text = _put(stable, _address(live), text)
                text = _put(urlsplit(stable).netloc, _host(live), text)
        return text

    def hosts(self) -> list[str]:
        """
        The hosts of today, as far as recordings know them by another name.
        """
        return [_netloc(live) for live, stable in self.live_to_stable.items() if live != stable]

    def names(self) -> Iterator[str]:
        """
        The texts that stand in recordings for the addresses of today.
        """
        for live, stable in self.live_to_stable.items():
            if live != stable:
                yield from (stable, urlsplit(stable).netloc)


def _put(value: str, place: re.Pattern[str], text: str) -> str:
    return place.sub(lambda _: value, text)


@cache
def _netloc(url: str) -> str:
    return urlsplit(url).netloc


@cache
def _address(url: str) -> re.Pattern[str]:
    return re.compile(re.escape(url) + _END_OF_HOST)


@cache
def _host(url: str) -> re.Pattern[str]:
    """
    The host of *url* by itself; one that has no port is a word like any other, except behind ``//``.
    """
    host = _netloc(url)
    before = r"(?<![\w.-])" if ":" in host else "(?<=//)"
    return re.compile(before + re.escape(host) + _END_OF_HOST)

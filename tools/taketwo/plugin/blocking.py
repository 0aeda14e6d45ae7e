"""
The network, closed while a test is replayed.

The blocking itself is that of pytest-recording; here one may lie inside another.
"""

from __future__ import annotations

from collections.abc import Sequence

from pytest_recording import network

LOOPBACK = (r"127\.0\.0\.1$", "::1$", "localhost$", "/")
"""This machine: its addresses, and the sockets in its file system."""

_Hosts = list[str] | None
_closed: list[_Hosts] = []


class NetworkClosed:
    """
    While open, only *hosts* can be reached, which are regular expressions.
    """

    __slots__ = ("_hosts",)

    def __init__(self, hosts: Sequence[str]) -> None:
        # None, since pytest-recording takes an empty list for "every host".
        self._hosts: _Hosts = list(hosts) or None

    def __enter__(self) -> None:
        _closed.append(self._hosts)
        network.block(self._hosts)

    def __exit__(self, *_: object) -> None:
        _closed.pop()
        network.unblock()
        if _closed:
            network.block(_closed[-1])

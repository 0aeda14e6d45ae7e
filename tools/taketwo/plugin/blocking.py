"""
The network, closed while a test is replayed.

The blocking itself is that of pytest-recording; here one may lie inside another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pytest_recording import network

LOOPBACK = (r"127\.0\.0\.1$", "::1$", "localhost$", "/")
"""This machine: its addresses, and the sockets in its file system."""

_Hosts = list[str] | None
_closed: list[_Hosts] = []


@contextmanager
def network_closed(hosts: Sequence[str]) -> Iterator[None]:
    """
    While open, only *hosts* can be reached, which are regular expressions.
    """
    # None, since pytest-recording takes an empty list for "every host".
    _closed.append(list(hosts) or None)
    network.block(_closed[-1])
    try:
        yield
    finally:
        _closed.pop()
        network.unblock()
        if _closed:
            network.block(_closed[-1])

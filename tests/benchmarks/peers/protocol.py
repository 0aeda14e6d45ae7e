"""
What a peer has to do to be measured; it does it in the fastest way that its own documentation shows.

The module of one that keeps cassettes has ``record(samples, path)``, which takes up what went over the wire
and returns what writes it, and ``load(path)``, which gives something :class:`Opened`. Each has
``use(path, samples)`` and ``use_async``: contexts that give what sends a sample and returns the body of the
answer. Ours can only be used inside of pytest, and has ``replay(path, samples, act)`` and ``replay_async``
instead, which call *act*.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from tests.benchmarks.samples import Sample

Send = Callable[[Sample], bytes]
AsyncSend = Callable[[Sample], Awaitable[bytes]]


class Opened(Protocol):
    """
    A cassette that has been loaded.
    """

    def answers(self) -> dict[str, bytes]:
        """
        The body of every answer, as a client would get it, by the address that was asked.
        """

    def find(self, sample: Sample) -> bytes | None:
        """
        The body of the answer to one request, or None.
        """

    def rewind(self) -> None:
        """
        Let every answer be found again.
        """

"""
When the messages of a cassette may have been said.

Its interactions are in order, and so are the frames of each conversation; of the order between them, what
counts is that nothing which holds a minted value is sent before the service has said that value.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from taketwo.cassette.conversation import Parts
from taketwo.cassette.mint import PLACEHOLDER
from taketwo.cassette.model import Cassette, Interaction
from taketwo.cassette.strings import request_texts, response_texts

Pair = tuple[int, int]
"""When something was issued, and when it was answered."""


@dataclass(frozen=True, slots=True)
class Moments:
    """
    Those of each interaction, and of each part of each conversation; ``last`` is the last of all.
    """

    interactions: tuple[Pair, ...]
    conversations: tuple[tuple[Pair, ...], ...]
    last: int


def moments_of(cassette: Cassette) -> Moments:
    lines = [
        _Line(cassette.interactions),
        *(_Line(Parts(one).interactions) for one in cassette.conversations),
    ]
    known: set[str] = set()
    last = 0
    while left := [line for line in lines if not line.is_over]:
        line = next((line for line in left if line.is_ready(known)), left[0])
        known |= line.waiting
        last += 1
        line.moments.append(last)
    exchanged, *spoken = (line.pairs for line in lines)
    return Moments(exchanged, tuple(spoken), last)


@dataclass(slots=True)
class _Line:
    """
    Requests and answers in turn, and the moment of each that has been said.
    """

    interactions: Sequence[Interaction]
    moments: list[int] = field(default_factory=list)
    _names: list[frozenset[str]] = field(init=False)

    def __post_init__(self) -> None:
        self._names = [names for item in self.interactions for names in _names(item)]

    @property
    def is_over(self) -> bool:
        return len(self.moments) == len(self._names)

    @property
    def waiting(self) -> frozenset[str]:
        """
        The minted values in what is said next.
        """
        return self._names[len(self.moments)]

    @property
    def pairs(self) -> tuple[Pair, ...]:
        return tuple(zip(self.moments[::2], self.moments[1::2], strict=True))

    def is_ready(self, known: set[str]) -> bool:
        is_answer = len(self.moments) % 2
        return bool(is_answer) or self.waiting <= known


def _names(item: Interaction) -> Iterator[frozenset[str]]:
    for texts in (request_texts(item.request), response_texts(item.response)):
        yield frozenset(
            f"{found[2]}:{found[3].partition(':')[0]}"
            for _, text in texts
            for found in PLACEHOLDER.finditer(text)
            if found[2] != "secret" and not found[1]
        )

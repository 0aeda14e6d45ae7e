"""
In which order a cassette holds what happened concurrently, and when each of its messages may have been sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from itertools import groupby

from taketwo.cassette.body.frames import ConversationParts
from taketwo.cassette.match import Fingerprint, fingerprint
from taketwo.cassette.model import Cassette, Exchange, Interaction
from taketwo.cassette.visit import map_request, request_texts, response_texts
from taketwo.cassette.volatile.generate import PLACEHOLDER, SENT

_Key = tuple[Fingerprint, tuple[int, ...], int]

_NO_ORIGIN = frozenset({"secret", "any", SENT})

Pair = tuple[int, int]
"""When something was issued, and when it was answered."""


def is_concurrent(exchanges: Sequence[Exchange]) -> bool:
    """
    Whether anything was under way beside something else; *exchanges* are in the order of issue.
    """
    return any(len(section) > 1 for section in _sections(exchanges))


def canonical_order(exchanges: Sequence[Exchange], interactions: Sequence[Interaction]) -> list[int]:
    """
    The places of *exchanges* in the order in which a cassette is to hold them.

    They are given in the order of issue, and so are *interactions*, which are the same with placeholders.
    """
    order: list[int] = []
    for section in _sections(exchanges):
        order += section if len(section) == 1 else _sorted(section, exchanges, interactions, len(order))
    return order


def _sections(exchanges: Sequence[Exchange]) -> Iterator[list[int]]:
    """
    Runs of requests that were, or might have been, under way at once.
    """
    section: list[int] = []
    end = 0
    for run in _runs(exchanges):
        if section and exchanges[run[0]].issued > end:
            yield section
            section = []
        section += run
        end = max(end, *(exchanges[number].answered for number in run))
    if section:
        yield section


def _runs(exchanges: Sequence[Exchange]) -> Iterator[list[int]]:
    for is_beside, numbers in groupby(range(len(exchanges)), lambda number: exchanges[number].thread > 0):
        run = list(numbers)
        if is_beside and len({exchanges[number].thread for number in run}) > 1:
            yield run
        else:
            yield from ([number] for number in run)


def _sorted(
    section: Sequence[int], exchanges: Sequence[Exchange], interactions: Sequence[Interaction], start: int
) -> Iterator[int]:
    origins = _origins(section, exchanges, interactions)
    waits = {number: _before(number, section, exchanges) | set(origins[number]) for number in section}
    followers: dict[int, list[int]] = {number: [] for number in section}
    for number, before in waits.items():
        for each in before:
            followers[each].append(number)
    place: dict[int, int] = {}

    def key(number: int) -> _Key:
        masked = map_request(interactions[number].request, lambda text: PLACEHOLDER.sub(r"<\2>", text))
        return fingerprint(masked), tuple(place[each] for each in origins[number]), number

    ready = [key(number) for number in section if not waits[number]]
    heapify(ready)
    while ready:
        *_, number = heappop(ready)
        place[number] = start + len(place)
        yield number
        for follower in followers[number]:
            waits[follower].discard(number)
            if not waits[follower]:
                heappush(ready, key(follower))


def _before(number: int, section: Sequence[int], exchanges: Sequence[Exchange]) -> set[int]:
    """
    The one before it of the same task, or of the test's own thread; of a pool's thread chance decides.
    """
    mine = exchanges[number]
    if mine.thread and not mine.task:
        return set()
    earlier = [
        each
        for each in section
        if (exchanges[each].thread, exchanges[each].task) == (mine.thread, mine.task)
        and exchanges[each].answered < mine.issued
    ]
    return set(earlier[-1:])


def _origins(
    section: Sequence[int], exchanges: Sequence[Exchange], interactions: Sequence[Interaction]
) -> dict[int, list[int]]:
    """
    For each request the answers of the section that first held the values which it uses.
    """
    first: dict[str, int] = {}
    for number in sorted(section, key=lambda number: exchanges[number].answered):
        for _, text in response_texts(interactions[number].response):
            for found in PLACEHOLDER.finditer(text):
                if found[2] != SENT:
                    first.setdefault(found[0], number)
    return {
        number: [
            first[found[0]]
            for _, text in request_texts(interactions[number].request)
            for found in PLACEHOLDER.finditer(text)
            if found[0] in first and exchanges[first[found[0]]].answered < exchanges[number].issued
        ]
        for number in section
    }


@dataclass(frozen=True, slots=True)
class MessageTimes:
    """
    Those of each interaction, and of each part of each conversation; ``last`` is the last of all.
    """

    interactions: tuple[Pair, ...]
    conversations: tuple[tuple[Pair, ...], ...]
    last: int


def message_times(cassette: Cassette) -> MessageTimes:
    lines = [
        _Line(cassette.interactions),
        *(_Line(ConversationParts(one).interactions) for one in cassette.conversations),
    ]
    known: set[str] = set()
    last = 0
    while left := [line for line in lines if not line.is_over]:
        line = next((line for line in left if line.is_ready(known)), left[0])
        known |= line.waiting
        last += 1
        line.moments.append(last)
    exchanged, *spoken = (line.pairs for line in lines)
    return MessageTimes(exchanged, tuple(spoken), last)


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
            if found[2] not in _NO_ORIGIN and not found[1]
        )

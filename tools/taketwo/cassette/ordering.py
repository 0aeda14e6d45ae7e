"""
In which order a cassette holds what was said at the same time.

Requests one after the other stand as they were made. Of requests that were under way at once, chance decides
which goes out first; they stand in an order that does not depend on it: by what they say, but behind what
they use of an answer, and each task's own in its order.

Promised: the same concurrent code gives the same bytes, as far as the answers depend on the requests alone,
or differ in values that become placeholders; of times it is kept which was the earlier, and that is chance.
Requests of several threads beside the test's own count as concurrent also where, by chance, none overlapped:
which of a pool's threads is free tells nothing.

Not promised: requests that are equal, and whose answers differ by more than such values, keep the order in
which they went out; so does what one further thread does beside the test's own, as far as chance has it
overlap; and where equal answers to a racing client would have led it elsewhere, it was elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import heapify, heappop, heappush
from itertools import groupby

from taketwo.cassette.matching import Fingerprint, fingerprint
from taketwo.cassette.mint import PLACEHOLDER
from taketwo.cassette.model import Exchange, Interaction
from taketwo.cassette.strings import map_request, request_texts, response_texts

_Key = tuple[Fingerprint, tuple[int, ...], int]


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

"""
In which order a cassette holds what happened concurrently, and when each of its messages may have been sent.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from itertools import groupby, islice

from taketwo.cassette.body.frames import ConversationParts, order_of
from taketwo.cassette.index import Fingerprint
from taketwo.cassette.match import fingerprint
from taketwo.cassette.model import (
    SENT,
    Cassette,
    Conversation,
    Direction,
    Exchange,
    Interaction,
    LiveConversation,
    StoredRequest,
)
from taketwo.cassette.visit import map_request, request_texts, response_texts
from taketwo.cassette.volatile.generate import PLACEHOLDER

_Key = tuple[Fingerprint, tuple[int, ...], int]

_NO_ORIGIN = frozenset({"secret", "any", SENT})

Pair = tuple[int, int]
"""When something was issued, and when it was answered."""


def sections_of(exchanges: Sequence[Exchange]) -> dict[int, int]:
    """
    The section of each of *exchanges* that was under way beside another one, by its place.

    They are given in the order of issue; in canonical order the places of each section are the same.
    """
    if _are_one_by_one(exchanges):
        return {}
    return {
        place: number
        for number, section in enumerate(_sections(exchanges))
        if len(section) > 1
        for place in section
    }


def _are_one_by_one(exchanges: Sequence[Exchange]) -> bool:
    """
    Whether the test's own thread sent each of them, without a task, when the one before had been answered.
    """
    end = 0
    for exchange in exchanges:
        if exchange.thread or exchange.task or exchange.above or exchange.issued <= end:
            return False
        end = exchange.answered
    return True


def canonical_order(exchanges: Sequence[Exchange], interactions: Sequence[Interaction]) -> list[int]:
    """
    The places of *exchanges* in the order in which a cassette is to hold them.

    They are given in the order of issue, and so are *interactions*, which are the same with placeholders.
    """
    order: list[int] = []
    for section in _sections(exchanges):
        order += section if len(section) == 1 else _sorted(section, exchanges, interactions, len(order))
    return order


def order_of_conversations(
    conversations: Sequence[LiveConversation], placed: Sequence[Conversation]
) -> list[int]:
    """
    The places of *conversations* in the order in which a cassette is to hold them.

    They are given in the order of their openings, and so are *placed*, which are the same with placeholders.
    Of those that have equal openings and were held beside each other, chance decides which one opens first;
    so what their clients send decides.
    """
    order = list(range(len(conversations)))
    for group in equal_and_concurrent(conversations, [_masked(one.request) for one in placed]):
        sent = {number: [_masked(item) for item in _sent_in(placed[number])] for number in group}
        if not all(sent.values()):  # one that only listens is sent everything when it opens
            continue
        for place, number in zip(
            group, sorted(group, key=lambda number: (sent[number], number)), strict=True
        ):
            order[place] = number
    return order


def equal_and_concurrent(
    conversations: Sequence[LiveConversation], openings: Sequence[Hashable]
) -> Iterator[list[int]]:
    """
    The conversations with equal *openings* of which each was opened before the ones before it had ended, or
    by another thread than they: of threads beside each other, chance decides that.
    """
    alike: dict[Hashable, list[int]] = {}
    for number, opening in enumerate(openings):
        alike.setdefault(opening, []).append(number)
    for numbers in alike.values():
        group: list[int] = []
        end = 0
        for run in _runs([(number, conversations[number].thread) for number in numbers]):
            if group and conversations[run[0]].issued > end:
                yield group
                group = []
            group += run
            ends = (answered for number in run for _, answered in order_of(conversations[number]))
            end = max(end, *ends)
        yield group


def _sent_in(conversation: Conversation) -> Iterator[StoredRequest]:
    for frame in conversation.frames:
        if frame.direction is Direction.SEND:
            yield StoredRequest(method="", url="", body=frame.body)


def _masked(request: StoredRequest) -> Fingerprint:
    return fingerprint(map_request(request, lambda text: PLACEHOLDER.sub(r"<\2>", text)))


def _sections(exchanges: Sequence[Exchange]) -> Iterator[list[int]]:
    """
    Runs of requests that were, or might have been, under way at once.
    """
    section: list[int] = []
    tasks = _Tasks()
    end = 0
    for run in _runs((number, exchange.thread) for number, exchange in enumerate(exchanges)):
        if section and exchanges[run[0]].issued > end and not tasks.are_beside(exchanges[run[0]]):
            yield section
            section, tasks = [], _Tasks()
        section += run
        for number in run:
            tasks.add(exchanges[number])
        end = max(end, *(exchanges[number].answered for number in run))
    if section:
        yield section


class _Tasks:
    """
    The tasks that have asked for something in a section.
    """

    def __init__(self) -> None:
        self._last: dict[Pair, Exchange] = {}

    def add(self, exchange: Exchange) -> None:
        mine = (exchange.thread, exchange.task)
        last = self._last.get(mine)
        if exchange.task and (last is None or last.answered < exchange.answered):
            self._last[mine] = exchange

    def are_beside(self, exchange: Exchange) -> bool:
        """
        Whether chance alone has the request come after the answers of the section: its task, or one above it,
        was there before one of them came, and is neither above nor below the one that got it.

        A task may make another one for each of its requests, as ``asyncio.wait_for`` does. Of another process
        only the connections are known: one that has two to the same origin asks for several things at once.
        """
        lineage = ((exchange.task, exchange.born), *exchange.above)
        return any(
            0 < born < last.answered and not _are_related(task, lineage[level:], last)
            for level, (task, born) in enumerate(lineage, 1)
            for last in self._last.values()
            if last.proxied_to == exchange.proxied_to
        )


def _are_related(task: int, above: Iterable[Pair], last: Exchange) -> bool:
    """
    Whether *task*, which those *above* have made, is the one of *last*, or one above or below that.
    """
    theirs = {last.task, *(number for number, _ in last.above)}
    return task in theirs or any(number == last.task for number, _ in above)


def _runs(threads: Iterable[Pair]) -> Iterator[list[int]]:
    """
    Numbers that are given with their threads, one by one; those of threads beside each other together.
    """
    for is_beside, pairs in groupby(threads, lambda pair: pair[1] > 0):
        run = list(pairs)
        numbers = [number for number, _ in run]
        if is_beside and len({thread for _, thread in run}) > 1:
            yield numbers
        else:
            yield from ([number] for number in numbers)


def _sorted(
    section: Sequence[int], exchanges: Sequence[Exchange], interactions: Sequence[Interaction], start: int
) -> Iterator[int]:
    origins = _origins(section, exchanges, interactions)
    before = _before(section, exchanges)
    waits = {number: before[number] | set(origins[number]) for number in section}
    followers: dict[int, list[int]] = {number: [] for number in section}
    for number, awaited in waits.items():
        for each in awaited:
            followers[each].append(number)
    place: dict[int, int] = {}

    def key(number: int) -> _Key:
        return _masked(interactions[number].request), tuple(place[each] for each in origins[number]), number

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


def _before(section: Sequence[int], exchanges: Sequence[Exchange]) -> dict[int, set[int]]:
    """
    The one before each of the same task, or of the test's own thread; of a pool's thread chance decides.
    """
    found: dict[int, set[int]] = {}
    earlier: dict[Pair, list[int]] = {}
    for number in section:
        mine = exchanges[number]
        same = earlier.setdefault((mine.thread, mine.task), [])
        is_of_pool = bool(mine.thread) and not mine.task
        answered = (each for each in reversed(same) if exchanges[each].answered < mine.issued)
        found[number] = set() if is_of_pool else set(islice(answered, 1))
        same.append(number)
    return found


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
    Requests and answers in turn, and the time of each that has been sent.
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
        The generated values in the next message.
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

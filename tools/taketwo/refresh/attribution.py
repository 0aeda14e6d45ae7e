"""
Which changes of contracts explain each difference between two recordings of a test.

A change explains what is at its own location, and what it implies. A later difference is explained when it
derives from an explained value: a placeholder that moved, a list that holds the changed object, the count of
such a list, a request that repeats what the service answered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, TypeAlias

from taketwo.cassette.model import Cassette, Interaction, JsonValue
from taketwo.cassette.volatile.generate import PLACEHOLDER
from taketwo.compare.side_by_side import aligned, paired
from taketwo.compare.structure import canonical, is_list
from taketwo.contract.changes import Change
from taketwo.refresh.answer_reading import AnswerReading, ServiceContracts
from taketwo.results import Difference, DifferenceKind, Steps
from taketwo.usage.messages import NOTHING, json_of
from taketwo.usage.usage import opening_of

_FROM_THE_BODY: Final = frozenset({"content-length", "content-md5", "digest", "etag", "last-modified"})
_ABOUT_THE_BODY: Final = frozenset({"chunks", "style", "layout", "escapes", "spelled"})
_NOT_THE_BODY: Final = frozenset({"status", "reason", "headers", "ended", *_ABOUT_THE_BODY})
_IDS: Final = ("id", "_id", "uuid")
_SHORTEST: Final = 3  # characters; what is shorter is found in any URL by chance
_OF_A_COUNT: Final = frozenset({"count", "hits", "length", "matches", "number", "results", "size", "total"})
_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_MASK: Final = re.compile(r"(<\**[a-z]+:)\d+")

ServiceChange: TypeAlias = tuple[str, Change]
"""A change, and the service whose contract it is of."""

Reasons: TypeAlias = tuple[ServiceChange, ...]


def attribute(
    before: Cassette, after: Cassette, differences: Sequence[Difference], services: Sequence[ServiceContracts]
) -> tuple[Reasons, ...]:
    """
    The changes that explain each of *differences*, which are those between the two; none where nothing does.
    """
    if not services:
        return tuple(() for _ in differences)
    found = _Attribution(differences=differences, exchanges=dict(_exchanges(before, after, services)))
    return tuple(found.reasons.get(number, ()) for number in range(len(differences)))


_Key: TypeAlias = tuple[str, int]


@dataclass(frozen=True, kw_only=True)
class _Attribution:
    differences: Sequence[Difference]
    exchanges: Mapping[_Key, _Exchange]

    @cached_property
    def reasons(self) -> dict[int, Reasons]:
        """
        What explains the differences, by their numbers, found in the order in which things happened.
        """
        found: dict[int, Reasons] = {}
        derivation = _Derivation()
        for number in sorted(range(len(self.differences)), key=self._rank):
            difference = self.differences[number]
            derivation.enter(_key(difference))
            exchange = self.exchanges.get(_key(difference))
            reasons = exchange.explains(difference) if exchange is not None else ()
            if not reasons and _follows_from_body(difference):
                reasons = self._reasons_of_body(difference, found)
            reasons = reasons or derivation.reasons(difference)
            if reasons:
                found[number] = reasons
                derivation.add(difference, reasons, exchange)
        return found

    def _rank(self, number: int) -> tuple[bool, int, int, int]:
        """
        A number may follow from what is new beside it, and a header from the body: they are looked at later.
        """
        difference = self.differences[number]
        kind, index = _key(difference)
        return kind != "interaction", index, _follows(difference), number

    def _reasons_of_body(self, difference: Difference, found: Mapping[int, Reasons]) -> Reasons:
        """
        What explains all that differs in the body; nothing when something in it is not explained.
        """
        numbers = [
            number
            for number, one in enumerate(self.differences)
            if _key(one) == _key(difference)
            and one.location.side == "response"
            and one.location.part not in _NOT_THE_BODY
        ]
        if not all(number in found for number in numbers):
            return ()
        return tuple(dict.fromkeys(reason for number in numbers for reason in found[number]))


def _key(difference: Difference) -> _Key:
    location = difference.location
    if location.conversation is not None:
        return "conversation", location.conversation
    return ("head", 0) if location.interaction is None else ("interaction", location.interaction)


def _follows(difference: Difference) -> int:
    if _follows_from_body(difference):
        return 2
    return int(difference.kind is DifferenceKind.CHANGED)


def _follows_from_body(difference: Difference) -> bool:
    location = difference.location
    if location.side != "response":
        return False
    is_header = location.part == "headers" and location.name.lower() in _FROM_THE_BODY
    return is_header or location.part in _ABOUT_THE_BODY


@dataclass(frozen=True)
class _Exchange:
    """
    One interaction as it was and as it is, read by the contracts of each service that it was asked of.
    """

    before: Interaction
    after: Interaction
    readings: Sequence[AnswerReading] = field(repr=False)

    def explains(self, difference: Difference) -> Reasons:
        return tuple(
            (reading.contracts.service, change)
            for reading in self.readings
            for change in reading.explains(difference)
        )

    @property
    def is_replaced(self) -> bool:
        return any(reading.replaced_by for reading in self.readings)


def _exchanges(
    before: Cassette, after: Cassette, services: Sequence[ServiceContracts]
) -> Iterator[tuple[_Key, _Exchange]]:
    for old, new in paired(before.interactions, after.interactions):
        if old is not None and new is not None:
            yield ("interaction", old), _exchange(before.interactions[old], after.interactions[new], services)
    urls = [[one.request.url for one in side.conversations] for side in (before, after)]
    for old, new in aligned(*urls):
        if old is not None and new is not None:
            opened = opening_of(before.conversations[old]), opening_of(after.conversations[new])
            yield ("conversation", old), _exchange(*opened, services)


def _exchange(before: Interaction, after: Interaction, services: Sequence[ServiceContracts]) -> _Exchange:
    readings = [
        AnswerReading(before=before, after=after, contracts=one)
        for one in services
        if one.old.is_asked_at(before.request.url)
    ]
    return _Exchange(before, after, readings)


@dataclass(slots=True)
class _Derivation:
    """
    What was explained so far, and what derives from it.

    * ``values`` are explained values by name, before and after: the same again later is explained as well
    * ``objects`` are answers that were replaced as a whole: lists that hold them follow
    * ``texts`` are new values, which a later request may repeat, and ``gone`` those that none can repeat now
    * ``repeated`` are requests that are gone since the value in their address is, as patterns: the client
      now sends them with another value
    * ``counted`` are the types of placeholders of which an explained value has more or fewer
    """

    _current: _Key = ("head", 0)
    _waiting: list[tuple[Difference, Reasons, _Exchange | None]] = field(default_factory=list)
    values: dict[tuple[str, str, str, str], Reasons] = field(default_factory=dict)
    pairs: dict[tuple[str, str], Reasons] = field(default_factory=dict)
    objects: dict[str, Reasons] = field(default_factory=dict)
    texts: dict[str, Reasons] = field(default_factory=dict)
    gone: dict[str, Reasons] = field(default_factory=dict)
    repeated: dict[str, Reasons] = field(default_factory=dict)
    counted: dict[str, Reasons] = field(default_factory=dict)

    def enter(self, key: _Key) -> None:
        """
        What was added in another interaction counts from here on: only what is later derives from it.
        """
        if key != self._current:
            for one in self._waiting:
                self._learn(*one)
            self._waiting.clear()
            self._current = key

    def add(self, difference: Difference, reasons: Reasons, exchange: _Exchange | None) -> None:
        self._waiting.append((difference, reasons, exchange))
        # All that follow it have other numbers, those of the same answer included.
        before, after = _types(canonical(difference.before)), _types(canonical(difference.after))
        for kind in {*before, *after}:
            if before.count(kind) != after.count(kind):
                self.counted.setdefault(kind, reasons)

    def _learn(self, difference: Difference, reasons: Reasons, exchange: _Exchange | None) -> None:
        before, after = canonical(difference.before), canonical(difference.after)
        self.values.setdefault((difference.location.name, difference.kind.value, before, after), reasons)
        if difference.kind is DifferenceKind.CHANGED:
            self.pairs.setdefault((before, after), reasons)
        for text in _texts(difference.after):
            self.texts.setdefault(text, reasons)
        for text in _texts(difference.before):
            self.gone.setdefault(text, reasons)
        if exchange is not None and exchange.is_replaced:
            for one in (exchange.before, exchange.after):
                for key in _identities(_body(one)):
                    self.objects.setdefault(key, reasons)

    def reasons(self, difference: Difference) -> Reasons:
        """
        What explains *difference* by what was explained before it; nothing when it does not derive from that.
        """
        before, after = canonical(difference.before), canonical(difference.after)
        if difference.is_whole:
            if difference.kind is DifferenceKind.REMOVED:
                return self._of_request_to(difference.location.target, self.gone)
            return self._of_request_to(difference.location.target, self.texts) or self._of_repeated(
                difference.location.target
            )
        if difference.location.side == "request":
            return self.pairs.get((before, after), ()) or self._moved(before, after)
        name = difference.location.name
        return (
            self.values.get((name, difference.kind.value, before, after))
            or self._of_list(difference)
            or self._of_count(difference)
            or self._moved(before, after)
        )

    def _of_count(self, difference: Difference) -> Reasons:
        """
        A count, by its name, is explained when it differs by as many items as came and went, explained, in
        one list of the same answer.
        """
        words = {word.lower() for word in _WORD.findall(difference.location.name)}
        grown = _grown(difference)
        if grown is None or not words & _OF_A_COUNT:
            return ()
        lists: dict[Steps, list[tuple[Difference, Reasons]]] = {}
        for one, reasons, _ in self._waiting:
            if one.kind is not DifferenceKind.CHANGED and isinstance((one.location.steps or ("",))[-1], int):
                lists.setdefault(one.location.steps[:-1], []).append((one, reasons))
        for items in lists.values():
            if grown == sum(1 if one.kind is DifferenceKind.ADDED else -1 for one, _ in items):
                return tuple(dict.fromkeys(reason for _, reasons in items for reason in reasons))
        return ()

    def _of_list(self, difference: Difference) -> Reasons:
        """
        An item that came or went is explained when an answer that was replaced held this very object.
        """
        if difference.kind is DifferenceKind.CHANGED or not isinstance(difference.location.steps[-1], int):
            return ()
        value = difference.before if difference.kind is DifferenceKind.REMOVED else difference.after
        own = _own_identities(value) if isinstance(value, Mapping) else ()
        return next((self.objects[key] for key in own if key in self.objects), ())

    def _moved(self, before: str, after: str) -> Reasons:
        """
        Placeholders count values of one type: one more, or one fewer, moves all that follow.
        """
        if before == after or _MASK.sub(r"\1", before) != _MASK.sub(r"\1", after):
            return ()
        moved = {
            kind
            for kind, old, new in zip(_types(before), _names(before), _names(after), strict=True)
            if old != new
        }
        found = [self.counted.get(kind, ()) for kind in sorted(moved)]
        return tuple(dict.fromkeys(reason for one in found for reason in one)) if all(found) else ()

    def _of_request_to(self, target: str, texts: Mapping[str, Reasons]) -> Reasons:
        """
        A request that is new is explained when its address is, or holds, what an explained value says; one
        that is gone, when it held the former explained value.
        """
        _, _, url = target.rpartition(" ")
        steps = set(re.split(r"[/?#&=]", url))
        for text, reasons in texts.items():
            if len(text) >= _SHORTEST and (text in steps or text == url or ("/" in text and text in url)):
                if texts is self.gone and text in steps:
                    pattern = r"[^/?#&=]*".join(re.escape(part) for part in target.split(text))
                    self.repeated.setdefault(pattern, reasons)
                return reasons
        return ()

    def _of_repeated(self, target: str) -> Reasons:
        """
        A request to where one is gone, with another value in the place of the one that nobody says any more.
        """
        return next(
            (reasons for pattern, reasons in self.repeated.items() if re.fullmatch(pattern, target)), ()
        )


def _grown(difference: Difference) -> int | None:
    """
    By how much a whole number differs, which a header has as text; None for everything else.
    """
    before, after = (_whole_number(value) for value in (difference.before, difference.after))
    return None if before is None or after is None else after - before


def _whole_number(value: JsonValue) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _identities(value: JsonValue) -> Iterator[str]:
    """
    By what one knows again each object in *value*.
    """
    if isinstance(value, Mapping):
        yield from _own_identities(value)
    members = value.values() if isinstance(value, Mapping) else value if is_list(value) else ()
    for member in members:
        yield from _identities(member)


def _own_identities(value: Mapping[str, JsonValue]) -> Iterator[str]:
    """
    An object by its id, and by all that it holds.
    """
    yield canonical(value)
    yield from (canonical({name: value[name]}) for name in _IDS if value.get(name) is not None)


def _body(interaction: Interaction) -> JsonValue:
    value = json_of(interaction.response.body)
    return None if value is NOTHING else value


def _texts(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for member in value.values():
            yield from _texts(member)
    elif is_list(value):
        for item in value:
            yield from _texts(item)


def _types(text: str) -> list[str]:
    return [found[2] for found in PLACEHOLDER.finditer(text)]


def _names(text: str) -> list[str]:
    return [found[3] for found in PLACEHOLDER.finditer(text)]

"""
Which rules for placeholders a project lacks, learned from two recordings of the same tests.

Whatever differs between two recordings against a service that was reset was generated, by the service or by
the test. A rule is proposed when it makes the recordings the same; what no rule explains is reported with
a reason.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from taketwo.cassette.body.frames import ConversationParts
from taketwo.cassette.model import Cassette, Interaction
from taketwo.cassette.parts import parts_of
from taketwo.cassette.visit import Path, Scalar, scalars_of
from taketwo.cassette.volatile.assign import assign_placeholders
from taketwo.cassette.volatile.detect import Detector
from taketwo.cassette.volatile.generate import PLACEHOLDER
from taketwo.cassette.volatile.scopes import Scalars
from taketwo.cassette.volatile.timestamps import epoch_instant
from taketwo.config.placeholders import PlaceholderType, Rule
from taketwo.features.learn.infer_pattern import common_pattern

_ROUNDS = 3
_SAME_RUN = 24 * 3600  # seconds: two recordings are not made further apart
_NAME = re.compile(r"[^.\"\[\]\s*]+")
_BARE_UUID = re.compile("[0-9a-f]{32}|[0-9A-F]{32}")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_DURATION = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?(?:ms|us|µs|ns|[smhd]))+")
_MEASURED = re.compile(
    r"latency|duration|elapsed|took|remaining|runtime|(?:\A|[-_])(?:ms|time|used)\Z|(?:Ms|Time)\Z",
    re.IGNORECASE,
)
_WHOLE = re.compile("0|-?[1-9][0-9]{0,17}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """
    A rule that explains what differs at ``places``; ``examples`` is what stood at the first of them.
    """

    rule: Rule
    places: tuple[str, ...]
    examples: tuple[Scalar, Scalar]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Unexplained:
    test: str
    place: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InferredRules:
    """
    ``failed`` are the tests of which there are no two recordings.
    """

    tests: int
    proposals: tuple[Proposal, ...] = ()
    unexplained: tuple[Unexplained, ...] = ()
    failed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Difference:
    """
    What differs in one *pair* of recordings; each test has several.
    """

    pair: int
    test: str
    number: int
    line: str
    path: Path
    before: Scalar
    after: Scalar
    in_order: bool

    @property
    def place(self) -> str:
        return f"{self.test}, {self.number}. {self.line}, {'.'.join(map(str, self.path))}"


_Recording = tuple[str, tuple[Interaction, ...]]


def infer_rules(pairs: Sequence[tuple[Cassette, Cassette]]) -> InferredRules:
    """
    The rules that two recordings of each cassette suggest; those of one pair are of the same tests.
    """
    firsts = [take for before, _ in pairs for take in _recordings(before)]
    seconds = [take for _, after in pairs for take in _recordings(after)]
    found: dict[Rule, list[_Difference]] = {}
    for _ in range(_ROUNDS):
        # With the rules found so far, so that what follows from them is not proposed once more.
        pairs_now = _with_rules(firsts, list(found)), _with_rules(seconds, list(found))
        added = dict(_proposed(_differences(*pairs_now), known=found))
        if not added:
            break
        found |= added
    kept, unexplained = _needed_rules(found, firsts, seconds)
    tests = len({test for test, _ in firsts})
    return InferredRules(tests=tests, proposals=kept, unexplained=tuple(sorted(set(unexplained))))


def _needed_rules(
    found: Mapping[Rule, Sequence[_Difference]], firsts: Sequence[_Recording], seconds: Sequence[_Recording]
) -> tuple[tuple[Proposal, ...], list[Unexplained]]:
    """
    The rules without which more would differ, and what differs with them.
    """
    rules = list(found)
    for rule in reversed(list(found)):  # what came first explains what came later
        fewer = [other for other in rules if other is not rule]
        if _count(firsts, seconds, fewer) <= _count(firsts, seconds, rules):
            rules = fewer
    proposals = tuple(
        Proposal(
            rule=rule,
            places=tuple(each.place for each in found[rule]),
            examples=(found[rule][0].before, found[rule][0].after),
        )
        for rule in rules
    )
    before, after = _with_rules(firsts, rules), _with_rules(seconds, rules)
    return proposals, [*_uneven(before, after), *map(_reason, _differences(before, after))]


def _count(firsts: Sequence[_Recording], seconds: Sequence[_Recording], rules: Sequence[Rule]) -> int:
    return len(list(_differences(_with_rules(firsts, rules), _with_rules(seconds, rules))))


def _recordings(cassette: Cassette) -> Iterator[_Recording]:
    for part in parts_of(cassette):
        spoken = (item for one in part.conversations for item in ConversationParts(one).interactions)
        yield part.test, (*part.interactions, *spoken)


def _with_rules(recordings: Iterable[_Recording], rules: Sequence[Rule]) -> list[_Recording]:
    return [
        (
            test,
            assign_placeholders(items, [(2 * n + 1, 2 * n + 2) for n in range(len(items))], Detector(rules)),
        )
        for test, items in recordings
    ]


def _differences(before: Sequence[_Recording], after: Sequence[_Recording]) -> Iterator[_Difference]:
    for pair, ((test, old), (_, new)) in enumerate(zip(before, after, strict=True)):
        for number, (one, other) in enumerate(zip(old, new, strict=False), 1):
            line = f"{one.request.method} {one.request.url}".strip() or "a frame"
            for sides in _sides(one, other):
                for path, value, again, in_order in _between(*sides):
                    yield _Difference(pair, test, number, line, path, value, again, in_order)


def _between(first: Scalars, second: Scalars) -> Iterator[tuple[Path, Scalar, Scalar, bool]]:
    """
    The values that differ, where both sides have the same form, and whether more than their order differs.
    """
    if _paths(first) != _paths(second):
        return
    here, there = (Counter(repr(value) for _, value in side) for side in (first, second))
    for (path, value), (_, again) in zip(first, second, strict=True):
        if value != again or type(value) is not type(again):
            yield path, value, again, here != there


def _uneven(before: Sequence[_Recording], after: Sequence[_Recording]) -> Iterator[Unexplained]:
    """
    Where the two recordings are not of one form, so that no value can be held against another.
    """
    for (test, old), (_, new) in zip(before, after, strict=True):
        if len(old) != len(new):
            reason = f"{len(old)} requests in one recording, {len(new)} in the other"
            yield Unexplained(test=test, place="", reason=reason)
        for number, (one, other) in enumerate(zip(old, new, strict=False), 1):
            for first, second in _sides(one, other):
                if _paths(first) != _paths(second):
                    place = f"{number}. {one.request.method} {one.request.url}"
                    reason = f"{_only_one(_paths(first), _paths(second))} is in one recording only"
                    yield Unexplained(test=test, place=place, reason=reason)


def _sides(one: Interaction, other: Interaction) -> tuple[tuple[Scalars, Scalars], ...]:
    return (
        (scalars_of(one.request), scalars_of(other.request)),
        (scalars_of(one.response), scalars_of(other.response)),
    )


def _paths(scalars: Scalars) -> list[Path]:
    return [path for path, _ in scalars]


def _only_one(here: Sequence[Path], there: Sequence[Path]) -> str:
    only = Counter(here) - Counter(there) or Counter(there) - Counter(here)
    return ".".join(map(str, next(iter(only), ()))) or "a name"


def _proposed(
    differences: Iterable[_Difference], known: Mapping[Rule, object]
) -> Iterator[tuple[Rule, list[_Difference]]]:
    found: dict[Rule, list[_Difference]] = {}
    for difference in differences:
        rule = _rule(difference)
        if rule is not None:
            found.setdefault(rule, []).append(difference)
    for rule, places in found.items():
        is_any = rule.type is PlaceholderType.COUNTER and not _is_counting(places)
        proposed = Rule(PlaceholderType.ANY, rule.path) if is_any else rule
        if proposed not in known:
            yield proposed, places


def _is_counting(places: Sequence[_Difference]) -> bool:
    """
    Whether numbers grow from one answer to the next, and from one recording to the next: what measures
    something, as a latency does, goes up and down.
    """
    by_pair: dict[int, list[_Difference]] = {}
    for place in places:
        by_pair.setdefault(place.pair, []).append(place)
    grows = all(int(str(one.after)) > int(str(one.before)) for one in places)
    return grows and all(
        numbers == sorted(numbers)
        for found in by_pair.values()
        for numbers in ([int(str(one.before)) for one in found], [int(str(one.after)) for one in found])
    )


def _rule(difference: _Difference) -> Rule | None:
    """
    What would explain a difference in an answer.
    """
    before, after, path = difference.before, difference.after, difference.path
    if path[:1] != ("response",) or type(before) is not type(after) or isinstance(before, bool):
        return None
    if not difference.in_order:
        return None
    if path[1:2] == ("headers",) and _is_measured(path, before) and _is_measured(path, after):
        return Rule(PlaceholderType.ANY, _general(path))
    if isinstance(before, int | float) and isinstance(after, int | float):
        return _rule_of_numbers(path, before, after)
    if not isinstance(before, str) or not isinstance(after, str):
        return None
    return _rule_of_texts(path, before, after)


def _rule_of_numbers(path: Path, before: float, after: float) -> Rule:
    first, second = epoch_instant(before), epoch_instant(after)
    place = _general(path)
    if first and second and abs((first[0][0] - second[0][0]).total_seconds()) < _SAME_RUN:
        return Rule(PlaceholderType.TIME, place)
    is_counter = isinstance(before, int) and isinstance(after, int) and not _is_measured(path, before)
    return Rule(PlaceholderType.COUNTER if is_counter else PlaceholderType.ANY, place)


def _is_measured(path: Path, value: Scalar) -> bool:
    """
    Whether a value is a latency or what is left of a quota: by its name, or by its unit.
    """
    name = next((step for step in reversed(path) if isinstance(step, str)), "")
    is_number = isinstance(value, int | float) or bool(_NUMBER.fullmatch(str(value)))
    return bool(_DURATION.fullmatch(str(value))) or (is_number and bool(_MEASURED.search(name)))


def _rule_of_texts(path: Path, before: str, after: str) -> Rule | None:
    if _WHOLE.fullmatch(before) and _WHOLE.fullmatch(after):
        return _rule_of_numbers(path, int(before), int(after)) if path else None
    if _BARE_UUID.fullmatch(before) and _BARE_UUID.fullmatch(after):
        return Rule(PlaceholderType.UUID, _general(path))
    like = common_pattern(before, after)
    if like is None or PLACEHOLDER.search(before):
        return None
    if like.is_whole:
        return Rule(PlaceholderType.ID, _general(path), like.pattern)
    return (
        Rule(PlaceholderType.ID, "", like.pattern)
        if like.is_telling
        else Rule(PlaceholderType.ID, _general(path), like.pattern)
    )


def _general(path: Path) -> str:
    """
    *path* as a rule has it: what is true of one item of a list is true of all.
    """
    steps = ("*" if isinstance(step, int) else step for step in path)
    return ".".join(step if _NAME.fullmatch(step) or step == "*" else f'"{step}"' for step in steps)


def _reason(difference: _Difference) -> Unexplained:
    place = f"{difference.number}. {difference.line}, {'.'.join(map(str, difference.path)) or 'a name'}"
    return Unexplained(test=difference.test, place=place, reason=_why(difference))


def _why(difference: _Difference) -> str:
    before, after = difference.before, difference.after
    if type(before) is not type(after):
        return f"{_type(before)} in one recording, {_type(after)} in the other"
    if difference.path[:1] == ("request",):
        return "the test itself sends another value each time: give it a fixed clock, or a fixed seed"
    if isinstance(before, bool):
        return "true in one recording, false in the other"
    if not difference.in_order or (isinstance(before, str) and PLACEHOLDER.search(before)):
        return "the same values in another order: have the service, or the test, sort them"
    return "two texts of which no pattern tells what they have in common"


def _type(value: Scalar) -> str:
    names = {bool: "a boolean", int: "a number", float: "a number", str: "a text"}
    return names.get(type(value), "null")

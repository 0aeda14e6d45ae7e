"""
A new recording compared with the accepted cassette, and which changes of contracts explain the differences.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from taketwo.cassette.parts import part_of
from taketwo.cassette.store.read import read_cassette, read_text
from taketwo.compare.recordings import Difference, compare_cassettes, worst_severity
from taketwo.contract.changes import Change, Severity
from taketwo.errors import CassetteError
from taketwo.refresh.inventory import StoredCassette
from taketwo.results import CassetteResult, Cause, Status, UnexplainedDifference
from taketwo.usage.touching import touches_notes

_HEAD = "head"
_VALUE = re.compile(r"<([a-z]+):[^<>\s]+>|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_INDEX = re.compile(r"\[\d+\]")
_CONVERSATION = re.compile(r"conversation (\d+)\. ")

Changes = Mapping[str, Sequence[Change]]


def explained(
    cassette_result: CassetteResult, one: StoredCassette | None, changes: Changes
) -> CassetteResult:
    """
    *cassette_result* with the changes that its accepted cassette, which is *one*, touches, and what none
    explains.
    """
    if one is None:
        return replace(cassette_result, unexplained=_without_head(cassette_result.differences))
    touched_by = one.touched_by(changes)
    explained = set(_explained(cassette_result.differences, one, touched_by))
    left = [
        difference for number, difference in enumerate(cassette_result.differences) if number not in explained
    ]
    return replace(cassette_result, touched_by=touched_by, unexplained=_without_head(left))


def causes_of(
    changes: Changes, all_stored: Sequence[StoredCassette], cassette_results: Sequence[CassetteResult]
) -> tuple[Cause, ...]:
    """
    One cause for each change; a change of something that many places share is one.
    """
    by_test = {
        (cassette_result.cassette, cassette_result.test): cassette_result
        for cassette_result in cassette_results
    }
    found = [
        _cause(service, group, all_stored, by_test)
        for service, listed in sorted(changes.items())
        for group in _groups(listed)
    ]
    worst_first = list(Severity)[::-1]
    return tuple(sorted(found, key=lambda cause: (not cause.used, worst_first.index(cause.change.severity))))


def unexplained_of(cassette_results: Iterable[CassetteResult]) -> tuple[UnexplainedDifference, ...]:
    """
    What no change explains, once for each place, however many cassettes show it, the worst first.
    """
    seen: dict[tuple[str, str], list[tuple[str, Difference]]] = {}
    for cassette_result in cassette_results:
        for difference in cassette_result.unexplained:
            key = general_location(difference.place), difference.kind.value
            seen.setdefault(key, []).append((cassette_result.cassette, difference))
    found = (
        UnexplainedDifference(
            place=place,
            severity=worst_severity(tuple(difference for _, difference in shown)) or Severity.SAFE,
            cassettes=tuple(dict.fromkeys(cassette for cassette, _ in shown)),
            example=shown[0][1],
        )
        for (place, _), shown in sorted(seen.items(), key=lambda item: item[0])
    )
    return tuple(sorted(found, key=lambda one: one.severity, reverse=True))


def general_location(place: str) -> str:
    """
    The place of a drift without what differs from cassette to cassette: numbers and minted values.
    """
    _, _, rest = place.partition(". ")
    return _INDEX.sub("[]", _VALUE.sub("…", rest or place))


def _without_head(differences: Iterable[Difference]) -> tuple[Difference, ...]:
    """
    Without the head, which no service has said.
    """
    return tuple(difference for difference in differences if not difference.place.startswith(_HEAD))


def _explained(
    differences: Sequence[Difference], one: StoredCassette, touched_by: Sequence[Change]
) -> Iterator[int]:
    """
    The numbers of the drifts that the changes explain.

    Those of an interaction that touches one, and those of what came after, once such an interaction has
    changed: a test that is answered otherwise goes on otherwise.
    """
    touched = set(_touched_interactions(one, touched_by))
    spoken = set(_touched_conversations(one, touched_by))
    yield from (
        number for number, difference in enumerate(differences) if _conversation_of(difference) in spoken
    )
    places = [_interaction_of(difference) for difference in differences]
    began = min((place for place in places if place in touched), default=None, key=lambda place: place or 0)
    for number, place in enumerate(places):
        if place in touched or (place is not None and began is not None and place > began):
            yield number


def _touched_interactions(one: StoredCassette, touched_by: Sequence[Change]) -> Iterator[int]:
    for usage in one.usages.values():
        for number, notes in usage.by_interaction.items():
            if any(touches_notes(change, notes) for change in touched_by):
                yield number


def _touched_conversations(one: StoredCassette, touched_by: Sequence[Change]) -> Iterator[int]:
    for usage in one.usages.values():
        for number, notes in usage.by_conversation.items():
            if any(touches_notes(change, notes) for change in touched_by):
                yield number


def _conversation_of(difference: Difference) -> int | None:
    """
    The number of the conversation that a drift is in, from nought.
    """
    found = _CONVERSATION.match(difference.place)
    return int(found[1]) - 1 if found else None


def _interaction_of(difference: Difference) -> int | None:
    """
    The number of the interaction that a drift is in, from nought; None for the head and for conversations.
    """
    number = difference.place.partition(".")[0]
    return int(number) - 1 if number.isdecimal() else None


def _groups(changes: Iterable[Change]) -> Iterable[list[Change]]:
    groups: dict[tuple[str, str, str], list[Change]] = {}
    for change in changes:
        groups.setdefault((change.kind, change.id, change.message), []).append(change)
    return groups.values()


def _cause(
    service: str,
    group: Sequence[Change],
    all_stored: Iterable[StoredCassette],
    cassette_results: Mapping[tuple[str, str], CassetteResult],
) -> Cause:
    touching = [one for one in all_stored if one.touched_by({service: group})]
    keys = [(one.name, one.cassette.test) for one in touching]
    taken = [
        (one, cassette_results[key])
        for one, key in zip(touching, keys, strict=True)
        if key in cassette_results
    ]
    return Cause(
        service=service,
        change=group[0],
        also=tuple(group[1:]),
        tests=tuple(dict.fromkeys(test for _, test in keys if test)),
        cassettes=tuple(dict.fromkeys(name for name, _ in keys)),
        explained=tuple(
            dict.fromkeys(
                one.name for one, cassette_result in taken if _explains(group, one, cassette_result)
            )
        ),
        failing=tuple(
            cassette_result.test for _, cassette_result in taken if cassette_result.status is Status.FAILED
        ),
    )


def _explains(group: Sequence[Change], one: StoredCassette, cassette_result: CassetteResult) -> bool:
    return any(True for _ in _explained(cassette_result.differences, one, group))


def compare_recordings(cassette_result: CassetteResult, accepted: Path, take: Path) -> CassetteResult:
    """
    *cassette_result* with its status, and what differs between the two files.

    :raises CassetteError: when the take cannot be read; an accepted cassette that is damaged is told.
    """
    try:
        return _compare_one(cassette_result, accepted, take)
    except CassetteError as error:
        # Damaged is not missing: what is left of it may be wanted, so the new take waits beside it.
        after = read_cassette(take)
        return replace(cassette_result, status=Status.CHANGED, message=str(error), after=after)


def explain_all(
    cassette_results: Iterable[CassetteResult], all_stored: Iterable[StoredCassette], changes: Changes
) -> tuple[CassetteResult, ...]:
    """
    Each retake with what explains it; what was accepted for a test may have had another name then.
    """
    by_test = {(one.name, test): one for one in all_stored for test in (one.cassette.test, "")}
    return tuple(
        explained(
            cassette_result,
            by_test.get((cassette_result.cassette, cassette_result.test))
            or by_test.get((cassette_result.cassette, "")),
            changes,
        )
        for cassette_result in cassette_results
    )


def _compare_one(cassette_result: CassetteResult, accepted: Path, take: Path) -> CassetteResult:
    before_text, before = read_text(accepted), read_cassette(accepted)
    after = read_cassette(take)
    is_shared = bool(before and before.parts) or bool(after and after.parts)
    if is_shared:
        # What another test of the same cassette recorded is told with that one.
        before, after = (one and part_of(one, cassette_result.test) for one in (before, after))
    if before is None or after is None:
        return replace(cassette_result, status=Status.NEW, after=after)
    if before_text == read_text(take) or (is_shared and before == after):
        return cassette_result
    differences = compare_cassettes(before, after)
    status = Status.CHANGED if differences else Status.RENEWED
    return replace(cassette_result, status=status, differences=differences, before=before, after=after)

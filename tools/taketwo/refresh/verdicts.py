"""
What the differences between takes are due to: the changes of contracts that explain them, or none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from taketwo.compare import Drift, worst
from taketwo.contract import Change, Severity
from taketwo.refresh.stored import Stored
from taketwo.refresh.values import Cause, Retake, Status, Undocumented
from taketwo.usage import touches_notes

_HEAD = "head"
_VALUE = re.compile(r"<([a-z]+):[^<>\s]+>|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_INDEX = re.compile(r"\[\d+\]")
_CONVERSATION = re.compile(r"conversation (\d+)\. ")

Changes = Mapping[str, Sequence[Change]]


def judged(retake: Retake, one: Stored | None, changes: Changes) -> Retake:
    """
    *retake* with the changes that its accepted cassette, which is *one*, touches, and what none explains.
    """
    if one is None:
        return replace(retake, undocumented=_said(retake.drifts))
    touched_by = one.touched_by(changes)
    explained = set(_explained(retake.drifts, one, touched_by))
    left = [drift for number, drift in enumerate(retake.drifts) if number not in explained]
    return replace(retake, touched_by=touched_by, undocumented=_said(left))


def causes_of(changes: Changes, all_stored: Sequence[Stored], retakes: Sequence[Retake]) -> tuple[Cause, ...]:
    """
    One cause for each change; a change of something that many places share is one.
    """
    by_test = {(retake.cassette, retake.test): retake for retake in retakes}
    found = [
        _cause(service, group, all_stored, by_test)
        for service, listed in sorted(changes.items())
        for group in _groups(listed)
    ]
    worst_first = list(Severity)[::-1]
    return tuple(sorted(found, key=lambda cause: (not cause.used, worst_first.index(cause.change.severity))))


def undocumented_of(retakes: Iterable[Retake]) -> tuple[Undocumented, ...]:
    """
    What no change explains, once for each place, however many cassettes show it, the worst first.
    """
    seen: dict[tuple[str, str], list[tuple[str, Drift]]] = {}
    for retake in retakes:
        for drift in retake.undocumented:
            key = general_place(drift.place), drift.kind.value
            seen.setdefault(key, []).append((retake.cassette, drift))
    found = (
        Undocumented(
            place=place,
            severity=worst(tuple(drift for _, drift in shown)) or Severity.SAFE,
            cassettes=tuple(dict.fromkeys(cassette for cassette, _ in shown)),
            example=shown[0][1],
        )
        for (place, _), shown in sorted(seen.items(), key=lambda item: item[0])
    )
    return tuple(sorted(found, key=lambda one: one.severity, reverse=True))


def general_place(place: str) -> str:
    """
    The place of a drift without what differs from cassette to cassette: numbers and minted values.
    """
    _, _, rest = place.partition(". ")
    return _INDEX.sub("[]", _VALUE.sub("…", rest or place))


def _said(drifts: Iterable[Drift]) -> tuple[Drift, ...]:
    """
    Without the head, which no service has said.
    """
    return tuple(drift for drift in drifts if not drift.place.startswith(_HEAD))


def _explained(drifts: Sequence[Drift], one: Stored, touched_by: Sequence[Change]) -> Iterator[int]:
    """
    The numbers of the drifts that the changes explain.

    Those of an interaction that touches one, and those of what came after, once such an interaction has
    drifted: a test that is answered otherwise goes on otherwise.
    """
    touched = set(_touched_interactions(one, touched_by))
    spoken = set(_touched_conversations(one, touched_by))
    yield from (number for number, drift in enumerate(drifts) if _conversation_of(drift) in spoken)
    places = [_interaction_of(drift) for drift in drifts]
    began = min((place for place in places if place in touched), default=None, key=lambda place: place or 0)
    for number, place in enumerate(places):
        if place in touched or (place is not None and began is not None and place > began):
            yield number


def _touched_interactions(one: Stored, touched_by: Sequence[Change]) -> Iterator[int]:
    for usage in one.usages.values():
        for number, notes in usage.by_interaction.items():
            if any(touches_notes(change, notes) for change in touched_by):
                yield number


def _touched_conversations(one: Stored, touched_by: Sequence[Change]) -> Iterator[int]:
    for usage in one.usages.values():
        for number, notes in usage.by_conversation.items():
            if any(touches_notes(change, notes) for change in touched_by):
                yield number


def _conversation_of(drift: Drift) -> int | None:
    """
    The number of the conversation that a drift is in, from nought.
    """
    found = _CONVERSATION.match(drift.place)
    return int(found[1]) - 1 if found else None


def _interaction_of(drift: Drift) -> int | None:
    """
    The number of the interaction that a drift is in, from nought; None for the head and for conversations.
    """
    number = drift.place.partition(".")[0]
    return int(number) - 1 if number.isdecimal() else None


def _groups(changes: Iterable[Change]) -> Iterable[list[Change]]:
    groups: dict[tuple[str, str, str], list[Change]] = {}
    for change in changes:
        groups.setdefault((change.kind, change.id, change.message), []).append(change)
    return groups.values()


def _cause(
    service: str,
    group: Sequence[Change],
    all_stored: Iterable[Stored],
    retakes: Mapping[tuple[str, str], Retake],
) -> Cause:
    touching = [one for one in all_stored if one.touched_by({service: group})]
    keys = [(one.name, one.cassette.test) for one in touching]
    taken = [(one, retakes[key]) for one, key in zip(touching, keys, strict=True) if key in retakes]
    return Cause(
        service=service,
        change=group[0],
        also=tuple(group[1:]),
        tests=tuple(dict.fromkeys(test for _, test in keys if test)),
        cassettes=tuple(dict.fromkeys(name for name, _ in keys)),
        explained=tuple(dict.fromkeys(one.name for one, retake in taken if _explains(group, one, retake))),
        failing=tuple(retake.test for _, retake in taken if retake.status is Status.FAILED),
    )


def _explains(group: Sequence[Change], one: Stored, retake: Retake) -> bool:
    return any(True for _ in _explained(retake.drifts, one, group))

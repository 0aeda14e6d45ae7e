"""
What accepting some causes comes to: a recording is accepted when every cause of every difference in it is.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from taketwo.results import Cause, Decision, RefreshResult, Status

_WAITING: Final = frozenset({Status.CHANGED, Status.RENEWED})


def decision_on(result: RefreshResult, chosen: Collection[str]) -> Decision:
    """
    What to do when the causes with the ids *chosen* are accepted, and no others.

    The lock of a service is accepted with the last pending recording, when every change that something
    recorded touches is accepted too.
    """
    known = {cause.id: cause for cause in result.causes}
    waiting = causes_by_cassette(result)
    accepted = tuple(name for name, causes in waiting.items() if causes and set(causes) <= set(chosen))
    left = {
        name: tuple(known[cause] for cause in causes if cause not in chosen and cause in known)
        for name, causes in waiting.items()
        if name not in accepted and set(causes) & set(chosen)
    }
    changed = [diff.service for diff in result.contract_diffs if diff.differs]
    undecided = {service: _undecided(result, service, chosen) for service in changed}
    is_last = len(accepted) == len(waiting)
    moved = [service for service in changed if is_last and not undecided[service]]
    return Decision(
        accepted=accepted,
        left=left,
        locks={service: _idle(result, service) for service in moved},
        open_locks={service: causes for service, causes in undecided.items() if service not in moved},
    )


def causes_by_cassette(result: RefreshResult) -> dict[str, tuple[str, ...]]:
    """
    The ids of all that has to be decided about each cassette that has a pending recording.

    Of one that several tests share, it is what has to be decided about the parts of all of them.
    """
    found: dict[str, tuple[str, ...]] = {}
    for one in result.cassette_results:
        if one.status in _WAITING:
            found[one.cassette] = tuple(dict.fromkeys((*found.get(one.cassette, ()), *one.causes)))
    return found


def _undecided(result: RefreshResult, service: str, chosen: Collection[str]) -> tuple[Cause, ...]:
    """
    The changes of a contract that something recorded touches, and that are not accepted.
    """
    return tuple(
        cause
        for cause in result.contract_causes
        if cause.service == service and cause.is_used and cause.id not in chosen
    )


def _idle(result: RefreshResult, service: str) -> tuple[Cause, ...]:
    return tuple(cause for cause in result.contract_causes if cause.service == service and not cause.is_used)

"""
A take beside the accepted cassette: what became of it, and which changes of contracts it touches.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from taketwo.cassette import part_of, read_cassette, read_text
from taketwo.compare import drift_between
from taketwo.errors import CassetteError
from taketwo.refresh.stored import Stored
from taketwo.refresh.values import Retake, Status
from taketwo.refresh.verdicts import Changes, judged


def compared(retake: Retake, accepted: Path, take: Path) -> Retake:
    """
    *retake* with its status, and what differs between the two files.

    :raises CassetteError: when the take cannot be read; an accepted cassette that is damaged is told.
    """
    try:
        return _compared(retake, accepted, take)
    except CassetteError as error:
        # Damaged is not missing: what is left of it may be wanted, so the new take waits beside it.
        after = read_cassette(take)
        return replace(retake, status=Status.DRIFTED, message=str(error), after=after)


def judged_all(
    retakes: Iterable[Retake], all_stored: Iterable[Stored], changes: Changes
) -> tuple[Retake, ...]:
    """
    Each retake with what explains it; what was accepted for a test may have had another name then.
    """
    by_test = {(one.name, test): one for one in all_stored for test in (one.cassette.test, "")}
    return tuple(
        judged(
            retake,
            by_test.get((retake.cassette, retake.test)) or by_test.get((retake.cassette, "")),
            changes,
        )
        for retake in retakes
    )


def _compared(retake: Retake, accepted: Path, take: Path) -> Retake:
    before_text, before = read_text(accepted), read_cassette(accepted)
    after = read_cassette(take)
    is_shared = bool(before and before.parts) or bool(after and after.parts)
    if is_shared:
        # What another test of the same cassette recorded is told with that one.
        before, after = (one and part_of(one, retake.test) for one in (before, after))
    if before is None or after is None:
        return replace(retake, status=Status.NEW, after=after)
    if before_text == read_text(take) or (is_shared and before == after):
        return retake
    drifts = drift_between(before, after)
    status = Status.DRIFTED if drifts else Status.RENEWED
    return replace(retake, status=status, drifts=drifts, before=before, after=after)

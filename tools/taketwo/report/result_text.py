"""
What several reports say of the result of a refresh.
"""

from __future__ import annotations

import json
from typing import Final

from taketwo.cassette.model import JsonValue
from taketwo.cassette.store.fixture_id import FixtureId
from taketwo.report.text import count, passes
from taketwo.results import Cause, Difference, DifferenceKind, RefreshResult, Status, Verdict

_LONGEST_VALUE = 200

VERDICTS: Final = {
    Verdict.CLEAN: "nothing changed",
    Verdict.NOT_EXERCISED: "a contract changed, and no recording",
    Verdict.EXPLAINED: "recordings changed, and changes of contracts explain every difference",
    Verdict.UNEXPLAINED: "recordings changed or tests fail, and no change of a contract explains it",
}


def headline(result: RefreshResult) -> str:
    """
    All of a refresh in one sentence.
    """
    if result.error:
        return "the check could not run"
    failed, new = len(result.of(Status.FAILED)), len(result.of(Status.NEW))
    if failed:
        return f"{count(failed, 'test')} no longer {passes(failed)}"
    if result.verdict is not Verdict.CLEAN:
        return f"{result.verdict.value}: {VERDICTS[result.verdict]}"
    return f"clean; {count(new, 'cassette')} recorded for the first time" if new else "clean"


def counts_text(result: RefreshResult) -> str:
    """
    How many cassettes there are of each status; empty where nothing was recorded.
    """
    counted = [(len(result.of(status)), status.value) for status in worst_first()]
    parts = [f"{number} {word}" for number, word in counted if number]
    fixtures = sum(FixtureId.parse(one.test) is not None for one in result.cassette_results)
    tests = count(len(result.cassette_results) - fixtures, "test")
    recorded = f"{tests} and {count(fixtures, 'cassette')} of fixtures" if fixtures else tests
    return f"{recorded} recorded again: {', '.join(parts)}" if parts else ""


def worst_first() -> list[Status]:
    return [Status.FAILED, Status.CHANGED, Status.RENEWED, Status.NEW, Status.UNCHANGED]


def values_text(difference: Difference) -> str:
    """
    What was there and what is there now; long values are cut.
    """
    if difference.kind is DifferenceKind.CHANGED:
        return f"{_short(difference.before)} -> {_short(difference.after)}"
    return _short(difference.after if difference.kind is DifferenceKind.ADDED else difference.before)


def behaviour_text(example: Difference) -> str:
    """
    A change that no contract explains, by one place where it was seen.
    """
    what = {
        DifferenceKind.ADDED: "is new: ",
        DifferenceKind.REMOVED: "is gone: ",
        DifferenceKind.CHANGED: "changed: ",
    }
    return f"{what[example.kind]}{values_text(example)}"


def reading_texts(cause: Cause) -> list[str]:
    """
    How many of the cassettes that hold what changed have a test that reads it; nothing where all may.
    """
    if not cause.unread:
        return []
    held, reading = len(cause.cassettes), len(cause.readers)
    holds = f"{count(held, 'cassette')} {'holds' if held == 1 else 'hold'} it"
    if reading:
        return [f"{holds}, {reading} {'reads' if reading == 1 else 'read'} it"]
    is_milder = cause.promised is not None and cause.promised is not cause.severity
    promised = f" ({cause.promised.value} where it is read)" if is_milder and cause.promised else ""
    return [f"{holds}, none reads it{promised}"]


def _short(value: JsonValue) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + "…"

"""
How a test ended that neither passed nor failed, and whether it ended so for the reason that was recorded.

Imported when the first test is skipped, or fails as expected.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from taketwo.cassette.model import Ending, Outcome
from taketwo.errors import TakeTwoError, Unanswered
from taketwo.plugin.testcase.state import CassetteFailure, RunningTest

_OURS = (TakeTwoError, Unanswered, CassetteFailure)


def ending_of(report: pytest.TestReport, error: pytest.ExceptionInfo[BaseException] | None) -> Ending | None:
    """
    The end of a test that *report* is of, None where it passed or failed; *error* is what it raised.
    """
    if not report.skipped:
        return None
    if not hasattr(report, "wasxfail"):
        return Ending(Outcome.SKIPPED)
    return Ending(Outcome.XFAILED, _raised(error))


def note_ending(
    item: pytest.Item,
    report: pytest.TestReport,
    error: pytest.ExceptionInfo[BaseException] | None,
    running: RunningTest | None,
) -> None:
    """
    Keep how a phase of *item* ended, and have its *report* fail where it ended so for a reason of ours.

    What pytest takes for the expected failure may be a request without a recorded answer.
    """
    ending = ending_of(report, error)
    if ending is None:
        return
    problem = "" if _expects_ours(item) else _problem(ending, error, running)
    if problem:
        report.outcome, report.longrepr = "failed", problem
        vars(report).pop("wasxfail", None)
    elif running is not None and report.when != "teardown":
        running.ending = ending


def _problem(
    ending: Ending, error: pytest.ExceptionInfo[BaseException] | None, running: RunningTest | None
) -> str:
    what = "was skipped" if ending.outcome is Outcome.SKIPPED else "failed as expected"
    unmatched = running.player.unmatched if running is not None else []
    if unmatched:
        problems = "\n\n".join(unmatched)
        return f"the test {what}, but something it did found no answer:\n{problems}"
    # Without a cassette, a test may expect that the network is closed.
    ours = (Unanswered, CassetteFailure) if running is None else _OURS
    if error is not None and isinstance(error.value, ours):
        return f"the test {what}, but for another reason than its own:\n{error.value}"
    recorded = running.own.ended if running is not None and running.own is not None else None
    if recorded is None or running is None or running.recorder is not None:
        return ""
    if {recorded.outcome, ending.outcome} != {Outcome.XFAILED} or recorded.raised == ending.raised:
        return ""
    return (
        f"the test failed with {_named(ending)}; when {running.player.name} was recorded, it failed with "
        f"{_named(recorded)}, as its xfail expects\n"
        f"if the new failure is the expected one: pytest --record-mode=rewrite {running.test}"
    )


def _named(ending: Ending) -> str:
    return ending.raised or "pytest.xfail()"


def _raised(error: pytest.ExceptionInfo[BaseException] | None) -> str:
    """
    The type of an expected error; none where the test itself called ``pytest.xfail()``.
    """
    if error is None:
        return ""
    if not isinstance(error.value, pytest.xfail.Exception):
        return error.type.__qualname__
    # What a method with unittest's expectedFailure raised is left only in the frame that made an xfail of it:
    # TestCaseFunction.addExpectedFailure, of pytest 8.4 to 9.2.
    raised = error.traceback[0].frame.f_locals.get("rawexcinfo") if len(error.traceback) else None
    return raised[0].__qualname__ if isinstance(raised, tuple) and isinstance(raised[0], type) else ""


def _expects_ours(item: pytest.Item) -> bool:
    """
    Whether an error of ours is what *item* expects by name, as ``xfail(raises=NoMatch)`` does.
    """
    return any(issubclass(expected, _OURS) for expected in _expected(item))


def _expected(item: pytest.Item) -> Iterator[type]:
    for mark in item.iter_markers("xfail"):
        raises = mark.kwargs.get("raises")
        every = raises if isinstance(raises, tuple) else (raises,)
        yield from (one for one in every if isinstance(one, type))

"""
What a verification found, for people.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from taketwo.features.verify.verify import Permitted, Skipped, Verified
from taketwo.report.render.terminal import cause_lines, difference_lines
from taketwo.report.text import Line, count, one_line
from taketwo.results import CassetteResult, Cause, Status, Verdict

_MOST_DIFFERENCES = 20
_MOST_SKIPPED = 5


def verify_lines(verified: Verified, *, where: str, verbose: bool) -> list[Line]:
    """
    What differs first, then what changed in the contract, then what was asked and what was not.
    """
    result = verified.result
    return [
        *_failed(result.of(Status.FAILED)),
        *_changed(result.of(Status.CHANGED), verbose=verbose),
        *_causes("no contract explains:", result.unexplained_causes),
        *_causes("the contract changed:", result.contract_causes),
        *skipped_lines(verified.skipped, verbose=verbose),
        *_permitted(verified.permitted, verbose=verbose),
        *_sum(verified, where),
    ]


def _failed(cases: Sequence[CassetteResult]) -> Iterator[Line]:
    for case in cases:
        yield Line(f"{case.cassette}: no answer", "bold red")
        yield from (Line(f"  {line}") for line in case.message.splitlines())


def _changed(cases: Sequence[CassetteResult], *, verbose: bool) -> Iterator[Line]:
    for case in cases:
        yield Line(f"{case.cassette}: {count(len(case.differences), 'difference')}", "bold")
        most = len(case.differences) if verbose else _MOST_DIFFERENCES
        yield from difference_lines(case.differences, most=most)


def _causes(title: str, causes: Sequence[Cause]) -> Iterator[Line]:
    if causes:
        yield Line(title, "bold")
    for cause in causes:
        yield from cause_lines(cause)


def skipped_lines(skipped: Sequence[Skipped], *, verbose: bool = False) -> Iterator[Line]:
    """
    Why requests were not sent or their answers not compared, with how many; *verbose*, each of them.
    """
    if verbose:
        for one in skipped:
            yield Line(one_line(f"{_not(one)}: {one.request} of {one.cassette}: {one.reason}"), "dim")
        return
    reasons = Counter((_not(one), one.reason) for one in skipped)
    for (what, reason), number in reasons.most_common(_MOST_SKIPPED):
        yield Line(one_line(f"{what}: {count(number, 'request')}: {reason}"), "dim")
    if len(reasons) > _MOST_SKIPPED:
        rest = sum(number for _, number in reasons.most_common()[_MOST_SKIPPED:])
        more = count(len(reasons) - _MOST_SKIPPED, "more reason")
        yield Line(f"not sent or not compared: {count(rest, 'request')} for {more} (-v shows them)", "dim")


def _not(skipped: Skipped) -> str:
    return "not compared" if skipped.was_sent else "not sent"


def _permitted(permitted: Sequence[Permitted], *, verbose: bool) -> Iterator[Line]:
    if not permitted:
        return
    number = count(len(permitted), "difference")
    yield Line(f"permitted by the lock: {number} of other data{'' if verbose else ' (-v shows them)'}", "dim")
    if verbose:
        for cassette, found in groupby(permitted, key=lambda one: one.cassette):
            yield Line(f"  {cassette}", "dim")
            yield from difference_lines([one.difference for one in found], most=len(permitted))


def _sum(verified: Verified, where: str) -> Iterator[Line]:
    results = verified.result.cassette_results
    asked = f"{count(verified.asked, 'request')} of {count(len(results), 'cassette')} sent to {where}"
    different = [one for one in results if one.status is not Status.UNCHANGED]
    if not different:
        yield Line(f"{asked}: the answers are as they were recorded", "bold")
        return
    verdict = "explained by changes of the contract"
    if verified.result.verdict is Verdict.UNEXPLAINED:
        verdict = "not all of it explained by the contract"
    yield Line(f"{asked}: the answers of {len(different)} differ, {verdict}", "bold")

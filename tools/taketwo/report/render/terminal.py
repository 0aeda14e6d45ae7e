"""
What a refresh found, as lines for a terminal: the worst first, by cause, and what to type next last.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from taketwo.contract.changes import Change, Severity
from taketwo.report.result_text import VERDICTS, counts_text, reading_texts, values_text
from taketwo.report.text import Line, contradiction_lines, count, one_line, passes, some
from taketwo.results import CassetteResult, Cause, Difference, DifferenceKind, RefreshResult, Status, Verdict

_STYLES = {Severity.BREAKING: "bold red", Severity.DANGEROUS: "yellow", Severity.SAFE: "green"}
_MOST_DIFFERENCES = 20
_MOST_LINES = 20
_MOST_NAMES = 5
_EVERYTHING = 1_000_000


def refresh_lines(report: RefreshResult, *, verbose: bool = False) -> list[Line]:
    """
    Short, one example for each cause; *verbose*, all there is.
    """
    return [
        *_failed(report.of(Status.FAILED), verbose=verbose),
        *_unexplained(report, verbose=verbose),
        *_contracts(report, verbose=verbose),
        *_changed(report.of(Status.CHANGED), verbose=verbose),
        *_contradictions(report),
        *_listed("recorded for the first time:", report.of(Status.NEW), "green", verbose=verbose),
        *_renewed(report.of(Status.RENEWED), verbose=verbose),
        *_orphans(report.orphans),
        *_sum(report),
        *_verdict(report),
        *_next(report),
    ]


def change_lines(changes: Sequence[Change]) -> list[Line]:
    return [
        _change(change.severity, f"{change.id}  {change.coordinate}: {change.message}") for change in changes
    ]


def difference_lines(differences: Sequence[Difference], *, most: int = _MOST_DIFFERENCES) -> list[Line]:
    lines: list[Line] = []
    heading = ""
    for difference in differences[:most]:
        if difference.location.heading != heading:
            heading = difference.location.heading
            lines.append(Line(f"  {one_line(heading)}", "bold"))
        lines.append(
            Line(
                one_line(
                    f"    {sign(difference)} {difference_text(difference)}  ({difference.severity.value})"
                ),
                _STYLES[difference.severity],
            )
        )
    more = len(differences) - most
    return [*lines, Line(f"  and {more} more")] if more > 0 else lines


def difference_text(difference: Difference) -> str:
    """
    The path of a difference, and what was and is there; long values are cut.
    """
    inside = difference.location.inside
    whole = "interaction" if difference.location.conversation is None else "conversation"
    return f"{inside}: {values_text(difference)}" if inside else f"the whole {whole}"


def sign(difference: Difference) -> str:
    return {DifferenceKind.ADDED: "+", DifferenceKind.REMOVED: "-", DifferenceKind.CHANGED: "~"}[
        difference.kind
    ]


def cause_lines(cause: Cause) -> list[Line]:
    """
    What a decision is about, and what it touches.
    """
    rule = f"{cause.rule}  " if cause.rule else ""
    return [
        _change(cause.severity, f"{rule}{cause.coordinate}: {cause.sentence}"),
        Line(f"    {reach(cause)}  (cause {cause.id})", "dim"),
    ]


def reach(cause: Cause) -> str:
    """
    What a cause explains, breaks and touches, in words.
    """
    same = len(cause.cassettes) - len(cause.explained)
    parts = [
        *([f"explains {count(len(cause.explained), 'cassette')}"] if cause.explained else []),
        *(
            [f"{count(len(cause.failing), 'test')} no longer {passes(len(cause.failing))} with it"]
            if cause.failing
            else []
        ),
        *([f"touches {same}{' more' if cause.explained else ''}"] if same > 0 else []),
    ]
    if not cause.is_contract_change:
        return f"seen in {count(len(cause.cassettes), 'cassette')}"
    return ", ".join([*parts, *reading_texts(cause)]) or "touches no cassette"


def _failed(cases: Sequence[CassetteResult], *, verbose: bool) -> Iterator[Line]:
    if not cases:
        return
    yield Line(f"{count(len(cases), 'test')} no longer {passes(len(cases))}:", "bold red")
    for case in cases:
        yield Line(f"  {one_line(case.test)}", "red")
        lines = case.message.strip().splitlines()
        for line in lines if verbose else lines[-_MOST_LINES:]:
            yield Line(f"    {line}", "dim")
    yield Line("  their cassettes stay as they are")


def _contracts(report: RefreshResult, *, verbose: bool) -> Iterator[Line]:
    for service in sorted(report.unlocked):
        yield Line(f"the contract of {service} had no lock", "yellow")
    ordered = sorted(report.contract_causes, key=lambda cause: cause.service)
    for service, group in groupby(ordered, key=lambda cause: cause.service):
        causes = list(group)
        yield Line(f"the contract of {service} changed ({count(len(causes), 'change')}):", "bold")
        yield from _causes(causes, verbose=verbose)


def _unexplained(report: RefreshResult, *, verbose: bool) -> Iterator[Line]:
    causes = report.unexplained_causes
    if causes:
        yield Line(f"no contract explains ({count(len(causes), 'change')}):", "bold red")
        yield from _causes(causes, verbose=verbose)


def _causes(causes: Sequence[Cause], *, verbose: bool) -> Iterator[Line]:
    """
    Of those that touch nothing, the first few: nobody has to decide on them one by one.
    """
    idle = [cause for cause in causes if not (cause.cassettes or cause.failing)]
    hidden = [] if verbose or len(idle) <= _MOST_NAMES else idle[_MOST_NAMES:]
    for cause in causes:
        if cause not in hidden:
            yield from cause_lines(cause)
    if hidden:
        yield Line(f"  and {len(hidden)} more that touch no cassette (-v shows them)", "dim")


def _changed(cases: Sequence[CassetteResult], *, verbose: bool) -> Iterator[Line]:
    for case in (case for case in cases if case.message):
        yield Line("a recording waits beside a cassette that cannot be read:", "bold red")
        yield from (Line(f"  {line}") for line in case.message.splitlines())
    silent = sorted((case for case in cases if not case.message), key=lambda case: case.causes)
    for _, group in groupby(silent, key=lambda case: case.causes):
        alike = list(group)
        for case in alike if verbose else alike[:1]:
            yield Line(f"{case.cassette}: {count(len(case.differences), 'difference')}", "bold")
            yield from difference_lines(case.differences, most=_EVERYTHING if verbose else _MOST_DIFFERENCES)
        if len(alike) > 1 and not verbose:
            yield from _same_differences(alike[1:])


def _same_differences(cases: Sequence[CassetteResult]) -> Iterator[Line]:
    names = some([case.cassette for case in cases], _MOST_NAMES)
    title = f"  {count(len(cases), 'cassette')} more with the same cause (-v shows what differs): "
    yield Line(f"{title}{names}", "dim")


def _renewed(cases: Sequence[CassetteResult], *, verbose: bool) -> Iterator[Line]:
    title = "recorded under the changed contract; requests and responses are unchanged:"
    yield from _listed(title, cases, "", verbose=verbose)


def _listed(title: str, cases: Sequence[CassetteResult], style: str, *, verbose: bool) -> Iterator[Line]:
    most = _EVERYTHING if verbose else _MOST_LINES
    if cases:
        yield Line(title, style)
    for case in cases[:most]:
        yield Line(f"  {one_line(case.cassette)}")
    if len(cases) > most:
        yield Line(f"  and {len(cases) - most} more (-v shows them)")


def _orphans(orphans: Sequence[str]) -> Iterator[Line]:
    if orphans:
        yield Line("no test uses:", "yellow")
    for orphan in orphans:
        yield Line(f"  {one_line(orphan)}")


def _contradictions(report: RefreshResult) -> Iterator[Line]:
    counted = {one: len(tests) for one, tests in report.contradictions.items()}
    yield from (Line(one_line(line), "yellow") for line in contradiction_lines(counted))


def _sum(report: RefreshResult) -> Iterator[Line]:
    counts = counts_text(report)
    yield Line(counts, "bold") if counts else Line("nothing was recorded again")


def _verdict(report: RefreshResult) -> Iterator[Line]:
    if report.verdict is not Verdict.CLEAN:
        style = "bold red" if report.verdict is Verdict.UNEXPLAINED else "yellow"
        yield Line(f"{report.verdict.value}: {VERDICTS[report.verdict]}", style)


def _next(report: RefreshResult) -> Iterator[Line]:
    if report.pending:
        yield Line(
            f"what would wait is in {report.pending}; to have it here: taketwo accept --from {report.pending}"
        )
    if not report.has_pending or report.pending:
        return
    if not report.written:
        yield Line(f"nothing was written; to review and accept: {report.command}")
        return
    command = report.command
    yield Line(f"accept: {command} --accept    reject: {command} --reject    one by one: {command} --review")
    decided = [cause.id for cause in report.causes if cause.explained]
    if len(decided) > 1:
        yield Line(
            f"by cause: {command} --accept --cause {decided[0]}    (or {some(decided[1:], _MOST_NAMES)})"
        )


def _change(severity: Severity, text: str) -> Line:
    return Line(f"  {severity.value:9}  {text}", _STYLES[severity])

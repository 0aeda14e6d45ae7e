"""
A refresh as the annotations of GitHub Actions: beside the tests and the cassettes they are about.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence

from taketwo.compare.side_by_side import visible
from taketwo.contract.changes import Severity
from taketwo.report.render.terminal import difference_text, reach
from taketwo.report.text import count
from taketwo.results import CassetteResult, Cause, RefreshResult, Status

# GitHub shows ten of each level from one step; the rest is in the report.
_MOST = 10
_LEVELS = {Severity.BREAKING: "error", Severity.DANGEROUS: "warning", Severity.SAFE: "notice"}
_LONGEST_TEXT = 2_000
_MOST_DIFFERENCES = 5
_MOST_NAMES = 10


def annotation_lines(report: RefreshResult) -> list[str]:
    """
    A line for each, as the runner of GitHub reads them; of too many the last one counts the rest.
    """
    found: dict[str, list[str]] = {"error": [], "warning": [], "notice": []}
    for level, line in _annotations(report):
        found[level].append(line)
    return [line for level, lines in found.items() for line in _capped(level, lines)]


def _capped(level: str, lines: Sequence[str]) -> Sequence[str]:
    if len(lines) <= _MOST:
        return lines
    left = len(lines) - _MOST + 1
    return [
        *lines[: _MOST - 1],
        _line(level, "they are in the report and in the summary of the job", title=f"taketwo: {left} more"),
    ]


def muted(text: str) -> list[str]:
    """
    The lines around *text* between which the runner obeys no command, whatever a service sent.
    """
    token = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return [f"::stop-commands::{token}", f"::{token}::"]


def _annotations(report: RefreshResult) -> Iterator[tuple[str, str]]:
    if report.error:
        yield "error", _line("error", report.error, title="taketwo could not run")
    for cases in _failing_alike(report.of(Status.FAILED)):
        yield "error", _failed(cases)
    for cause in report.causes:
        level = _LEVELS[cause.severity] if cause.cassettes or cause.failing else "notice"
        yield level, _cause(level, cause)
    for cases in _groups(report.of(Status.CHANGED)):
        level = _LEVELS[cases[0].severity] if cases[0].severity else "error"
        yield level, _changed(level, cases)


def _groups(cases: Iterable[CassetteResult]) -> Iterable[Sequence[CassetteResult]]:
    """
    The cassettes that differ for the same causes, and to the same severity, together.
    """
    found: dict[tuple[object, ...], list[CassetteResult]] = {}
    for case in cases:
        key = (case.severity, *sorted(case.causes)) if case.causes else (case.test, case.cassette)
        found.setdefault(key, []).append(case)
    return found.values()


def _failing_alike(cases: Iterable[CassetteResult]) -> Iterable[Sequence[CassetteResult]]:
    """
    The tests that fail in the same line together, as those of one function with several parameters do.
    """
    found: dict[tuple[str, str], list[CassetteResult]] = {}
    for case in cases:
        file, line = _place(case)
        found.setdefault((file, line or case.test), []).append(case)
    return found.values()


def _place(case: CassetteResult) -> tuple[str, str]:
    """
    The file of a test, and the line in it where it failed; empty when that is not known.
    """
    file = case.test.partition("::")[0]
    found = re.search(rf"^{re.escape(file)}:(\d+)", case.message, re.MULTILINE)
    return file, found[1] if found else ""


def _failed(cases: Sequence[CassetteResult]) -> str:
    case, *others = cases
    file, line = _place(case)
    text, title = f"{case.test}\n{_error(case.message)}", "a test no longer passes"
    if others:
        text = "\n".join([text, "in the same line:", *_some([one.test for one in others])])
        title = f"{len(cases)} tests no longer pass"
    return _line("error", text, file=file, line=line or "1", title=title)


def _error(message: str) -> str:
    """
    What pytest says that went wrong, which the output of services may follow.
    """
    errors = re.findall(r"^E +(.+)$", message, re.MULTILINE)
    lines = message.strip().splitlines()
    return errors[0] if errors else lines[-1] if lines else ""


def _some(names: Sequence[str]) -> list[str]:
    more = [f"and {len(names) - _MOST_NAMES} more"] if len(names) > _MOST_NAMES else []
    return [*names[:_MOST_NAMES], *more]


def _cause(level: str, cause: Cause) -> str:
    title = f"{cause.severity.value}: {cause.coordinate}"
    return _line(level, f"{cause.sentence}\n{reach(cause)}", title=title)


def _changed(level: str, cases: Sequence[CassetteResult]) -> str:
    case, *others = cases
    differences = [
        f"{difference.location.heading}  {difference_text(difference)}"
        for difference in case.differences[:_MOST_DIFFERENCES]
    ]
    text = case.message or "\n".join(differences)
    title = count(len(case.differences), "difference")
    if others:
        text = "\n".join([text, "for the same causes:", *_some([one.cassette for one in others])])
        title = f"{title}, and {count(len(others), 'cassette')} more for the same causes"
    return _line(level, text, file=case.cassette, title=title)


def _line(level: str, text: str, **properties: str) -> str:
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{level} {listed}::{_escaped(visible(text[:_LONGEST_TEXT]))}"


def _property(text: str) -> str:
    return _escaped(visible(text)).replace(":", "%3A").replace(",", "%2C")


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")

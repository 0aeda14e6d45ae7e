"""
A refresh as the annotations of GitHub Actions: beside the tests and the cassettes they are about.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

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


def annotation_lines(report: RefreshResult) -> list[str]:
    """
    A line for each, as the runner of GitHub reads them.
    """
    found: dict[str, list[str]] = {"error": [], "warning": [], "notice": []}
    for level, line in _annotations(report):
        found[level].append(line)
    return [line for lines in found.values() for line in lines[:_MOST]]


def muted(text: str) -> list[str]:
    """
    The lines around *text* between which the runner obeys no command, whatever a service sent.
    """
    token = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return [f"::stop-commands::{token}", f"::{token}::"]


def _annotations(report: RefreshResult) -> Iterator[tuple[str, str]]:
    if report.error:
        yield "error", _line("error", report.error, title="taketwo could not run")
    for case in report.of(Status.FAILED):
        yield "error", _failed(case)
    for cause in report.causes:
        level = _LEVELS[cause.severity] if cause.cassettes or cause.failing else "notice"
        yield level, _cause(level, cause)
    for case in report.of(Status.CHANGED):
        level = _LEVELS[case.severity] if case.severity else "error"
        yield level, _changed(level, case)


def _failed(case: CassetteResult) -> str:
    file = case.test.partition("::")[0]
    found = re.search(rf"^{re.escape(file)}:(\d+)", case.message, re.MULTILINE)
    line = found[1] if found else "1"
    last = (case.message.strip().splitlines() or [""])[-1]
    return _line("error", f"{case.test}\n{last}", file=file, line=line, title="a test no longer passes")


def _cause(level: str, cause: Cause) -> str:
    title = f"{cause.severity.value}: {cause.coordinate}"
    return _line(level, f"{cause.sentence}\n{reach(cause)}", title=title)


def _changed(level: str, case: CassetteResult) -> str:
    differences = [
        f"{difference.location.heading}  {difference_text(difference)}"
        for difference in case.differences[:_MOST_DIFFERENCES]
    ]
    text = case.message or "\n".join(differences)
    return _line(level, text, file=case.cassette, title=count(len(case.differences), "difference"))


def _line(level: str, text: str, **properties: str) -> str:
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{level} {listed}::{_escaped(visible(text[:_LONGEST_TEXT]))}"


def _property(text: str) -> str:
    return _escaped(visible(text)).replace(":", "%3A").replace(",", "%2C")


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")

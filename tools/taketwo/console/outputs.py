"""
The reports that a command writes beside what it shows: Markdown, JSON, JUnit, a page, annotations.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from taketwo.cassette.model import JsonValue
from taketwo.console.terminal import Terminal
from taketwo.errors import TakeTwoError
from taketwo.report.page.document import html_page
from taketwo.report.render.github import annotation_lines, muted
from taketwo.report.render.json import refresh_json
from taketwo.report.render.junit import refresh_junit
from taketwo.report.render.markdown import refresh_comment, refresh_markdown
from taketwo.report.render.terminal import refresh_lines
from taketwo.report.text import Line
from taketwo.results import RefreshResult

_STANDARD_OUTPUT: Final = "-"
_FORMATS: Final[Mapping[str, tuple[str, Callable[[RefreshResult], str]]]] = {
    "markdown": ("Markdown, for a comment on a pull request", refresh_markdown),
    "comment": ("the same with a hidden mark, for one comment that each run updates", refresh_comment),
    "json": ("JSON, for scripts", lambda report: f"{json.dumps(refresh_json(report), indent=2)}\n"),
    "junit": ("JUnit XML, for the list of failing tests in CI", refresh_junit),
    "html": ("a page with everything, to be opened in a browser", html_page),
}


def add_outputs(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("reports", "FILE may be - for standard output")
    for name, (what, _) in _FORMATS.items():
        group.add_argument(f"--{name}", metavar="FILE", help=what)
    group.add_argument(
        "--github",
        action="store_true",
        help="write annotations for GitHub Actions (default when GITHUB_ACTIONS is true)",
    )
    group.add_argument("-v", "--verbose", action="store_true", help="show everything, not one example each")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """
    Where a story goes.

    * ``files`` names a file for each format that was asked for
    * ``summary`` is the file that GitHub shows beside the run, if there is one
    """

    files: Mapping[str, str]
    annotate: bool = False
    verbose: bool = False
    summary: str = ""

    @classmethod
    def of(cls, options: argparse.Namespace, environment: Mapping[str, str]) -> Outputs:
        """
        :raises TakeTwoError: when a file could not be written, before anything is recorded for it.
        """
        files = {name: getattr(options, name) for name in _FORMATS if getattr(options, name)}
        if list(files.values()).count(_STANDARD_OUTPUT) > 1:
            raise TakeTwoError("only one report can go to standard output")
        for file in files.values():
            if file != _STANDARD_OUTPUT:
                _prepare(Path(file))
        return cls(
            files=files,
            annotate=options.github or environment.get("GITHUB_ACTIONS") == "true",
            verbose=options.verbose,
            summary=environment.get("GITHUB_STEP_SUMMARY", ""),
        )

    def refuse_all_but(self, name: str, flag: str) -> None:
        """
        :raises TakeTwoError: when a report is asked for that *flag* has none of.
        """
        others = [f"--{each}" for each in self.files if each != name]
        if others:
            has = f"; it has --{name}" if name else "; taketwo report tells what waits"
            raise TakeTwoError(f"{' and '.join(others)}: {flag} has no such report{has}")

    @property
    def needs_coverage(self) -> bool:
        """
        Whether a report was asked for that has room for what no recording exercises.
        """
        return bool({"html", "json"} & set(self.files))

    def tell(self, report: RefreshResult, terminal: Terminal, *, lines: Sequence[Line] | None = None) -> None:
        """
        Write the reports, and show the one for people, or its *lines* where those are other than usual; on
        standard error when another has standard output.
        """
        self.write(report, terminal)
        lines = refresh_lines(report, verbose=self.verbose) if lines is None else list(lines)
        begin, end = muted("\n".join(line.text for line in lines)) if self.annotate else ("", "")
        self._show([Line(begin)] if begin else [], terminal)
        self._show(lines, terminal)
        self._show([Line(end)] if end else [], terminal)
        self._annotate(report, terminal)

    def write_lines(self, value: JsonValue, lines: list[Line], terminal: Terminal) -> None:
        """
        Write as JSON, where that is asked for, and show what is no story of a refresh.
        """
        text = f"{json.dumps(value, indent=2, ensure_ascii=False)}\n"
        for file in self.files.values():
            if file == _STANDARD_OUTPUT:
                terminal.write(text)
            else:
                _write(Path(file), text)
        self._show(lines, terminal)

    def note(self, lines: list[Line], terminal: Terminal) -> None:
        """
        Show what stands beside the report, here and in the summary of the job.
        """
        self._show(lines, terminal)
        if self.summary:
            _append(Path(self.summary), "".join(["\n", *(f"{line.text}  \n" for line in lines)]))

    def write_failure(self, error: str, command: str, terminal: Terminal) -> None:
        """
        Write reports that say why there is nothing to report; what is shown is the error itself.
        """
        report = RefreshResult(command=command, error=error)
        self.write(report, terminal)
        self._annotate(report, terminal)

    def write(self, report: RefreshResult, terminal: Terminal) -> None:
        """
        Write the reports that are files.
        """
        for name, file in self.files.items():
            text = _FORMATS[name][1](report)
            if file == _STANDARD_OUTPUT:
                terminal.write(text)
            else:
                _write(Path(file), text)
        if self.summary:
            _append(Path(self.summary), refresh_markdown(report))

    def _annotate(self, report: RefreshResult, terminal: Terminal) -> None:
        if self.annotate:
            self._show([Line(line) for line in annotation_lines(report)], terminal)

    def _show(self, lines: list[Line], terminal: Terminal) -> None:
        terminal.show(lines, aside=_STANDARD_OUTPUT in self.files.values())


def _prepare(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise TakeTwoError(f"{path} is a folder; name a file for the report")
    except OSError as error:
        raise TakeTwoError(f"the report {path} cannot be written: {error.strerror}") from None


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise TakeTwoError(f"the report {path} cannot be written: {error.strerror}") from None


def _append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)

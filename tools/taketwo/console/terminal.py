"""
The one module that prints.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from typing import TYPE_CHECKING

from taketwo.report.text import Code, Line, visible, visible_json

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress
    from rich.text import Text

    from taketwo.cassette.model import JsonValue

_MOST_HIGHLIGHTED = 200_000  # characters; more would take seconds


class Terminal:
    """
    Standard output and standard error, with colour where somebody looks at it.
    """

    def __init__(self) -> None:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):  # what a test captures is none
                stream.reconfigure(errors="backslashreplace")
        self._console = _console() if _is_looked_at() else None

    def show(self, parts: Iterable[Line | Code], *, aside: bool = False) -> None:
        """
        *aside*, on standard error, when standard output is for something else.
        """
        for part in parts:
            shown = type(part)(visible(part.text), *_rest(part))
            if aside:
                print(shown.text, file=sys.stderr)
            elif self._console is None:
                print(shown.text)
            else:
                self._console.print(_coloured(shown), soft_wrap=True)

    def say(self, text: str) -> None:
        self.show([Line(text)])

    def json(self, value: JsonValue) -> None:
        print(visible_json(json.dumps(value, indent=2, ensure_ascii=False)))

    def write(self, text: str) -> None:
        """
        A document as it is: the output is no terminal, or was asked for so.
        """
        print(text, end="")

    def ask(self, question: str) -> str | None:
        """
        What was typed behind *question*, or None when nothing will be any more.
        """
        sys.stdout.write(visible(question))
        sys.stdout.flush()
        line = sys.stdin.readline()
        return line.strip() if line else None

    @property
    def is_interactive(self) -> bool:
        return sys.stdin.isatty() and sys.stdout.isatty()

    def complain(self, text: str) -> None:
        print(visible(text), file=sys.stderr)

    @contextmanager
    def progress(self) -> Iterator[Progress | None]:
        """
        A bar on standard error; None where that is no terminal.
        """
        console = _console(stderr=True) if sys.stderr.isatty() else None
        if console is None:
            yield None
            return
        from rich.progress import Progress  # noqa: PLC0415

        with Progress(console=console, transient=True) as progress:
            yield progress

    def flush(self) -> None:
        sys.stdout.flush()

    def hang_up(self) -> None:
        """
        Nobody reads any more: what is left goes nowhere, also what Python flushes when it ends.
        """
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _is_looked_at() -> bool:
    return sys.stdout.isatty() or bool(os.environ.get("FORCE_COLOR"))


def _console(*, stderr: bool = False) -> Console | None:
    """
    None where only what replaying needs is installed; the text is the same without colour.
    """
    try:
        from rich.console import Console  # noqa: PLC0415 - most often the output is no terminal
    except ModuleNotFoundError:
        return None
    return Console(stderr=stderr, soft_wrap=True, highlight=False)


def _coloured(part: Line | Code) -> Text:
    from rich.syntax import Syntax  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    if isinstance(part, Line):
        return Text(part.text, style=part.style)
    if not part.language or len(part.text) > _MOST_HIGHLIGHTED:
        return Text(part.text)
    highlighted = Syntax("", part.language, theme="ansi_dark").highlight(part.text)
    highlighted.rstrip()
    return highlighted


def _rest(part: Line | Code) -> tuple[str]:
    return (part.style if isinstance(part, Line) else part.language,)

"""
``taketwo diff``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from taketwo.compare.recordings import compare_cassettes
from taketwo.console.command import CLEAN, FOUND, Command, add_json
from taketwo.console.project import accepted_name, load, shown
from taketwo.console.terminal import Terminal
from taketwo.errors import TakeTwoError
from taketwo.features.chat.render import changed_words, is_only_text
from taketwo.refresh.pending import pending_of
from taketwo.report.render.diff import diff_json, diff_lines
from taketwo.report.text import Line

_ONLY_TEXT = Line("only free text differs: roles, tool calls and everything else are the same", "bold")


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("before", metavar="A", help="a cassette")
    parser.add_argument(
        "after", nargs="?", metavar="B", help="another one (default: the pending recording of A)"
    )
    add_json(parser)


def _run(options: argparse.Namespace, terminal: Terminal) -> int:
    before, after = (
        (options.before, options.after) if options.after is not None else _with_pending(options.before)
    )
    cassettes = load(before), load(after)
    differences = compare_cassettes(*cassettes)
    only_text = bool(differences) and is_only_text(*cassettes)
    same_bytes = Path(before).read_bytes() == Path(after).read_bytes()
    if options.json:
        document = diff_json(before, after, differences, same_bytes=same_bytes)
        terminal.json({**document, "only_text": only_text})
    else:
        lines = diff_lines(before, after, differences, same_bytes=same_bytes)
        terminal.show([*lines, *changed_words(*cassettes), *([_ONLY_TEXT] if only_text else [])])
    return FOUND if differences else CLEAN


def _with_pending(name: str) -> tuple[str, str]:
    accepted = accepted_name(Path(name))
    waiting = pending_of(accepted)
    if not waiting.is_file():
        load(name)  # which says what is wrong with the path, if that is it
        raise TakeTwoError(
            f"{name} has no pending recording; pass a second cassette to compare with, or see `taketwo list`"
        )
    return shown(accepted), shown(waiting)


COMMAND = Command(
    description="""\
Show what differs between two cassettes, or between an accepted cassette and the pending recording beside it:
what was added (+), removed (-) and changed (~) in requests and answers, each with its path and its severity.

severities:
  breaking   gone, of another type, or another status: readers break
  dangerous  another value, another request, another header: readers may rely on it
  safe       new, or worded differently: readers cannot notice

What language models were asked, and what they answered, is compared word by word: [-removed-] {+added+}.
""",
    examples="""\
  %(prog)s cassettes/test_pages/test_made.yaml          against its pending recording
  %(prog)s old.yaml new.yaml
  %(prog)s old.yaml new.yaml --json | jq .severity
""",
    exit_codes="""\
  0  the same bytes, or the same meaning in other bytes
  1  something differs
  3  could not run: there is no such cassette, nothing is pending, or a cassette is damaged
""",
    arguments=_arguments,
    run=_run,
)

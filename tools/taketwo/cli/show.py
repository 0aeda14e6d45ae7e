"""
``taketwo show``.
"""

from __future__ import annotations

import argparse

from taketwo.cassette import Cassette
from taketwo.cli.command import CLEAN, Command, add_json
from taketwo.cli.project import load
from taketwo.cli.terminal import Terminal
from taketwo.errors import TakeTwoError
from taketwo.report import cassette_json, cassette_parts


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths", nargs="+", metavar="PATH", help="cassettes; one that waits is <name>.yaml.new"
    )
    parser.add_argument(
        "--interaction", type=int, metavar="N", help="the one of this number only; the first is 1"
    )
    add_json(parser)


def _run(options: argparse.Namespace, terminal: Terminal) -> int:
    cassettes = {path: load(path) for path in options.paths}
    for path, cassette in cassettes.items():
        _check_number(path, cassette, options.interaction)
    if options.json:
        terminal.json([cassette_json(path, one, only=options.interaction) for path, one in cassettes.items()])
        return CLEAN
    for index, (path, one) in enumerate(cassettes.items()):
        if index:
            terminal.say("")
        terminal.show(cassette_parts(path, one, only=options.interaction))
    return CLEAN


def _check_number(path: str, cassette: Cassette, number: int | None) -> None:
    held = len(cassette.interactions)
    if number is not None and not 1 <= number <= held:
        numbers = f"its interactions are 1 to {held}" if held else "it holds none"
        raise TakeTwoError(f"{path} has no interaction {number}; {numbers}")


COMMAND = Command(
    description="""\
Show cassettes as people read HTTP: for each interaction the request line, the headers and the body, then the
same of the response. On a terminal, bodies are highlighted.
""",
    examples="""\
  %(prog)s cassettes/test_pages/test_a_page_is_read_back.yaml
  %(prog)s cassettes/test_pages/test_a_page_is_read_back.yaml --interaction 2
  %(prog)s cassettes/test_pages/*.yaml --json | jq '.[].interactions[].response.status'
""",
    exit_codes="""\
  0  fine
  3  could not run: there is no such cassette, or it is damaged
""",
    arguments=_arguments,
    run=_run,
)

"""
``taketwo list``.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.store.read import read_cassette
from taketwo.console.command import CLEAN, FOUND, Command, add_json
from taketwo.console.project import cassettes_at, find_config, load, redactor_here, shown
from taketwo.console.terminal import Terminal
from taketwo.errors import CassetteError
from taketwo.features.chat.ledger import Ledger, ledger_json, ledger_of, ledger_text
from taketwo.refresh.pending import pending_of
from taketwo.report.render.list import Listed, list_lines, listed_json


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", metavar="PATH", help="cassettes, or folders of them")
    parser.add_argument(
        "--tokens",
        action="store_true",
        help="list the tokens that calls of language models used, and the cost",
    )
    add_json(parser)


def _run(options: argparse.Namespace, terminal: Terminal) -> int:
    redactor = redactor_here()
    paths = cassettes_at(options.paths)
    if options.tokens:
        return _tell_tokens(paths, terminal, as_json=options.json)
    listed = [_listed(path, redactor) for path in paths]
    if options.json:
        terminal.json([listed_json(one) for one in listed])
    else:
        terminal.show(list_lines(listed))
    return FOUND if any(one.damage for one in listed) else CLEAN


def _tell_tokens(paths: Sequence[Path], terminal: Terminal, *, as_json: bool) -> int:
    config = find_config()
    prices = () if config is None else config.prices
    ledgers = {shown(path): ledger_of([load(shown(path))], prices) for path in paths if path.is_file()}
    total = sum(ledgers.values(), Ledger())
    if as_json:
        terminal.json(
            {
                "cassettes": [
                    {"cassette": name, **ledger_json(one)} for name, one in ledgers.items() if one.calls
                ],
                "total": ledger_json(total),
            }
        )
        return CLEAN
    for name, one in ledgers.items():
        if one.calls:
            terminal.say(f"{name}: {ledger_text(one)}")
    terminal.say(f"in all: {ledger_text(total)}")
    return CLEAN


def _listed(path: Path, redactor: Redactor) -> Listed:
    waiting = pending_of(path)
    there = path if path.is_file() else waiting
    try:
        cassette = read_cassette(Path(shown(there)))
    except CassetteError as error:
        cassette, damage = None, redactor.text(str(error))
    else:
        damage = ""
    return Listed(
        cassette=shown(path),
        test=redactor.text(", ".join(cassette.tests)) if cassette else "",
        interactions=len(cassette.interactions) if cassette else 0,
        conversations=len(cassette.conversations) if cassette else 0,
        services=tuple(sorted(cassette.services)) if cassette else (),
        size=there.stat().st_size,
        pending=waiting.is_file() and waiting != path,
        damage=damage,
    )


COMMAND = Command(
    description="""\
List the cassettes of the project, or those at PATH: how much each holds, the services it was recorded from,
the test that recorded it, and whether it has a pending recording.
""",
    examples="""\
  %(prog)s
  %(prog)s cassettes/integration
  %(prog)s --tokens              what calls of language models used; [tool.taketwo.prices] has the prices
  %(prog)s --json | jq -r '.[] | select(.pending) | .cassette'
""",
    exit_codes="""\
  0  fine
  1  a cassette is damaged; its line says how
  3  could not run
""",
    arguments=_arguments,
    run=_run,
)

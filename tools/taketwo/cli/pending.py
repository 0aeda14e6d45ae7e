"""
``taketwo accept``, ``reject`` and ``undo``, and what they share with the flags of ``refresh``.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from taketwo.cassette.model import JsonValue
from taketwo.cassette.secrets.scan import Scanner
from taketwo.config.project import Config
from taketwo.console.command import CLEAN, FOUND, Command, add_json
from taketwo.console.project import from_root, need_config, redactor_of, secrets_of, shown
from taketwo.console.terminal import Terminal
from taketwo.errors import TakeTwoError
from taketwo.features.coverage.command import shares_of
from taketwo.features.coverage.coverage import coverage
from taketwo.features.coverage.render import coverage_json
from taketwo.refresh.bundle import import_bundle
from taketwo.refresh.decision import decision_on
from taketwo.refresh.pending import accept, pending_result, reject
from taketwo.refresh.undo import undo
from taketwo.report.masked import masked
from taketwo.report.render.decision import decision_json, decision_lines
from taketwo.results import RefreshResult

Act = Callable[[Config, Sequence[str]], list[Path]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="cassettes, pending recordings, or folders (default: every pending recording)",
    )
    add_cause(parser)
    add_json(parser)


def add_cause(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--cause",
        metavar="ID",
        action="append",
        default=[],
        help="the recordings that differ because of this change, as named in the report; may be given "
        "several times: a recording is accepted when all of its causes are",
    )


def add_source(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--from",
        dest="source",
        metavar="DIR",
        help="read them from this folder, written by refresh --check --pending, for example in CI",
    )


def decide(terminal: Terminal, config: Config, options: argparse.Namespace, *, act: Act, word: str) -> int:
    """
    Do with the recordings that *options* select what *act* does.
    """
    paths = [from_root(path, config.root) for path in options.paths]
    if getattr(options, "source", None):
        import_pending(config, options.source, paths)
    if options.cause:
        by_cause = [path for cause in options.cause for path in _of_cause(config, cause)]
        if act is accept:
            return _accept_causes(terminal, config, options, paths)
        paths += by_cause
    files = [shown(file) for file in act(config, paths)]
    # In refresh, --json names a file for another report.
    if getattr(options, "json", None) is True:
        terminal.json({word: list(files)})
        return CLEAN
    for file in files:
        terminal.say(f"{word} {file}")
    if not files:
        terminal.say("nothing is pending")
    return CLEAN


def _accept_causes(
    terminal: Terminal, config: Config, options: argparse.Namespace, paths: Sequence[str]
) -> int:
    """
    Accept the recordings of which every cause is accepted, and say what is left of the others.
    """
    decision = decision_on(pending_report(config, command="taketwo refresh"), options.cause)
    files = [
        shown(file) for file in accept(config, [*paths, *decision.accepted], locks=tuple(decision.locks))
    ]
    code = CLEAN if decision.is_complete else FOUND
    if getattr(options, "json", None) is True:
        terminal.json({"accepted": list(files), **decision_json(decision)})
        return code
    for file in files:
        terminal.say(f"accepted {file}")
    terminal.show(decision_lines(decision, options.cause, "taketwo accept"))
    return code


def import_pending(config: Config, source: str, paths: Sequence[str] = ()) -> list[Path]:
    """
    Let the recordings of the folder *source* wait here, those at *paths* or all.
    """
    return import_bundle(config, Path(source), paths, Scanner(secrets_of(config), config.redact, config.keep))


def pending_report(config: Config, *, command: str, covered: bool = False) -> RefreshResult:
    """
    The pending recordings as the refresh reported them; with what no recording exercises, if wanted.
    """
    shown = exercised(config) if covered else None
    found = replace(pending_result(config), command=command, coverage=shown)
    return masked(found, redactor_of(config))


def exercised(config: Config) -> JsonValue:
    return coverage_json(shares_of(coverage(config)))


def of_cause(report: RefreshResult, cause: str) -> list[str]:
    """
    The cassettes with a pending recording that differ, or are renewed, because of *cause*.
    """
    return list(dict.fromkeys(case.cassette for case in report.cassette_results if cause in case.causes))


def _of_cause(config: Config, cause: str) -> list[str]:
    report = pending_report(config, command="taketwo refresh")
    found = of_cause(report, cause)
    if found or any(one.id == cause for one in report.contract_causes):
        return found
    known = [one for one in report.causes if of_cause(report, one.id) or one.is_contract_change]
    listed = "\n".join(f"  {one.id}  {one.coordinate}: {one.sentence}" for one in known)
    has_pending = (
        f"; the causes of the pending recordings:\n{listed}"
        if known
        else "; no pending recording has a cause"
    )
    raise TakeTwoError(f"no pending recording is due to a cause {cause}{has_pending}")


def _accept_arguments(parser: argparse.ArgumentParser) -> None:
    add_arguments(parser)
    add_source(parser)


def _accept(options: argparse.Namespace, terminal: Terminal) -> int:
    return decide(terminal, need_config(), options, act=accept, word="accepted")


ACCEPT = Command(
    description="""\
Replace the accepted cassettes by the pending recordings: all of them, or those at PATH. The locks of the
contracts are accepted with the last pending recording. With --cause a recording is accepted when every cause
of every difference in it is given; if not, it stays pending, and the command names the missing causes. A lock
is then accepted only when every change that a cassette touches is. The replaced cassettes are kept until the
next acceptance: taketwo undo restores them.

With --from the recordings come from a folder that a check in CI has kept: they are checked to be whole, to
fit the cassettes that are accepted here, and to hold no secret; if one of them does not, none is accepted.
""",
    examples="""\
  %(prog)s
  %(prog)s cassettes/test_pages
  %(prog)s cassettes/test_pages/test_made.yaml
  %(prog)s --cause 3fa2c1      what one change explains
  %(prog)s --from ~/Downloads/pending
""",
    exit_codes="""\
  0  done, or nothing is pending
  1  with --cause: recordings or locks are left that have other causes
  3  could not run: at PATH nothing is pending, or a recording does not fit; nothing is changed
""",
    arguments=_accept_arguments,
    run=_accept,
)


def _reject(options: argparse.Namespace, terminal: Terminal) -> int:
    return decide(terminal, need_config(), options, act=reject, word="rejected")


REJECT = Command(
    description="""\
Delete pending recordings: all of them, or those at PATH. The locks of the contracts that wait are deleted
with the last pending recording. The accepted cassettes stay as they are; a rejected recording can only be
recorded again.
""",
    examples="""\
  %(prog)s
  %(prog)s cassettes/test_pages
  %(prog)s cassettes/test_pages/test_made.yaml
  %(prog)s --cause 3fa2c1      what one change explains
""",
    exit_codes="""\
  0  done, or nothing is pending
  3  could not run: at PATH nothing is pending
""",
    arguments=add_arguments,
    run=_reject,
)


def _undo(options: argparse.Namespace, terminal: Terminal) -> int:
    files = [shown(file) for file in undo(need_config())]
    if options.json:
        terminal.json({"undone": list(files)})
        return CLEAN
    for file in files:
        terminal.say(f"taken back {file}; its recording is pending again")
    if not files:
        terminal.say("there is no acceptance to take back")
    return CLEAN


UNDO = Command(
    description="""\
Take back the last acceptance: the cassettes that it replaced are restored, and its recordings are pending
again. One acceptance is kept, in the hidden folder .taketwo of the cassettes; it is not taken back when a
cassette has changed since, or when there is a newer pending recording.
""",
    examples="""\
  %(prog)s
""",
    exit_codes="""\
  0  done, or there is nothing to take back
  3  could not run: something came after it; nothing is changed
""",
    arguments=add_json,
    run=_undo,
)

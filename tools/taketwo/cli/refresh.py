"""
``taketwo refresh``, which is also ``python tools/refresh_cassettes.py``.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from taketwo.cassette.model import Cassette
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cli.pending import add_cause, decide, exercised
from taketwo.cli.review import review
from taketwo.config.project import Config
from taketwo.console.command import Command
from taketwo.console.outputs import Outputs, add_outputs
from taketwo.console.progress import observer
from taketwo.console.project import from_root, need_config, redactor_of
from taketwo.console.terminal import Terminal
from taketwo.errors import TakeTwoError
from taketwo.features.age.ages import ages
from taketwo.features.age.render import old_lines
from taketwo.features.chat.ledger import ledger_of, ledger_text
from taketwo.features.learn.command import learn_rules
from taketwo.refresh.pending import accept, reject
from taketwo.refresh.runner import PytestRunner
from taketwo.refresh.usecase import Refresh
from taketwo.report.masked import masked
from taketwo.report.text import Line
from taketwo.results import RefreshRequest, RefreshResult, Shard

_MOST_REASONS = 10


def _arguments(parser: argparse.ArgumentParser) -> None:
    _add_selection(parser)
    _add_modes(parser)
    add_cause(parser)
    parser.add_argument(
        "--pending",
        metavar="DIR",
        help="with --check: write pending recordings to DIR, for taketwo accept --from DIR",
    )
    add_outputs(parser)


def _add_selection(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="tests, folders of tests, or cassettes (default: those that a contract change affects)",
    )
    parser.add_argument(
        "-k", dest="keyword", default="", metavar="EXPR", help="tests whose names match, as in pytest"
    )
    parser.add_argument(
        "--all", action="store_true", help="re-record every cassette, even if no contract changed"
    )
    parser.add_argument(
        "--since",
        default="",
        metavar="REV",
        help="tests edited since this Git revision, or affected by contract changes since then",
    )
    parser.add_argument(
        "--shard",
        type=_shard,
        metavar="K/N",
        help="of these tests, the K-th of N parts; taketwo merge puts the parts together",
    )
    parser.add_argument(
        "--explain",
        action="store_true",
        help="estimate the tokens of language models before, and explain why each test was recorded",
    )
    parser.add_argument(
        "--budget",
        type=_budget,
        action="append",
        default=[],
        metavar="N",
        help="record nothing when more than N tokens of language models, or N requests (Nr), would be used",
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="go on with the refresh that was interrupted; without other arguments, with its selection",
    )


def _budget(text: str) -> tuple[str, int]:
    """
    What may be used: ``500`` and ``500 tokens``, ``500r`` and ``500 requests``.
    """
    found = re.fullmatch(r"([0-9][0-9_,]*)\s*(r|requests?|t|tokens?)?", text.strip())
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no budget, such as 50000 (tokens) or 200r (requests)")
    unit = "requests" if (found[2] or "").startswith("r") else "tokens"
    return unit, int(found[1].replace(",", ""))


def _shard(text: str) -> Shard:
    number, slash, count = text.partition("/")
    if not (slash and number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
        raise argparse.ArgumentTypeError(f"{text!r} is no part of a whole, such as 2/5")
    return Shard(int(number), int(count))


def _add_modes(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--check", action="store_true", help="write nothing; report through the exit code")
    what.add_argument(
        "--learn",
        action="store_true",
        help="record three times and print suggested placeholder rules; writes nothing",
    )
    what.add_argument(
        "--accept", action="store_true", help="accept pending recordings: all, or those at PATH"
    )
    what.add_argument(
        "--reject", action="store_true", help="reject pending recordings: all, or those at PATH"
    )
    what.add_argument("--review", action="store_true", help="review pending recordings one by one")


def _run(options: argparse.Namespace, terminal: Terminal) -> int:
    config = need_config()
    if options.accept or options.reject or options.review:
        flag = next(f"--{word}" for word in ("accept", "reject", "review") if getattr(options, word))
        Outputs.of(options, os.environ).refuse_all_but("", flag)
    if options.accept or options.reject:
        act, word = (accept, "accepted") if options.accept else (reject, "rejected")
        return decide(terminal, config, options, act=act, word=word)
    if options.review:
        return review(terminal, config, command=options.prog)
    if options.pending and not options.check:
        raise TakeTwoError("--pending goes with --check; without it, what differs waits beside the cassettes")
    _refuse_to_select_twice(options)
    options.paths = [from_root(path, config.root) for path in options.paths]
    if options.learn:
        return learn_rules(config, options, terminal)
    return _record(config, options, terminal)


def _refuse_to_select_twice(options: argparse.Namespace) -> None:
    others = [
        *(["--all"] if options.all else []),
        *([f"-k {shlex.quote(options.keyword)}"] if options.keyword else []),
        *options.paths,
    ]
    if options.since and others:
        raise TakeTwoError(
            f"--since {options.since} selects by itself, and {' '.join(others)} selects differently; "
            "give one of them"
        )


def _record(config: Config, options: argparse.Namespace, terminal: Terminal) -> int:
    outputs = Outputs.of(options, os.environ)
    redactor = redactor_of(config)
    try:
        found = _refresh(config, options, terminal, redactor)
    except TakeTwoError as error:
        outputs.write_failure(redactor.text(str(error)), options.prog, terminal)
        raise
    outcome = replace(
        found,
        command=options.prog,
        pending=options.pending or "",
        coverage=exercised(config) if outputs.needs_coverage else None,
    )
    report = masked(outcome, redactor)
    outputs.tell(report, terminal)
    if config.max_age and _is_scheduled(os.environ):
        outputs.note(list(_old(config)), terminal)
    if options.explain:
        # Where progress is shown: standard output may be a report for a program.
        terminal.complain("\n".join(_reasons(found)))
    return found.exit_code


def _is_scheduled(environment: Mapping[str, str]) -> bool:
    """
    Whether this is a scheduled job of GitHub Actions or GitLab: nobody who proposes a change can do anything
    about the age of cassettes.
    """
    return "schedule" in {environment.get("GITHUB_EVENT_NAME"), environment.get("CI_PIPELINE_SOURCE")}


def _old(config: Config) -> Iterator[Line]:
    try:
        yield from old_lines(ages(config.cassettes, now=time.time()), config.max_age)
    except TakeTwoError as error:
        yield from map(Line, str(error).splitlines())


def _reasons(found: RefreshResult) -> Iterator[str]:
    yield "why each was recorded:" if found.chosen else "nothing was chosen to be recorded"
    for one in found.chosen:
        yield f"  {one.test}"
        if one.reason:
            yield f"    {one.reason}"
        for change in one.changes[:_MOST_REASONS]:
            yield f"    {change.severity.value}  {change.id}  {change.coordinate}"
        if len(one.changes) > _MOST_REASONS:
            yield f"    and {len(one.changes) - _MOST_REASONS} changes more"


def _approve(
    options: argparse.Namespace, config: Config, terminal: Terminal, cassettes: Sequence[Cassette]
) -> None:
    """
    Tell what recording them again may use, and refuse what is beyond the budget.

    :raises TakeTwoError: when more tokens or requests would be used than there are.
    """
    if not options.explain and not options.budget:
        return
    estimate = ledger_of(cassettes, config.prices)
    if estimate.calls:
        terminal.complain(f"by the accepted recordings: {ledger_text(estimate)}")
    requests = sum(len(one.interactions) + len(one.conversations) for one in cassettes)
    used = {"tokens": estimate.tokens.total, "requests": requests}
    words = {"tokens": "tokens of language models", "requests": "requests"}
    for unit, budget in options.budget:
        if used[unit] > budget:
            see = "taketwo list --tokens" if unit == "tokens" else "taketwo list"
            raise TakeTwoError(
                f"recording this again takes about {used[unit]:,} {words[unit]}, and the "
                f"budget is {budget:,}: nothing was recorded\n"
                f"select fewer tests, or give a larger --budget; see: {see}"
            )


def _refresh(
    config: Config, options: argparse.Namespace, terminal: Terminal, redactor: Redactor
) -> RefreshResult:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"} if options.check else dict(os.environ)
    runner = PytestRunner(root=config.root, redact=redactor.text, environment=environment)
    request = RefreshRequest(
        everything=options.all,
        paths=tuple(options.paths),
        keyword=options.keyword,
        since=options.since,
        shard=options.shard,
        resumes=options.resume,
    )
    keep = Path(options.pending) if options.pending else None
    with observer(terminal) as listening:
        refresh = Refresh(
            config=config,
            runner=runner,
            observer=listening,
            environment=environment,
            approve=partial(_approve, options, config, terminal),
        )
        return refresh.run(request, check=options.check, keep=keep)


COMMAND = Command(
    description="""\
Compare the contracts of the services with their locks, record again what a change touches, and show what
differs. A lock is a contract as it was when the cassettes were recorded. The services are started for that,
and stopped again; [tool.taketwo.services] of pyproject.toml says how.

New cassettes are put in place immediately; one that differs from the accepted cassette waits beside it, as
<name>.yaml.new, until it is accepted or rejected.
""",
    examples="""\
  %(prog)s                     what the changed contracts touch
  %(prog)s --all               every cassette
  %(prog)s tests/integration -k html
  %(prog)s --since main        what was edited since then, and what the contracts changed since then
  %(prog)s --explain           and say why each was recorded
  %(prog)s --all --budget 50000
                               nothing, when language models would use more tokens than that
  %(prog)s --all --budget 200r nothing, when it takes more requests than that
  %(prog)s --resume            go on after Ctrl-C, or when the process was killed
  %(prog)s --check             for CI: say what differs, write nothing
  %(prog)s --learn tests/test_notes.py
                               rules for what its service generates: counters, session ids …
  %(prog)s --learn --json - | jq -r '.rules[].toml' >> pyproject.toml
  %(prog)s --check --html report.html --markdown -
  %(prog)s --all --check --shard 2/5 --pending part
                               one of five machines; then, with all parts: taketwo merge part*
  %(prog)s --review            decide on pending recordings, one cause after the other
  %(prog)s --accept            put every pending recording in place
  %(prog)s --accept --cause 3fa2c1
""",
    exit_codes="""\
  0  clean; with --accept and --reject: done; with --review: nothing is pending any more
  1  something to review: a contract or a response differs; with --learn: the two recordings
     differ; with --review: some recordings are still pending
  2  something is breaking, or a test no longer passes
  3  could not run: a service does not start, a setting is wrong, pytest cannot collect the tests …
""",
    arguments=_arguments,
    run=_run,
)

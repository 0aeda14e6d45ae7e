"""
``taketwo adopt``.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from taketwo.cassette.model import JsonValue
from taketwo.config.edit import with_rules
from taketwo.config.project import Config
from taketwo.console.command import CLEAN, FOUND, Command, add_json
from taketwo.console.project import need_config, redactor_of, shown
from taketwo.console.terminal import Terminal
from taketwo.errors import ConfigError
from taketwo.features.adopt.findings import Finding, Kind, Outcomes, findings_of, hosts_of, rules_of
from taketwo.features.adopt.known import NAME, Known, compared, known_in, write_known
from taketwo.features.adopt.runs import run_suite
from taketwo.report.text import Line

_NEXT = {
    Kind.VOLATILE: "a rule replaces it with a placeholder in the next recording",
    Kind.BODY: "VCR.py compares no bodies; taketwo does in what it records: "
    "if the test is right, record it again, else mend it",
    Kind.BLOCKED: "a host of this machine is allowed by a rule; of any other, record what the test asks for",
    Kind.OPTION: "the message of the test says what to do instead",
    Kind.UNPLAYED: 'record it again, or leave it: unplayed = "allow" hides it',
    Kind.REAL: "the message of the test says what is nearest: pytest TEST",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Adopted:
    """
    ``rules`` are the lines that were written into ``pyproject.toml``, or that ``problem`` kept from it.
    """

    before: Outcomes
    after: Outcomes
    findings: Sequence[Finding]
    known: Known
    rules: Sequence[str]
    problem: str
    listed_in: str
    dry_run: bool

    @property
    def exit_code(self) -> int:
        return FOUND if self.known.kept or self.known.new or self.problem else CLEAN


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="tests, as pytest takes them; all by default"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would be written, and write nothing")
    add_json(parser)


def _run(options: argparse.Namespace, terminal: Terminal) -> int:
    config = need_config()
    # Of a part of the suite nobody can say what is settled.
    adopted = _adopt(config, options.paths, dry_run=options.dry_run or bool(options.paths))
    if options.json:
        terminal.json(_json(adopted))
    else:
        terminal.show(list(_lines(adopted)))
    return adopted.exit_code


def _adopt(config: Config, paths: Sequence[str], *, dry_run: bool) -> _Adopted:
    redact = redactor_of(config).text
    before = run_suite(config.root, paths, with_taketwo=False, redact=redact)
    # Twice: a value that is another one in the second run is drawn anew each time.
    first, second = (run_suite(config.root, paths, with_taketwo=True, redact=redact) for _ in range(2))
    findings = [replace(one, text=redact(one.text)) for one in findings_of(before, first, second)]
    file = config.cassettes / NAME
    open_ones = [finding for finding in findings if not finding.is_settled]
    known = compared(known_in(file), {_entry(finding) for finding in open_ones})
    rules, hosts = rules_of(findings), hosts_of(findings)
    added, problem = _written(config, rules=[rule.lines for rule in rules], hosts=hosts, dry_run=dry_run)
    if not dry_run:
        write_known(file, known.kept)
    return _Adopted(
        before=before,
        after=first,
        findings=findings,
        known=known,
        rules=added,
        problem=problem,
        listed_in=shown(file),
        dry_run=dry_run,
    )


def _entry(finding: Finding) -> str:
    return f"{finding.test}: {finding.kind.value}"


def _written(
    config: Config, *, rules: Sequence[Sequence[str]], hosts: Sequence[str], dry_run: bool
) -> tuple[list[str], str]:
    """
    The lines for ``pyproject.toml``, and why they could not be written.
    """
    known = {rule.lines for rule in config.placeholders}
    new_rules = [rule for rule in rules if tuple(rule) not in known]
    new_hosts = [host for host in hosts if host not in config.allowed_hosts]
    lines = [f"allowed_hosts: {host}" for host in new_hosts]
    lines += [", ".join(rule) for rule in new_rules]
    if not lines or dry_run:
        return lines, ""
    file = config.root / "pyproject.toml"
    try:
        text = with_rules(
            file.read_text(encoding="utf-8"), rules=new_rules, hosts=new_hosts, root=config.root
        )
    except ConfigError as error:
        return lines, str(error)
    file.write_text(text, encoding="utf-8")
    return lines, ""


def _lines(adopted: _Adopted) -> Iterator[Line]:
    yield Line(f"as it is:     {_counted(adopted.before)}")
    yield Line(f"with taketwo: {_counted(adopted.after)}")
    for kind in Kind:
        yield from _of_kind(kind, [finding for finding in adopted.findings if finding.kind is kind])
    yield from _listed(_title_of_rules(adopted), adopted.rules)
    if adopted.problem:
        yield Line(f"not written: {adopted.problem}", "red")
    yield from _of_list(adopted)
    if not adopted.findings:
        yield Line(
            "nothing differs; to have the cassettes in taketwo's form: taketwo convert --help", "green"
        )


def _counted(outcomes: Outcomes) -> str:
    counts = Counter(ended.outcome for ended in outcomes.values())
    return (
        ", ".join(f"{counts[one]} {one}" for one in ("passed", "failed", "skipped") if counts[one])
        or "no tests"
    )


def _of_kind(kind: Kind, findings: Sequence[Finding]) -> Iterator[Line]:
    if not findings:
        return
    tests = len({finding.test for finding in findings})
    yield Line(f"{kind.value} ({tests} test{'' if tests == 1 else 's'}): {_NEXT[kind]}", "yellow")
    for test, group in groupby(findings, key=lambda finding: finding.test):
        yield Line(f"  {test}")
        yield from (Line(f"    {finding.text}") for finding in group)


def _title_of_rules(adopted: _Adopted) -> str:
    would = "would be written" if adopted.dry_run else "cannot be written" if adopted.problem else "written"
    return (
        f"rules that {would} into pyproject.toml:"
        if adopted.dry_run
        else f"rules {would} into pyproject.toml:"
    )


def _of_list(adopted: _Adopted) -> Iterator[Line]:
    known = adopted.known
    yield from _listed(f"settled, and no longer in {adopted.listed_in}:", known.gone)
    yield from _listed(f"new, and not in {adopted.listed_in}, which may only shrink:", known.new)
    if known.kept:
        yield Line(f"{len(known.kept)} listed in {adopted.listed_in}, which may only shrink")


def _listed(title: str, lines: Iterable[str]) -> Iterator[Line]:
    lines = list(lines)
    if lines:
        yield Line(title, "bold")
        yield from (Line(f"  {line}") for line in lines)


def _json(adopted: _Adopted) -> JsonValue:
    return {
        "before": dict(Counter(one.outcome for one in adopted.before.values())),
        "after": dict(Counter(one.outcome for one in adopted.after.values())),
        "differences": [
            {"test": one.test, "kind": one.kind.value, "text": one.text, "settled": one.is_settled}
            for one in adopted.findings
        ],
        "rules": list(adopted.rules),
        "listed": list(adopted.known.kept),
        "settled": list(adopted.known.gone),
        "new": list(adopted.known.new),
    }


COMMAND = Command(
    description="""\
Look at a suite of pytest-recording or VCR.py that moves in. It is replayed as it is, without taketwo, and
twice with it, from the cassettes that there are; nothing is recorded. What differs for a test that passes as
it is is sorted: a body that VCR.py never compared, a volatile value, a host that a replay blocks, an option
without effect, what is recorded and not asked for, and real differences.

Rules that settle something are written into pyproject.toml; existing lines are not changed. The rest is
listed in adopt.txt among the cassettes. Later runs take lines away that are settled, and add none: what is
new is an error. With PATH, or --dry-run, nothing is written.
""",
    examples="""\
  %(prog)s
  %(prog)s --dry-run
  %(prog)s tests/test_shop.py
""",
    exit_codes="""\
  0  nothing differs that no rule settles
  1  something does: it is listed, or new
  3  could not run: pytest cannot run the suite, or there is no [tool.taketwo]
""",
    arguments=_arguments,
    run=_run,
)

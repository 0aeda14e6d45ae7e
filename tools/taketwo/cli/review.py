"""
``taketwo review``, which is also ``refresh --review``: the pending recordings, one decision after the other.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from taketwo.cli.pending import add_source, import_pending, pending_report
from taketwo.config.project import Config
from taketwo.console.command import CLEAN, COULD_NOT_RUN, FOUND, Command
from taketwo.console.project import need_config
from taketwo.console.terminal import Terminal
from taketwo.refresh.decision import causes_by_cassette
from taketwo.refresh.pending import accept, reject
from taketwo.report.render.review import review_lines
from taketwo.report.render.terminal import cause_lines
from taketwo.report.text import Line, some
from taketwo.results import CassetteResult, Cause, RefreshResult

INTERRUPTED = 130
_MOST_NAMES = 5
_KEYS = {"a": "accept", "r": "reject", "s": "skip", "o": "one by one", "d": "differences", "q": "quit"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """
    Recordings that have the same causes, and so are one decision; without a cause nothing in them differs.
    """

    causes: tuple[Cause, ...]
    cases: tuple[CassetteResult, ...]

    @property
    def paths(self) -> list[str]:
        return list(dict.fromkeys(case.cassette for case in self.cases))


@dataclass(slots=True)
class _Sum:
    """
    What was decided so far.
    """

    accepted: list[str] = field(default_factory=list)
    rejected: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    causes: set[str] = field(default_factory=set)

    def __str__(self) -> str:
        parts = {"accepted": self.accepted, "rejected": self.rejected, "skipped": self.skipped}
        return ", ".join(f"{len(names)} {word}" for word, names in parts.items())


class _Quit(Exception):  # noqa: N818 - it is what was typed, not an error
    pass


def review(terminal: Terminal, config: Config, *, command: str) -> int:
    """
    Ask about each group of pending recordings. Each decision takes effect immediately, so that nothing can be
    lost.
    """
    report = pending_report(config, command=command)
    groups = list(_groups(report))
    if not report.has_pending:
        terminal.say("nothing is pending")
        return CLEAN
    if not terminal.is_interactive:
        return _without_a_terminal(terminal, groups, command)
    total = _Sum()
    interrupted = False
    try:
        _Review(terminal, config, total).all(groups)
    except _Quit:
        pass
    except KeyboardInterrupt:
        interrupted = True
    return _end(terminal, config, total, command, interrupted=interrupted)


class _Review:
    def __init__(self, terminal: Terminal, config: Config, total: _Sum) -> None:
        self._terminal = terminal
        self._config = config
        self._sum = total

    def all(self, groups: Sequence[_Group]) -> None:
        for number, group in enumerate(groups, 1):
            left = tuple(cause for cause in group.causes if cause.id not in self._sum.causes)
            if group.causes and not left:
                self._terminal.show([Line(""), Line("all of its causes are accepted", "dim")])
                self._decide("a", group.paths)
                continue
            self._terminal.show(_head(replace(group, causes=left), number, len(groups)))
            self._group(group)

    def _group(self, group: _Group) -> None:
        several = len(group.paths) > 1
        while True:
            answer = self._ask(_question(group), "arsodq" if several else "arsq")
            if answer == "d":
                for case in group.cases:
                    self._terminal.show(review_lines(case))
            elif answer == "o":
                for case in group.cases:
                    self._terminal.show([Line(""), *review_lines(case)])
                    self._decide(self._ask(case.cassette, "arsq"), [case.cassette])
                return
            else:
                self._decide(answer, group.paths)
                if answer == "a":
                    self._sum.causes |= {cause.id for cause in group.causes}
                return

    def _decide(self, answer: str, paths: Sequence[str]) -> None:
        if answer == "s":
            self._sum.skipped += paths
            return
        act, word, done = (
            (accept, "accepted", self._sum.accepted)
            if answer == "a"
            else (reject, "rejected", self._sum.rejected)
        )
        # Two tests may share a cassette, which is decided on as a whole.
        left = [path for path in paths if path not in {*self._sum.accepted, *self._sum.rejected}]
        if left or not paths:
            act(self._config, left)
        done += left
        names = some(left, _MOST_NAMES) or "the contracts"
        self._terminal.show([Line(f"{word} {names}", "green" if answer == "a" else "yellow")])

    def _ask(self, subject: str, keys: str) -> str:
        choices = "  ".join(f"[{key}] {_KEYS[key]}" for key in keys)
        while True:
            answer = self._terminal.ask(f"{subject}\n{choices} > ")
            if answer is None or answer.lower() in {"q", "quit"}:
                raise _Quit
            if answer[:1].lower() in set(keys) and answer:
                return answer[0].lower()
            self._terminal.say(f"type one of {', '.join(keys)}, then Enter")


def _groups(report: RefreshResult) -> Iterator[_Group]:
    """
    Each recording once, with those that have the same left to decide; what has fewer causes comes first.
    """
    known = {cause.id: cause for cause in report.causes}
    waiting = causes_by_cassette(report)
    groups: dict[tuple[str, ...], list[CassetteResult]] = {}
    for case in report.cassette_results:
        causes = sorted(waiting.get(case.cassette, ()), key=list(known).index)
        groups.setdefault(tuple(causes), []).append(case)
    for identities in sorted(groups, key=lambda one: (not one, len(one))):
        causes_of_group = tuple(known[identity] for identity in identities)
        yield _Group(causes=causes_of_group, cases=tuple(groups[identities]))
    if not report.cassette_results:
        yield _Group(causes=(), cases=())


def _head(group: _Group, number: int, total: int) -> list[Line]:
    lines = [Line(""), Line(f"{number} of {total}", "dim")]
    if group.causes:
        lines += [line for cause in group.causes for line in cause_lines(cause)]
    elif not group.cases:
        lines.append(Line("the contracts changed, and no cassette waits"))
    else:
        lines.append(Line("recorded under another contract, or damaged before"))
    return [*lines, *(review_lines(group.cases[0]) if group.cases else [])]


def _question(group: _Group) -> str:
    if not group.paths:
        return "the locks of the contracts"
    if len(group.paths) == 1:
        return group.paths[0]
    return f"{len(group.paths)} cassettes: {some(group.paths, _MOST_NAMES)}"


def _end(terminal: Terminal, config: Config, total: _Sum, command: str, *, interrupted: bool) -> int:
    left = pending_report(config, command=command).has_pending
    if interrupted:
        terminal.say("")
        terminal.say("interrupted; what was decided is done, and the rest waits as before")
    terminal.show([Line(str(total), "bold")])
    if left:
        terminal.say(f"some recordings are still pending; to go on: {command} --review")
    return INTERRUPTED if interrupted else FOUND if left else CLEAN


def _without_a_terminal(terminal: Terminal, groups: Sequence[_Group], command: str) -> int:
    terminal.say("a review needs a terminal; the same without one:")
    for group in groups:
        if group.causes:
            options = " ".join(f"--cause {cause.id}" for cause in group.causes)
            terminal.show([line for cause in group.causes for line in cause_lines(cause)])
            for verb in ("accept", "reject"):
                terminal.say(f"    {command} --{verb} {options}")
            continue
        for path in group.paths:
            terminal.say(f"  {command} --accept {path}    (or --reject)")
    terminal.say(f"  {command} --accept    {command} --reject    (all of it)")
    return COULD_NOT_RUN


def _run(options: argparse.Namespace, terminal: Terminal) -> int:
    config = need_config()
    if options.source:
        import_pending(config, options.source)
    return review(terminal, config, command="taketwo refresh")


COMMAND = Command(
    description="""\
Show what differs in the pending recordings, by cause, and ask what to do with them: accept, reject, skip; all
that one change explains together, or one by one. Each decision takes effect immediately: quit at any time (q,
Ctrl-D, Ctrl-C), and the rest stays pending. taketwo undo takes the last acceptance back.
""",
    examples="""\
  %(prog)s
  %(prog)s --from ~/Downloads/pending  what a check in CI has kept
""",
    exit_codes="""\
  0  nothing is pending any more
  1  some recordings are still pending
  3  could not run: no terminal, or a recording does not fit
""",
    arguments=add_source,
    run=_run,
)

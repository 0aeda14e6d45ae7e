"""
What a refresh found, told for a terminal: what is worst first, and what to type next last.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from taketwo.cassette import JsonValue
from taketwo.compare import Drift, Kind
from taketwo.contract import Change
from taketwo.report.line import Line
from taketwo.severity import Severity

_STYLES = {Severity.BREAKING: "bold red", Severity.DANGEROUS: "yellow", Severity.SAFE: "green"}
_LONGEST_VALUE = 200
_MOST_DRIFTS = 20
_MOST_LINES = 20


class Retaken(Protocol):
    """
    What the report needs to know of one retake.
    """

    @property
    def test(self) -> str: ...
    @property
    def cassette(self) -> str: ...
    @property
    def drifts(self) -> tuple[Drift, ...]: ...
    @property
    def message(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """
    A refresh as the report tells it.

    * ``changes``: what changed in the contract of each service
    * ``retakes``: what was recorded again, by what became of it
    * ``command``: what a user types to refresh
    """

    changes: Mapping[str, Sequence[Change]]
    unlocked: Sequence[str]
    retakes: Mapping[str, Sequence[Retaken]]
    orphans: Sequence[str]
    command: str
    written: bool


def refresh_lines(story: Story) -> list[Line]:
    return [
        *_failed(story.retakes.get("failed", ())),
        *_contracts(story),
        *_drifted(story.retakes.get("drifted", ())),
        *_listed("recorded for the first time:", story.retakes.get("new", ()), "green"),
        *_renewed(story.retakes.get("renewed", ())),
        *_orphans(story.orphans),
        *_sum(story),
        *_verdict(story),
        *_next(story),
    ]


def change_lines(changes: Sequence[Change]) -> list[Line]:
    return [
        Line(
            f"  {change.severity.value:9}  {change.id}  {change.coordinate}: {change.message}",
            _STYLES[change.severity],
        )
        for change in changes
    ]


def drift_lines(drifts: Sequence[Drift], *, most: int = _MOST_DRIFTS) -> list[Line]:
    lines: list[Line] = []
    place = ""
    for drift in drifts[:most]:
        where, _, path = drift.place.partition("  ")
        if where != place:
            lines.append(Line(f"  {where}", "bold"))
            place = where
        what = f"{path}{_values(drift)}" if path else "the whole interaction"
        lines.append(Line(f"    {_sign(drift)} {what}  ({drift.severity.value})", _STYLES[drift.severity]))
    more = len(drifts) - most
    return [*lines, Line(f"  and {more} more")] if more > 0 else lines


def _failed(retakes: Sequence[Retaken]) -> Iterator[Line]:
    if not retakes:
        return
    yield Line(
        f"{_count(len(retakes), 'test')} no longer pass{'es' if len(retakes) == 1 else ''}:", "bold red"
    )
    for retake in retakes:
        yield Line(f"  {retake.test}", "red")
        for line in retake.message.strip().splitlines()[-_MOST_LINES:]:
            yield Line(f"    {line}", "dim")
    yield Line("  their cassettes stay as they are")


def _contracts(story: Story) -> Iterator[Line]:
    for service, changes in sorted(story.changes.items()):
        if service in story.unlocked:
            yield Line(f"the contract of {service} had no lock", "yellow")
        elif changes:
            yield Line(f"the contract of {service} changed ({_count(len(changes), 'change')}):", "bold")
            yield from change_lines(changes)


def _drifted(retakes: Sequence[Retaken]) -> Iterator[Line]:
    for retake in retakes:
        if retake.message:
            yield Line("a take waits beside a cassette that cannot be read:", "bold red")
            yield from (Line(f"  {line}") for line in retake.message.splitlines())
            continue
        yield Line(f"{retake.cassette}: {_count(len(retake.drifts), 'difference')}", "bold")
        yield from drift_lines(retake.drifts)


def _renewed(retakes: Sequence[Retaken]) -> Iterator[Line]:
    title = "recorded under the changed contract; nothing that was said differs:"
    yield from _listed(title, retakes, "")


def _listed(title: str, retakes: Sequence[Retaken], style: str) -> Iterator[Line]:
    if retakes:
        yield Line(title, style)
    for retake in retakes:
        yield Line(f"  {retake.cassette}")


def _orphans(orphans: Sequence[str]) -> Iterator[Line]:
    if orphans:
        yield Line("no test uses:", "yellow")
    for orphan in orphans:
        yield Line(f"  {orphan}")


def _sum(story: Story) -> Iterator[Line]:
    counts = Counter({status: len(retakes) for status, retakes in story.retakes.items()})
    total = sum(counts.values())
    if not total:
        yield Line("nothing was recorded again")
        return
    parts = [f"{count} {status}" for status, count in sorted(counts.items()) if count]
    yield Line(f"{_count(total, 'test')} recorded again: {', '.join(parts)}", "bold")


def _verdict(story: Story) -> Iterator[Line]:
    """
    Contract and recordings on two axes: which of the two changed tells what has happened.

    A test that fails under the same contract may do so for reasons of its own, so nothing is said of it.
    """
    drifted, failed = bool(story.retakes.get("drifted")), bool(story.retakes.get("failed"))
    match _has_changes(story), drifted or (failed and _has_changes(story)):
        case True, True:
            yield Line("explained: the contract changed, and so did what was said", "yellow")
        case True, False:
            told = "not exercised by what was recorded: the contract changed, and nothing that was said"
            yield Line(told, "yellow")
        case False, True:
            yield Line("undocumented: what was said changed, and the contract did not", "bold red")


def _has_changes(story: Story) -> bool:
    return any(changes and name not in story.unlocked for name, changes in story.changes.items())


def _next(story: Story) -> Iterator[Line]:
    waiting = story.retakes.get("drifted") or story.retakes.get("renewed")
    if not waiting and not _has_changes(story):
        return
    if story.written:
        yield Line(f"accept: {story.command} --accept    reject: {story.command} --reject")
    else:
        yield Line(f"nothing was written; to review and accept: {story.command}")


def _sign(drift: Drift) -> str:
    return {Kind.ADDED: "+", Kind.REMOVED: "-", Kind.CHANGED: "~"}[drift.kind]


def _values(drift: Drift) -> str:
    if drift.kind is Kind.CHANGED:
        return f": {_short(drift.before)} -> {_short(drift.after)}"
    return f": {_short(drift.after if drift.kind is Kind.ADDED else drift.before)}"


def _short(value: JsonValue) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + "…"


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"

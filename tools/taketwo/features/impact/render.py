"""
What a proposed contract would do, for a terminal and as JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from taketwo.cassette.model import JsonValue
from taketwo.contract.changes import Severity
from taketwo.report.text import Line

_STYLES = {Severity.BREAKING: "bold red", Severity.DANGEROUS: "yellow", Severity.SAFE: "green"}
_MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchingChange:
    """
    One change of a proposal, the coordinates where it shows, and what it touches.
    """

    id: str
    severity: Severity
    message: str
    coordinates: tuple[str, ...]
    tests: tuple[str, ...]
    cassettes: tuple[str, ...]
    reading: str = ""
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InvalidInteraction:
    """
    One recorded interaction that a proposal would make wrong.
    """

    cassette: str
    test: str
    place: str
    coordinate: str
    message: str
    is_read: bool = True


def impact_lines(
    service: str, touching: Sequence[TouchingChange], wrong: Sequence[InvalidInteraction], count: int
) -> list[Line]:
    if not touching:
        return [Line(f"the proposed contract of {service} says what its lock says")]
    tests = {test for one in touching for test in one.tests}
    broken = len({one.cassette for one in wrong})
    return [
        Line(f"the proposed contract of {service} has {_count(len(touching), 'change')}:", "bold"),
        *(line for one in touching for line in _touching(one)),
        *_wrong(wrong),
        Line(
            f"{_count(len(tests), 'test')} touched, {broken} of {count} cassettes would no longer be right",
            "bold",
        ),
    ]


def impact_json(
    service: str, touching: Iterable[TouchingChange], wrong: Iterable[InvalidInteraction], code: int
) -> dict[str, JsonValue]:
    return {
        "service": service,
        "exit_code": code,
        "changes": [
            {
                "id": one.id,
                "severity": one.severity.value,
                "message": one.message,
                "coordinates": list(one.coordinates),
                "tests": list(one.tests),
                "cassettes": list(one.cassettes),
                "unread": list(one.unread),
            }
            for one in touching
        ],
        "invalid": [
            {
                "cassette": one.cassette,
                "test": one.test,
                "place": one.place,
                "coordinate": one.coordinate,
                "message": one.message,
                "read": one.is_read,
            }
            for one in wrong
        ],
    }


def _touching(one: TouchingChange) -> Iterator[Line]:
    places = (
        f"{one.coordinates[0]}{f' and {len(one.coordinates) - 1} more' if len(one.coordinates) > 1 else ''}"
    )
    yield Line(f"  {one.severity.value:9}  {one.id}  {places}: {one.message}", _STYLES[one.severity])
    if not one.cassettes:
        yield Line("    no test touches it", "dim")
    if one.reading:
        yield Line(f"    {one.reading}")
    for test in one.tests[:_MOST]:
        yield Line(f"    {test}")
    if len(one.tests) > _MOST:
        yield Line(f"    and {len(one.tests) - _MOST} more")


def _wrong(wrong: Sequence[InvalidInteraction]) -> Iterator[Line]:
    if wrong:
        yield Line("recorded, and wrong under the proposal:", "bold red")
    listed: Mapping[str, list[InvalidInteraction]] = {
        cassette: list(group) for cassette, group in groupby(wrong, key=lambda one: one.cassette)
    }
    for cassette, group in list(listed.items())[:_MOST]:
        yield Line(f"  {cassette}")
        for one in group[:_MOST]:
            unread = "" if one.is_read else "  (no test reads it)"
            yield Line(f"    {one.place}  {one.coordinate}: {one.message}{unread}", "red")
    if len(listed) > _MOST:
        yield Line(f"  and {len(listed) - _MOST} cassettes more")


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"

"""
What a proposed contract would do, and what of a contract nothing exercises, told for a terminal and as JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from taketwo.cassette import JsonValue
from taketwo.report.line import Line
from taketwo.severity import Severity

_STYLES = {Severity.BREAKING: "bold red", Severity.DANGEROUS: "yellow", Severity.SAFE: "green"}
_MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Touching:
    """
    One change of a proposal, the coordinates where it shows, and what it touches.
    """

    id: str
    severity: Severity
    message: str
    coordinates: tuple[str, ...]
    tests: tuple[str, ...]
    cassettes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """
    One recorded interaction that a proposal would make wrong.
    """

    cassette: str
    test: str
    place: str
    coordinate: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """
    How much of one sort of coordinates is exercised; *left* is what is not.
    """

    service: str
    kind: str
    what: str
    total: int
    left: tuple[str, ...]


def impact_lines(
    service: str, touching: Sequence[Touching], wrong: Sequence[Wrong], count: int
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


def impact_json(service: str, touching: Iterable[Touching], wrong: Iterable[Wrong], code: int) -> JsonValue:
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
            }
            for one in wrong
        ],
    }


def coverage_lines(shares: Sequence[Share], *, verbose: bool) -> list[Line]:
    """
    A table; *verbose*, all that is not exercised.
    """
    lines = []
    for share in shares:
        done = share.total - len(share.left)
        percent = 100 * done // share.total if share.total else 100
        name = f"{share.service} {share.kind}"
        lines.append(Line(f"{name:24}{share.what:18}{done:5} of {share.total:<5}{percent:4} %", "bold"))
        listed = share.left if verbose else share.left[:_MOST] if share.what in _ALWAYS_LISTED else ()
        lines += [Line(f"    {coordinate}") for coordinate in listed]
        if verbose is False and listed and len(share.left) > len(listed):
            lines.append(Line(f"    and {len(share.left) - len(listed)} more (-v shows them)", "dim"))
    return lines or [Line("there is no lock: nothing is known that could be exercised")]


def coverage_json(shares: Iterable[Share]) -> JsonValue:
    return [
        {
            "service": share.service,
            "contract": share.kind,
            "what": share.what,
            "total": share.total,
            "exercised": share.total - len(share.left),
            "left": list(share.left),
        }
        for share in shares
    ]


_ALWAYS_LISTED = frozenset({"operation", "status", "definition"})


def _touching(one: Touching) -> Iterator[Line]:
    places = (
        f"{one.coordinates[0]}{f' and {len(one.coordinates) - 1} more' if len(one.coordinates) > 1 else ''}"
    )
    yield Line(f"  {one.severity.value:9}  {one.id}  {places}: {one.message}", _STYLES[one.severity])
    if not one.cassettes:
        yield Line("    no test touches it", "dim")
    for test in one.tests[:_MOST]:
        yield Line(f"    {test}")
    if len(one.tests) > _MOST:
        yield Line(f"    and {len(one.tests) - _MOST} more")


def _wrong(wrong: Sequence[Wrong]) -> Iterator[Line]:
    if wrong:
        yield Line("recorded, and wrong under the proposal:", "bold red")
    listed: Mapping[str, list[Wrong]] = {
        cassette: list(group) for cassette, group in groupby(wrong, key=lambda one: one.cassette)
    }
    for cassette, group in list(listed.items())[:_MOST]:
        yield Line(f"  {cassette}")
        for one in group[:_MOST]:
            yield Line(f"    {one.place}  {one.coordinate}: {one.message}", "red")
    if len(listed) > _MOST:
        yield Line(f"  and {len(listed) - _MOST} cassettes more")


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"

"""
What a difference between two contracts is: an id, a coordinate, a severity, a sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from functools import total_ordering
from types import MappingProxyType


@total_ordering
class Severity(Enum):
    """
    What a difference does to those who rely on what was before. The worse one is the greater one.

    * ``BREAKING`` makes a request that was right wrong, or takes away what a reader counts on
    * ``DANGEROUS`` leaves both valid, and may still change what happens
    * ``SAFE`` does neither
    """

    SAFE = "safe"
    DANGEROUS = "dangerous"
    BREAKING = "breaking"

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Severity):
            return NotImplemented
        members = list(Severity)
        return members.index(self) < members.index(other)


class Kind(StrEnum):
    """
    The three kinds of contract a service may have.
    """

    GRAPHQL = "graphql"
    OPENAPI = "openapi"
    DEFINITIONS = "definitions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """
    One difference between two contracts.

    The coordinate is the place as the older contract names it. Where a place has no coordinate of its own,
    it is the nearest one, ``#``, and the path from there: ``Notes#/uiConfig/card``.

    *before* and *after* are the value that it is about, as canonical JSON, where it is about one: a default,
    a member of an enum.
    """

    id: str
    coordinate: str
    severity: Severity
    message: str
    kind: Kind
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        return f"{self.severity.value}  {self.id}  {self.coordinate}  {self.message}"


def in_order(changes: Iterable[Change]) -> tuple[Change, ...]:
    """
    Every change once: breaking ones first, then by coordinate, then by id.
    """
    return tuple(sorted(set(changes), key=_rank))


def by_id(
    *, breaking: Mapping[str, str], dangerous: Mapping[str, str], safe: Mapping[str, str]
) -> Mapping[str, tuple[Severity, str]]:
    """
    Severity and reason of each id of a change, out of the reasons of each severity.
    """
    reasons = {Severity.BREAKING: breaking, Severity.DANGEROUS: dangerous, Severity.SAFE: safe}
    return MappingProxyType(
        {change_id: (severity, why) for severity, ids in reasons.items() for change_id, why in ids.items()}
    )


def _rank(change: Change) -> tuple[int, str, str, str]:
    worst_first = list(Severity)[::-1]
    return worst_first.index(change.severity), change.coordinate, change.id, change.message

"""
Changes as a text in which one reads what a pair of contracts leads to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from textwrap import dedent
from typing import Generic, TypeVar

from taketwo.contract.changes import Change

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case(Generic[T]):
    """
    Two contracts, and each change between them: severity, id and coordinate; what happened; why it matters.
    """

    before: T
    after: T
    told: str

    def expected(self) -> str:
        return dedent(self.told).lstrip("\n")


def told(changes: Iterable[Change]) -> str:
    return "".join(map(_told, changes))


def _told(change: Change) -> str:
    what, _, why = change.message.rpartition(": ")
    return f"{change.severity.value} {change.id} {change.coordinate}\n  {what}\n  {why}\n"

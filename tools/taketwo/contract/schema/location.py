"""
Where two schemas are compared, and what may be found there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Final, TypeAlias

from taketwo.contract.canonical import Json, json_key
from taketwo.contract.changes import Change, Kind
from taketwo.contract.references import reference_of
from taketwo.contract.schema.rules import RULES, Direction

_LEADING: Final = frozenset({"$ref", "allOf", "anyOf", "oneOf"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaLocation:
    """
    Where a schema is, and in which direction its values go.

    ``subject`` begins the ids at this place, ``inner`` those of the properties below; ``owner`` is the
    coordinate that answers for the documentation.
    """

    kind: Kind
    subject: str
    inner: str
    coordinate: str
    owner: str
    direction: Direction

    def below(self, step: str) -> SchemaLocation:
        return replace(self, subject=self.inner, coordinate=self.coordinate + step)

    def property(self, name: str) -> SchemaLocation:
        return self.below(f".{name}")

    def change(self, what: str, sentence: str, *, before: str = "", after: str = "") -> Change:
        severity, why = RULES[what].towards(self.direction)
        return Change(
            id=f"{self.subject}-{what}",
            coordinate=self.coordinate,
            severity=severity,
            message=f"{sentence}: {why}",
            kind=self.kind,
            before=before,
            after=after,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Further:
    """
    Two schemas further down, of which one at least is a reference or holds some in its composition.

    They are compared once, however many places lead to them, and reported at each.
    """

    old: Json
    new: Json
    place: SchemaLocation

    @property
    def pair(self) -> tuple[str | None, str | None]:
        """
        By what one knows that these two have been entered before: only such schemas lead into themselves.
        """
        return _identity(self.old), _identity(self.new)


def leads_further(node: Json) -> bool:
    return isinstance(node, dict) and not _LEADING.isdisjoint(node)


def _identity(node: Json) -> str | None:
    return reference_of(node) or (json_key(node) if leads_further(node) else None)


class Redescribed(Enum):
    """
    What is for people changed: listed once for whoever answers for it.
    """

    REDESCRIBED = "redescribed"


Finding: TypeAlias = Change | Further | Redescribed

"""
What changed between two JSON Schemas, for those who send the value and for those who read it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Final

from taketwo.contract.canonical import Json
from taketwo.contract.changes import Change
from taketwo.contract.roots import Roots
from taketwo.contract.schema.differences import differences
from taketwo.contract.schema.fallback import documentation_change
from taketwo.contract.schema.location import Finding, Further, Redescribed, SchemaLocation

# In documents whose schemas all refer to each other there are more ways to a schema than anybody reads.
# After this many steps each schema is reported at the nearest place only.
_MANY: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaComparer:
    """
    Compares schemas of two documents, and remembers what it found behind each reference.
    """

    roots: Roots
    _known: dict[object, tuple[Json, Json, tuple[Finding, ...]]] = field(
        default_factory=dict, init=False, repr=False
    )

    def changes(self, old: Json, new: Json, place: SchemaLocation) -> Iterator[Change]:
        """
        Every change from *old* to *new* at *place* and below, the nearest first.

        A schema behind several references is reported at each; one within itself is not entered again.
        """
        ahead = deque([(Further(old=old, new=new, place=place), frozenset[object]())])
        entered: set[object] = set()
        for step in count():
            if not ahead:
                return
            further, inside = ahead.popleft()
            if further.pair in (inside if step < _MANY else entered):
                continue
            entered.add(further.pair)
            for finding in self._findings(further):
                if isinstance(finding, Further):
                    ahead.append((_under(further.place, finding), inside | {further.pair}))
                elif isinstance(finding, Redescribed):
                    yield documentation_change(place.owner, place.kind)
                else:
                    yield replace(finding, coordinate=further.place.coordinate + finding.coordinate)

    def _findings(self, further: Further) -> tuple[Finding, ...]:
        """
        What differs between two schemas, with coordinates that begin where they stand.
        """
        place = replace(further.place, coordinate="")
        key = (id(further.old), id(further.new), place.subject, place.inner, place.direction)
        if key not in self._known:
            found = tuple(differences(self.roots, further.old, further.new, place))
            # The schemas are kept as long as their identities are a key.
            self._known[key] = further.old, further.new, found
        return self._known[key][2]


def _under(place: SchemaLocation, further: Further) -> Further:
    within = replace(further.place, coordinate=place.coordinate + further.place.coordinate)
    return replace(further, place=within)

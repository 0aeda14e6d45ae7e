"""
Two documents side by side, and whether parts of them promise the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from taketwo.contract.canonical import Json
from taketwo.contract.schema.meaning import Meanings
from taketwo.contract.schema.rules import Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class Roots:
    """
    The two documents in which references are looked up.
    """

    old: Json
    new: Json
    _meanings: dict[Direction, Meanings] = field(default_factory=dict, init=False, repr=False)

    def learn(self, old: Iterable[Json], new: Iterable[Json], direction: Direction) -> None:
        """
        Prepares the comparison of schemas: all that will be asked about, see :class:`Meanings`.
        """
        self._towards(direction).learn(old, new)

    def same_promise(self, old: Json, new: Json, direction: Direction) -> bool:
        """
        No value that goes in this *direction* fits only one of the two schemas.
        """
        before, after = self._towards(direction).of_schemas(old, new)
        return before.promise == after.promise

    def same(self, old: Json, new: Json, direction: Direction) -> bool:
        """
        The two schemas promise the same, in the same words for people.
        """
        before, after = self._towards(direction).of_schemas(old, new)
        return before == after

    def same_part(self, old: Json, new: Json) -> bool:
        """
        The two promise the same, whatever they are, and so does all that they refer to.
        """
        before, after = self._towards(Direction.BOTH).of_others(old, new)
        return before.promise == after.promise

    def old_promise(self, schema: Json, direction: Direction) -> int:
        """
        The number of what a schema of the old document promises.
        """
        return self._towards(direction).of_schemas(schema, {})[0].promise

    def new_promise(self, schema: Json, direction: Direction) -> int:
        """
        The number of what a schema of the new document promises.
        """
        return self._towards(direction).of_schemas({}, schema)[1].promise

    def _towards(self, direction: Direction) -> Meanings:
        if direction not in self._meanings:
            self._meanings[direction] = Meanings(self.old, self.new, direction)
        return self._meanings[direction]

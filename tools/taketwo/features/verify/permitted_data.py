"""
Which differences of an answer come of other data alone: the lock says that it may be so, and so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from taketwo.cassette.model import Interaction
from taketwo.compare.structure import ValueDifference
from taketwo.results import Steps
from taketwo.usage.notes import Described, Mistake
from taketwo.usage.schema_reading import DescribedValue
from taketwo.usage.usage import UsageReader
from taketwo.usage.validate import counts

_BODY = ("response", "json")


@dataclass(frozen=True)
class PermittedByLock:
    """
    Says of a difference between two answers, *old* and *new*, whether the contract in the lock permits it.

    The contract has to name what differs: of a member that it does not describe, nothing is known. Where
    *new* contradicts it, nothing is permitted.
    """

    reader: UsageReader
    old: Interaction
    new: Interaction

    def __call__(self, difference: ValueDifference) -> bool:
        steps = _by_any_item(difference.steps)
        return steps[:2] == _BODY and self._is_right and (steps in self._named or steps[:-1] in self._maps)

    @cached_property
    def _is_right(self) -> bool:
        known = {str(one) for one in self._mistakes(self.old)}
        return all(str(one) in known for one in self._mistakes(self.new))

    def _mistakes(self, item: Interaction) -> Iterator[Mistake]:
        return (one for notes in self.reader.notes(item) for one in notes.mistakes if counts(one))

    @cached_property
    def _described(self) -> list[Described]:
        both = (self.old, self.new)
        return [
            one for item in both for notes in self.reader.described(item) for one in notes.described or ()
        ]

    @cached_property
    def _named(self) -> set[Steps]:
        """
        The ways to the values that the contract describes.
        """
        return {_by_any_item(one.steps) for one in self._described}

    @cached_property
    def _maps(self) -> set[Steps]:
        """
        The ways to objects with members that are data: the contract names none, and permits all.
        """
        return {_by_any_item(one.steps) for one in self._described if _is_map(one.says)}


def _is_map(says: object) -> bool:
    if not isinstance(says, DescribedValue) or says.shape.schemas("properties"):
        return False
    return says.shape.keywords.get("additionalProperties", False) is not False


def _by_any_item(steps: Steps) -> Steps:
    return tuple("[]" if isinstance(step, int) else step for step in steps)

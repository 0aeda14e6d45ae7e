"""
What differs between two values, as structure: added, removed, changed, each with its path.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeGuard

from taketwo.cassette.model import JsonValue
from taketwo.compare.alignment import opcodes
from taketwo.results import DifferenceKind, Steps, steps_text


@dataclass(frozen=True, slots=True)
class ValueDifference:
    """
    One difference; the side on which there is nothing is None.

    *steps* lead to it in *before*, *new_steps* in *after*: what moves in a list has another index there.
    """

    kind: DifferenceKind
    steps: Steps
    before: JsonValue
    after: JsonValue
    new_steps: Steps = field(default=(), repr=False, compare=False)

    @property
    def path(self) -> str:
        return steps_text(self.steps)


def differences(before: JsonValue, after: JsonValue, *steps: str | int) -> Iterator[ValueDifference]:
    """
    Every difference, in the order of *before*; items of lists are aligned by what is equal in both.

    *steps* is where the two values are.
    """
    return _differences(before, after, steps, steps)


def _differences(before: JsonValue, after: JsonValue, old: Steps, new: Steps) -> Iterator[ValueDifference]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _of_objects(before, after, old, new)
    elif is_list(before) and is_list(after):
        yield from _of_lists(before, after, old, new)
    elif not same(before, after):
        yield ValueDifference(DifferenceKind.CHANGED, old, before, after, new)


def same(before: JsonValue, after: JsonValue) -> bool:
    """
    Whether two values are the same; True is not 1, and 1 is not 1.0: a reviewer must see such a change.
    """
    return before == after and canonical(before) == canonical(after)


def canonical(value: JsonValue) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _of_objects(
    before: Mapping[str, JsonValue], after: Mapping[str, JsonValue], old: Steps, new: Steps
) -> Iterator[ValueDifference]:
    for key, value in before.items():
        if key in after:
            yield from _differences(value, after[key], (*old, key), (*new, key))
        else:
            yield ValueDifference(DifferenceKind.REMOVED, (*old, key), value, None)
    for key, value in after.items():
        if key not in before:
            yield ValueDifference(DifferenceKind.ADDED, (*old, key), None, value, (*new, key))


def _of_lists(
    before: Sequence[JsonValue], after: Sequence[JsonValue], old: Steps, new: Steps
) -> Iterator[ValueDifference]:
    for tag, first, last, start, stop in opcodes(list(map(canonical, before)), list(map(canonical, after))):
        if tag == "equal":
            continue
        common = min(last - first, stop - start)
        for step in range(common):
            one, other = first + step, start + step
            yield from _differences(before[one], after[other], (*old, one), (*new, other))
        for index in range(first + common, last):
            yield ValueDifference(DifferenceKind.REMOVED, (*old, index), before[index], None)
        for index in range(start + common, stop):
            yield ValueDifference(DifferenceKind.ADDED, (*old, index), None, after[index], (*new, index))


def is_list(value: JsonValue) -> TypeGuard[Sequence[JsonValue]]:
    return isinstance(value, Sequence) and not isinstance(value, str)

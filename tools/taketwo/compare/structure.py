"""
What differs between two values, as structure: added, removed, changed, each with its path.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum
from typing import TypeGuard

from taketwo.cassette.model import JsonValue


class Kind(Enum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class ValueDifference:
    """
    One difference; the side on which there is nothing is None.
    """

    kind: Kind
    path: str
    before: JsonValue
    after: JsonValue


def differences(before: JsonValue, after: JsonValue, path: str = "") -> Iterator[ValueDifference]:
    """
    Every difference, in the order of *before*; items of lists are aligned by what is equal in both.
    """
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _of_objects(before, after, path)
    elif is_list(before) and is_list(after):
        yield from _of_lists(before, after, path)
    elif not same(before, after):
        yield ValueDifference(Kind.CHANGED, path, before, after)


def same(before: JsonValue, after: JsonValue) -> bool:
    """
    Whether two values are the same; True is not 1, and 1 is not 1.0: a reviewer must see such a change.
    """
    return before == after and canonical(before) == canonical(after)


def canonical(value: JsonValue) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _of_objects(
    before: Mapping[str, JsonValue], after: Mapping[str, JsonValue], path: str
) -> Iterator[ValueDifference]:
    for key, value in before.items():
        place = f"{path}.{key}" if path else key
        if key in after:
            yield from differences(value, after[key], place)
        else:
            yield ValueDifference(Kind.REMOVED, place, value, None)
    for key, value in after.items():
        if key not in before:
            yield ValueDifference(Kind.ADDED, f"{path}.{key}" if path else key, None, value)


def _of_lists(
    before: Sequence[JsonValue], after: Sequence[JsonValue], path: str
) -> Iterator[ValueDifference]:
    matcher = SequenceMatcher(a=list(map(canonical, before)), b=list(map(canonical, after)), autojunk=False)
    for tag, first, last, start, stop in matcher.get_opcodes():
        if tag == "equal":
            continue
        common = min(last - first, stop - start)
        for step in range(common):
            yield from differences(before[first + step], after[start + step], f"{path}[{first + step}]")
        for index in range(first + common, last):
            yield ValueDifference(Kind.REMOVED, f"{path}[{index}]", before[index], None)
        for index in range(start + common, stop):
            yield ValueDifference(Kind.ADDED, f"{path}[{index}]", None, after[index])


def is_list(value: JsonValue) -> TypeGuard[Sequence[JsonValue]]:
    return isinstance(value, Sequence) and not isinstance(value, str)

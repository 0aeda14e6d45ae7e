"""
What kind of answer a recorded one is: which members it has, and of what types, whatever the values are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from taketwo.cassette.header_names import header
from taketwo.cassette.model import JsonBody, JsonValue, StoredResponse
from taketwo.cassette.volatile.generate import stands_for_number
from taketwo.compare.structure import ValueDifference, is_list
from taketwo.results import DifferenceKind, Steps


@dataclass(slots=True)
class Shape:
    """
    The shape of one value, or of several at one place.

    * ``types`` are those that were seen, ``example`` one of the values
    * ``members`` are those of objects by name, ``always`` the names that each object had
    * ``items`` is the shape of what lists held; None where all were empty
    """

    example: JsonValue
    types: set[str] = field(default_factory=set)
    members: dict[str, Shape] = field(default_factory=dict)
    always: set[str] = field(default_factory=set)
    items: Shape | None = None

    @classmethod
    def of(cls, value: JsonValue) -> Shape:
        shape = cls(value)
        shape.add(value)
        return shape

    def add(self, value: JsonValue) -> None:
        """
        Have it be the shape of *value* too.
        """
        is_first_object = "object" not in self.types
        self.types.add(_type(value))
        if isinstance(value, Mapping):
            for name, member in value.items():
                if name in self.members:
                    self.members[name].add(member)
                else:
                    self.members[name] = Shape.of(member)
            self.always = set(value) if is_first_object else self.always & set(value)
        elif is_list(value):
            for item in value:
                if self.items is None:
                    self.items = Shape.of(item)
                else:
                    self.items.add(item)


def shape_differences(recorded: StoredResponse, live: StoredResponse) -> Iterator[ValueDifference]:
    """
    Where *live* is of another kind than *recorded*: the status, the media type, members and types of JSON.
    """
    if recorded.status != live.status:
        steps: Steps = ("response", "status")
        yield ValueDifference(DifferenceKind.CHANGED, steps, recorded.status, live.status, steps)
    old, new = _media_type(recorded), _media_type(live)
    if old != new:
        steps = ("response", "headers", "content-type")
        yield ValueDifference(DifferenceKind.CHANGED, steps, old, new, steps)
    if isinstance(recorded.body, JsonBody) and isinstance(live.body, JsonBody):
        shape = Shape.of(recorded.body.value)
        found = _differences(shape, live.body.value, ("response", "json"))
        yield from _each_once(found)


def _differences(shape: Shape, live: JsonValue, steps: Steps) -> Iterator[ValueDifference]:
    kind = _type(live)
    # What was null may be anything.
    if kind not in shape.types and shape.types != {"null"}:
        yield ValueDifference(DifferenceKind.CHANGED, steps, shape.example, live, steps)
    elif isinstance(live, Mapping) and "object" in shape.types:
        yield from _of_members(shape, live, steps)
    elif is_list(live) and shape.items is not None:
        for number, item in enumerate(live):
            yield from _differences(shape.items, item, (*steps, number))


def _of_members(shape: Shape, live: Mapping[str, JsonValue], steps: Steps) -> Iterator[ValueDifference]:
    for name, member in shape.members.items():
        if name in live:
            yield from _differences(member, live[name], (*steps, name))
        elif name in shape.always:
            yield ValueDifference(DifferenceKind.REMOVED, (*steps, name), member.example, None)
    for name, value in live.items():
        if name not in shape.members:
            yield ValueDifference(DifferenceKind.ADDED, (*steps, name), None, value, (*steps, name))


def _each_once(differences: Iterator[ValueDifference]) -> Iterator[ValueDifference]:
    """
    Of what all items of a list have, that of the first.
    """
    seen: set[tuple[DifferenceKind, Steps]] = set()
    for one in differences:
        place = tuple("[]" if isinstance(step, int) else step for step in one.steps)
        if (one.kind, place) not in seen:
            seen.add((one.kind, place))
            yield one


def _media_type(response: StoredResponse) -> str:
    return header(response.headers, "content-type").partition(";")[0].strip().lower()


def _type(value: JsonValue) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float) or (isinstance(value, str) and stands_for_number(value)):
        return "number"
    if isinstance(value, str):
        return "text"
    if value is None:
        return "null"
    return "object" if isinstance(value, Mapping) else "list"

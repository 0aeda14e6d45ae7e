"""
What a contract may say another answer to be: one change of a recorded answer, before it is validated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from taketwo.cassette.model import JsonValue
from taketwo.results import Step, Steps


class ChangeKind(Enum):
    """
    How a permitted answer differs from the recorded one.

    * ``ABSENT`` and ``ADDED``: an optional member that was there, and one that was not
    * ``NULL``: null where that is permitted; ``VALUE``: a value where null was recorded
    * ``MEMBER``: another member of an enum, another flag, another type of a union
    * ``FUTURE``: a member that the enum does not have yet
    * ``EMPTY``: a list, a map or a string with nothing in it; ``ONE``, ``MANY``: a list of one item, of many
    * ``BOUND``: a number at its bounds, another way to write a time
    * ``LONG``: a longer string
    * ``EXTRA``: a member that the contract does not know, where it permits others
    * ``STATUS``: another status that is documented
    * ``PARTIAL``: errors of GraphQL beside the rest of the data; ``ERRORS``: errors without data
    """

    ABSENT = "absent"
    ADDED = "added"
    NULL = "null"
    VALUE = "value"
    MEMBER = "member"
    FUTURE = "future"
    EMPTY = "empty"
    ONE = "one"
    MANY = "many"
    BOUND = "bound"
    LONG = "long"
    EXTRA = "extra"
    STATUS = "status"
    PARTIAL = "partial"
    ERRORS = "errors"

    @property
    def is_failure(self) -> bool:
        """
        Whether the service says that something went wrong.
        """
        return self in {ChangeKind.STATUS, ChangeKind.PARTIAL, ChangeKind.ERRORS}


class Absent(Enum):
    """
    What is put in the place of a member that is to be absent.
    """

    ABSENT = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """
    A value that is put at the end of *steps* in the JSON of an answer, or taken away from there.
    """

    steps: Steps
    value: JsonValue | Absent


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """
    One change of an answer.

    * ``steps`` lead to the value it is about, from the body of the answer on
    * ``coordinate`` is where the contract describes that value, and ``may`` what it may be, in words
    * ``smaller`` are changes of the same kind, the smallest first
    * ``status``, ``media`` and ``headers`` are those of another answer, whose body is then edited as a whole
    """

    kind: ChangeKind
    steps: Steps
    coordinate: str
    may: str
    edits: tuple[Edit, ...]
    smaller: tuple[tuple[Edit, ...], ...] = ()
    status: int | None = None
    media: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


LONG = 4096
MANY = 50
_SMALLER_LONG = (1, 16, 64, 256, 1024)
_SMALLER_MANY = (2, 3, 5, 10, 20)
_LONGEST_SHOWN = 40


def to_value(
    kind: ChangeKind,
    steps: Steps,
    coordinate: str,
    value: JsonValue,
    *,
    may: str = "",
    smaller: Sequence[JsonValue] = (),
) -> Candidate:
    """
    The candidate with *value* at the end of *steps*.
    """
    return Candidate(
        kind=kind,
        steps=steps,
        coordinate=coordinate,
        may=may or f"be {shown(value)}",
        edits=(Edit(steps=steps, value=value),),
        smaller=tuple((Edit(steps=steps, value=one),) for one in smaller),
    )


def shown(value: JsonValue) -> str:
    """
    *value* in the words of a finding.
    """
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str | int | float):
        text = repr(value)
        return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
    return "an object" if isinstance(value, Mapping) else "a list"


def longer_strings(text: str, most: int | None) -> Iterator[str]:
    """
    Strings that are longer than *text*, the longest first.
    """
    sizes = sorted({size for size in (*_SMALLER_LONG, LONG) if most is None or len(text) + size <= most})
    if most is not None and len(text) < most <= LONG:
        sizes = sorted({*sizes, most - len(text)})
    yield from (text + "x" * size for size in reversed(sizes))


def list_sizes(
    items: Sequence[JsonValue], *, least: int = 0, most: int | None = None
) -> Iterator[tuple[ChangeKind, list[JsonValue], list[list[JsonValue]]]]:
    """
    The list empty, with one item and with many, each with smaller ones of its kind.
    """
    if items and least == 0:
        yield ChangeKind.EMPTY, [], []
    if not items:
        return
    if len(items) != 1 and least <= 1 and most != 0:
        yield ChangeKind.ONE, [items[0]], []
    count = MANY if most is None else min(MANY, most)
    if count > len(items):
        repeated = [items[number % len(items)] for number in range(count)]
        sizes = [size for size in _SMALLER_MANY if len(items) < size < count]
        yield ChangeKind.MANY, repeated, [repeated[:size] for size in sizes]


def future_member(members: Sequence[str]) -> str:
    """
    A member that none of *members* is, written as they are.
    """
    name = "future_member" if any(one.islower() for one in members) else "FUTURE_MEMBER"
    while name in members:
        name += "_"
    return name


def value_at(value: JsonValue, steps: Sequence[Step]) -> JsonValue | Absent:
    for step in steps:
        if isinstance(value, Mapping) and step in value:
            value = value[str(step)]
        elif isinstance(step, int) and isinstance(value, list | tuple) and step < len(value):
            value = value[step]
        else:
            return Absent.ABSENT
    return value

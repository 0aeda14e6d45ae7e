"""
Which values of the answers a test reads: what it never looks at, no change of it can be noticed by.

The answers that are parsed as JSON while a test runs are objects and lists that keep count of what is taken
out of them. A place is given by positions, since a key may hold a placeholder.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from typing import Any, TypeAlias

Steps: TypeAlias = tuple[int, ...]


class Extent(Enum):
    """
    How much of a place was read.

    * ``VALUE``: what is there, of an object or a list without what is inside
    * ``NAMES``: which names an object has
    * ``WHOLE``: everything that is inside
    """

    VALUE = "value"
    NAMES = "names"
    WHOLE = "whole"


Note: TypeAlias = Callable[[Steps, Extent], None]
"""Told of a place that was read, and how much of it."""

Numbers: TypeAlias = Callable[[bytes, str], Sequence[int]]
"""The numbers of the answers with these bytes, which the module of this name parses."""

_OTHER_READERS = ("cls", "object_hook", "object_pairs_hook")


class ReadTracker:
    """
    What was read of each answer, by its number.
    """

    def __init__(self) -> None:
        self._read: dict[Extent, dict[int, set[Steps]]] = {extent: {} for extent in Extent}

    def holds(self, number: int, steps: Steps) -> bool:
        """
        Whether the value at *steps* was read; so is everything of an answer that was not parsed in our sight.
        """
        if number not in self._read[Extent.WHOLE]:
            return True
        whole = self._read[Extent.WHOLE][number]
        inside = any(steps[:length] in whole for length in range(len(steps) + 1))
        return inside or steps in self._read[Extent.VALUE][number]

    def shows(self, number: int, steps: Steps) -> bool:
        """
        Whether somebody may have seen that there is a value at *steps*, or what it is.
        """
        return self.holds(number, steps) or steps[:-1] in self._read[Extent.NAMES][number]

    def note_whole(self, number: int) -> None:
        """
        Whoever has an answer in another form than ours may have read all of it.
        """
        self._note([number])((), Extent.WHOLE)

    @contextmanager
    def watching(self, numbers_of: Numbers) -> Iterator[None]:
        """
        While open, answers that are parsed are followed; *numbers_of* tells which answers have a body.
        """
        loads = json.loads

        def followed(text: str | bytes | bytearray, **options: Any) -> Any:  # noqa: ANN401 - as json.loads has it
            value = loads(text, **options)
            content = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else bytes(text)
            numbers = numbers_of(content, str(sys._getframe(1).f_globals.get("__name__")))  # noqa: SLF001 - its caller
            if not numbers:
                return value
            note = self._note(numbers)
            if any(options.get(name) is not None for name in _OTHER_READERS):
                note((), Extent.WHOLE)
                return value
            return _followed(value, note, ())

        # Whoever parses an answer has a name of its own for it, and all of them end here.
        json.loads = followed  # type: ignore[assignment]  # its options are not listed one by one
        try:
            yield
        finally:
            json.loads = loads

    def _note(self, numbers: Sequence[int]) -> Note:
        for number in numbers:
            for found in self._read.values():
                found.setdefault(number, set())

        def note(steps: Steps, extent: Extent) -> None:
            for number in numbers:
                self._read[extent][number].add(steps)

        return note


def is_followed(value: object) -> bool:
    return isinstance(value, _Object | _List)


def _followed(value: Any, note: Note, steps: Steps) -> Any:  # noqa: ANN401 - any JSON
    if type(value) is dict:
        places = {key: (*steps, index) for index, key in enumerate(value)}
        inside = {key: _followed(item, note, places[key]) for key, item in value.items()}
        return _Object(inside, note, steps, places)
    if type(value) is list:
        return _List(
            [_followed(item, note, (*steps, index)) for index, item in enumerate(value)], note, steps
        )
    return value


class _Object(dict[str, Any]):
    def __init__(self, value: dict[str, Any], note: Note, steps: Steps, places: dict[str, Steps]) -> None:
        super().__init__(value)
        self._note = note
        self._steps = steps
        self._places = places

    def _read(self, key: object) -> None:
        if key in self._places:
            self._note(self._places[str(key)], Extent.VALUE)

    def _read_all(self) -> None:
        self._note(self._steps, Extent.WHOLE)

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401 - any JSON
        __tracebackhide__ = True  # a KeyError is shown where the test asks
        self._read(key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - any JSON
        self._read(key)
        return super().get(key, default)

    def pop(self, key: str, *default: Any) -> Any:  # noqa: ANN401 - any JSON
        self._read(key)
        return super().pop(key, *default)

    def setdefault(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - any JSON
        self._read(key)
        return super().setdefault(key, default)

    def __contains__(self, key: object) -> bool:
        self._read(key)
        return super().__contains__(key)

    def __iter__(self) -> Iterator[str]:
        self._note(self._steps, Extent.NAMES)
        return super().__iter__()

    def __reversed__(self) -> Iterator[str]:
        self._note(self._steps, Extent.NAMES)
        return super().__reversed__()

    def __len__(self) -> int:
        self._note(self._steps, Extent.NAMES)
        return super().__len__()

    def __bool__(self) -> bool:
        return super().__len__() > 0

    def keys(self) -> Any:  # noqa: ANN401 - a view
        self._note(self._steps, Extent.NAMES)
        return super().keys()

    def items(self) -> Any:  # noqa: ANN401 - a view
        for key in self._places:
            self._read(key)
        self._note(self._steps, Extent.NAMES)
        return super().items()

    def values(self) -> Any:  # noqa: ANN401 - a view
        for key in self._places:
            self._read(key)
        self._note(self._steps, Extent.NAMES)
        return super().values()

    def popitem(self) -> tuple[str, Any]:
        self._read_all()
        return super().popitem()

    def copy(self) -> dict[str, Any]:
        self._read_all()
        return super().copy()

    def __or__(self, other: Any) -> Any:  # noqa: ANN401 - as dict has it
        self._read_all()
        return super().__or__(other)

    def __ror__(self, other: Any) -> Any:  # noqa: ANN401 - as dict has it
        self._read_all()
        return super().__ror__(other)

    def __eq__(self, other: object) -> bool:
        self._read_all()
        return super().__eq__(other)

    def __ne__(self, other: object) -> bool:
        self._read_all()
        return super().__ne__(other)

    __hash__ = None

    def __repr__(self) -> str:
        self._read_all()
        return super().__repr__()

    def __reduce__(self) -> tuple[Any, ...]:
        self._read_all()
        return dict, (dict(super().items()),)


class _List(list[Any]):
    def __init__(self, value: list[Any], note: Note, steps: Steps) -> None:
        super().__init__(value)
        self._note = note
        self._steps = steps
        self._count = len(value)

    def _read_items(self) -> None:
        for index in range(self._count):
            self._note((*self._steps, index), Extent.VALUE)

    def _read_all(self) -> None:
        self._note(self._steps, Extent.WHOLE)

    def __getitem__(self, index: Any) -> Any:  # noqa: ANN401 - a number or a slice
        __tracebackhide__ = True  # as above
        self._read_items()
        return super().__getitem__(index)

    def __iter__(self) -> Iterator[Any]:
        self._read_items()
        return super().__iter__()

    def __reversed__(self) -> Iterator[Any]:
        self._read_items()
        return super().__reversed__()

    def __len__(self) -> int:
        self._read_items()
        return super().__len__()

    def pop(self, *index: Any) -> Any:  # noqa: ANN401 - any JSON
        self._read_items()
        return super().pop(*index)

    def __contains__(self, value: object) -> bool:
        self._read_all()
        return super().__contains__(value)

    def index(self, *arguments: Any) -> int:  # noqa: ANN401 - as list has it
        self._read_all()
        return super().index(*arguments)

    def count(self, value: Any) -> int:  # noqa: ANN401 - any JSON
        self._read_all()
        return super().count(value)

    def remove(self, value: Any) -> None:  # noqa: ANN401 - any JSON
        self._read_all()
        super().remove(value)

    def sort(self, **options: Any) -> None:  # noqa: ANN401 - as list has it
        self._read_all()
        super().sort(**options)

    def copy(self) -> list[Any]:
        self._read_items()
        return super().copy()

    def __add__(self, other: Any) -> Any:  # noqa: ANN401 - as list has it
        self._read_items()
        return super().__add__(other)

    def __radd__(self, other: list[Any]) -> list[Any]:
        self._read_items()
        return other + list(self)

    def __mul__(self, times: Any) -> Any:  # noqa: ANN401 - as list has it
        self._read_items()
        return super().__mul__(times)

    def __lt__(self, other: Any) -> bool:  # noqa: ANN401 - as list has it
        self._read_all()
        return super().__lt__(other)

    def __gt__(self, other: Any) -> bool:  # noqa: ANN401 - as list has it
        self._read_all()
        return super().__gt__(other)

    def __eq__(self, other: object) -> bool:
        self._read_all()
        return super().__eq__(other)

    def __ne__(self, other: object) -> bool:
        self._read_all()
        return super().__ne__(other)

    __hash__ = None

    def __repr__(self) -> str:
        self._read_all()
        return super().__repr__()

    def __reduce__(self) -> tuple[Any, ...]:
        self._read_all()
        return list, (list(super().__iter__()),)

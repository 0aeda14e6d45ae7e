"""
Which values of the answers a test reads: what it never looks at, no change of it can be noticed by.

While a test is replayed unchanged, the answers that it parses as JSON are objects and lists that keep count
of what is taken out of them. A place is told by positions, since a key may hold a placeholder.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeAlias

Steps: TypeAlias = tuple[int, ...]
Note: TypeAlias = Callable[[Steps, bool], None]
"""Told of a place that was read, and whether all that is inside was."""


class ReadTracker:
    """
    What was read of each answer, by its number.
    """

    def __init__(self) -> None:
        self._single: dict[int, set[Steps]] = {}
        self._whole: dict[int, set[Steps]] = {}

    def holds(self, number: int, steps: Steps) -> bool:
        """
        Whether the value at *steps* was read; so is everything of an answer that was not parsed in our sight.
        """
        if number not in self._single:
            return True
        inside = any(steps[:length] in self._whole[number] for length in range(len(steps) + 1))
        return inside or steps in self._single[number]

    @contextmanager
    def watching(self, bodies: Callable[[], Mapping[bytes, list[int]]]) -> Iterator[None]:
        """
        While open, answers that are parsed are followed; *bodies* tells which answers have a body.
        """
        loads = json.loads

        def followed(text: str | bytes | bytearray, **options: Any) -> Any:  # noqa: ANN401 - as json.loads has it
            value = loads(text, **options)
            content = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else bytes(text)
            numbers = bodies().get(content, ())
            return _followed(value, self._note(numbers), ()) if numbers else value

        # Whoever parses an answer has a name of its own for it, and all of them end here.
        json.loads = followed  # type: ignore[assignment]  # its options are not told one by one
        try:
            yield
        finally:
            json.loads = loads

    def _note(self, numbers: list[int]) -> Note:
        for number in numbers:
            self._single.setdefault(number, set())
            self._whole.setdefault(number, set())

        def note(steps: Steps, whole: bool) -> None:  # noqa: FBT001 - see Note
            for number in numbers:
                (self._whole if whole else self._single)[number].add(steps)

        return note


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
            self._note(self._places[str(key)], False)  # noqa: FBT003 - see Note

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401 - any JSON
        self._read(key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - any JSON
        self._read(key)
        return super().get(key, default)

    def pop(self, key: str, *default: Any) -> Any:  # noqa: ANN401 - any JSON
        self._read(key)
        return super().pop(key, *default)

    def __contains__(self, key: object) -> bool:
        self._read(key)
        return super().__contains__(key)

    def __iter__(self) -> Iterator[str]:
        return super().__iter__()

    def items(self) -> Any:  # noqa: ANN401 - a view
        for key in self._places:
            self._read(key)
        return super().items()

    def values(self) -> Any:  # noqa: ANN401 - a view
        for key in self._places:
            self._read(key)
        return super().values()

    def __eq__(self, other: object) -> bool:
        self._note(self._steps, True)  # noqa: FBT003 - see Note
        return super().__eq__(other)

    __hash__ = None

    def __repr__(self) -> str:
        self._note(self._steps, True)  # noqa: FBT003 - see Note
        return super().__repr__()

    def __reduce__(self) -> tuple[Any, ...]:
        self._note(self._steps, True)  # noqa: FBT003 - see Note
        return dict, (dict(super().items()),)


class _List(list[Any]):
    def __init__(self, value: list[Any], note: Note, steps: Steps) -> None:
        super().__init__(value)
        self._note = note
        self._steps = steps
        self._count = len(value)

    def _read_all(self) -> None:
        for index in range(self._count):
            self._note((*self._steps, index), False)  # noqa: FBT003 - see Note

    def __getitem__(self, index: Any) -> Any:  # noqa: ANN401 - a number or a slice
        self._read_all()
        return super().__getitem__(index)

    def __iter__(self) -> Iterator[Any]:
        self._read_all()
        return super().__iter__()

    def __len__(self) -> int:
        self._read_all()
        return super().__len__()

    def __contains__(self, value: object) -> bool:
        self._note(self._steps, True)  # noqa: FBT003 - see Note
        return super().__contains__(value)

    def __eq__(self, other: object) -> bool:
        self._note(self._steps, True)  # noqa: FBT003 - see Note
        return super().__eq__(other)

    __hash__ = None

    def __repr__(self) -> str:
        self._note(self._steps, True)  # noqa: FBT003 - see Note
        return super().__repr__()

    def __reduce__(self) -> tuple[Any, ...]:
        self._note(self._steps, True)  # noqa: FBT003 - see Note
        return list, (list(super().__iter__()),)

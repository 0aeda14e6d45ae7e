"""
A sequence whose items are made when they are first asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar, overload

_T = TypeVar("_T")


class Later(Sequence[_T]):
    """
    *count* items, each made once by *make* from its position.

    Equal to any sequence of equal items, as a tuple is to a tuple.
    """

    __slots__ = ("_count", "_made", "_make")

    def __init__(self, count: int, make: Callable[[int], _T]) -> None:
        self._count = count
        self._make = make
        self._made: dict[int, _T] = {}

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> _T: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[_T, ...]: ...

    def __getitem__(self, place: int | slice) -> _T | tuple[_T, ...]:
        if isinstance(place, slice):
            return tuple(self._item(number) for number in range(*place.indices(self._count)))
        number = place + self._count if place < 0 else place
        if not 0 <= number < self._count:
            raise IndexError(place)
        return self._item(number)

    def __iter__(self) -> Iterator[_T]:
        return map(self._item, range(self._count))

    def __eq__(self, other: object) -> bool:
        return tuple(self) == tuple(other) if isinstance(other, Sequence) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))

    def _item(self, number: int) -> _T:
        made = self._made.get(number)
        # Two threads may both make one: the items are values, and equal.
        return made if made is not None else self._made.setdefault(number, self._make(number))

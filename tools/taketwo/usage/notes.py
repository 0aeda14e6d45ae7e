"""
What is noted while recorded messages are read in the words of a contract.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum

from taketwo.contract.changes import Kind
from taketwo.results import Step, Steps


class Fault(Enum):
    """
    How a recorded message and a contract disagree.

    * ``WRONG``: the contract says something else
    * ``MISSING``: the contract says that something is there, and it is not
    * ``UNDESCRIBED``: the contract knows nothing of it; contracts are often not complete
    """

    WRONG = "wrong"
    MISSING = "missing"
    UNDESCRIBED = "undescribed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """
    Something that was recorded and that the contract does not allow, with the coordinate that says so.
    """

    kind: Kind
    coordinate: str
    message: str
    fault: Fault = Fault.WRONG
    steps: Steps = field(default=(), compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.coordinate}: {self.message}"


@dataclass(frozen=True, slots=True)
class Described:
    """
    A value of a message, at the end of *steps*, and *says*, all that the contract says of it: of which class
    that is depends on the kind of contract.
    """

    steps: Steps
    coordinate: str
    says: object = field(repr=False)


@dataclass(slots=True, kw_only=True)
class Notes:
    """
    * ``touched``: the coordinates that a message uses, each with what the contract says of it alone
    * ``omitted``: what it could have had and did not: a default matters there, and what becomes required
    * ``mistakes``: what the contract does not allow
    * ``places``, where they are asked for: by the way to each value of the message, what is touched there
    * ``described``, the same: what the contract says of each value, in the order in which they are read
    """

    kind: Kind
    touched: dict[str, str] = field(default_factory=dict)
    omitted: set[str] = field(default_factory=set)
    mistakes: list[Mistake] = field(default_factory=list)
    places: dict[Steps, dict[str, str]] | None = None
    described: list[Described] | None = None
    _is_excused: bool = False
    _steps: list[Step] = field(default_factory=list)

    def enter(self, *steps: Step) -> None:
        """
        What follows is about the value that *steps* lead to, until :meth:`leave` takes as many back.
        """
        self._steps += steps

    def leave(self, count: int = 1) -> None:
        del self._steps[-count:]

    def touch(self, coordinate: str, says: str = "") -> None:
        self.touched[coordinate] = says
        if self.places is not None:
            self.places.setdefault(tuple(self._steps), {})[coordinate] = says

    def describe(self, coordinate: str, says: object) -> None:
        if self.described is not None:
            self.described.append(Described(tuple(self._steps), coordinate, says))

    def omit(self, coordinate: str) -> None:
        self.omitted.add(coordinate)

    def mistake(self, coordinate: str, message: str, fault: Fault = Fault.WRONG) -> None:
        if not self._is_excused:
            self.mistakes.append(
                Mistake(
                    kind=self.kind,
                    coordinate=coordinate,
                    message=message,
                    fault=fault,
                    steps=tuple(self._steps),
                )
            )

    @contextmanager
    def excused(self, *, when: bool) -> Iterator[None]:
        """
        No mistakes are noted meanwhile: what a service refuses may be wrong.
        """
        before, self._is_excused = self._is_excused, when or self._is_excused
        try:
            yield
        finally:
            self._is_excused = before

    def fork(self) -> Notes:
        """
        Notes of an attempt, to be joined or dropped.
        """
        places = None if self.places is None else dict[Steps, dict[str, str]]()
        described = None if self.described is None else list[Described]()
        return Notes(kind=self.kind, places=places, described=described, _steps=list(self._steps))

    def join(self, attempt: Notes, *, with_mistakes: bool = True) -> None:
        self.touched.update(attempt.touched)
        self.omitted |= attempt.omitted
        if self.places is not None:
            for steps, touched in (attempt.places or {}).items():
                self.places.setdefault(steps, {}).update(touched)
        if self.described is not None:
            self.described += attempt.described or ()
        if with_mistakes and not self._is_excused:
            self.mistakes += attempt.mistakes

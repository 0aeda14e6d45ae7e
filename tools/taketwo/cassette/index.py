"""
The recorded requests of a cassette, and how the one is found that a client sends now.

What makes two requests equal is in :mod:`taketwo.cassette.match`, and is seldom needed: most requests come as
they went over the wire when they were recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple
from urllib.parse import urlsplit

from taketwo.cassette.deciding_headers import VaryOf, variants_of
from taketwo.cassette.model import Pairs, StoredRequest, is_multipart


class Wire(NamedTuple):
    """
    The same before anything is read out of it: equal ones are equal requests, and most that are equal are so.
    """

    method: str
    url: str
    media_type: str
    body: bytes
    headers: Pairs = ()


class Fingerprint(NamedTuple):
    """
    What of a request decides whether it matches; equal requests have equal ones.
    """

    method: str
    url: str
    query: Pairs
    body: tuple[str, ...]
    headers: Pairs = ()


class Group:
    """
    Requests that are equal, by their numbers in the cassette; each is taken once, in recorded order.

    Where headers tell them apart, ``names`` are those, and ``variants`` the requests with equal ones.
    """

    __slots__ = ("_position", "_taken", "names", "numbers", "variants")

    def __init__(self, taken: set[int] | None = None) -> None:
        self.numbers: list[int] = []
        self.names: tuple[str, ...] = ()
        self.variants: dict[Pairs, Group] = {}
        self._position = 0
        self._taken = taken
        """What was taken of a group and of its variants, which share it."""

    @property
    def position(self) -> int:
        """
        How many have been taken, at least: the one there is the next.
        """
        while self._taken and self._position < len(self.numbers):
            if self.numbers[self._position] not in self._taken:
                break
            self._position += 1
        return self._position

    @property
    def is_used_up(self) -> bool:
        return self.position == len(self.numbers)

    def add_variant(self, number: int, headers: Pairs) -> None:
        """
        Note the deciding headers of a request of the group.
        """
        if self._taken is None:
            self._taken = set()
        self.names = tuple(name for name, _ in headers)
        self.variants.setdefault(headers, Group(self._taken)).numbers.append(number)

    def variant(self, headers: Pairs) -> Group:
        """
        Those that were recorded with *headers*; all of them where none was.
        """
        return self.variants.get(headers, self)

    def next(self, *, repeats: bool = False) -> int | None:
        """
        The number of the next unplayed one, or None; with *repeats* the last one is never used up.
        """
        position = self.position
        if position < len(self.numbers):
            return self.numbers[position]
        return self.numbers[-1] if repeats else None

    def advance(self) -> None:
        position = self.position
        if position == len(self.numbers):
            return
        if self._taken is not None:
            self._taken.add(self.numbers[position])
        self._position = position + 1


class Index:
    """
    The recorded requests of a cassette in groups of equal ones, found by fingerprint.

    *wires* are the same requests as they go over the wire. What is found by them is the same group, so that
    equal requests that are written differently still get their answers in recorded order. Where *equals*
    tells which are equal, by the number of the first of them, no request is looked at before that has to be.
    *variants* are those of :func:`taketwo.cassette.deciding_headers.variants_of`; where they are not known,
    *vary* tells what it takes to find them. *fingerprint* makes the fingerprint of a request.
    """

    def __init__(
        self,
        requests: Sequence[StoredRequest],
        fingerprint: Callable[[StoredRequest], Fingerprint],
        wires: Sequence[Wire] = (),
        equals: Sequence[int] = (),
        *,
        variants: Mapping[int, Pairs] | None = None,
        vary: VaryOf = lambda _: (),
    ) -> None:
        self._requests = requests
        self._fingerprint = fingerprint
        self._by_wire: dict[Wire, Group] = {}
        self._of: list[Group] = []
        of = self._of
        firsts = equals or self._first_of()
        for number, first in enumerate(firsts):
            group = Group() if first == number else of[first]
            group.numbers.append(number)
            of.append(group)
        if variants is None:
            variants = variants_of(firsts, requests, vary)
        for number, headers in variants.items():
            of[number].add_variant(number, headers)
        by_wire = self._by_wire
        differing: list[Wire] = []
        for wire, group in zip(wires, of, strict=False):
            # Two that are equal here and not by value differ in what the wire does not show: a secret.
            if by_wire.setdefault(wire, group) is not group:
                differing.append(wire)
        for wire in differing:
            by_wire.pop(wire, None)

    def _first_of(self) -> list[int]:
        firsts: dict[Fingerprint, int] = {}
        return [firsts.setdefault(one, number) for number, one in enumerate(self._prints)]

    @cached_property
    def _prints(self) -> list[Fingerprint]:
        return list(map(self._fingerprint, self._requests))

    @cached_property
    def _groups(self) -> dict[Fingerprint, Group]:
        """
        Made when first a request comes that no wire leads to.
        """
        return dict(zip(self._prints, self._of, strict=True))

    def by_wire(self, wire: Wire) -> Group | None:
        return self._by_wire.get(wire)

    def by_value(self, wanted: Fingerprint, wire: Wire | None = None) -> Group | None:
        """
        The group of *wanted*; from now on *wire* leads there at once.
        """
        group = self._groups.get(wanted)
        # No multipart body comes twice with one boundary, and to keep one may take much memory.
        if group is not None and wire is not None and not is_multipart(wire.media_type):
            self._by_wire[wire] = group
        return group

    def group_of(self, number: int) -> Group:
        """
        The group of the recorded request of that number.
        """
        return self._of[number]

    def by_address(self, wanted: Fingerprint) -> Group | None:
        """
        The group that has the next unplayed request of *wanted*'s method and URL, whatever the bodies; when
        all are played, the last one.
        """
        address = (wanted.method, wanted.url, wanted.query)
        same = self._at(address)
        if not same:  # of an aiohttp session with a base URL, VCR.py writes the path alone
            same = self._at((wanted.method, urlsplit(wanted.url).path, wanted.query))
        waiting = [group for group in same if not group.is_used_up]
        if waiting:
            return min(waiting, key=lambda group: group.numbers[group.position])
        return max(same, key=lambda group: group.numbers[-1], default=None)

    def _at(self, address: tuple[str, str, Pairs]) -> list[Group]:
        return [group for one, group in self._groups.items() if (one.method, one.url, one.query) == address]

    def take(self, wanted: Fingerprint, *, repeats: bool = False) -> int | None:
        """
        The number of the next unplayed equal request, which is used up by it, or None.
        """
        group = self.by_value(wanted)
        if group is None:
            return None
        number = group.next(repeats=repeats)
        group.advance()
        return number

    def played(self, wanted: Fingerprint) -> int:
        """
        How many equal requests there are, when all of them have been played; else 0.
        """
        group = self._groups.get(wanted)
        return len(group.numbers) if group is not None and group.is_used_up else 0

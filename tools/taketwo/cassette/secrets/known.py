"""
Values that are known to be secret, found in a text in every encoding, in a time that grows with the text.
"""

from __future__ import annotations

import base64
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from taketwo.cassette.secrets.readings import (
    DEEPEST,
    ESCAPES,
    PERCENT,
    PLUS,
    QUOTED,
    ZEROS,
    Escape,
    Reading,
    is_text,
    may_be_packed,
    packed_in,
    unpacked,
)
from taketwo.cassette.secrets.values import is_word

Named = tuple[str, str]
"""The name of a secret, and its value."""

_BLOCK = 4  # signs of a value by which it is looked up, where there are many
_SHORTEST_IN_BYTES = 6  # signs; what is shorter is anywhere in what is packed and is no text
_FEW = 24  # values that are each searched for, which is quicker than to look up each part of a text
_SHORTEST_PACKED = 4  # bytes; what is shorter is anywhere in what is packed
_REPEATED, _MOST_KEPT = 64, 10_000  # signs of a text, and texts, that are known to have none: most come again
_BEFORE_QUOTED: tuple[tuple[Escape, ...], ...] = ((), (PERCENT,))
_STAND_IN = "<secret:"
_SHORTEST_RUN = 4
_RUN = re.compile(rb"[\0\t\n\r -~]{%d,}" % _SHORTEST_RUN)


@dataclass(frozen=True, slots=True)
class Found:
    """
    A secret from *start* to *stop* of a text.
    """

    start: int
    stop: int
    name: str
    value: str


class KnownValues:
    """
    The values of secrets with their names; more of them make no text take longer than in proportion.
    """

    def __init__(self, named: Mapping[str, str]) -> None:
        """
        *named* are names by values.
        """
        self._names = dict(named)
        self._needles: dict[tuple[Escape, ...], _Needles] = {}
        self._without: set[str] = set()
        self._has_space = any(" " in value for value in named)
        packable = [size for value in named if (size := len(_bytes(value))) >= _SHORTEST_PACKED]
        self._shortest_packed = min(packable, default=0)

    def __bool__(self) -> bool:
        return bool(self._names)

    def __iter__(self) -> Iterator[Named]:
        return ((name, value) for value, name in self._names.items())

    def __contains__(self, value: str) -> bool:
        return value in self._names

    def with_more(self, more: Mapping[str, str]) -> KnownValues:
        """
        The same, for values that are not known yet: what is looked for is made for these alone.
        """
        other = KnownValues(more)
        other._names = {**self._names, **more}
        other._has_space |= self._has_space
        packable = filter(None, (self._shortest_packed, other._shortest_packed))
        other._shortest_packed = min(packable, default=0)
        other._needles = {path: one.with_more(_needles(more, path)) for path, one in self._needles.items()}
        return other

    def name_of(self, value: str) -> str | None:
        return self._names.get(value)

    def readable(self, content: bytes) -> str:
        """
        What of *content*, which is no text, may hold one of them: signs of ASCII, several in a row.

        The rest is taken for escapes and for base64, by chance: to undo that takes two seconds for 1 MB.
        """
        shortest = min(map(len, self._names), default=0)
        if shortest < _SHORTEST_RUN or not all(map(str.isascii, self._names)):
            return content.decode("utf-8", "surrogateescape")
        return " \n".join(run.decode() for run in _RUN.findall(content))

    def find(self, text: str, *, content: bytes | None = None) -> list[Found]:
        """
        Each secret in *text*, none inside another, in the order of the text.

        *content* are the bytes that *text* is of, where it is of bytes.
        """
        if not self.is_in(text, content=content):
            return []
        return _apart(text, [*self._find(Reading(text), content, DEEPEST)])

    def is_in(self, text: str, *, content: bytes | None = None) -> bool:
        if not self._names or (content is None and text in self._without):
            return False
        if next(self._find(Reading(text), content, DEEPEST), None) is not None:
            return True
        if content is None and len(text) <= _REPEATED and len(self._without) < _MOST_KEPT:
            self._without.add(text)
        return False

    def _find(self, reading: Reading, content: bytes | None, depth: int) -> Iterator[Found]:
        seen = {reading.text}
        for one, path in self._readings(reading, (), seen):
            for start, stop, value in self._needles_of(path).find(one.text):
                origin = one.origin(start, stop)
                yield Found(*origin, self._names[value], value)
            if depth and self._shortest_packed:
                yield from self._find_packed(one, depth)
        for inner in unpacked(content) if content is not None and depth else ():
            inside = reading.inside(inner, 0, len(reading.text))
            yield from self._find(inside, inner, depth - 1)

    def _readings(
        self, reading: Reading, path: tuple[Escape, ...], seen: set[str]
    ) -> Iterator[tuple[Reading, tuple[Escape, ...]]]:
        yield reading, path
        if len(path) == DEEPEST:
            return
        escapes = [
            *ESCAPES,
            *([PLUS] if self._has_space else []),
            ZEROS,
            *([QUOTED] if path in _BEFORE_QUOTED else []),
        ]
        for escape in escapes:
            plain = None if path[-1:] == (escape,) else reading.without(escape)
            if plain is not None and plain.text not in seen:
                seen.add(plain.text)
                yield from self._readings(plain, (*path, escape), seen)

    def _find_packed(self, reading: Reading, depth: int) -> Iterator[Found]:
        needles = self._needles_of(())
        for inside in packed_in(reading, self._shortest_packed):
            content = inside.content
            if is_text(content) or (may_be_packed(content) and next(unpacked(content), None) is not None):
                yield from self._find(inside, content, depth - 1)
                continue
            for start, stop, value in needles.find(inside.text, packed=True):
                yield Found(*inside.origin(start, stop), self._names[value], value)

    def _needles_of(self, path: tuple[Escape, ...]) -> _Needles:
        """
        What to look for where the escapes of *path* were undone: a value may itself have some.
        """
        if path not in self._needles:
            self._needles[path] = _Needles(_needles(self._names, path))
        return self._needles[path]


def _needles(names: Iterable[str], path: tuple[Escape, ...]) -> dict[str, str]:
    """
    What to look for where the escapes of *path* were undone, with the value that it stands for.
    """
    needles: dict[str, str] = {}
    for value in names:
        for text in (value, *_encoded(value)):
            plain = text
            for escape in path:
                plain = escape.plain(plain)
            if plain:
                needles.setdefault(plain, value)
    return needles


class _Needles:
    """
    Texts to look for, each with the value that it stands for.

    Where there are many, a text is cut into blocks of a few signs: wherever a needle stands, one of the
    blocks at its first places is one of these. So no more than a quarter of the places is looked at.
    """

    def __init__(self, needles: Mapping[str, str]) -> None:
        self._needles = dict(needles)
        # By each block, where it is in a needle, and how long that is: tokens of one kind share all three.
        self._blocks: dict[str, frozenset[tuple[int, int]]] = {}
        self._short = list(needles)
        if len(needles) > _FEW:
            self._short = []
            self._add(needles)

    def with_more(self, more: Mapping[str, str]) -> _Needles:
        added = {text: value for text, value in more.items() if text not in self._needles}
        whole = {**self._needles, **added}
        if not self._blocks:
            return _Needles(whole)
        other = _Needles({})
        other._needles, other._short, other._blocks = whole, list(self._short), dict(self._blocks)
        other._add(added)
        return other

    def _add(self, needles: Iterable[str]) -> None:
        for text in needles:
            if len(text) < 2 * _BLOCK - 1:
                self._short.append(text)
                continue
            for start in range(_BLOCK):
                block, place = text[start : start + _BLOCK], (start, len(text))
                known = self._blocks.get(block, frozenset())
                self._blocks[block] = known if place in known else known | {place}

    def find(self, text: str, *, packed: bool = False) -> Iterator[tuple[int, int, str]]:
        for needle in self._short:
            at = text.find(needle)
            while at >= 0:
                if not packed or len(needle) >= _SHORTEST_IN_BYTES:
                    yield from self._checked(text, at, needle)
                at = text.find(needle, at + 1)
        if self._blocks:
            yield from self._find_by_blocks(text)

    def _find_by_blocks(self, text: str) -> Iterator[tuple[int, int, str]]:
        places = range(0, len(text), _BLOCK)
        blocks = [text[at : at + _BLOCK] for at in places]
        if self._blocks.keys().isdisjoint(blocks):
            return
        for at, block in zip(places, blocks, strict=True):
            for start, length in self._blocks.get(block, ()):
                begin = at - start
                needle = text[begin : begin + length] if begin >= 0 else ""
                if len(needle) == length and needle in self._needles:
                    yield from self._checked(text, begin, needle)

    def _checked(self, text: str, at: int, needle: str) -> Iterator[tuple[int, int, str]]:
        stop = at + len(needle)
        if not is_word(needle) or _stands_alone(text, at, stop):
            yield at, stop, self._needles[needle]


def _stands_alone(text: str, start: int, stop: int) -> bool:
    """
    Whether a word, or a number, is not part of a longer one.
    """
    before, after = text[start - 1 : start], text[stop : stop + 1]
    return not (_joins(before) or _joins(after))


def _joins(sign: str) -> bool:
    return sign.isalnum() or sign == "_"


@lru_cache(maxsize=1024)
def _encoded(value: str) -> tuple[str, ...]:
    """
    Encodings in which a value is looked for only where it is alone in it.
    """
    raw = _bytes(value)
    if len(raw) < _SHORTEST_PACKED:
        return ()
    encodings = (base64.b32encode(raw).rstrip(b"="), base64.b85encode(raw), base64.a85encode(raw))
    return tuple(one.decode() for one in encodings)


def _bytes(value: str) -> bytes:
    return value.encode("utf-8", "surrogatepass")


def _apart(text: str, found: Sequence[Found]) -> list[Found]:
    """
    Those of *found* that no other holds; two that overlap become one, so that no part of either is left.
    """
    stand_ins = _stand_ins(text)
    starts = [start for start, _ in stand_ins]
    apart: list[Found] = []
    for one in sorted(found, key=lambda one: (one.start, -one.stop, -len(one.value), one.name)):
        around = bisect_right(starts, one.start)
        if around and one.stop <= stand_ins[around - 1][1]:
            continue
        if apart and one.start < apart[-1].stop:
            last = apart[-1]
            if one.stop > last.stop:
                apart[-1] = Found(last.start, one.stop, last.name, last.value)
        else:
            apart.append(one)
    return apart


def _stand_ins(text: str) -> list[tuple[int, int]]:
    spans = []
    at = text.find(_STAND_IN)
    while at >= 0:
        stop = text.find(">", at)
        spans.append((at, len(text) if stop < 0 else stop + 1))
        at = text.find(_STAND_IN, spans[-1][1])
    return spans

"""
Two values as lines beside each other, each line marked: the same, changed, removed, added; and their pairing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from taketwo.cassette.model import Interaction, JsonValue
from taketwo.compare.alignment import opcodes
from taketwo.compare.structure import canonical, is_list, same
from taketwo.results import DifferenceKind

_WORD = re.compile(r"[A-Za-z_$][\w$.-]*")
# What would move the cursor, ring a bell, or make text run the other way: shown by its code instead.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_QUOTES = '"""'
_MOVING = re.compile(r"(<\**[a-z]+:)\d+")  # the number of a placeholder

Pair = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class Row:
    """
    One line of each side; ``kind`` is None where they are the same, and a side that has none is None.
    """

    kind: DifferenceKind | None
    before: str | None
    after: str | None


def aligned_json(before: JsonValue, after: JsonValue) -> Iterator[Row]:
    return _values(None, before, after, 0)


def aligned_text(before: str, after: str) -> Iterator[Row]:
    return _texts(before, after, 0)


def one_sided(value: JsonValue, kind: DifferenceKind | None) -> Iterator[Row]:
    """
    A value that is on one side alone, or, without a kind, the same on both.
    """
    return (_row(kind, line) for line in _lines(None, value, 0))


def visible(text: str) -> str:
    """
    *text* with nothing in it that a reader could not see.
    """
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _values(key: str | None, before: JsonValue, after: JsonValue, depth: int) -> Iterator[Row]:
    if same(before, after):
        yield from (_row(None, line) for line in _lines(key, before, depth))
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _between(key, "{", _members(before, after, depth + 1), "}", depth)
    elif is_list(before) and is_list(after):
        yield from _between(key, "[", _items(before, after, depth + 1), "]", depth)
    elif _is_long(before) and _is_long(after):
        yield from _between(key, _QUOTES, _texts(str(before), str(after), depth + 1), _QUOTES, depth)
    else:
        yield from _beside(list(_lines(key, before, depth)), list(_lines(key, after, depth)))


def _between(key: str | None, opening: str, rows: Iterator[Row], closing: str, depth: int) -> Iterator[Row]:
    yield _row(None, _line(key, opening, depth))
    yield from rows
    yield _row(None, _line(None, closing, depth))


def _members(before: Mapping[str, JsonValue], after: Mapping[str, JsonValue], depth: int) -> Iterator[Row]:
    """
    In the order of *before*; what was added stands behind the member that it follows in *after*.
    """
    added = _added(before, after)
    waiting = added.get(None, [])
    for key, value in before.items():
        if key not in after:
            yield from (_row(DifferenceKind.REMOVED, line) for line in _lines(key, value, depth))
            continue
        yield from _all_added(waiting, after, depth)
        yield from _values(key, value, after[key], depth)
        waiting = added.get(key, [])
    yield from _all_added(waiting, after, depth)


def _added(before: Mapping[str, JsonValue], after: Mapping[str, JsonValue]) -> dict[str | None, list[str]]:
    found: dict[str | None, list[str]] = {}
    last: str | None = None
    for key in after:
        if key in before:
            last = key
        else:
            found.setdefault(last, []).append(key)
    return found


def _all_added(keys: Sequence[str], after: Mapping[str, JsonValue], depth: int) -> Iterator[Row]:
    for key in keys:
        yield from (_row(DifferenceKind.ADDED, line) for line in _lines(key, after[key], depth))


def _items(before: Sequence[JsonValue], after: Sequence[JsonValue], depth: int) -> Iterator[Row]:
    for tag, first, last, start, stop in opcodes(list(map(canonical, before)), list(map(canonical, after))):
        if tag == "equal":
            yield from (_row(None, line) for item in before[first:last] for line in _lines(None, item, depth))
            continue
        common = min(last - first, stop - start)
        for step in range(common):
            yield from _values(None, before[first + step], after[start + step], depth)
        for item in before[first + common : last]:
            yield from (_row(DifferenceKind.REMOVED, line) for line in _lines(None, item, depth))
        for item in after[start + common : stop]:
            yield from (_row(DifferenceKind.ADDED, line) for line in _lines(None, item, depth))


def _texts(before: str, after: str, depth: int) -> Iterator[Row]:
    old, new = ([_line(None, visible(line), depth) for line in text.split("\n")] for text in (before, after))
    for tag, first, last, start, stop in opcodes(old, new):
        if tag == "equal":
            yield from (_row(None, line) for line in old[first:last])
        else:
            yield from _beside(old[first:last], new[start:stop])


def _beside(before: Sequence[str], after: Sequence[str]) -> Iterator[Row]:
    for old, new in zip_longest(before, after):
        if old is None:
            yield Row(DifferenceKind.ADDED, None, new)
        elif new is None:
            yield Row(DifferenceKind.REMOVED, old, None)
        else:
            yield Row(DifferenceKind.CHANGED, old, new)


def _row(kind: DifferenceKind | None, line: str) -> Row:
    return Row(
        kind, None if kind is DifferenceKind.ADDED else line, None if kind is DifferenceKind.REMOVED else line
    )


def _lines(key: str | None, value: JsonValue, depth: int) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        inside = (line for name, item in value.items() for line in _lines(name, item, depth + 1))
        yield from _enclosed(key, "{", inside, "}", depth)
    elif is_list(value) and value:
        inside = (line for item in value for line in _lines(None, item, depth + 1))
        yield from _enclosed(key, "[", inside, "]", depth)
    elif _is_long(value):
        inside = (_line(None, visible(line), depth + 1) for line in str(value).split("\n"))
        yield from _enclosed(key, _QUOTES, inside, _QUOTES, depth)
    else:
        yield _line(key, visible(json.dumps(value, ensure_ascii=False)), depth)


def _enclosed(
    key: str | None, opening: str, inside: Iterator[str], closing: str, depth: int
) -> Iterator[str]:
    yield _line(key, opening, depth)
    yield from inside
    yield _line(None, closing, depth)


def _line(key: str | None, text: str, depth: int) -> str:
    if key is None:
        return "  " * depth + text
    name = key if _WORD.fullmatch(key) else visible(json.dumps(key, ensure_ascii=False))
    return "  " * depth + f"{name}: {text}"


def _is_long(value: JsonValue) -> bool:
    return isinstance(value, str) and "\n" in value


def paired(before: Sequence[Interaction], after: Sequence[Interaction]) -> Iterator[Pair]:
    """
    The indexes of the interactions that go together, by method and URL; None where a side has none.
    """
    return aligned(list(map(_line_of, before)), list(map(_line_of, after)))


def aligned(before: Sequence[str], after: Sequence[str]) -> Iterator[Pair]:
    """
    The same for whatever has such a line.
    """
    for tag, first, last, start, stop in opcodes(before, after):
        if tag == "equal":
            yield from zip(range(first, last), range(start, stop), strict=True)
            continue
        yield from _aligned_by_form(before, after, range(first, last), range(start, stop))


def _aligned_by_form(
    before: Sequence[str], after: Sequence[str], old: Sequence[int], new: Sequence[int]
) -> Iterator[Pair]:
    """
    The indexes *old* and *new* that go together by lines without the numbers of placeholders, which move.
    """
    forms = [
        [_MOVING.sub(r"\1", side[index]) for index in part] for side, part in ((before, old), (after, new))
    ]
    for tag, first, last, start, stop in opcodes(*forms):
        if tag == "equal":
            yield from zip(old[first:last], new[start:stop], strict=True)
            continue
        yield from ((index, None) for index in old[first:last])
        yield from ((None, index) for index in new[start:stop])


def _line_of(interaction: Interaction) -> str:
    return f"{interaction.request.method} {interaction.request.url}"

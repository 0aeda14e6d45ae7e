"""
Pieces of YAML that differ in their scalars alone, as the messages of one service do, turned into JSON.

The first piece of a shape is read by :mod:`taketwo.cassette.text.yaml_reader`. Into the others only scalars
are put, each found to be what the writer writes. So both find the same, which a test holds them to.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from json.encoder import encode_basestring

from taketwo.cassette.body.codec import compact_json
from taketwo.cassette.model import JsonValue
from taketwo.cassette.text.yaml_reader import NotOurs, meaning_of, read_canonical
from taketwo.cassette.text.yaml_writer import is_plain

# What of a line decides on the structure, dashes and the key, and the scalar behind it.
_ROW = re.compile(
    r"""
    ([ ]*+ (?:-[ ])*+
     (?: (?: [^:\n"'][^:\n]*+ | "(?:[^"\\\n]|\\.)*+" | '(?:[^'\n]|'')*+' ) : (?=[ \n]) [ ]? )? )
    (.*) \n
    """,
    re.VERBOSE,
)
_INTEGER = re.compile(r"(?:0|-?[1-9][0-9]{0,17})\Z")
_AS_IT_IS = re.compile(r"""\"[^"\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]*+\"\Z""")
_DIGITS = frozenset("-0123456789")
_OFTEN = 100  # it takes as long to make a pattern as it saves in so many
_MOST_OFTEN = 4
_LONGEST = 20_000  # there are seldom two of such a size that are alike
_MOST_NEW = 50  # more often than others come again, and it is not worth the time to learn them
_MOST_KNOWN = 1_000
_MOST_SEEN = 50_000
_MOST_SCALARS = 10_000
_LONGEST_KEPT = 200  # longer scalars seldom come twice

Table = dict[str, JsonValue]
TextsIn = Callable[[Table], int | None]
"""
How many scalars of a mapping have to be texts, counted from the first; None where more than that decides.
"""


@dataclass(slots=True)
class _Shape:
    """
    JSON with places for so many *scalars*, of which the first ones have to be *texts*.

    Lines of a shape that comes often are taken apart by a ``pattern`` of its own.
    """

    template: str
    scalars: int
    texts: int
    seen: int = 0
    pattern: re.Pattern[str] | None = None


class _Spelled(dict[str, str]):
    """
    Scalars as JSON spells them.
    """

    def __missing__(self, written: str) -> str:
        found = encode_basestring(written) if is_plain(written) else _spelled(written)
        if len(written) < _LONGEST_KEPT:
            self[written] = found
        return found


class _Texts(dict[str, str]):
    """
    The same of scalars that are texts.
    """

    def __missing__(self, written: str) -> str:
        found = encode_basestring(written) if is_plain(written) else _spelled(written)
        if found[0] != '"':
            raise NotOurs
        if len(written) < _LONGEST_KEPT:
            self[written] = found
        return found


class Shapes:
    """
    The shapes of the values that *name* has, one below the other, in lists of interactions.

    They are kept from one cassette to the next, since the tests of a suite ask the same services. All of
    them are forgotten when they are too many.
    """

    def __init__(self, name: str, texts_in: TextsIn) -> None:
        self._name = name
        self._texts_in = texts_in
        self._seen: set[int] = set()
        self._known: dict[tuple[str, ...], _Shape | None] = {}
        self._often: list[_Shape] = []
        self._new = 0
        self._spelled = _Spelled()
        self._texts = _Texts()

    def to_json(self, lines: str) -> str | None:
        """
        What *lines* mean, or None when they have to be read in another way.
        """
        for shape in self._often:
            if shape.pattern and (found := shape.pattern.fullmatch(lines)):
                return self._filled(shape, found.groups())
        if len(lines) > _LONGEST or self._new > _MOST_NEW or not lines:
            return None
        structure, written = zip(*_ROW.findall(lines), strict=True)
        known = self._shape(structure, written)
        scalars = tuple(filter(None, written))
        return self._filled(known, scalars) if known and len(scalars) == known.scalars else None

    def forget_too_many(self) -> None:
        """
        Begin anew where what is known takes much memory.
        """
        if len(self._known) > _MOST_KNOWN:
            self._known, self._often = {}, []
        if len(self._seen) > _MOST_SEEN:
            self._seen = set()
        if len(self._spelled) + len(self._texts) > _MOST_SCALARS:
            self._spelled, self._texts = _Spelled(), _Texts()

    def _shape(self, structure: tuple[str, ...], written: tuple[str, ...]) -> _Shape | None:
        known = self._known
        if structure in known:
            self._new -= 1
            shape = known[structure]
            if shape is not None:
                self._count(shape, structure, written)
            return shape
        # It takes a while to learn one, and many come once only.
        if (seen := hash(structure)) not in self._seen:
            self._seen.add(seen)
            return None
        self._new += 1
        known[structure] = learned = self._learned(structure, written)
        return learned

    def _count(self, shape: _Shape, structure: tuple[str, ...], written: tuple[str, ...]) -> None:
        shape.seen += 1
        if shape.seen == _OFTEN and len(self._often) < _MOST_OFTEN:
            shape.pattern = _pattern(structure, written)
            self._often.append(shape)

    def _filled(self, shape: _Shape, scalars: tuple[str, ...]) -> str | None:
        text, spelled, first = self._texts.__getitem__, self._spelled.__getitem__, shape.texts
        try:
            return shape.template % (*map(text, scalars[:first]), *map(spelled, scalars[first:]))
        except NotOurs:
            return None

    def _learned(self, structure: tuple[str, ...], written: tuple[str, ...]) -> _Shape | None:
        rows = zip(structure, written, strict=True)
        lines = "".join(f"{lead}v\n" if scalar else f"{lead}\n" for lead, scalar in rows)
        table = read_message(self._name, lines)
        texts = None if table is None else self._texts_in(table)
        return None if texts is None else _Shape(_template(table), leaves(table), texts)


def read_message(name: str, lines: str) -> Table | None:
    """
    What *lines* mean that stand below *name* in an interaction; None when they are not as the writer writes.
    """
    found = read_canonical(f"interactions:\n- {name}:\n{lines}")
    items = found.pop("interactions") if found else None
    if found or not isinstance(items, list) or len(items) != 1:
        return None
    [item] = items
    table = item.get(name) if isinstance(item, dict) and len(item) == 1 else None
    return table if isinstance(table, dict) else None


def _pattern(structure: tuple[str, ...], written: tuple[str, ...]) -> re.Pattern[str]:
    """
    What matches lines of that structure, and groups their scalars.

    It matches others too, such as "- a: b" where it was "- a"; but then "a: b" is no scalar of the writer's.
    """
    rows = zip(structure, written, strict=True)
    return re.compile("".join(f"{re.escape(lead)}{'(.+)' if scalar else ''}\n" for lead, scalar in rows))


def _spelled(written: str) -> str:
    first = written[0]
    if first == '"':
        # Most have no sign that has to be written in another way, here or there.
        if _AS_IT_IS.match(written) and not is_plain(written[1:-1]):
            return written
    elif first in _DIGITS and _is_number(written):
        return written
    meaning = meaning_of(written)
    return encode_basestring(meaning) if isinstance(meaning, str) else written


def _is_number(written: str) -> bool:
    """
    Whether it is one as Python and JSON spell it, which :func:`meaning_of` would find too, and take longer.
    """
    if _INTEGER.match(written):
        return True
    try:
        return repr(float(written)) == written and written[-1] in _DIGITS
    except ValueError:
        return False


def leaves(value: JsonValue) -> int:
    """
    How many scalars are in *value*, where an empty list or mapping is one: it stands on the line as they do.
    """
    if isinstance(value, dict) and value:
        return sum(map(leaves, value.values()))
    return sum(map(leaves, value)) if isinstance(value, list) and value else 1


def _template(value: JsonValue) -> str:
    """
    *value* as JSON with a place for each of its scalars.
    """
    if isinstance(value, dict) and value:
        members = (f"{compact_json(key).replace('%', '%%')}:{_template(item)}" for key, item in value.items())
        return f"{{{','.join(members)}}}"
    return f"[{','.join(map(_template, value))}]" if isinstance(value, list) and value else "%s"

r"""
How a JSON text was written, apart from what it says: enough to make its bytes again from the structure.

A layout is a few words over one of the styles, such as ``<:_ $\n`` over ``spaced``: a space before each colon
too, and a line break at the end. A word is a place and the gap there:

* ``^`` ``$`` before the first token, behind the last; ``{}`` ``[]`` inside an empty object or list
* ``{`` ``[`` behind an opening bracket, ``}`` ``]`` before a closing one
* ``:`` behind a colon, ``<:`` before it
* ``{,`` ``[,`` behind a comma in an object or a list, ``,`` in both; ``<,`` before a comma
* ``@7`` the seventh gap of the text, which does not follow the others of its kind
* ``>`` no place, but what one level is indented by

In a gap, ``_`` is a space, ``>`` the indentation of the depth, and ``\n``, ``\r`` and ``\t`` are what they
always are. Nothing of it depends on a value, so that a placeholder moves nothing.

Most texts follow a few rules from their first line to the last. Those are written by Python's own writer,
which takes a twentieth of the time that it takes to go from token to token.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain, islice, zip_longest

from taketwo.cassette.body.json_spelling import (
    Spelling,
    are_oddities,
    are_signs,
    count_of,
    is_mostly_ascii,
    own_signs,
    spelling_of,
    usual_policy,
)
from taketwo.cassette.model import JsonBody, JsonLayout, JsonStyle, JsonValue, Pairs

_PIECE = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?\Z")
_WORD = re.compile(
    r"(@[1-9][0-9]{0,8}|\{\}|\[\]|\{,|\[,|<,|<:|[\^${}\[\],:]|>(?=.{0,32}\Z))"
    r"((?:_|\\[nrt]){0,100}>?)\Z"
)
_WHITE = " \t\n\r"
_MOST_SAMPLED = 200  # gaps; a text that is not laid out alike so far is looked through from token to token

_PLACES = ("^", "{", "{}", "}", "[", "[]", "]", "{,", "[,", "<,", "<:", ":", "$")
_BASES = {
    JsonStyle.COMPACT: "",
    JsonStyle.SPACED: ",_ :_",
    JsonStyle.INDENTED: r">__ {\n> }\n> [\n> ]\n> ,\n> :_",
}
_ASCII = {
    JsonStyle.COMPACT: JsonStyle.COMPACT_ASCII,
    JsonStyle.SPACED: JsonStyle.SPACED_ASCII,
    JsonStyle.INDENTED: JsonStyle.INDENTED_ASCII,
}
_PLAIN = {style: plain for plain, ascii_style in _ASCII.items() for style in (plain, ascii_style)}
_WRITTEN = {" ": "_", "\n": r"\n", "\r": r"\r", "\t": r"\t"}
_READ = {written: sign for sign, written in _WRITTEN.items()}
_BRACKETS = ("{", "}", "[", "]")
_LINE = r"\n>"

_Gap = tuple[str, int, str]
"""The place of a gap, how deep it is, and what it holds."""


def layout_of(text: str, value: JsonValue) -> JsonLayout | None:
    """
    The layout in which *value* is written as *text*, or None when it would not be shorter than the text.
    """
    ascii_only = is_mostly_ascii(text)
    return _regular_layout(text, value, ascii_only=ascii_only) or _any_layout(
        text, value, ascii_only=ascii_only
    )


def write_json(value: JsonValue, layout: JsonLayout) -> str:
    """
    *value* in *layout*; where a spelling is not one of the value that stands there now, it has no say.
    """
    written = regular_json(value, layout)
    return _Writer(layout).write(value) if written is None else written


def layout_problem(layout: JsonLayout) -> str | None:
    """
    Which part of *layout* is invalid, by the name that it has in a file.
    """
    if not all(_WORD.match(word) for word in layout.gaps.split()):
        return "layout"
    if not are_signs(layout.escapes):
        return "escapes"
    are_sound = all(
        number.isdecimal() and (_NUMBER.match(spelling) or are_oddities(spelling))
        for number, spelling in layout.spelled
    )
    return None if are_sound else "spelled"


def without_changed(before: JsonBody, after: JsonBody) -> JsonBody:
    """
    *after* without the spellings of what differs from *before*: they could tell what has been taken out.
    """
    if not isinstance(after.style, JsonLayout) or not after.style.spelled:
        return after
    scalars = zip_longest(_scalars(before.value), _scalars(after.value))
    kept = {str(number) for number, (old, new) in enumerate(scalars, 1) if old == new}
    spelled = tuple(pair for pair in after.style.spelled if pair[0] in kept)
    return JsonBody(after.value, replace(after.style, spelled=spelled))


def _regular_layout(text: str, value: JsonValue, *, ascii_only: bool) -> JsonLayout | None:
    """
    The layout of a text that follows the rules of its beginning, and has no spelling of its own.
    """
    pieces = list(islice(_PIECE.finditer(text), _MOST_SAMPLED))
    gaps = _gaps(text, pieces)[:-1]
    tail = text[len(text.rstrip(_WHITE)) :]
    style, words = _shortest([*gaps, ("$", 0, tail)], ascii_only=ascii_only)
    escapes = "".join(sorted(own_signs(text, ascii_only=ascii_only)))
    layout = JsonLayout(style, words, escapes)
    is_sound = layout_problem(layout) is None and _oddities(layout) < len(text)
    return layout if is_sound and regular_json(value, layout) == text else None


def _any_layout(text: str, value: JsonValue, *, ascii_only: bool) -> JsonLayout | None:
    pieces = list(_PIECE.finditer(text))
    gaps = _gaps(text, pieces)
    if any(gap.strip(_WHITE) for _, _, gap in gaps):
        return None
    style, words = _shortest(gaps, ascii_only=ascii_only)
    spellings = [piece[0] for piece in pieces if piece[0] not in "{}[],:"]
    escapes, spelled = _spelled(text, spellings, list(_scalars(value)), ascii_only=ascii_only)
    layout = JsonLayout(style, words, escapes, spelled)
    is_sound = layout_problem(layout) is None and _oddities(layout) < len(text)
    return layout if is_sound and write_json(value, layout) == text else None


def _oddities(layout: JsonLayout) -> int:
    """
    How long that is which tells of single places: with too much of it, the text itself reads better.
    """
    odd = sum(len(word) for word in layout.gaps.split() if word.startswith("@"))
    return odd + len(layout.escapes) + count_of(layout.spelled)


def regular_json(value: JsonValue, layout: JsonLayout) -> str | None:
    """
    What :func:`write_json` writes, where Python's own writer can be made to.
    """
    write = None if layout.spelled else _writer_of(layout)
    return write(value) if write else None


@lru_cache(maxsize=64)
def _writer_of(layout: JsonLayout) -> Callable[[JsonValue], str | None] | None:
    rules, odd = _rules(layout)
    options = None if odd else _options(rules)
    if options is None:
        return None
    ascii_only = layout.base not in _BASES
    separators, indent = options
    encode = json.JSONEncoder(ensure_ascii=ascii_only, separators=separators, indent=indent).encode
    spelling = spelling_of(layout.escapes, ascii_only=ascii_only)
    first, last = _expanded(rules["^"], "", 0), _expanded(rules["$"], "", 0)

    def write(value: JsonValue) -> str | None:
        written = spelling.document(encode(value)) if layout.escapes else encode(value)
        return None if written is None else f"{first}{written}{last}"

    return write


def _options(rules: Mapping[str, str]) -> tuple[tuple[str, str], str | None] | None:
    """
    The separators and the indentation to ask Python's writer for, or None when it does not write so.
    """
    indents = rules["{"] == _LINE
    wanted = (_LINE if indents else "") * len(_BRACKETS)
    between = rules["{,"]
    is_like = "".join(map(rules.__getitem__, _BRACKETS)) == wanted and between == rules["[,"]
    others = (rules["{}"], rules["[]"], rules["<:"], rules["<,"], rules[":"], rules["^"], rules["$"])
    if not is_like or rules["{}"] or rules["[]"] or any(">" in gap for gap in others):
        return None
    if indents != (between == _LINE) or (not indents and ">" in between):
        return None
    behind = "" if indents else _expanded(between, "", 0)
    item = f"{_expanded(rules['<,'], '', 0)},{behind}"
    key = f"{_expanded(rules['<:'], '', 0)}:{_expanded(rules[':'], '', 0)}"
    unit = _expanded(rules[">"], "", 0)
    return (item, key), unit if indents else None


class _Writer:
    """
    Writes a value from token to token.
    """

    def __init__(self, layout: JsonLayout) -> None:
        self._rules, self._odd = _rules(layout)
        self._spelling = spelling_of(layout.escapes, ascii_only=layout.base not in _BASES)
        self._spelled = dict(layout.spelled)
        self._parts: list[str] = []
        self._gaps = self._scalars = 0
        self._known: dict[tuple[str, int], str] = {}

    def write(self, value: JsonValue) -> str:
        self._gap("^", 0)
        self._value(value, 0)
        self._gap("$", 0)
        return "".join(self._parts)

    def _value(self, value: JsonValue, depth: int) -> None:
        if value is None or isinstance(value, (str, int, float)):
            self._scalar(value)
        elif isinstance(value, (dict, Mapping)):
            self._object(value, depth)
        else:
            self._list(value, depth)

    def _object(self, value: Mapping[str, JsonValue], depth: int) -> None:
        add, place = self._parts.append, "{"
        add("{")
        for key, item in value.items():
            if place == "{,":
                self._gap("<,", depth + 1)
                add(",")
            self._gap(place, depth + 1)
            self._scalar(key)
            self._gap("<:", depth + 1)
            add(":")
            self._gap(":", depth + 1)
            self._value(item, depth + 1)
            place = "{,"
        self._gap("}" if value else "{}", depth)
        add("}")

    def _list(self, value: Sequence[JsonValue], depth: int) -> None:
        add, place = self._parts.append, "["
        add("[")
        for item in value:
            if place == "[,":
                self._gap("<,", depth + 1)
                add(",")
            self._gap(place, depth + 1)
            self._value(item, depth + 1)
            place = "[,"
        self._gap("]" if value else "[]", depth)
        add("]")

    def _scalar(self, value: JsonValue) -> None:
        self._scalars += 1
        odd = self._spelled.get(str(self._scalars), "") if self._spelled else ""
        self._parts.append(_write_scalar(value, odd, self._spelling))

    def _gap(self, place: str, depth: int) -> None:
        self._gaps += 1
        written = self._rules[place]
        if self._odd:
            written = self._odd.get(self._gaps, written)
        if written:
            known = self._known.get((written, depth))
            if known is None:
                known = self._known[written, depth] = _expanded(written, self._rules[">"], depth)
            self._parts.append(known)


def _scalars(value: JsonValue) -> Iterator[JsonValue]:
    """
    Each text, number and word of a JSON text, also one that is a key.
    """
    # The plain types are checked first: the checks of abstract ones take long.
    if value is None or isinstance(value, (str, int, float)):
        yield value
    elif isinstance(value, (dict, Mapping)):
        for key, item in value.items():
            yield key
            yield from _scalars(item)
    else:
        yield from chain.from_iterable(map(_scalars, value))


def _gaps(text: str, pieces: Sequence[re.Match[str]]) -> list[_Gap]:
    """
    What stands before each of *pieces*, and behind the last one.
    """
    starts = [*(piece.start() for piece in pieces), len(text)]
    ends = [0, *(piece.end() for piece in pieces)]
    places = _places(piece[0] if piece[0] in "{}[],:" else "" for piece in pieces)
    return [
        (place, depth, text[end:start])
        for (place, depth), end, start in zip(places, ends, starts, strict=True)
    ]


def _places(signs: Iterable[str]) -> Iterator[tuple[str, int]]:
    """
    The place and the depth of the gap before each sign, and of the last one.
    """
    opened: list[str] = []
    before = "^"
    for sign in signs:
        if sign in {"}", "]"} and opened:
            opened.pop()
        yield _place(before, sign, opened), len(opened)
        if sign in {"{", "["}:
            opened.append(sign)
        before = sign
    yield "$", 0


def _place(before: str, sign: str, opened: Sequence[str]) -> str:
    if before == "^":
        return before
    if before in {"{", "["}:
        return before + sign if sign in {"}", "]"} else before
    if sign in {"}", "]"}:
        return sign
    if sign in {",", ":"}:
        return f"<{sign}"
    return f"{opened[-1] if opened else ''}," if before == "," else before


@dataclass(frozen=True, slots=True)
class _Rows:
    """
    The gaps of a text as they are written, with the usual one of each place.
    """

    found: Sequence[tuple[str, str]]
    usual: Mapping[str, str]
    indent: str

    def words(self, base: JsonStyle) -> str:
        """
        The gaps, as far as *base* would have others.
        """
        rules, _ = _rules(JsonLayout(base))
        usual = self.usual
        news = {place: usual[place] for place in _PLACES if usual.get(place, rules[place]) != rules[place]}
        if "{," in news and news["{,"] == usual.get("[,", news["{,"]):
            news = {"," if place == "{," else place: gap for place, gap in news.items() if place != "[,"}
        indents = any(">" in gap for gap in {gap for _, gap in self.found})
        head = [f">{self.indent}"] if indents and self.indent != rules[">"] else []
        odd = (f"@{number}{gap}" for number, (place, gap) in enumerate(self.found, 1) if gap != usual[place])
        return " ".join([*head, *(place + gap for place, gap in news.items()), *odd])


def _shortest(gaps: Sequence[_Gap], *, ascii_only: bool) -> tuple[JsonStyle, str]:
    """
    The style over which the fewest words describe the gaps, and those words.
    """
    unit = _unit(gaps)
    found = [(place, _written(gap, unit, depth, place)) for place, depth, gap in gaps]
    usual: dict[str, str] = {}
    for (place, gap), _ in Counter(found).most_common():
        usual.setdefault(place, gap)
    rows = _Rows(found, usual, "".join(map(_WRITTEN.__getitem__, unit)))
    base, words = min(((base, rows.words(base)) for base in _BASES), key=lambda choice: len(choice[1]))
    return (_ASCII[base] if ascii_only else base), words


def _unit(gaps: Sequence[_Gap]) -> str:
    """
    What one level is indented by: the first line of some depth shows it.
    """
    for _, depth, gap in gaps:
        line_break, tail = "\n" in gap, gap.rpartition("\n")[2]
        if line_break and depth and tail and len(tail) % depth == 0:
            unit = tail[: len(tail) // depth]
            if unit * depth == tail:
                return unit
    return "  "


def _written(gap: str, unit: str, depth: int, place: str) -> str:
    if not gap:
        return ""
    head, line_break, tail = gap.rpartition("\n")
    indents = line_break and place not in {"^", "$"} and tail == unit * depth
    signs = "".join(map(_WRITTEN.__getitem__, head + line_break if indents else gap))
    return f"{signs}>" if indents else signs


def _rules(layout: JsonLayout) -> tuple[dict[str, str], dict[int, str]]:
    """
    The gap of each place, and those of single gaps by their number.
    """
    rules = dict.fromkeys(_PLACES, "") | {">": ""}
    odd: dict[int, str] = {}
    for word in f"{_BASES[_PLAIN[layout.base]]} {layout.gaps}".split():
        found = _WORD.match(word)
        place, gap = found.groups() if found else ("", "")
        if place.startswith("@"):
            odd[int(place[1:])] = gap
        else:
            rules.update(dict.fromkeys(("{,", "[,") if place == "," else (place,), gap))
    return rules, odd


def _expanded(written: str, unit: str, depth: int) -> str:
    if not written:
        return ""
    signs = re.findall(r"_|\\.|>", written.replace(">", unit * depth))
    return "".join(_READ.get(sign, "") for sign in signs)


def _spelled(
    text: str, spellings: Sequence[str], values: Sequence[JsonValue], *, ascii_only: bool
) -> tuple[str, Pairs]:
    """
    The signs that are always written in a way of their own, and the scalars that are written as no other.
    """
    if len(spellings) != len(values):  # a doubled key
        return "", ()
    texts = (value for value in values if isinstance(value, str))
    escapes = usual_policy(text, texts, ascii_only=ascii_only)
    spelling = spelling_of(escapes, ascii_only=ascii_only)
    odd = tuple(
        (str(number), spelling.oddities(spelled) if isinstance(value, str) else spelled)
        for number, (spelled, value) in enumerate(zip(spellings, values, strict=True), 1)
        if _write_scalar(value, "", spelling) != spelled
    )
    return escapes, odd


def _write_scalar(value: JsonValue, odd: str, spelling: Spelling) -> str:
    if isinstance(value, str):
        return spelling.odd_text(value, odd) if odd else spelling.text(value)
    if odd and _is_number(odd, value):
        return odd
    return repr(value) if type(value) in {int, float} else json.dumps(value)


def _is_number(spelling: str, value: JsonValue) -> bool:
    if not _NUMBER.match(spelling) or isinstance(value, bool):
        return False
    try:
        number = json.loads(spelling)
    except ValueError:  # more digits than Python reads
        return False
    return type(number) is type(value) and number == value

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
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest

from taketwo.cassette.model import Body, JsonBody, JsonLayout, JsonStyle, JsonValue, Pairs

_PIECE = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_PAIR = r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_SIGN = rf'(?:{_PAIR}|\\u(?![dD][89a-fA-F])[0-9a-fA-F]{{4}}|\\["\\/bfnrt]|[^\\])'
_SIGNS = re.compile(_SIGN, re.DOTALL)
_ESCAPED = re.compile(r"\\u(?!00[0-7])[0-9a-fA-F]{4}")
_ODD_SIGNS = re.compile(rf"([0-9]{{1,9}})=({_SIGN})(?: |\Z)", re.DOTALL)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?\Z")
_WORD = re.compile(
    r"(@[1-9][0-9]{0,8}|\{\}|\[\]|\{,|\[,|<,|<:|[\^${}\[\],:]|>(?=.{0,32}\Z))"
    r"((?:_|\\[nrt]){0,100}>?)\Z"
)

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

_Gap = tuple[str, int, str]
"""The place of a gap, how deep it is, and what it holds."""


def layout_of(text: str, value: JsonValue) -> JsonLayout | None:
    """
    The layout in which *value* is written as *text*, or None when it would not be shorter than the text.
    """
    pieces = list(_PIECE.finditer(text))
    starts = [*(piece.start() for piece in pieces), len(text)]
    ends = [0, *(piece.end() for piece in pieces)]
    held = [text[end:start] for end, start in zip(ends, starts, strict=True)]
    if any(gap.strip(" \t\n\r") for gap in held):
        return None
    places = _places(piece[0] if piece[0] in "{}[],:" else "" for piece in pieces)
    gaps = [(place, depth, gap) for (place, depth), gap in zip(places, held, strict=True)]
    base, words = min(((base, _words(gaps, base)) for base in _BASES), key=lambda found: len(found[1]))
    ascii_only = len(_ESCAPED.findall(text)) > sum(not sign.isascii() for sign in text)
    style = _ASCII[base] if ascii_only else base
    spellings = [piece[0] for piece in pieces if piece[0] not in "{}[],:"]
    escapes, spelled = _spelled(spellings, list(_scalars(value)), ascii_only=ascii_only)
    layout = JsonLayout(style, words, escapes, spelled)
    is_sound = layout_problem(layout) is None and _oddities(layout) < len(text)
    return layout if is_sound and write_json(value, layout) == text else None


def write_json(value: JsonValue, layout: JsonLayout) -> str:
    """
    *value* in *layout*; where a spelling is not one of the value that stands there now, it has no say.
    """
    rules, odd = _rules(layout)
    escapes = _policy(layout.escapes)
    spelled = dict(layout.spelled)
    ascii_only = layout.base not in _BASES
    tokens = list(_tokens(value))
    parts: list[str] = []
    scalars = 0
    for number, ((place, depth), token) in enumerate(zip_longest(_places(_signs(tokens)), tokens), 1):
        parts.append(_gap(odd.get(number, rules.get(place, "")), rules[">"], depth))
        if isinstance(token, _Scalar):
            scalars += 1
            odd_one = spelled.get(str(scalars), "")
            parts.append(_write_scalar(token.value, odd_one, escapes, ascii_only=ascii_only))
        elif token:
            parts.append(token)
    return "".join(parts)


def layout_problem(layout: JsonLayout) -> str | None:
    """
    Which part of *layout* nobody can follow, by the name that it has in a file.
    """
    if not all(_WORD.match(word) for word in layout.gaps.split()):
        return "layout"
    if "".join(_SIGNS.findall(layout.escapes)) != layout.escapes:
        return "escapes"
    are_sound = all(
        number.isdecimal() and (_NUMBER.match(spelling) or _ODD_SIGNS.sub("", spelling) == "")
        for number, spelling in layout.spelled
    )
    return None if are_sound else "spelled"


def without_changed(before: Body, after: Body) -> Body:
    """
    *after* without the spellings of what differs from *before*: they could tell what has been taken out.
    """
    if not isinstance(before, JsonBody) or not isinstance(after, JsonBody):
        return after
    if not isinstance(after.style, JsonLayout) or not after.style.spelled:
        return after
    pairs = zip_longest(_scalars(before.value), _scalars(after.value))
    kept = {str(number) for number, (old, new) in enumerate(pairs, 1) if old == new}
    spelled = tuple(pair for pair in after.style.spelled if pair[0] in kept)
    return JsonBody(after.value, replace(after.style, spelled=spelled))


def _oddities(layout: JsonLayout) -> int:
    """
    How long that is which tells of single places: with too much of it, the text itself reads better.
    """
    odd = sum(len(word) for word in layout.gaps.split() if word.startswith("@"))
    return (
        odd + len(layout.escapes) + sum(len(f"{number}: {spelling}") for number, spelling in layout.spelled)
    )


class _Scalar:
    """
    A text, number or word of a JSON text, also one that is a key.
    """

    __slots__ = ("value",)

    def __init__(self, value: JsonValue) -> None:
        self.value = value


def _tokens(value: JsonValue) -> Iterator[str | _Scalar]:
    if isinstance(value, Mapping):
        yield "{"
        for number, (key, item) in enumerate(value.items()):
            if number:
                yield ","
            yield _Scalar(key)
            yield ":"
            yield from _tokens(item)
        yield "}"
    elif isinstance(value, Sequence) and not isinstance(value, str):
        yield "["
        for number, item in enumerate(value):
            if number:
                yield ","
            yield from _tokens(item)
        yield "]"
    else:
        yield _Scalar(value)


def _scalars(value: JsonValue) -> Iterator[JsonValue]:
    return (token.value for token in _tokens(value) if isinstance(token, _Scalar))


def _signs(tokens: Iterable[str | _Scalar]) -> Iterator[str]:
    return ("" if isinstance(token, _Scalar) else token for token in tokens)


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


def _words(gaps: Sequence[_Gap], base: JsonStyle) -> str:
    """
    The gaps, as far as *base* would have others.
    """
    rules, _ = _rules(JsonLayout(base))
    unit = _unit(gaps)
    indent = "".join(map(_WRITTEN.__getitem__, unit))
    found = [(place, _written(gap, unit, depth, place)) for place, depth, gap in gaps]
    counts: dict[str, Counter[str]] = {}
    for place, gap in found:
        counts.setdefault(place, Counter())[gap] += 1
    usual = {place: counter.most_common(1)[0][0] for place, counter in counts.items()}
    news = {place: usual[place] for place in _PLACES if usual.get(place, rules[place]) != rules[place]}
    if "{," in news and news["{,"] == usual.get("[,", news["{,"]):
        news = {"," if place == "{," else place: gap for place, gap in news.items() if place != "[,"}
    indents = any(">" in gap for _, gap in found)
    head = [f">{indent}"] if indents and indent != rules[">"] else []
    odd = [f"@{number}{gap}" for number, (place, gap) in enumerate(found, 1) if gap != usual[place]]
    return " ".join([*head, *(place + gap for place, gap in news.items()), *odd])


def _unit(gaps: Sequence[_Gap]) -> str:
    """
    What one level is indented by: the first line of some depth tells it.
    """
    for _, depth, gap in gaps:
        line_break, tail = "\n" in gap, gap.rpartition("\n")[2]
        if line_break and depth and tail and len(tail) % depth == 0:
            unit = tail[: len(tail) // depth]
            if unit * depth == tail:
                return unit
    return "  "


def _written(gap: str, unit: str, depth: int, place: str) -> str:
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


def _gap(written: str, unit: str, depth: int) -> str:
    if not written:
        return ""
    signs = re.findall(r"_|\\.|>", written.replace(">", unit * depth))
    return "".join(_READ.get(sign, "") for sign in signs)


def _spelled(spellings: Sequence[str], values: Sequence[JsonValue], *, ascii_only: bool) -> tuple[str, Pairs]:
    """
    The signs that are always written in a way of their own, and the scalars that are written as no other.
    """
    if len(spellings) != len(values):  # a doubled key
        return "", ()
    pairs = list(zip(spellings, values, strict=True))
    escapes = _usual_escapes(pairs, ascii_only=ascii_only)
    policy = _policy(escapes)
    odd = tuple(
        (str(number), _odd_spelling(spelling, value, policy, ascii_only=ascii_only))
        for number, (spelling, value) in enumerate(pairs, 1)
        if _write_scalar(value, "", policy, ascii_only=ascii_only) != spelling
    )
    return escapes, odd


def _usual_escapes(pairs: Sequence[tuple[str, JsonValue]], *, ascii_only: bool) -> str:
    counts: Counter[str] = Counter()
    for spelling, value in pairs:
        if isinstance(value, str) and json.dumps(value, ensure_ascii=ascii_only) != spelling:
            counts.update(_SIGNS.findall(spelling[1:-1]))
    own = [sign for sign in counts if sign != _usual_sign(_meaning(sign), ascii_only=ascii_only)]
    texts = "".join(value for _, value in pairs if isinstance(value, str)) if own else ""
    most = sorted(sign for sign in own if 2 * counts[sign] > texts.count(_meaning(sign)))
    return "".join(most)


def _odd_spelling(spelling: str, value: JsonValue, policy: Mapping[str, str], *, ascii_only: bool) -> str:
    if not isinstance(value, str):
        return spelling
    # By position and not as a whole: what stands between may become a placeholder.
    signs = _SIGNS.findall(spelling[1:-1])
    return " ".join(
        f"{position}={sign}"
        for position, sign in enumerate(signs)
        if sign != _write_sign(_meaning(sign), policy, ascii_only=ascii_only)
    )


def _write_scalar(value: JsonValue, odd: str, policy: Mapping[str, str], *, ascii_only: bool) -> str:
    if not isinstance(value, str):
        return odd if odd and _is_number(odd, value) else json.dumps(value)
    if not odd and not policy:
        return json.dumps(value, ensure_ascii=ascii_only)
    own = {int(found[1]): found[2] for found in _ODD_SIGNS.finditer(odd)}
    signs = [
        own[position]
        if position in own and _meaning(own[position]) == sign
        else _write_sign(sign, policy, ascii_only=ascii_only)
        for position, sign in enumerate(value)
    ]
    return f'"{"".join(signs)}"'


def _write_sign(sign: str, policy: Mapping[str, str], *, ascii_only: bool) -> str:
    return policy[sign] if sign in policy else _usual_sign(sign, ascii_only=ascii_only)


def _usual_sign(sign: str, *, ascii_only: bool) -> str:
    return json.dumps(sign, ensure_ascii=ascii_only)[1:-1]


def _policy(escapes: str) -> dict[str, str]:
    return {_meaning(sign): sign for sign in _SIGNS.findall(escapes)}


def _meaning(sign: str) -> str:
    return str(json.loads(f'"{sign}"')) if sign.startswith("\\") else sign


def _is_number(spelling: str, value: JsonValue) -> bool:
    if not _NUMBER.match(spelling) or isinstance(value, bool):
        return False
    try:
        number = json.loads(spelling)
    except ValueError:  # more digits than Python reads
        return False
    return type(number) is type(value) and number == value

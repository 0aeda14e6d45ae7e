"""
The compiled form of a cassette: what its text means, laid out so that a replay reads only what it asks for.

It is made of a text that has been found to be sound. Each interaction has two lines of JSON, the request and
the body of its answer, which goes to the client as it is. All else in answers is of few kinds in a cassette,
and each kind is kept once. An outline has what decides which recorded request matches; so most of a cassette
is never read by a replay that asks for little of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import chain
from typing import NamedTuple, NotRequired, TypeAlias, TypedDict, TypeVar, overload

from taketwo.cassette.body.codec import compact_json
from taketwo.cassette.deciding_headers import VaryOf, names_in_vary, variants_of
from taketwo.cassette.match import fingerprint
from taketwo.cassette.model import (
    DEFAULT_TIME,
    BinaryBody,
    Cassette,
    Interaction,
    JsonValue,
    MultipartBody,
    Pairs,
    StoredRequest,
    StoredResponse,
)
from taketwo.cassette.text.bodies import Attached
from taketwo.cassette.text.fields import Fields
from taketwo.cassette.text.format import load_tree
from taketwo.cassette.text.messages import load_interaction, load_response
from taketwo.cassette.visit import may_hold_placeholders
from taketwo.cassette.wire import Wire, wires_of

_from_json = json.JSONDecoder().decode
_Line: TypeAlias = "tuple[str, str, str, str, int]"

_T = TypeVar("_T")

KEY = "interactions"
HEAD = {"status", "http_version", "reason", "header_names", "headers"}
BODY_FORMS = ("json", "text")

_WHOLE = -1
"""In the place of the kind of an answer: its line holds all of it."""

_PLAIN = {"taketwo", "test", "services", "seed", "time", "holds", KEY}
_Table: TypeAlias = "Mapping[str, JsonValue]"


class Outline(NamedTuple):
    """
    The requests as they go over the wire, and for each the number of the first one that is equal to it.

    ``variants`` are the headers that distinguish equal ones.
    """

    wires: Sequence[Wire]
    equals: Sequence[int]
    variants: Mapping[int, Pairs]


def outline_of(requests: Sequence[StoredRequest], wires: Sequence[Wire], vary: VaryOf) -> Outline | None:
    """
    The outline of a cassette of one test, whose requests are *wires* as they are stored; none where a replay
    generates something in them, or where a body is no text.
    """
    if any(isinstance(one.body, BinaryBody | MultipartBody) for one in requests):
        return None
    if any("<" in wire.url or "%3C" in wire.url for wire in wires):
        return None
    if any("<" in value for wire in wires for _, value in wire.headers):
        return None
    if any(may_hold_placeholders(one.body, wire.body) for one, wire in zip(requests, wires, strict=True)):
        return None
    firsts: dict[object, int] = {}
    prints = map(fingerprint, requests)
    equals = [firsts.setdefault(one, number) for number, one in enumerate(prints)]
    return Outline(wires, equals, variants_of(equals, requests, vary))


def write_outline(outline: Outline | None) -> str:
    """
    The outline on one line, which is empty where there is none.
    """
    if outline is None:
        return ""
    lines: list[_Line] = [
        (wire.method, wire.url, wire.media_type, wire.body.decode("utf-8"), first)
        for wire, first in zip(outline.wires, outline.equals, strict=True)
    ]
    headers = [(number, wire.headers) for number, wire in enumerate(outline.wires) if wire.headers]
    return json.dumps([lines, headers, list(outline.variants.items())])


def read_outline(line: str) -> Outline | None:
    """
    What :func:`write_outline` wrote.
    """
    if not line:
        return None
    lines: list[_Line]
    lines, headers, variants = _from_json(line)
    wires = [Wire(method, url, media_type, body.encode()) for method, url, media_type, body, _ in lines]
    for number, pairs in headers:
        wires[number] = wires[number]._replace(headers=_pairs(pairs))
    return Outline(wires, [line[4] for line in lines], {number: _pairs(pairs) for number, pairs in variants})


def _pairs(read: Sequence[Sequence[str]]) -> Pairs:
    return tuple((name, value) for name, value in read)


class LazySequence(Sequence[_T]):
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


class _Head(TypedDict):
    """
    What stands in all cassettes, and in most of them alone.
    """

    test: str
    services: dict[str, str]
    seed: int
    time: NotRequired[str]


def compile_cassette(tree: JsonValue, cassette: Cassette) -> bytes | None:
    """
    The compiled form of *cassette*, whose text means *tree*; None when it has none.
    """
    if not isinstance(tree, dict):
        return None
    items = tree.get(KEY)
    rows = _Rows(items if isinstance(items, list) else [])
    requests = [item.request for item in cassette.interactions]
    vary = [names_in_vary(item.response.headers) for item in cassette.interactions]
    has_outline = cassette.test and not cassette.parts
    outline = outline_of(requests, wires_of(requests), vary.__getitem__) if has_outline else None
    return rows.below({**tree, **({KEY: []} if KEY in tree else {})}, outline)


class _Rows:
    """
    The lines of the compiled form for *interactions*, which are as the text has them.
    """

    def __init__(self, interactions: Iterable[_Table]) -> None:
        self._requests: list[str] = []
        self._bodies: list[str] = []
        self._kinds: dict[str, int] = {}
        self._kind_of: list[int] = []
        self._with_files: list[int] = []
        for interaction in interactions:
            self._add(interaction)

    def _add(self, interaction: _Table) -> None:
        request, response = interaction["request"], interaction["response"]
        if _has_file(request) or _has_file(response):
            self._with_files.append(len(self._requests))
        self._requests.append(compact_json(request))
        split = _split(response)
        if split is None:
            self._kind_of.append(_WHOLE)
            self._bodies.append(compact_json(response))
        else:
            head, body = split
            self._kind_of.append(self._kinds.setdefault(compact_json(head), len(self._kinds)))
            self._bodies.append(body)

    def below(self, tree: _Table, outline: Outline | None) -> bytes | None:
        """
        All of them below a *tree* without interactions; None where a text cannot be written.
        """
        numbers = compact_json({"kinds": self._kind_of, "with-files": self._with_files})
        head = [compact_json(tree), write_outline(outline), f"[{','.join(self._kinds)}]", numbers]
        try:
            return "\n".join([*head, *self._requests, *self._bodies]).encode("utf-8")
        except UnicodeEncodeError:
            return None


class CompiledInteractions(LazySequence[Interaction]):
    """
    The interactions of a compiled cassette; for the *outline* see
    :mod:`taketwo.cassette.cache.compiled`.
    """

    __slots__ = ("_lines", "outline")

    def __init__(
        self, lines: _Lines, outline: Callable[[], Outline | None], make: Callable[[int], Interaction]
    ) -> None:
        super().__init__(len(lines.requests), make)
        self._lines = lines
        self.outline = outline

    def answer(self, number: int) -> tuple[StoredResponse, bytes] | None:
        """
        An answer without its body, and the bytes of that; None where they have to be computed. There may
        be placeholders in the bytes.
        """
        return self._lines.answer(number)

    def may_say(self, word: str) -> bool:
        """
        Whether *word*, which JSON does not escape, may stand anywhere in them.
        """
        return self._lines.hold(word.encode())


def load_compiled(content: bytes, *, name: str, attached: Attached | None) -> Cassette:
    """
    The cassette whose compiled form is *content*.

    :raises CassetteFormatError: when one of the files that it refers to is not there, or not as it was.
    """
    first, outline, kinds, numbers, *rows = content.split(b"\n")
    count = len(rows) // 2
    found: dict[str, list[int]] = _from_json(numbers.decode())
    lines = _Lines(rows[:count], rows[count:], kinds, found["kinds"])
    tree = _from_json(first.decode())
    read, with_files = partial(read_outline, outline.decode()), found["with-files"]
    if _PLAIN.issuperset(tree) and not with_files:
        return _load_plain(tree, read, lines, name=name, attached=attached)
    return _load(tree, read, lines, with_files, name=name, attached=attached)


def _load_plain(
    head: _Head, outline: Callable[[], Outline | None], lines: _Lines, *, name: str, attached: Attached | None
) -> Cassette:
    """
    The same for a *head* that says nothing unusual. It was found to be sound when it was compiled.
    """
    top = Fields(head, name)  # type: ignore[arg-type]  # a table of JSON, whose values are known
    return Cassette(
        test=head["test"],
        services=head["services"],
        seed=head["seed"],
        time=head.get("time", DEFAULT_TIME),
        interactions=CompiledInteractions(lines, outline, partial(lines.interaction, top, attached)),
    )


def _load(
    tree: JsonValue,
    outline: Callable[[], Outline | None],
    lines: _Lines,
    read_now: Sequence[int],
    *,
    name: str,
    attached: Attached | None,
) -> Cassette:
    def interactions(head: Fields) -> CompiledInteractions:
        recorded = CompiledInteractions(lines, outline, partial(lines.interaction, head, attached))
        # Files are looked at now: later they may be gone, and a damaged cassette is reported when it is read.
        for number in sorted({*read_now}):
            recorded[number]
        return recorded

    return load_tree(tree, name=name, attached=attached, interactions=interactions)


class _Lines:
    """
    The lines of the compiled form that hold interactions.
    """

    def __init__(
        self, requests: Sequence[bytes], bodies: Sequence[bytes], kinds: bytes, kind_of: Sequence[int]
    ) -> None:
        self.requests, self._bodies = requests, bodies
        self._kinds_line = kinds
        self._kinds = _kinds(kinds)
        self._kind_of = kind_of

    def interaction(self, above: Fields, attached: Attached | None, number: int) -> Interaction:
        tree: JsonValue = {
            "request": _from_json(self.requests[number].decode()),
            "response": self._response(number),
        }
        return load_interaction(Fields(tree, f"{KEY}[{number}]", above), attached)

    def answer(self, number: int) -> tuple[StoredResponse, bytes] | None:
        kind = self._kind_of[number]
        found = None if kind == _WHOLE else self._kinds.head(kind)
        if found is None:
            return None
        head, form = found
        body = self._bodies[number]
        return head, body if form == "json" else _from_json(body.decode()).encode() if form else b""

    def hold(self, word: bytes) -> bool:
        return any(word in line for line in chain((self._kinds_line,), self.requests, self._bodies))

    def _response(self, number: int) -> JsonValue:
        kind, body = self._kind_of[number], self._bodies[number].decode()
        if kind == _WHOLE:
            found: JsonValue = _from_json(body)
            return found
        head = self._kinds.trees[kind]
        form = _form(head)
        return {**head, form: _from_json(body)} if form else dict(head)


class _Kinds:
    """
    The kinds of answers in a cassette.
    """

    def __init__(self, line: bytes) -> None:
        self.trees: list[_Table] = _from_json(line.decode())
        self._heads: dict[int, tuple[StoredResponse, str] | None] = {}

    def head(self, kind: int) -> tuple[StoredResponse, str] | None:
        """
        An answer of that *kind* without its body, and the form of that; None where it holds placeholders.
        """
        if kind not in self._heads:
            self._heads[kind] = self._read(kind)
        return self._heads[kind]

    def _read(self, kind: int) -> tuple[StoredResponse, str] | None:
        tree = self.trees[kind]
        form = _form(tree)
        head = load_response(Fields({k: v for k, v in tree.items() if k != form}, "response"), None)
        return None if any("<" in value for _, value in head.headers) else (head, form)


@lru_cache(maxsize=64)
def _kinds(line: bytes) -> _Kinds:
    """
    The same for every cassette that has them: those of one service mostly do.
    """
    return _Kinds(line)


def _split(response: JsonValue) -> tuple[_Table, str] | None:
    """
    An answer without its body, and that as JSON; None when there is more to it than a body of a usual form.
    """
    if not isinstance(response, Mapping):
        return None
    form = _form(response)
    if not response.keys() - {form} <= HEAD:
        return None
    return ({**response, form: None}, compact_json(response[form])) if form else (response, "")


def _has_file(message: JsonValue) -> bool:
    """
    Whether the body of a message, or of a part of it, is in a file.
    """
    if not isinstance(message, Mapping):
        return False
    parts = message.get("parts")
    return "file" in message or (isinstance(parts, Sequence) and any(map(_has_file, parts)))


def _form(response: _Table) -> str:
    """
    The last name of an answer, if it is that of a body.
    """
    last = list(response)[-1] if response else ""
    return last if last in BODY_FORMS else ""

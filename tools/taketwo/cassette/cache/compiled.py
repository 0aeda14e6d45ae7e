"""
The compiled form of a cassette: what its text means, laid out so that a replay reads only what it asks for.

:mod:`taketwo.cassette.cache.compile` makes it of a text that has been found to be sound. Each interaction has
two lines of JSON, the request and the body of its answer, which goes to the client as it is; only what was
sent on several lines is written anew. All else in answers is of few kinds in a cassette, and each kind is
kept once. An outline has what decides which recorded request matches; so most of a cassette is never read by
a replay that asks for little of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple, NotRequired, TypeAlias, TypedDict, TypeVar, overload

from taketwo.cassette.body.json_styles import ON_ONE_LINE, WRITERS
from taketwo.cassette.index import Wire
from taketwo.cassette.model import (
    DEFAULT_TIME,
    Cassette,
    Interaction,
    JsonStyle,
    JsonValue,
    Pairs,
    StoredResponse,
)
from taketwo.cassette.text.fields import Fields
from taketwo.cassette.text.heads import load_head

if TYPE_CHECKING:
    from taketwo.cassette.text.bodies import Attached

_from_json = json.JSONDecoder().decode
_from_line = json.JSONDecoder().raw_decode
"""The same of JSON without blanks around it, for which a decoder looks; with the place of its end."""

_AsSent: TypeAlias = Callable[[bytes], bytes]
Line: TypeAlias = "tuple[str, str, str, str, int]"

_T = TypeVar("_T")

KEY = "interactions"
BODY_FORMS = ("json", "text")
STYLE = "style"
"""The name behind a body of JSON that is not written in the shortest style."""

WHOLE = -1
"""In the place of the kind of an answer: its line holds all of it."""

_PLAIN = {"taketwo", "test", "services", "seed", "time", "holds", KEY}
Table: TypeAlias = "Mapping[str, JsonValue]"


class Outline(NamedTuple):
    """
    The requests as they go over the wire, and for each the number of the first one that is equal to it.

    ``variants`` are the headers that distinguish equal ones.
    """

    wires: Sequence[Wire]
    equals: Sequence[int]
    variants: Mapping[int, Pairs]


def read_outline(line: str) -> Outline | None:
    """
    What :func:`write_outline` wrote.
    """
    if not line:
        return None
    lines: list[Line]
    lines, headers, variants = _from_line(line)[0]
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

    def answer_may_say(self, number: int, word: str) -> bool:
        """
        The same of one answer.
        """
        return self._lines.answer_holds(number, word.encode())


def load_compiled(content: bytes, *, name: str, attached: Attached | None) -> Cassette:
    """
    The cassette whose compiled form is *content*.

    :raises CassetteFormatError: when one of the files that it refers to is not there, or not as it was.
    """
    first, outline, kinds, numbers, *rows = content.split(b"\n")
    count = len(rows) // 2
    found: dict[str, list[int]] = _from_line(numbers.decode())[0]
    lines = _Lines(rows[:count], rows[count:], kinds, found["kinds"], has_placeholders=b"<" in content)
    tree = _from_line(first.decode())[0]
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

    from taketwo.cassette.text.format import load_tree  # noqa: PLC0415 - few cassettes are unusual

    return load_tree(tree, name=name, attached=attached, interactions=interactions)


class _Lines:
    """
    The lines of the compiled form that hold interactions.
    """

    def __init__(
        self,
        requests: Sequence[bytes],
        bodies: Sequence[bytes],
        kinds: bytes,
        kind_of: Sequence[int],
        *,
        has_placeholders: bool,
    ) -> None:
        self._has_placeholders = has_placeholders
        self.requests, self._bodies = requests, bodies
        self._kinds_line = kinds
        self._kinds = _kinds(kinds)
        self._kind_of = kind_of

    def interaction(self, above: Fields, attached: Attached | None, number: int) -> Interaction:
        tree: JsonValue = {
            "request": _from_json(self.requests[number].decode()),
            "response": self._response(number),
        }
        from taketwo.cassette.text.messages import load_interaction  # noqa: PLC0415 - reads every kind of body

        return load_interaction(Fields(tree, f"{KEY}[{number}]", above), attached)

    def answer(self, number: int) -> tuple[StoredResponse, bytes] | None:
        kind = self._kind_of[number]
        found = None if kind == WHOLE else self._kinds.head(kind)
        if found is None:
            return None
        head, as_sent = found
        return head, as_sent(self._bodies[number])

    def answer_holds(self, number: int, word: bytes) -> bool:
        return self._may_hold(word) and (word in self._kinds_line or word in self._bodies[number])

    def hold(self, word: bytes) -> bool:
        lines = chain((self._kinds_line,), self.requests, self._bodies)
        return self._may_hold(word) and any(word in line for line in lines)

    def _may_hold(self, word: bytes) -> bool:
        """
        Most cassettes are without placeholders, and every test asks for five kinds of these.
        """
        return self._has_placeholders or not word.startswith(b"<")

    def _response(self, number: int) -> JsonValue:
        kind, body = self._kind_of[number], self._bodies[number].decode()
        if kind == WHOLE:
            found: JsonValue = _from_json(body)
            return found
        head = self._kinds.trees[kind]
        form = form_of(head)
        return {**head, form: _from_json(body)} if form else dict(head)


class _Kinds:
    """
    The kinds of answers in a cassette.
    """

    def __init__(self, line: bytes) -> None:
        self.trees: list[Table] = _from_json(line.decode())
        self._heads: dict[int, tuple[StoredResponse, _AsSent] | None] = {}

    def head(self, kind: int) -> tuple[StoredResponse, _AsSent] | None:
        """
        An answer of that *kind* without its body, and the form of that; None where it holds placeholders.
        """
        if kind not in self._heads:
            self._heads[kind] = self._read(kind)
        return self._heads[kind]

    def _read(self, kind: int) -> tuple[StoredResponse, _AsSent] | None:
        tree = self.trees[kind]
        form = form_of(tree)
        head = load_head(Fields({k: v for k, v in tree.items() if k not in {form, STYLE}}, "response"))
        return None if any("<" in value for _, value in head.headers) else (head, _as_sent(tree, form))


@lru_cache(maxsize=64)
def _kinds(line: bytes) -> _Kinds:
    """
    The same for every cassette that has them: those of one service mostly do.
    """
    return _Kinds(line)


def _as_sent(head: Table, form: str) -> _AsSent:
    """
    Makes of the line of a body what goes to the client.
    """
    if form == "text":
        return lambda line: bytes(_from_json(line.decode()).encode())
    style = style_of(head)
    if form and style not in ON_ONE_LINE:
        write = WRITERS[style]
        return lambda line: write(_from_json(line.decode())).encode()
    return bytes if form else lambda _: b""


def style_of(response: Table) -> JsonStyle:
    """
    How the JSON of an answer is written.
    """
    return Fields(dict(response), "response").style() if STYLE in response else JsonStyle.COMPACT


def form_of(response: Table) -> str:
    """
    The last name of an answer, if it is that of a body; JSON has its style behind it.
    """
    names = list(response)
    if names[-2:] == ["json", STYLE]:
        names.pop()
    last = names[-1] if names else ""
    return last if last in BODY_FORMS else ""

"""
What is compiled in one pass is what is compiled of what the full reader reads, to which anything odd is left.
"""

from __future__ import annotations

import os
import random
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from taketwo.cassette.cache.compile import Compiled, compile_text, compile_whole
from taketwo.cassette.cache.compiled import load_compiled
from taketwo.cassette.model import (
    BinaryBody,
    Body,
    Cassette,
    Interaction,
    JsonBody,
    JsonStyle,
    JsonValue,
    StoredRequest,
    StoredResponse,
    TextBody,
)
from taketwo.cassette.text.bodies import Attached
from taketwo.cassette.text.format import load_cassette
from taketwo.cassette.text.writer import dump_cassette
from taketwo.cassette.text.yaml_reader import load_yaml
from taketwo.errors import CassetteFormatError
from tests.toolkit.cassette.text.test_writer import Messages
from tests.toolkit.cassette.text.test_yaml import TRAPS, mutilated

COMMITTED = sorted((Path(__file__).parents[3] / "cassettes").rglob("*.yaml"))
REPEATS = int(os.environ.get("TAKETWO_REPEATS", "60"))
LINES = (
    "",
    "  ",
    "- ",
    "    ",
    "- request:",
    "  response:",
    "    json:",
    "    status: 200",
    "files:",
    "a: 1",
)


class Alike(Messages):
    """
    Interactions that differ in their scalars alone, as a service's do, with some of any kind among them.
    """

    def cassette(self, *, odd: bool) -> Cassette:
        self._name = self.pick("a", "a", "on", "%s", "it's", '"', "a: b")
        items = tuple(self._alike(number) for number in range(16))
        more = self.interactions() if odd else ()
        return Cassette(test="test_a", interactions=self.pick((*items, *more), (*more, *items)))

    def _alike(self, number: int) -> Interaction:
        request = StoredRequest(
            method=self.pick("GET", "POST"),
            url=f"http://shop.test/items/{number}",
            query=(("page", self.pick("1", self.text())), ("per", "1"))[: self.pick(0, 1, 2)],
            headers=(("accept", self.pick("*/*", self.text())),),
            body=self.pick(None, JsonBody({"n": self.any(depth=0), "of": [number]})),
        )
        inside = {"at": self.any(depth=0), self._name: self.any(depth=0)}
        value: JsonValue = {"id": number, "name": self.text(), "all": [inside, [self.any(depth=0), True]]}
        bodies: tuple[Body, ...] = (JsonBody(value), JsonBody(value), TextBody(self.text()), JsonBody(number))
        body = self.pick(*bodies)
        headers = (("content-type", self.pick("application/json", self.text())),)
        return Interaction(request, StoredResponse(status=self.pick(200, 404), headers=headers, body=body))


def whole(text: str) -> bytes | None:
    tree = load_yaml(text, name="a.yaml")
    found = compile_whole(tree, load_cassette(text, name="a.yaml"))
    return None if found is None else found.content()


def read_both_ways(found: Compiled, *, name: str = "a.yaml", attached: Attached | None = None) -> Cassette:
    """
    What is compiled, read at once and from what is kept of it.
    """
    content = found.content()
    assert content is not None
    at_once = found.cassette(name=name, attached=attached)
    assert at_once == load_compiled(content, name=name, attached=attached)
    return at_once


def changed(text: str, dice: random.Random) -> str:
    """
    *text* with one line, or what is in one, as somebody may have edited it.
    """
    lines = text.split("\n")
    place, other = dice.randrange(len(lines)), dice.randrange(len(lines))
    name, colon, _ = lines[place].partition(": ")
    match dice.randrange(7):
        case 0:
            lines[place] = f"{name}{colon}{dice.choice(TRAPS)}{dice.choice(TRAPS)}"
        case 1:
            lines[place] = f"{name}{colon}{lines[other].lstrip()}"
        case 2:
            lines.insert(place, lines[other])
        case 3:
            del lines[place]
        case 4:
            lines[place] = dice.choice(LINES[:4]) + lines[place].removeprefix(dice.choice(["", "  ", "- "]))
        case 5:
            lines.insert(place, dice.choice(LINES))
        case _:
            return mutilated(text.encode(), dice).decode("utf-8", "replace")
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(REPEATS))
def test_what_is_written_is_compiled_as_the_full_reader_would_have_it(seed: int) -> None:
    for odd in (False, True):
        text = dump_cassette(Alike(seed=seed).cassette(odd=odd))

        found = compile_text(text)

        # Keys with a colon in them are the full reader's; these texts have many.
        if found is not None:
            assert found.content() == whole(text)
            assert read_both_ways(found) == load_cassette(text, name="a.yaml")


@pytest.mark.parametrize(
    ("seed", "count"), [*((n, 20) for n in range(REPEATS)), *((n, 60) for n in range(REPEATS // 6))]
)
def test_what_is_changed_is_compiled_so_too_or_left(seed: int, count: int) -> None:
    """
    Of a shape that came often enough, the rest is read in another way.
    """
    dice = random.Random(seed)  # noqa: S311 - a test repeats itself
    text = dump_cassette(Cassette(test="a", interactions=plain(count)))
    for _ in range(40):
        edited = changed(text, dice)
        with suppress(CassetteFormatError):
            found = compile_text(edited)
            if found is not None:
                read = read_both_ways(found)
                assert found.content() == whole(edited)
                assert read == load_cassette(edited, name="a.yaml")


def plain(count: int) -> tuple[Interaction, ...]:
    bodies: list[Body] = [
        JsonBody({"id": 0, "tags": ["a", "b"], "in": {"x": 1.5, "note": None}}),
        TextBody("a text"),
        None,
        TextBody("two\nlines\n"),
        JsonBody({"other": True}, JsonStyle.SPACED),
        BinaryBody(b"\xff" * 40),
    ]
    asked = StoredRequest(method="GET", url="http://a.test/", query=(("page", "1"),), headers=(("a", "b"),))
    return tuple(
        Interaction(
            asked, StoredResponse(status=200, headers=(("c", "d"),), body=bodies[max(0, n - count + 6)])
        )
        for n in range(count)
    )


def test_most_of_what_is_plain_is_compiled_at_once() -> None:
    text = dump_cassette(Cassette(test="a", interactions=plain(20)))
    # What comes for the first time is not learned yet.
    compile_text(text)

    found = compile_text(text)

    # Of the six kinds, the last three take a look of their own.
    assert found is not None
    assert found.interactions.unread == [17, 18, 19]


def test_a_small_text_that_is_like_none_before_is_left_to_the_full_reader() -> None:
    one = plain(1)[0]
    request = replace(one.request, query=((f"{uuid4().hex}", "1"),))
    items = tuple(Interaction(request, StoredResponse(status=200)) for _ in range(2))
    text = dump_cassette(Cassette(test="a", interactions=items))

    found = [compile_text(text, only_known=True) for _ in range(3)]

    assert [each is None for each in found] == [True, False, False]


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_committed_cassette_is_compiled_as_the_full_reader_would_have_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    def attached(name: str, _size: int) -> bytes:
        return path.with_name(name).read_bytes()

    cassette = load_cassette(text, name=str(path), attached=attached)
    found = compile_text(text)

    if cassette.interactions and not cassette.parts:
        assert found is not None
        full = compile_whole(load_yaml(text, name=str(path)), cassette)
        assert full is not None
        assert found.content() == full.content()
        assert read_both_ways(found, name=str(path), attached=attached) == cassette

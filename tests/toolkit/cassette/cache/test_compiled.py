"""
The compiled form of a cassette holds what its text holds.
"""

from __future__ import annotations

import os
import random
from contextlib import suppress
from pathlib import Path

import pytest

from taketwo.cassette.body.codec import body_from_bytes
from taketwo.cassette.cache.compile import compile_cassette
from taketwo.cassette.cache.compiled import load_compiled
from taketwo.cassette.glance import glance_at
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
from taketwo.cassette.text.format import load_cassette, load_tree
from taketwo.cassette.text.writer import dump_cassette
from taketwo.cassette.text.yaml_reader import load_yaml
from taketwo.errors import CassetteFormatError
from tests.toolkit.cassette.text.test_writer import Messages
from tests.toolkit.cassette.text.test_yaml import TRAPS, mutilated

COMMITTED = sorted((Path(__file__).parents[4] / "cassettes" / "integration").rglob("*.yaml"))
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


def assert_compiled(text: str, *, name: str = "a.yaml", attached: Attached | None = None) -> None:
    """
    What is compiled of *text* is the cassette that it holds.
    """
    tree = load_yaml(text, name=name)
    cassette = load_tree(tree, name=name, attached=attached)

    content = compile_cassette(tree, cassette)

    assert content is not None
    assert load_compiled(content, name=name, attached=attached) == cassette


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
def test_what_is_written_is_compiled(seed: int) -> None:
    for odd in (False, True):
        assert_compiled(dump_cassette(Alike(seed=seed).cassette(odd=odd)))


@pytest.mark.parametrize("seed", range(REPEATS))
def test_what_is_changed_is_compiled_or_refused(seed: int) -> None:
    """
    A text that is refused has no compiled form, and every other has one that holds the same.
    """
    dice = random.Random(seed)  # noqa: S311 - a test repeats itself
    text = dump_cassette(Cassette(test="a", interactions=plain(20)))
    for _ in range(40):
        edited = changed(text, dice)
        with suppress(CassetteFormatError):
            load_cassette(edited, name="a.yaml")
            assert_compiled(edited)


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


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_committed_cassette_is_compiled(path: Path) -> None:
    def attached(name: str, _size: int) -> bytes:
        return path.with_name(name).read_bytes()

    assert_compiled(path.read_text(encoding="utf-8"), name=str(path), attached=attached)


def test_there_are_committed_cassettes() -> None:
    assert COMMITTED


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": "\\u00e4", "n": [1.5, null]}',
        '{"a": "ä", "n": [1.5, null]}'.encode(),
        b'{"a":"\\u00e4","n":[1.5,null]}',
        '{"a":"ä","n":[1.5,null]}'.encode(),
        b'{\n  "a": "\\u00e4",\n  "n": []\n}',
        '{\n  "a": "ä",\n  "n": []\n}'.encode(),
        b"words",
        b"",
    ],
)
def test_an_answer_in_a_usual_style_is_found_at_a_glance_as_it_was_sent(body: bytes) -> None:
    """
    What is not, has all imported that finds placeholders and secrets.
    """
    response = StoredResponse(status=200, body=body_from_bytes(body, media_type="application/json"))
    request = StoredRequest(method="GET", url="http://shop.test/")
    text = dump_cassette(Cassette(test="t", interactions=(Interaction(request, response),)))
    tree = load_yaml(text, name="a.yaml")
    content = compile_cassette(tree, load_tree(tree, name="a.yaml", attached=None))
    assert content is not None

    glance = glance_at(load_compiled(content, name="a.yaml", attached=None), ())

    assert glance is not None
    found = glance.response(0)
    assert found is not None
    assert found.body == body

"""
The quick reader and the full one: where the quick one reads, both find the same.
"""

from __future__ import annotations

import os
import random
from contextlib import suppress
from pathlib import Path

import pytest

from taketwo.cassette.model import JsonValue
from taketwo.cassette.text.format import load_cassette
from taketwo.cassette.text.writer import dump_cassette
from taketwo.cassette.text.yaml_full import MAX_DEPTH, read_any
from taketwo.cassette.text.yaml_reader import load_yaml, read_canonical
from taketwo.cassette.text.yaml_writer import dump_yaml
from taketwo.errors import CassetteFormatError
from tests.toolkit.cassette.text.test_yaml import Values, mutilated

COMMITTED = sorted((Path(__file__).parents[4] / "cassettes" / "integration").rglob("*.yaml"))
REPEATS = int(os.environ.get("TAKETWO_REPEATS", "150"))


def told(value: JsonValue) -> str:
    """
    *value* with the order of its keys and the kinds of its numbers, which ``==`` does not look at.
    """
    return repr(value)


def generated(seed: int) -> dict[str, JsonValue]:
    values = Values(seed=seed)
    return {"first": values.any(depth=4), "list": [values.any(depth=3) for _ in range(3)], values.text(): 1}


def test_both_readers_find_the_same_in_what_was_written() -> None:
    missed = 0
    for seed in range(REPEATS):
        text = dump_yaml(generated(seed))

        found = read_canonical(text)

        missed += found is None
        assert told(read_any(text, name="a.yaml")) == told(generated(seed))
        assert found is None or told(found) == told(generated(seed))

    # Only keys with a colon in them are left to the full reader, and these values are made to have many.
    assert missed < REPEATS / 5


@pytest.mark.parametrize("seed", range(REPEATS // 10))
def test_both_readers_find_the_same_in_what_was_mutilated(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - a test repeats itself
    texts = [dump_yaml(generated(10 * seed + number)) for number in range(10)]
    for text in (*texts, *(path.read_text()[:4000] for path in COMMITTED[seed::15])):
        lines = mutilated(text.encode(), dice).decode("utf-8", "replace").split("\n")
        place, other = dice.randrange(len(lines)), dice.randrange(len(lines))
        moved = ["", "  ", "- "][dice.randrange(3)] + lines[other].replace(": ", dice.choice([": ", ":\n"]))
        changed = "\n".join([*lines[:place], moved, *lines[place:]])

        for candidate in ("\n".join(lines), changed):
            found = read_canonical(candidate)
            assert found is None or told(found) == told(read_any(candidate, name="a.yaml"))


@pytest.mark.parametrize(
    "text",
    [
        "a: 1",
        "a: 1\n\n",
        "a: 1\na: 2\n",
        "a: 01\n",
        "a: 1e5\n",
        "a: -0\n",
        "a: +1\n",
        "a: 1_0\n",
        "a: yes\n",
        "a: ~\n",
        "a: \n",
        "a:\n",
        "a:  b\n",
        "a: b \n",
        "a: b # c\n",
        "a: *b\n",
        "a: &b c\n",
        "a: !!str c\n",
        "a: [b]\n",
        "a: {}  \n",
        "a: 'b'\n",
        'a: "b"\n',
        'a: "\\ud800"\n',
        'a: "\\x41"\n',
        "'a': b\n",
        "1: a\n",
        "a:\n   b: c\n",
        "a:\n  - b\n",
        "a:\n-  b\n",
        "a: |\n    b\n",
        "a: .inf\n",
        "a: >\n  b\n  c\n",
        "a: |2\n  b\n  c\n",
        "a: |\n  b\n  c\n\n",
        " a: b\n",
        "- a\n",
        "---\na: 1\n",
        "a: 1\n...\n",
        "\ufeffa: 1\n",
        "a: 1\r\n",
        "a: b\u2028c\n",
        "a: b\x85c\n",
        "",
        "\n",
    ],
)
def test_what_is_written_otherwise_is_left_to_the_full_reader(text: str) -> None:
    assert read_canonical(text) is None


@pytest.mark.parametrize("depth", [40, MAX_DEPTH - 1, MAX_DEPTH, 3000])
def test_depth_is_limited_as_ever(depth: int) -> None:
    text = "a:\n" + "".join("  " * level + "a:\n" for level in range(1, depth)) + "  " * depth + "a: 1\n"

    with suppress(CassetteFormatError):
        assert told(load_yaml(text, name="a.yaml")) == told(read_any(text, name="a.yaml"))


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_committed_cassette_is_written_again_byte_for_byte(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = read_canonical(text)

    cassette = load_cassette(text, name=str(path), attached=lambda name, _: path.with_name(name).read_bytes())

    assert dump_cassette(cassette) == text
    assert told(found) == told(read_any(text, name=str(path)))

"""
A secret in every encoding by forms of messages, in either direction, whole and in pieces, on real sockets.

None is on the disk, or in what is printed. What came in as a text plays as it came; bytes, and what the test
itself sent in pieces, nothing can stand for: such a recording is refused.
"""

from __future__ import annotations

import json
import re
from itertools import product

import pytest

from tests.toolkit.conversations.conftest import Talk
from tests.toolkit.encodings import ENCODED, SECRET, left_in

pytestmark = pytest.mark.slow

SUITE = """
from pathlib import Path

# Not in this text, which pytest shows where a test fails.
ENCODED = json.loads(Path("encoded.json").read_text())
# A replay knows no more of a text in base64 than the secret, and escapes each sign once, in one way.
OTHERWISE = {"basic", "inside", "twice", "json", "html"}
FORMS = ["texts", "json", "bytes", "pieces"]


def parts(text, count):
    size = -(-len(text) // count)
    return [text[start : start + size] for start in range(0, len(text), size)]


def text_of(message):
    if isinstance(message, bytes):
        return message.decode()
    return json.loads(message)["delta"] if message.startswith('{"delta"') else message


def table(test):
    for name, values in {"name": ENCODED, "form": FORMS, "count": [1, 4]}.items():
        test = pytest.mark.parametrize(name, values)(test)
    return test


@table
async def test_heard(name, form, count):
    text = f"it is {ENCODED[name]} indeed"
    async with connect(url()) as ws:
        await ws.recv()
        await ask(ws, do="say", parts=[part[::-1] for part in parts(text, count)], **{"as": form})
        heard = [await ws.recv() for _ in range(1 if form == "pieces" else count)]
    assert name in OTHERWISE or "".join(map(text_of, heard)) == text


@table
async def test_told(name, form, count):
    text = f"it is {ENCODED[name]} indeed"
    async with connect(url()) as ws:
        await ws.recv()
        if form == "pieces":
            await ws.send(iter(parts(text, count)))
            await ws.recv()
            return
        for part in parts(text, count):
            told = json.dumps({"do": "echo", "delta": part}) if form == "json" else part
            await ws.send(told.encode() if form == "bytes" else told)
            await ws.recv()
"""
REFUSED = {
    ("heard", "bytes", 1),
    ("heard", "bytes", 4),
    ("told", "texts", 4),
    ("told", "json", 4),
    ("told", "bytes", 1),
    ("told", "bytes", 4),
}


@pytest.fixture
def table(talk: Talk) -> Talk:
    pyproject = talk.project.root / "pyproject.toml"
    text = pyproject.read_text(encoding="utf-8")
    assert "k3y-of-the-talker" in text
    talk.project.write("pyproject.toml", text.replace("k3y-of-the-talker", SECRET))
    talk.project.write("encoded.json", json.dumps(ENCODED))
    talk.test(SUITE)
    return talk


def test_no_secret_of_a_frame_is_on_the_disk_or_told(table: Talk) -> None:
    refused = {
        f"test_{direction}[{name}-{form}-{count}]"
        for (direction, form, count), name in product(REFUSED, ENCODED)
    }

    recorded = table.project.pytest("--record-mode=rewrite", "--tb=short", "-rE")
    replayed = table.project.pytest("--tb=short", "-rf")

    assert re.findall("^FAILED", recorded.output, re.MULTILINE) == []
    assert sorted(named("ERROR", recorded.output) ^ refused) == []
    assert sorted(named("FAILED", replayed.output) ^ refused) == []
    written = "\n".join(table.project.files().values())
    assert left_in(written) == []
    assert left_in(recorded.output + replayed.output) == []


def named(word: str, output: str) -> set[str]:
    """
    The tests that the end of a run names behind *word*.
    """
    return set(re.findall(rf"^{word} tests/test_notes\.py::(\S+)", output, re.MULTILINE))

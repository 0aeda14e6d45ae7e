"""
What is recorded beside what a cassette holds already costs nothing of it.
"""

from __future__ import annotations

import re

import pytest

from tests.toolkit.conversations.conftest import Talk

KNOWN = """
async def test_talk():
    import httpx

    async with connect(url(), additional_headers={"xi-api-key": "k3y-of-the-talker"}) as ws:
        hello = await hear(ws)
        await ask(ws, do="speak", text="one", count=2)
        for _ in range(3):
            await ws.recv()
        await ask(ws, do="secret")
        await ws.recv()
        async with httpx.AsyncClient() as http:
            await http.get(url("/health?session=" + hello["session_id"]).replace("ws", "http", 1))
        await ask(ws, do="echo", session=hello["session_id"])
        await ws.recv()
    async with connect(url()) as ws:
        await ask(ws, do="close", code=4004, reason="no such voice")
        with pytest.raises(ConnectionClosedError):
            async for _ in ws:
                pass
"""
NEW = """
    async with connect(url("/?lang=fr")) as ws:
        await ws.recv()
        await ask(ws, do="raw", text="two", count=2)
        assert await ws.recv() != await ws.recv()
"""
FIRST_ONLY = KNOWN.partition("    async with connect(url()) as ws:")[0]


def conversations(text: str) -> list[str]:
    """
    The conversations of a cassette as the file has them.
    """
    told = text.partition("\nconversations:\n")[2].partition("\nfiles:\n")[0]
    return re.findall(r"(?m)^- .*\n(?:  .*\n)+", f"{told}\n")


def test_known_conversations_are_kept_beside_new_ones(talk: Talk) -> None:
    talk.test(KNOWN)
    assert talk.project.pytest("--record-mode=rewrite").tail == "1 passed"
    before = talk.cassette("test_talk")
    talk.test(KNOWN + NEW)

    added = talk.project.pytest("--record-mode=new_episodes")
    both = talk.cassette("test_talk")
    again = talk.project.pytest("--record-mode=new_episodes")

    assert (added.tail, again.tail) == ("1 passed", "1 passed"), added.output
    assert conversations(both)[:2] == conversations(before)
    assert len(conversations(both)) == 3
    assert before.partition("\ninteractions:\n")[2].partition("\nconversations:\n")[0] in both
    assert talk.cassette("test_talk") == both
    assert talk.project.pytest("--record-mode=none").tail == "1 passed"
    assert len(list((talk.project.root / "cassettes/test_notes").glob("*.wav"))) == 1


@pytest.mark.parametrize("mode", ["new_episodes", "once"])
def test_where_nothing_is_new_not_one_byte_changes(talk: Talk, mode: str) -> None:
    """
    Neither where all that is known is played, nor where a conversation is not opened any more.
    """
    talk.test(KNOWN)
    assert talk.project.pytest("--record-mode=rewrite").tail == "1 passed"
    files = talk.project.files()

    same = talk.project.pytest(f"--record-mode={mode}")
    talk.test(FIRST_ONLY)
    fewer = talk.project.pytest(f"--record-mode={mode}")

    assert (same.tail, fewer.tail) == ("1 passed", "1 passed"), same.output
    assert talk.project.files() == files


def test_a_conversation_that_goes_otherwise_costs_nothing_when_others_may_be_added(talk: Talk) -> None:
    talk.test(KNOWN)
    assert talk.project.pytest("--record-mode=rewrite").tail == "1 passed"
    files = talk.project.files()
    talk.test(KNOWN.replace('text="one"', 'text="won"') + NEW)

    run = talk.project.pytest("--record-mode=new_episodes", "--tb=short")

    assert run.tail == "1 failed"
    assert 'frame 2 is not what the test sends now; it differs in:\n  - json.text: recorded "one"' in run.said
    assert talk.project.files() == files


def test_a_cassette_that_knows_no_conversation_refuses_one_when_it_is_recorded_once(talk: Talk) -> None:
    talk.test(KNOWN)
    assert talk.project.pytest("--record-mode=once").tail == "1 passed"
    files = talk.project.files()
    talk.test(KNOWN + NEW)

    run = talk.project.pytest("--record-mode=once", "--tb=short")

    assert run.tail == "1 failed"
    assert "has no conversation for GET ws://talker.test/?lang=fr" in run.said
    assert talk.project.files() == files


TWO = """
@pytest.mark.vcr(OPTIONS)
async def test_two():
    for wanted in WANTED:
        async with connect(url(f"/{wanted}")) as ws:
            assert (await hear(ws))["event"] == "connected"
            await ask(ws, do="echo", text=wanted)
            assert (await hear(ws))["text"] == wanted
"""


def two(wanted: list[str], options: str = "") -> str:
    return TWO.replace("OPTIONS", options).replace("WANTED", repr(wanted))


def test_a_conversation_that_is_not_opened_leaves_a_cassette_where_that_is_asked_for(talk: Talk) -> None:
    talk.test(two(["one", "two"]))
    talk.project.pytest("--record-mode=rewrite")
    talk.test(two(["two", "three"], "drop_unused_requests=True"))

    added = talk.project.pytest("--record-mode=new_episodes")

    assert added.tail == "1 passed", added.output
    assert re.findall("url: ws://talker.test/(.*)", talk.cassette("test_two")) == ["two", "three"]
    assert talk.project.pytest().tail == "1 passed"


@pytest.mark.parametrize(("wanted", "count"), [(["one"], 1), ([], 2)])
def test_every_conversation_has_to_be_opened_where_that_is_asked_for(
    talk: Talk, wanted: list[str], count: int
) -> None:
    talk.test(two(["one", "two"]))
    talk.project.pytest("--record-mode=rewrite")
    talk.test(two(wanted, "unplayed='fail'"))

    run = talk.project.pytest("--tb=short")

    assert run.tail == "1 passed, 1 error", run.output
    assert (
        "the test passed, and never asked for all that cassettes/test_notes/test_two.yaml holds:\n"
        f"  - {count} of the WebSocket conversations\n"
    ) in run.said


def test_what_is_opened_and_played_is_enough(talk: Talk) -> None:
    talk.test(two(["one", "two"]))
    talk.project.pytest("--record-mode=rewrite")
    talk.test(two(["one", "two"], "unplayed='fail'"))

    assert talk.project.pytest().tail == "1 passed"

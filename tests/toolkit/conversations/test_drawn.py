"""
What a client draws anew for its messages: any other of the kind is taken for it, and echoed.
"""

from __future__ import annotations

import pytest

from tests.toolkit.conversations.conftest import Talk

TESTS = """
import uuid


async def call(ws, name):
    number = str(uuid.uuid4())
    await ask(ws, do="echo", request_id=number, method=name)
    answer = await hear(ws)
    assert (answer["request_id"], answer["method"]) == (number, name)


async def test_calls():
    async with connect(url("/talk")) as ws:
        await hear(ws)
        await call(ws, "a")
        await call(ws, "b")


async def test_beside_each_other():
    async def talk(*names):
        async with connect(url("/talk")) as ws:
            await hear(ws)
            for name in names:
                await call(ws, name)

    await asyncio.gather(talk("x", "one"), talk("x", "two"), talk("x", "three"))


async def test_session_of_the_client():
    session = str(uuid.uuid4())
    async with connect(url(f"/talk?session={session}")) as ws:
        await hear(ws)
        await ask(ws, do="echo", session=session)
        assert (await hear(ws))["session"] == session
"""


def test_recorded_again_nothing_changes_and_a_replay_takes_any_other(talk: Talk) -> None:
    talk.test(TESTS)

    recorded = talk.project.pytest("--record-mode=rewrite")
    files = talk.project.files()
    again = talk.project.pytest("--record-mode=rewrite")
    replayed = [talk.project.pytest("--record-mode=none") for _ in range(2)]

    assert (recorded.tail, again.tail) == ("3 passed", "3 passed"), recorded.output
    assert talk.project.files() == files
    assert [run.tail for run in replayed] == ["3 passed"] * 2, replayed[0].output
    assert "request_id: <sent:uuid:1>" in talk.cassette("test_calls")


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('call(ws, "b")', 'call(ws, "c")', 'json.method: recorded "b", received "c"'),
        ("number = str(uuid.uuid4())", 'number = "one"', "json.request_id"),
        ("session=session)", "session=str(uuid.uuid4()))", "json.session"),
    ],
)
def test_what_differs_otherwise_is_a_mismatch(talk: Talk, before: str, after: str, message: str) -> None:
    talk.test(TESTS)
    assert talk.project.pytest("--record-mode=rewrite").tail == "3 passed"

    talk.test(TESTS.replace(before, after))
    replayed = talk.project.pytest("--record-mode=none")

    assert replayed.code == 1
    assert message in replayed.output, replayed.output

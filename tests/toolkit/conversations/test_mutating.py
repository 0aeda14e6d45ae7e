"""
``taketwo mutate`` changes what was said over a WebSocket too: what a test relies on, and what it says.
"""

from __future__ import annotations

from tests.toolkit.cli.conftest import taketwo
from tests.toolkit.conversations.conftest import Talk

STRICT = """
async def test_strict():
    async with connect(url("/?lang=en")) as ws:
        hello = await hear(ws)
        assert (hello["event"], len(hello["session_id"])) == ("connected", 36)
        await ask(ws, do="words", count=1)
        assert (await hear(ws)) == {"word": 0}
        await ask(ws, do="close", code=4004, reason="no such voice")
        with pytest.raises(ConnectionClosedError) as caught:
            await ws.recv()
        assert (caught.value.rcvd.code, caught.value.rcvd.reason) == (4004, "no such voice")
"""
LAX = """
async def test_lax():
    async with connect(url()) as ws:
        await hear(ws)
        await ask(ws, do="speak", text="one", count=1)
        assert len((await hear(ws))["audio"]) > 9
        assert (await hear(ws))["event"] == "done"
"""


def test_frames_openings_and_closes_are_changed_and_who_does_not_notice_is_told(talk: Talk) -> None:
    talk.test(STRICT + LAX)
    assert talk.project.pytest("--record-mode=rewrite").tail == "2 passed"
    files = talk.project.files()

    run = taketwo(talk.project, "mutate", "--limit", "0")

    assert run.output.splitlines() == [
        "tests/test_notes.py::test_lax: 21 of 22 noticed",
        "  conversation 1, frame 3  json.audio: without its first sample",
        "tests/test_notes.py::test_strict: 30 of 31 noticed",
        "  conversation 1, frame 1  json.session_id: '<uuid:1>' → '<uuid:901>'",
        "noticed by no test, in whichever cassette:",
        "  ws://talker.test/, receive {event, audio, sample_rate}  json.audio: without its first sample",
        "  ws://talker.test/, receive {event, session_id}  json.session_id: another value",
        "2 tests, 53 of 53 mutants: 51 noticed, 96.2 %",
        "48 different changes: 46 noticed by some test, 95.8 %",
    ]
    assert talk.project.files() == files

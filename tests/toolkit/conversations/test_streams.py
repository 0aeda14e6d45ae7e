"""
Streams: the same every time, at the pace that is wanted, and never a half one in the place of a whole one.
"""

from __future__ import annotations

import os
import wave

from tests.toolkit.conversations.conftest import Talk

TIMES = int(os.environ.get("TAKETWO_STREAM_REPLAYS", "5"))

SPOKEN = """
import hashlib


async def listen(ws):
    said = []
    async for message in ws:
        said.append(message)
        if "done" in message:
            return said


@pytest.mark.parametrize("run", range({times}))
@pytest.mark.default_cassette("test_spoken")
async def test_spoken(run):
    key = "k3y-of-the-talker"
    async with connect(url(f"/speak?api_key={{key}}"), additional_headers={{"xi-api-key": key}}) as ws:
        first = await hear(ws)
        everything = [first["session_id"]]
        for text in ("one", "two"):
            await ask(ws, do="speak", text=text, count=6, session=first["session_id"])
            said = await listen(ws)
            everything += said
    with open("digests", "a") as file:
        file.write(hashlib.sha256("".join(everything).encode()).hexdigest() + "\\n")
"""


def test_every_replay_of_a_stream_is_the_same_and_its_audio_a_file(talk: Talk) -> None:
    talk.test(SPOKEN.format(times=1))
    recorded = talk.project.pytest("--record-mode=rewrite")
    assert recorded.tail == "1 passed", recorded.output
    digests = talk.project.root / "digests"
    digests.unlink()

    talk.test(SPOKEN.format(times=TIMES))
    replayed = talk.project.pytest("--record-mode=none", "-n2")

    assert replayed.tail == f"{TIMES} passed", replayed.output
    lines = digests.read_text(encoding="utf-8").split()
    assert (len(lines), len(set(lines))) == (TIMES, 1)
    folder = talk.project.root / "cassettes" / "test_notes"
    text = (folder / "test_spoken.yaml").read_text(encoding="utf-8")
    sounds = sorted(folder.glob("*.wav"))
    assert len(sounds) == 2
    assert text.count("audio: <pcm:") == 12
    assert "k3y-of-the-talker" not in text
    assert "xi-api-key: <secret:xi-api-key>" in text


def test_a_service_that_dies_in_the_middle_of_a_stream_costs_no_cassette(talk: Talk) -> None:
    body = """
    async def test_stream():
        async with connect(url()) as ws:
            await hear(ws)
            await ask(ws, do="{deed}", count=2)
            assert (await hear(ws))["word"] in (0, "last")
            assert (await hear(ws))["word"] == 1
    """
    talk.test(body.format(deed="words"))
    assert talk.project.pytest("--record-mode=rewrite").tail == "1 passed"
    files = talk.project.files()
    talk.test(body.format(deed="die"))

    run = talk.project.pytest("--record-mode=rewrite")

    assert run.tail == "1 failed"
    assert "ConnectionClosedError: no close frame received or sent" in run.output
    assert "1 cassette recorded, and not put in place" in run.output
    assert talk.project.files() == files


PACED = """
class Clock:
    def __init__(self, loop):
        self.loop, self.ahead, self.time = loop, 0.0, loop.time
        self.call_at = loop.call_at
        loop.time = lambda: self.time() + self.ahead
        select = loop._selector.select

        def jump(timeout):
            if timeout and timeout > 0:
                self.ahead += timeout
            return select(0)

        loop._selector.select = jump


{marks}
async def test_paced():
    {clock}
    loop = asyncio.get_running_loop()
    start = loop.time()
    async with connect(url()) as ws:
        await hear(ws)
        await ask(ws, do="words", count=3, pause=0.8)
        for number in range(3):
            assert (await hear(ws))["word"] == number
    took = loop.time() - start
    assert {expected}, took
"""
CLOCK = "clock = Clock(asyncio.get_running_loop())"
"""Time passes where the loop would wait, and is counted: a busy machine changes nothing."""


def test_a_replay_has_the_pace_that_the_test_wants(talk: Talk) -> None:
    talk.test(PACED.format(marks="", clock="", expected="took > 2.2"))
    assert talk.project.pytest("--record-mode=rewrite").tail == "1 passed"

    runs = {
        "fast": PACED.format(marks="", clock=CLOCK, expected="clock.ahead < 2"),
        "recorded": PACED.format(marks='@pytest.mark.vcr(pace="recorded")', clock="", expected="took > 2.2"),
        "of a clock": PACED.format(
            marks='@pytest.mark.vcr(pace="recorded")',
            clock=CLOCK,
            expected="took > 2.2 and clock.ahead > 2",
        ),
    }
    for name, body in runs.items():
        talk.test(body)
        run = talk.project.pytest("--record-mode=none")
        assert run.tail == "1 passed", f"{name}: {run.output}"
    talk.test(PACED.format(marks='@pytest.mark.vcr(pace="slow")', clock="", expected="True"))
    assert "vcr.pace: expected one of fast, recorded, got 'slow'" in talk.project.pytest().output


def test_a_project_says_once_how_conversations_are_replayed_and_a_test_may_say_otherwise(talk: Talk) -> None:
    talk.test(PACED.format(marks="", clock="", expected="took > 2.2"))
    assert talk.project.pytest("--record-mode=rewrite").tail == "1 passed"
    pyproject = (talk.project.root / "pyproject.toml").read_text(encoding="utf-8")
    paced = '[tool.taketwo.conversations]\npace = "recorded"\npatience = 10\n'
    talk.project.write("pyproject.toml", paced + pyproject)

    as_the_project_says = talk.project.pytest()
    talk.test(PACED.format(marks='@pytest.mark.vcr(pace="fast")', clock=CLOCK, expected="clock.ahead < 2"))
    as_the_test_says = talk.project.pytest()

    assert as_the_project_says.tail == "1 passed", as_the_project_says.output
    assert as_the_test_says.tail == "1 passed", as_the_test_says.output


def test_raw_audio_is_what_the_project_says_where_nothing_beside_it_tells(talk: Talk) -> None:
    talk.test(
        """
        async def test_raw():
            async with connect(url("/raw/speech")) as ws:
                await ws.recv()
                await ask(ws, do="raw", text="one", count=2)
                said = await ws.recv() + await ws.recv()
                assert len(said) == 3200
        """
    )
    pyproject = (talk.project.root / "pyproject.toml").read_text(encoding="utf-8")
    told = '[[tool.taketwo.audio]]\npath = "/raw/*"\nrate = 8000\nchannels = 2\n'
    talk.project.write("pyproject.toml", told + pyproject)

    recorded = talk.project.pytest("--record-mode=rewrite")

    assert recorded.tail == "1 passed", recorded.output
    [sound] = (talk.project.root / "cassettes" / "test_notes").glob("*.wav")
    with wave.open(str(sound)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getnframes()) == (8000, 2, 800)
    assert talk.project.pytest("--record-mode=none").tail == "1 passed"


def test_a_secret_in_pieces_of_binary_frames_is_refused_with_its_place(talk: Talk) -> None:
    talk.test(
        """
        async def test_secret():
            async with connect(url()) as ws:
                await ws.recv()
                await ask(ws, do="secret", count=2, raw=True)
                await ws.recv()
                await ws.recv()
        """
    )

    run = talk.project.pytest("--record-mode=rewrite", "--tb=short")

    assert run.tail == "1 passed, 1 error"
    assert (
        "the recording of tests/test_notes.py::test_secret was refused: it still holds a secret\n"
        "  - a secret in pieces in conversation 1, binary frames 3 to 4\n"
    ) in run.said
    assert "if it is one: keep it out of what is recorded" in run.said
    assert "k3y-of" not in run.output
    assert talk.project.files() == {}

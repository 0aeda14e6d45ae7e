"""
A client that does not talk as it did when it was recorded is told so: at once, and with what to do.
"""

from __future__ import annotations

from tests.toolkit.conversations.conftest import Talk

RECORDED = """
async def test_talk():
    async with connect(url()) as ws:
        await hear(ws)
        await ask(ws, do="echo", word="one")
        await hear(ws)
        await ask(ws, do="echo", word="two")
        await hear(ws)
"""
PLACE = "cassettes/test_notes/test_talk.yaml, conversation 1 with ws://talker.test/: "
CHANGED_MESSAGE = (
    f"{PLACE}frame 2 is not what the test sends now; it differs in:\n"
    '  - json.word: recorded "one", received "won"\n'
)
NOT_SENT = f"{PLACE}the test has not sent frame {{}}, and what it waits for comes after it:\n"

CHANGED = RECORDED.replace('"one"', '"won"')
MISSING = RECORDED.replace('        await ask(ws, do="echo", word="one")\n', "")
EXTRA = RECORDED + '        await ask(ws, do="echo", word="three")\n'
SWALLOWED = """
async def test_talk():
    async with connect(url()) as ws:
        await hear(ws)
        try:
            await ask(ws, do="echo", word="won")
            await hear(ws)
        except Exception:
            pass
"""
UNHEARD = """
async def test_talk():
    async with connect(url()) as ws:
        await hear(ws)

        async def other():
            while True:
                await asyncio.sleep(0.01)

        task = asyncio.create_task(other())
        await ws.recv()
"""
LEFT = """
async def test_talk():
    async with connect(url()) as ws:
        await hear(ws)
        await ask(ws, do="echo", word="one")
"""
MORE = RECORDED + "        await ws.recv()\n"
AGAIN = RECORDED + "    await connect(url())\n"
ELSEWHERE = RECORDED.replace("url()", 'url("/?lang=fr")')
CLOSED = RECORDED + "        await ws.close(4000, 'enough')\n"
THREADS = """
def test_talk():
    with connect_sync(url()) as ws:
        ws.recv()
        ws.send(json.dumps({"do": "echo", "word": "one"}))
        ws.recv()
        ws.send(json.dumps({"do": "echo", "word": "too"}))
        ws.recv()
"""
THREADS_MISSING = """
def test_talk():
    with connect_sync(url()) as ws:
        ws.recv()
        ws.recv()
"""


CASES = {
    "changed": (CHANGED, CHANGED_MESSAGE),
    "swallowed": (SWALLOWED, CHANGED_MESSAGE),
    "missing": (MISSING, NOT_SENT.format(2)),
    "extra": (
        EXTRA,
        (
            f"{PLACE}the test sends a frame that was not recorded, frame 6:\n"
            '  - {"json": {"do": "echo", "word": "three"}}\n'
        ),
    ),
    "unheard": (UNHEARD, NOT_SENT.format(2)),
    "left": (LEFT, NOT_SENT.format(4)),
    "more": (
        MORE,
        f"{PLACE}the test waits for another frame, and none was recorded: it closed the connection",
    ),
    "again": (
        AGAIN,
        "has no further conversation for GET ws://talker.test/: it was recorded once, and opened",
    ),
    "elsewhere": (ELSEWHERE, "nearest is GET ws://talker.test/, which differs in:\n  - query"),
    "closed": (CLOSED, f"{PLACE}the test closes with 4000 enough, and 1000 was recorded"),
    "threads": (THREADS, '  - json.word: recorded "two", received "too"\n'),
    "threads_missing": (THREADS_MISSING, NOT_SENT.format(2)),
}


def test_what_a_client_does_otherwise_is_told_with_what_to_do(talk: Talk) -> None:
    talk.test(RECORDED)
    assert talk.project.pytest("--record-mode=rewrite").tail == "1 passed"
    files = talk.project.files()

    talk.test("\n\n".join(_marked(name, body) for name, (body, _) in CASES.items()))
    run = talk.project.pytest("--record-mode=none", "--tb=short", "-n2")

    # An error is a test that passed, and was failed at its end.
    assert run.tail == "10 failed, 2 passed, 2 errors"
    for name, (_, message) in CASES.items():
        assert message in run.said, f"{name}: {run.said}"
        assert f"record again: pytest --record-mode=rewrite tests/test_notes.py::test_{name}\n" in run.said
    assert talk.project.files() == files


def test_what_is_left_unsaid_is_told_as_what_is_never_played(talk: Talk) -> None:
    talk.test(RECORDED)
    assert talk.project.pytest("--record-mode=rewrite").tail == "1 passed"
    talk.test(
        """
        async def test_talk():
            ws = await connect(url())
            await hear(ws)
            ws.transport.abort()
        """
    )

    run = talk.project.pytest("--record-mode=none")

    assert run.tail == "1 passed"
    assert "1 cassette with interactions that were never played" in run.output


def _marked(name: str, body: str) -> str:
    marks = '@pytest.mark.default_cassette("test_talk")\n@pytest.mark.vcr(patience=0.2)\n'
    kind = "async def" if "async def" in body else "def"
    return body.strip().replace(f"{kind} test_talk", f"{marks}{kind} test_{name}", 1)

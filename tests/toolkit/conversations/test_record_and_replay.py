"""
A conversation is recorded once, and replayed as it was with nothing running.
"""

from __future__ import annotations

from tests.toolkit.conversations.conftest import Talk

TESTS = """
async def test_async_with():
    async with connect(url("/talk?lang=en")) as ws:
        hello = await hear(ws)
        await ask(ws, do="echo", session=hello["session_id"])
        assert (await hear(ws))["session"] == hello["session_id"]
        assert (ws.response.status_code, ws.request.path) == (101, "/talk?lang=en")
    assert ws.close_code == 1000


async def test_await():
    ws = await connect(url())
    await ws.recv()
    await ws.send("hello")
    assert await ws.recv() == "HELLO"
    await ws.send(b"abc")
    assert await ws.recv() == b"cba"
    await ws.send(["in ", "parts"])
    assert await ws.recv() == "IN PARTS"
    await (await ws.ping())
    await ws.close(1001, "enough")
    await ws.wait_closed()
    assert (ws.close_code, ws.close_reason) == (1001, "enough")
    with pytest.raises(ConnectionClosedOK):
        await ws.send("more")


async def test_async_for():
    words = []
    async with connect(url()) as ws:
        await ask(ws, do="words", count=40)
        await ask(ws, do="close", reason="all said")
        async for message in ws:
            words.append(json.loads(message).get("word"))
    assert words == [None, *range(40)]
    assert (ws.close_code, ws.close_reason) == (1000, "all said")


async def test_pieces():
    async with connect(url()) as ws:
        await ws.recv()
        await ask(ws, do="pieces")
        assert [piece async for piece in ws.recv_streaming()] == ["in ", "three ", "pieces", ""]


async def test_two_tasks():
    async with connect(url()) as ws:
        async def read():
            return [json.loads(message).get("word") async for message in ws]

        reading = asyncio.create_task(read())
        await ask(ws, do="words", count=3)
        await asyncio.sleep(0.05)
        await ask(ws, do="words", count=2)
        await ask(ws, do="close")
        assert await reading == [None, 0, 1, 2, 0, 1]


async def test_reconnections(monkeypatch):
    monkeypatch.setattr("random.random", lambda: 0.0)
    async for ws in connect(url("/busy")):
        assert (await hear(ws))["event"] == "connected"
        break
    await ws.close()


async def test_subprotocol():
    async with connect(url(), subprotocols=["talk.v1", "talk.v3"]) as ws:
        assert ws.subprotocol == "talk.v1"
        await ws.recv()


async def test_refused():
    with pytest.raises(InvalidStatus) as caught:
        await connect(url("/refused"))
    response = caught.value.response
    assert (response.status_code, response.headers["X-Reason"]) == (403, "closed")
    assert response.body.startswith(b"no entry, visitor ")


async def test_broken_off():
    async with connect(url()) as ws:
        await ws.recv()
        await ask(ws, do="break")
        with pytest.raises(ConnectionClosedError):
            await ws.recv()
        assert ws.close_code == 1006


async def test_closed_with_an_error():
    async with connect(url()) as ws:
        await ws.recv()
        await ask(ws, do="close", code=4004, reason="no such voice")
        with pytest.raises(ConnectionClosedError) as caught:
            await ws.recv()
        assert (caught.value.rcvd.code, caught.value.rcvd.reason) == (4004, "no such voice")


async def speak(word):
    async with connect(url()) as ws:
        hello = await hear(ws)
        await ask(ws, do="echo", word=word)
        return hello["session_id"], (await hear(ws))["word"]


async def test_several_at_once():
    said = await asyncio.gather(*(speak(word) for word in "abc"))
    assert len({session for session, _ in said}) == 3
    assert [word for _, word in said] == ["a", "b", "c"]


def test_threads():
    with connect_sync(url(), subprotocols=["talk.v2"]) as ws:
        hello = json.loads(ws.recv())
        ws.send(json.dumps({"do": "echo", "session": hello["session_id"]}))
        assert json.loads(ws.recv(timeout=5))["session"] == hello["session_id"]
        ws.send(json.dumps({"do": "words", "count": 30}))
        assert [json.loads(ws.recv())["word"] for _ in range(30)] == list(range(30))
        ws.send(json.dumps({"do": "pieces"}))
        assert list(ws.recv_streaming()) == ["in ", "three ", "pieces", ""]
        with pytest.raises(TimeoutError):
            ws.recv(timeout=0.01)
        assert ws.subprotocol == "talk.v2"
    assert ws.close_code == 1000


def test_threads_refused():
    with pytest.raises(InvalidStatus) as caught:
        connect_sync(url("/refused"))
    assert caught.value.response.status_code == 403


def test_threads_closed():
    with connect_sync(url()) as ws:
        ws.send(json.dumps({"do": "close", "code": 4004, "reason": "no such voice"}))
        with pytest.raises(ConnectionClosedError) as caught:
            for _ in ws:
                pass
        assert (caught.value.rcvd.code, caught.value.rcvd.reason) == (4004, "no such voice")
"""


def test_conversations_are_recorded_replayed_and_recorded_again_to_the_byte(talk: Talk) -> None:
    talk.test(TESTS)
    passed = f"{TESTS.count('def test_')} passed"

    recorded = talk.project.pytest("--record-mode=rewrite")
    files = talk.project.files()
    replayed = talk.project.pytest("--record-mode=none")
    again = talk.project.pytest("--record-mode=rewrite")

    assert recorded.tail == passed, recorded.output
    assert replayed.tail == passed, replayed.output
    assert again.tail == passed, again.output
    assert talk.project.files() == files
    assert all("\n  conversations: " in text for text in files.values())

"""
Recorded WebSocket conversations served to clients of other processes.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from taketwo.cassette.model import (
    Close,
    Closer,
    Conversation,
    Direction,
    Frame,
    JsonBody,
    StoredRequest,
    StoredResponse,
    TextBody,
)
from taketwo.config.playback import Manner
from tests.toolkit.features.serve.conftest import Serving, Shelf, interaction

TALK = "ws://talker.test/talk"


def frame(direction: Direction, body: JsonBody | TextBody) -> Frame:
    return Frame(direction=direction, at=0, body=body)


def conversation(*frames: Frame, close: Close | None = None, status: int = 101) -> Conversation:
    return Conversation(
        request=StoredRequest(method="GET", url=TALK),
        response=StoredResponse(status=status, body=None if status == 101 else TextBody("no")),
        frames=frames,
        close=close,
    )


SPOKEN = conversation(
    frame(Direction.RECEIVE, TextBody("welcome")),
    frame(Direction.SEND, JsonBody({"say": "one"})),
    frame(Direction.RECEIVE, TextBody("one")),
    close=Close(code=1001, reason="enough", by=Closer.SERVICE),
)


def opened(serving: Serving, path: str = "/talk") -> ClientConnection:
    return connect(serving.url.replace("http", "ws", 1) + path, proxy=None, open_timeout=20, close_timeout=20)


def test_frames_and_the_close_are_those_that_were_recorded(shelf: Shelf) -> None:
    shelf.put("talk", conversations=(SPOKEN,))

    with shelf.serve() as serving:
        with opened(serving) as line:
            welcome = line.recv(20)
            line.send('{"say":  "one"}')
            answer = line.recv(20)
            with pytest.raises(ConnectionClosed) as closed:
                line.recv(20)
        reports = serving.reports

    assert (welcome, answer) == ("welcome", "one")
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1001, "enough")
    assert [(one.played, one.unplayed, one.unmatched) for one in reports] == [(1, {}, [])]


def test_a_frame_that_was_not_recorded_closes_the_connection_with_the_reason(shelf: Shelf) -> None:
    shelf.put("talk", conversations=(SPOKEN,))

    with shelf.serve() as serving:
        with opened(serving) as line:
            line.recv(20)
            line.send('{"say": "won"}')
            with pytest.raises(ConnectionClosed) as closed:
                line.recv(20)
        unmatched = serving.reports[0].unmatched

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4501
    assert closed.value.rcvd.reason.startswith(f"cassettes/talk.yaml, conversation 1 with {TALK}: frame 2")
    assert 'json.say: recorded "one", received "won"' in unmatched[0]


def test_a_client_that_waits_in_vain_is_given_up(shelf: Shelf) -> None:
    shelf.put("talk", conversations=(SPOKEN,))

    with shelf.serve(manner=Manner(patience=0.1)) as serving:
        with opened(serving) as line:
            line.recv(20)
            with pytest.raises(ConnectionClosed) as closed:
                line.recv(20)
        unmatched = serving.reports[0].unmatched

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4501
    assert "has not sent frame 2" in unmatched[0]


def test_each_session_converses_for_itself(shelf: Shelf) -> None:
    shelf.put("talk", conversations=(SPOKEN,))

    with shelf.serve() as serving:
        paths = [f"/__taketwo/session/{serving.session()['session']}/talk" for _ in range(3)]
        lines = [opened(serving, path) for path in paths]
        welcomes = [line.recv(20) for line in lines]
        for line in lines:
            line.close()

    assert welcomes == ["welcome"] * 3


@pytest.mark.parametrize("path", ["/other", "/talk"])
def test_a_conversation_that_was_not_recorded_is_refused_with_a_message(shelf: Shelf, path: str) -> None:
    shelf.put("talk", conversations=(SPOKEN,))

    with shelf.serve() as serving:
        with opened(serving):
            pass
        with pytest.raises(InvalidStatus) as refused:
            opened(serving, path)

    assert refused.value.response.status_code == 501
    assert refused.value.response.body.decode().startswith("cassettes/talk.yaml has no ")


def test_an_opening_that_was_refused_is_refused_again(shelf: Shelf) -> None:
    shelf.put("talk", conversations=(conversation(status=403),))

    with shelf.serve() as serving, pytest.raises(InvalidStatus) as refused:
        opened(serving)

    assert (refused.value.response.status_code, refused.value.response.body) == (403, b"no")


def test_sixty_four_sessions_hear_each_its_own_answers_streams_and_conversations(shelf: Shelf) -> None:
    """
    All at the same time, of the same addresses: nothing but the session says which recording is meant.
    """
    for number in range(64):
        answers = [interaction("POST", "http://talker.test/count", f"{number}.{turn}") for turn in range(2)]
        pieces = StoredResponse(status=200, body=TextBody(f"one{number:02}two{number:02}"), chunks=(5, 5))
        spoken = conversation(
            frame(Direction.RECEIVE, TextBody(f"welcome {number}")),
            frame(Direction.SEND, TextBody("hello")),
            frame(Direction.RECEIVE, TextBody(f"hello {number}")),
            close=Close(code=1000, reason="", by=Closer.SERVICE),
        )
        streamed = interaction("GET", "http://talker.test/stream", pieces)
        shelf.put(str(number), *answers, streamed, test=f"t.py::test_{number}", conversations=(spoken,))
    together = threading.Barrier(64)

    def asked(number: int) -> list[object]:
        session = serving.session(test=f"t.py::test_{number}", unplayed="fail", patience=60)
        url, path = session["url"], urlsplit(session["url"]).path
        together.wait(60)
        with opened(serving, f"{path}/talk") as line:
            first = serving.ask("POST", "/count", url=url).json
            heard = [line.recv(60), serving.ask("GET", "/stream", url=url).text]
            line.send("hello")
            heard.append(line.recv(60))
        second = serving.ask("POST", "/count", url=url).json
        ended = serving.ask("DELETE", f"/__taketwo/sessions/{session['session']}").json
        return [first, *heard, second, ended["passed"], ended["played"]]

    with shelf.serve() as serving, ThreadPoolExecutor(64) as pool:
        found = list(pool.map(asked, range(64)))

    assert found == [
        [
            *(f"{number}.0", f"welcome {number}", f"one{number:02}two{number:02}", f"hello {number}"),
            *(f"{number}.1", True, 4),
        ]
        for number in range(64)
    ]

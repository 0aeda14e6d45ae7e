"""
Clients that leave in mid-sentence, that cut a sentence short, and that do not listen.
"""

from __future__ import annotations

import contextlib
import re
import socket
import sys
import threading
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import ConnectionClosed, ConnectionClosedOK

from tests.servers.processes import soon

if TYPE_CHECKING:
    from tests.servers.chorus.conftest import Meet, Server, Start, Talk

LONG = "Nobody will hear all of this. " * 80
LOUD = "output_format=pcm_44100"
SPEECH = "/v1/text-to-speech/af_heart"

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture
def own(start: Start) -> Server:
    """
    A server whose log and memory are those of one test.
    """
    return start("--engine", "small", "--threads", "1")


def unsaid(server: Server) -> list[tuple[int, int]]:
    """
    Of each speech that ended early: how many pieces were said, and of how many.
    """
    found = re.findall(r"a speech ended after (\d+) of its (\d+) pieces", server.log.read_text())
    return [(int(said), int(whole)) for said, whole in found]


def busy_time(server: Server) -> int:
    with open(f"/proc/{server.process.pid}/stat", encoding="ascii") as file:  # noqa: PTH123 - procfs
        fields = file.read().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def await_rest(server: Server) -> None:
    """
    Until the server has nothing to do that it can do.
    """
    before = -1
    while (now := busy_time(server)) != before:
        before = now
        time.sleep(0.3)


def connection(server: Server) -> socket.socket:
    """
    One whose kernel keeps little for a client that does not read.
    """
    address = urlsplit(server.url)
    opened = socket.socket()
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    opened.connect((address.hostname, address.port))
    return opened


def request(path: str) -> bytes:
    body = b'{"text":"' + LONG.encode() + b'"}'
    head = (
        f"POST {path}?{LOUD} HTTP/1.1\r\nHost: x\r\nxi-api-key: test-key\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def test_who_closes_ends_the_work(own: Server, meet: Meet) -> None:
    talk = meet(own, LOUD)
    talk.say(LONG, flush=True)
    assert talk.event()["event"] == "audioOutput"

    talk.socket.close()

    assert soon(lambda: unsaid(own) != [])
    [(said, whole)] = unsaid(own)
    assert said < whole == 80


def test_who_says_goodbye_and_closes_ends_the_work(own: Server, meet: Meet) -> None:
    talk = meet(own, LOUD)
    talk.say(LONG, flush=True)
    assert talk.event()["event"] == "audioOutput"

    talk.say("")
    talk.socket.close()

    assert soon(lambda: unsaid(own) != [])


@pytest.mark.parametrize("path", [SPEECH, f"{SPEECH}/stream"])
def test_who_leaves_over_http_ends_the_work(own: Server, path: str) -> None:
    with connection(own) as client:
        client.sendall(request(path))
        assert soon(lambda: busy_time(own) > 0)
        if path.endswith("stream"):
            assert client.recv(1000).startswith(b"HTTP/1.1 200")

    assert soon(lambda: unsaid(own) != [])
    assert own.speech("I am still here.")
    assert "Traceback" not in own.log.read_text()


def test_an_empty_text_cuts_an_utterance_short(own: Server, meet: Meet) -> None:
    talk = meet(own, LOUD, max_queue=1, sock=connection(own))
    talk.say(LONG, flush=True)
    assert talk.event()["event"] == "audioOutput"
    await_rest(own)
    time.sleep(0.6)

    talk.say("")
    heard = talk.hear()

    frames = 1 + len(heard.frames)
    assert (heard.end["event"], heard.end["chunks"]) == ("finalOutput", frames)
    with pytest.raises(ConnectionClosedOK) as closed:
        talk.event()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.reason == "interrupted"
    [(said, whole)] = unsaid(own)
    assert said < whole


@on_linux
def test_memory_is_bounded_while_nobody_listens(own: Server, meet: Meet) -> None:
    """
    20 MB of sound are asked for; what the kernel takes is made, and no more.
    """
    talk = meet(own, LOUD, max_queue=1, sock=connection(own))
    talk.flush("Nobody will hear all of this.")
    before = own.memory()

    talk.say(LONG, flush=True)
    talk.say(LONG, flush=True)
    await_rest(own)
    grown = own.memory() - before
    talk.socket.close()

    assert grown < 10_000_000
    assert soon(lambda: unsaid(own) != [])


@on_linux
def test_memory_is_bounded_while_a_stream_is_not_read(own: Server) -> None:
    own.speech("Nobody will hear all of this.")
    before = own.memory()

    with connection(own) as client:
        client.sendall(request(f"{SPEECH}/stream"))
        await_rest(own)
        grown = own.memory() - before

    assert grown < 10_000_000
    assert soon(lambda: unsaid(own) != [])


@on_linux
def test_memory_is_bounded_while_text_comes_faster_than_it_is_said(own: Server, meet: Meet) -> None:
    """
    A client that says more than anybody can speak is not read any further.
    """
    talk = meet(own, LOUD, max_queue=1, sock=connection(own))
    talk.flush("Nobody will hear all of this.")
    before = own.memory()
    sender = threading.Thread(target=say_without_end, args=[talk], daemon=True)

    sender.start()
    await_rest(own)
    grown, waits = own.memory() - before, sender.is_alive()
    # Closing would wait for the sender, which waits for the server.
    talk.socket.socket.shutdown(socket.SHUT_RDWR)
    sender.join(20)

    assert waits
    assert grown < 10_000_000


def say_without_end(talk: Talk) -> None:
    with contextlib.suppress(ConnectionClosed):
        while True:
            talk.say(LONG, flush=True)


def test_one_who_listens_late_hears_everything(own: Server, meet: Meet) -> None:
    talk = meet(own, LOUD, max_queue=1, sock=connection(own))
    text = LONG[: len(LONG) // 2]  # 9 MB, of which the kernel takes 4
    talk.say(text, flush=True)
    await_rest(own)

    same = talk.hear().samples == own.speech(text, output="pcm_44100")
    assert same


def test_one_who_does_not_listen_keeps_nobody_waiting(own: Server, meet: Meet) -> None:
    deaf = meet(own, LOUD, max_queue=1)
    deaf.say(LONG, flush=True)

    assert meet(own).flush("Hello.").end["event"] == "finalOutput"

"""
A small WebSocket service for the toolkit's own tests: it mints ids, speaks, refuses and breaks off.

``python talker.py PORT``; TALKER_KEY is a secret it echoes, TALKER_PIDS a file it appends its process id to.
Any message ``{"do": …}`` asks for something:

* ``echo``: the message with an id of the service; ``words``: as many messages as asked for
* ``speak``: audio in base64, in as many messages as asked for, then ``done``; ``raw``: the same in binary
* ``say``: the parts, each backwards, in messages of their own: ``as`` texts, JSON, bytes, or as ``pieces`` of
  one message
* ``secret``: the key, in one message or in pieces, in binary when ``raw``
* ``close``: a close frame; ``break``: no close frame
* ``die``: the process ends in the middle of a stream
"""

from __future__ import annotations

import asyncio
import base64
import json
import math
import os
import sys
import uuid
from collections.abc import Sequence
from http import HTTPStatus
from itertools import count
from pathlib import Path
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

RATE = 8000


def audio(word: str, *, seconds: float = 0.1) -> bytes:
    """
    A tone whose pitch is that of *word*, as 16-bit samples.
    """
    pitch = 200 + 10 * (sum(word.encode()) % 50)
    samples = (round(8000 * math.sin(2 * math.pi * pitch * n / RATE)) for n in range(int(RATE * seconds)))
    return b"".join(sample.to_bytes(2, "little", signed=True) for sample in samples)


async def talk(connection: ServerConnection) -> None:
    await _say(connection, {"event": "connected", "session_id": str(uuid.uuid4())})
    async for message in connection:
        if isinstance(message, bytes):
            await connection.send(message[::-1])
        elif not message.startswith("{"):
            await connection.send(message.upper())
        else:
            await _do(connection, json.loads(message))


async def _do(connection: ServerConnection, wanted: dict[str, Any]) -> None:
    await _DEEDS[wanted["do"]](connection, wanted)


async def _echo(connection: ServerConnection, wanted: dict[str, Any]) -> None:
    await _say(connection, {**wanted, "id": str(uuid.uuid4())})


async def _words(connection: ServerConnection, wanted: dict[str, Any]) -> None:
    for number in range(_times(wanted)):
        await asyncio.sleep(float(wanted.get("pause", 0)))
        await _say(connection, {"word": number})


async def _speak(connection: ServerConnection, wanted: dict[str, Any]) -> None:
    for number in range(_times(wanted)):
        sound = base64.b64encode(audio(f"{wanted['text']}{number}")).decode()
        await _say(connection, {"event": "audio", "audio": sound, "sample_rate": RATE})
    await _say(connection, {"event": "done", "chunks": _times(wanted)})


async def _raw(connection: ServerConnection, wanted: dict[str, Any]) -> None:
    for number in range(_times(wanted)):
        await connection.send(audio(f"{wanted['text']}{number}"))


async def _pieces(connection: ServerConnection, _wanted: dict[str, Any]) -> None:
    await connection.send(iter(["in ", "three ", "pieces"]))


async def _secret(connection: ServerConnection, wanted: dict[str, Any]) -> None:
    for part in _parts(os.environ.get("TALKER_KEY", ""), _times(wanted)):
        await (connection.send(part.encode()) if wanted.get("raw") else _say(connection, {"delta": part}))


async def _say_parts(connection: ServerConnection, wanted: dict[str, Any]) -> None:
    parts = [str(part)[::-1] for part in wanted["parts"]]
    match wanted["as"]:
        case "pieces":
            await connection.send(iter(parts))
        case "json":
            for part in parts:
                await _say(connection, {"delta": part})
        case form:
            for part in parts:
                await connection.send(part.encode() if form == "bytes" else part)


async def _close(connection: ServerConnection, wanted: dict[str, Any]) -> None:
    await connection.close(int(wanted.get("code", 1000)), str(wanted.get("reason", "")))


async def _break(connection: ServerConnection, _wanted: dict[str, Any]) -> None:
    connection.transport.abort()


async def _die(connection: ServerConnection, _wanted: dict[str, Any]) -> None:
    await _say(connection, {"word": "last"})
    os._exit(3)


_DEEDS = {
    "break": _break,
    "close": _close,
    "die": _die,
    "echo": _echo,
    "pieces": _pieces,
    "raw": _raw,
    "say": _say_parts,
    "secret": _secret,
    "speak": _speak,
    "words": _words,
}


def _times(wanted: dict[str, Any]) -> int:
    return int(wanted.get("count", 1))


def _parts(text: str, count: int) -> list[str]:
    size = -(-len(text) // count)
    return [text[start : start + size] for start in range(0, len(text), size)]


async def _say(connection: ServerConnection, value: object) -> None:
    await connection.send(json.dumps(value, separators=(",", ":")))


def answer(connection: ServerConnection, request: Request) -> Response | None:
    """
    Plain HTTP for the toolkit, refusals for those that ask for one.
    """
    path = request.path.partition("?")[0]
    if path in {"/health", "/reset"}:
        return connection.respond(HTTPStatus.OK, "ok\n")
    if path == "/refused":
        response = connection.respond(HTTPStatus.FORBIDDEN, f"no entry, visitor {uuid.uuid4()}\n")
        response.headers["X-Reason"] = "closed"
        return response
    if path == "/busy" and next(_VISITS) % 2 == 0:
        return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "later\n")
    return None


def choose(_connection: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    known = (Subprotocol("talk.v2"), Subprotocol("talk.v1"))
    return next((name for name in known if name in offered), None)


_VISITS = count()


async def main(port: int) -> None:
    if pids := os.environ.get("TALKER_PIDS"):
        with Path(pids).open("a", encoding="utf-8") as file:  # noqa: ASYNC230 - once, at the start
            file.write(f"{os.getpid()}\n")
    async with serve(talk, "127.0.0.1", port, process_request=answer, select_subprotocol=choose):
        await asyncio.get_running_loop().create_future()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))

"""A Chorus for unit tests: a real socket on this machine, and answers that the test wrote down."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TypeAlias

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from bot.voice_settings import VoiceSettings

Answers: TypeAlias = Sequence[str | bytes | float | None]

GREETING = json.dumps({"event": "connected", "session_id": "s-1", "voice_id": "af_heart"})
PCM = b"\x01\x00\x02\x00"


def audio(pcm: bytes = PCM, **more: object) -> str:
    return json.dumps({"event": "audioOutput", "audio": base64.b64encode(pcm).decode(), **more})


def final() -> str:
    return json.dumps({"event": "finalOutput", "chunks": 1, "duration_ms": 2})


def refusal(message: str) -> str:
    return json.dumps({"event": "error", "message": message})


SPOKEN: Answers = (audio(sample_rate=24000), final())


@dataclass(slots=True)
class FakeChorus:
    """
    Answers each utterance with the next of *answers*; None among them closes the connection, a number is a
    pause, in seconds. Who comes again is greeted after *hesitation* seconds. One that never *closes* leaves
    that to the client.

    ``heard`` holds what was received, one list for each connection; ``requests`` how they were opened.
    """

    answers: list[Answers]
    greeting: str | None = GREETING
    status: HTTPStatus | None = None
    hesitation: float = 0.0
    closes: bool = True
    heard: list[list[object]] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    settings: VoiceSettings = field(default_factory=lambda: VoiceSettings(base_url=""))

    async def converse(self, connection: ServerConnection) -> None:
        said: list[object] = []
        self.heard.append(said)
        if len(self.heard) > 1:
            await asyncio.sleep(self.hesitation)
        if self.greeting is not None:
            await connection.send(self.greeting)
        try:
            async for message in connection:
                said.append(json.loads(message))
                await self._answer(connection, said[-1])
                if self.closes and said[-1] == {"text": ""}:
                    await connection.close(1000, "everything is said")
        except ConnectionClosed:
            return

    def messages(self, connection: int) -> list[dict[str, object]]:
        """
        What the connection of that number was told.
        """
        return [dict(message) for message in self.heard[connection] if isinstance(message, dict)]

    def opened(self, connection: ServerConnection, request: Request) -> Response | None:
        self.requests.append(request)
        return connection.respond(self.status, "no") if self.status else None

    async def _answer(self, connection: ServerConnection, message: object) -> None:
        if not (isinstance(message, dict) and message.get("flush")):
            return
        for answer in self.answers.pop(0):
            if answer is None:
                await connection.close(1011, "out of breath")
                return
            if isinstance(answer, float):
                await asyncio.sleep(answer)
            else:
                await connection.send(answer)


@asynccontextmanager
async def fake_chorus(
    *answers: Answers,
    greeting: str | None = GREETING,
    status: HTTPStatus | None = None,
    patience: float = 5.0,
    hesitation: float = 0.0,
    closes: bool = True,
) -> AsyncIterator[FakeChorus]:
    """
    A Chorus that listens while the block is open; its ``settings`` lead to it.
    """
    fake = FakeChorus(list(answers), greeting=greeting, status=status, hesitation=hesitation, closes=closes)
    async with serve(fake.converse, "127.0.0.1", 0, process_request=fake.opened) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        fake.settings = VoiceSettings(
            base_url=f"http://127.0.0.1:{port}", api_key="s3cret-key", sample_rate=24000, timeout=patience
        )
        yield fake

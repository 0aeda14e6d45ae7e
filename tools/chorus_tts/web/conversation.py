"""
A conversation over a WebSocket: text comes in pieces, sound goes out as it is made.

Two tasks share a queue. One hears what the client says, the other says what is cued, in order; errors are
cues too, so that they come where they belong. The queue is short: a client that says more than can be
spoken is read no further, and a client that does not listen is spoken to no further.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import uuid
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from starlette.websockets import WebSocketDisconnect

from chorus_tts import fields
from chorus_tts.audio.formats import SAMPLE_WIDTH
from chorus_tts.errors import BadRequestError, ChorusError
from chorus_tts.parameters import read_format
from chorus_tts.stream_protocol import End, Say, StreamProtocol, read_message
from chorus_tts.web.answers import refusal, text_of
from chorus_tts.web.query import (
    CONVERSATION,
    LONGEST_SILENCE,
    SILENCE,
    read_conversation_manner,
    read_query,
)

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from starlette.types import Message
    from starlette.websockets import WebSocket

    from chorus_tts.readiness import Readiness
    from chorus_tts.settings import Settings
    from chorus_tts.stream_protocol import Cue
    from chorus_tts.synthesizer import Synthesizer
    from chorus_tts.voices import Voice
    from chorus_tts.web.access import Access

DEFAULT_FORMAT: Final = "pcm_24000"
_WAITING: Final = 32
# An empty text this soon after a text was sent along with it, and means: end after that.
_SAME_BREATH: Final = 0.5
_FAREWELL: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """
    What the address of the conversation says.
    """

    synthesizer: Synthesizer
    voice: Voice
    protocol: StreamProtocol
    rate: int
    patience: float


@dataclass(frozen=True, slots=True)
class Silence:
    """
    The client has said nothing for so many seconds.
    """

    seconds: float


class ConversationEndpoint:
    def __init__(self, readiness: Readiness, access: Access, settings: Settings) -> None:
        self._readiness = readiness
        self._access = access
        self._longest = settings.longest_text

    async def serve(self, socket: WebSocket) -> None:
        try:
            terms = self._terms(socket)
        except ChorusError as error:
            await socket.send_denial_response(refusal(error))
            return
        await socket.accept()
        with contextlib.suppress(WebSocketDisconnect):
            await Conversation(socket, terms).hold()

    def _terms(self, socket: WebSocket) -> Terms:
        self._access.admit(socket)
        synthesizer = self._readiness.synthesizer
        voice = synthesizer.voices.named(socket.path_params["voice_id"])
        query = read_query(socket.query_params, CONVERSATION)
        fields.flag(query, "enable_logging", default=True)
        protocol = StreamProtocol(
            read_conversation_manner(query),
            automatic=fields.flag(query, "auto_mode", default=False),
            longest=self._longest,
        )
        patience = fields.number(query, "inactivity_timeout", low=1, high=LONGEST_SILENCE, default=SILENCE)
        return Terms(
            synthesizer=synthesizer, voice=voice, protocol=protocol, rate=_rate(query), patience=patience
        )


def _rate(query: dict[str, object]) -> int:
    chosen = read_format(query, default=DEFAULT_FORMAT)
    if chosen.container != "pcm":
        raise BadRequestError(
            f"output_format must be pcm here, as in pcm_{chosen.rate}, not {chosen.name}: "
            "a WAV file has one head, and a conversation many utterances",
            code="bad_parameter",
        )
    return chosen.rate


class Conversation:
    def __init__(self, socket: WebSocket, terms: Terms) -> None:
        self._socket = socket
        self._terms = terms
        self._cues: asyncio.Queue[Cue | ChorusError | Silence] = asyncio.Queue(_WAITING)
        self._cut = asyncio.Event()
        self._saying = False
        self._cued_at = 0.0
        # Of the utterance that is being said.
        self._chunks = 0
        self._samples = 0

    async def hold(self) -> None:
        await self._send(
            {"event": "connected", "session_id": str(uuid.uuid4()), "voice_id": self._terms.voice.id}
        )
        reason = await _first(self._speak(), self._hear(), self._interrupted())
        async with asyncio.timeout(_FAREWELL):
            await self._farewell(reason)

    async def _farewell(self, reason: str | None) -> None:
        if reason is None:
            return
        if self._chunks:
            await self._final()
        await self._socket.close(1000, reason)

    async def _interrupted(self) -> str:
        await self._cut.wait()
        return "interrupted"

    # ------------------------------------------------------------ hearing

    async def _hear(self) -> None:
        """
        Ends when the client is gone.
        """
        with contextlib.suppress(WebSocketDisconnect):
            ended = False
            while not ended:
                cue = await self._next_cue()
                ended = isinstance(cue, End | Silence)
                if cue is not None:
                    await self._cues.put(cue)
            while True:
                await self._received()

    async def _next_cue(self) -> Cue | ChorusError | Silence | None:
        try:
            async with asyncio.timeout(self._terms.patience):
                raw = await self._received()
        except TimeoutError:
            return None if self._busy else Silence(self._terms.patience)
        try:
            cue = self._terms.protocol.hear(read_message(_text_in(raw)))
        except ChorusError as error:
            return error
        self._take_time(cue)
        return cue

    def _take_time(self, cue: Cue | None) -> None:
        now = asyncio.get_running_loop().time()
        if isinstance(cue, Say):
            self._cued_at = now
        elif (
            isinstance(cue, End) and cue.last is None and self._chunks and now - self._cued_at > _SAME_BREATH
        ):
            self._cut.set()

    async def _received(self) -> Message:
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message["code"])
        return message

    @property
    def _busy(self) -> bool:
        return self._saying or not self._cues.empty()

    # ----------------------------------------------------------- speaking

    async def _speak(self) -> str:
        """
        Ends when the conversation does, with the reason.
        """
        while True:
            cue = await self._cues.get()
            if isinstance(cue, Silence):
                return f"nothing was said for {cue.seconds:g} s"
            self._saying = True
            if isinstance(cue, ChorusError):
                await self._refuse(cue)
            elif isinstance(cue, Say):
                await self._say(cue)
            elif cue.last is not None:
                await self._say(cue.last)
            self._saying = False
            if isinstance(cue, End):
                return "everything is said"

    async def _say(self, cue: Say) -> None:
        try:
            speech = await self._terms.synthesizer.prepare(cue.text, self._terms.voice, cue.manner)
            async with aclosing(self._terms.synthesizer.perform(speech, self._terms.rate)) as frames:
                async for frame in frames:
                    await self._sound(frame)
        except ChorusError as error:
            self._chunks = self._samples = 0
            await self._refuse(error)
        else:
            if cue.final:
                await self._final()

    async def _sound(self, frame: bytes) -> None:
        audio = base64.b64encode(frame).decode()
        await self._send({"event": "audioOutput", "audio": audio, "sample_rate": self._terms.rate})
        # Who is cut short while the client does not listen has not sent this frame.
        self._chunks += 1
        self._samples += len(frame) // SAMPLE_WIDTH

    async def _final(self) -> None:
        duration = self._samples * 1000 // self._terms.rate
        await self._send({"event": "finalOutput", "chunks": self._chunks, "duration_ms": duration})
        self._chunks = self._samples = 0

    async def _refuse(self, error: ChorusError) -> None:
        await self._send({"event": "error", "message": error.message, "code": error.code})

    async def _send(self, event: dict[str, object]) -> None:
        await self._socket.send_text(text_of(event))


def _text_in(message: Message) -> str:
    text = message.get("text")
    if not isinstance(text, str):
        raise BadRequestError("the message is binary; send JSON as text", code="bad_json")
    return text


async def _first(*works: Coroutine[None, None, str | None]) -> str | None:
    """
    What the first of *works* to end returns; the others end with it.
    """
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return next(task for task in tasks if task in done).result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

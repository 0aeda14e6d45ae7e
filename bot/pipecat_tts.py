"""Chorus as a Pipecat service: text frames in, audio frames out. Needs the extra ``pipecat``."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any

from pipecat.frames.frames import ErrorFrame, Frame, TTSAudioRawFrame, TTSStoppedFrame
from pipecat.processors.frame_processor import FrameProcessorSetup
from pipecat.services.settings import TTSSettings
from pipecat.services.tts_service import InterruptibleTTSService
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.protocol import State

from bot.chorus_protocol import (
    END,
    Audio,
    Connected,
    Damaged,
    Final,
    Refused,
    Tuning,
    headers,
    opening,
    read_event,
    socket_address,
    utterance,
)
from bot.speech_text import speakable
from bot.voice_settings import VoiceSettings, read_voice_settings

_CLOSING = 10.0  # seconds that Chorus may take to close; then the bot does


class ChorusTTSService(InterruptibleTTSService):
    """
    Speaks with Chorus over one WebSocket, which Pipecat's own machinery keeps open.

    Chorus answers utterances in their order and does not name them, so that the contexts that Pipecat speaks
    in are kept in that order too. A text that Chorus refuses is an error frame; the connection stays.
    """

    def __init__(
        self, settings: VoiceSettings | None = None, *, tuning: Tuning | None = None, **options: object
    ) -> None:
        chorus = settings or read_voice_settings()
        super().__init__(
            push_start_frame=True,
            sample_rate=chorus.sample_rate,
            settings=TTSSettings(model=None, voice=chorus.voice_id, language=None),
            **options,
        )
        self._chorus = chorus
        self._tuning = tuning or Tuning()
        self._websocket: Any = None
        self._connecting = (
            asyncio.Lock()
        )  # what is to be said may find a connection lost, while it is made anew
        self._receiving: Any = None
        self._speaking: deque[str] = deque()
        self._completed: set[str] = set()

    def can_generate_metrics(self) -> bool:
        return True

    async def setup(self, setup: FrameProcessorSetup) -> None:
        await super().setup(setup)
        await self._connect()

    async def run_tts(self, text: str, context_id: str) -> AsyncGenerator[Frame | None, None]:
        """
        Have *text* spoken; its audio comes through the receiving task.
        """
        words = speakable(text)
        if not words:
            return
        try:
            if self._websocket is None or self._websocket.state is not State.OPEN:
                await self._connect()
            await self._send(utterance(words))
        except (OSError, WebSocketException) as error:
            yield ErrorFrame(error=f"Chorus cannot be reached: {self._chorus.mask(str(error))}")
            return
        self._speaking.append(context_id)
        await self.start_tts_usage_metrics(words)
        yield None

    async def flush_audio(self, context_id: str | None = None) -> None:
        """
        The turn is complete: its context ends with the last utterance that is still due.
        """
        if context_id is None:
            return
        self._completed.add(context_id)
        await self._end_if_over(context_id)

    async def _update_settings(self, delta: TTSSettings) -> dict[str, Any]:
        changed: dict[str, Any] = await super()._update_settings(delta)
        if "voice" in changed and isinstance(self._settings.voice, str):
            self._chorus = replace(self._chorus, voice_id=self._settings.voice)
            await self._disconnect()
            await self._connect()
        return changed

    async def _connect(self) -> None:
        await super()._connect()
        await self._connect_websocket()
        if self._websocket is not None and self._receiving is None:
            self._receiving = self.create_task(self._receive_task_handler(self._report_error))

    async def _disconnect(self) -> None:
        await super()._disconnect()
        if self._receiving is not None:
            await self.cancel_task(self._receiving)
            self._receiving = None
        await self._disconnect_websocket()

    async def _connect_websocket(self) -> None:
        async with self._connecting:
            if self._websocket is not None and self._websocket.state is State.OPEN:
                return
            self._forget()
            try:
                self._websocket = await self._greeted()
            except (OSError, WebSocketException) as error:
                self._websocket = None
                reason = f"Chorus cannot be reached: {self._chorus.mask(str(error))}"
                await self.push_error(error_msg=reason, exception=error)
                await self._call_event_handler("on_connection_error", reason)
                return
        await self._call_event_handler("on_connected")

    async def _greeted(self) -> ClientConnection:
        """
        A connection on which something may be said: both sides have greeted.
        """
        websocket: ClientConnection = await self._websocket_connect(
            socket_address(self._chorus),
            additional_headers=headers(self._chorus),
            user_agent_header="pipecat-bot",
            open_timeout=self._chorus.timeout,
            proxy=None,
        )
        try:
            await self._greet(websocket)
        except BaseException:
            await websocket.close()
            raise
        return websocket

    async def _greet(self, websocket: ClientConnection) -> None:
        event = read_event(await websocket.recv(), sample_rate=self.sample_rate or 1)
        if not isinstance(event, Connected):
            raise WebSocketException("its first message is not 'connected'")
        await websocket.send(opening(self._tuning))

    async def _disconnect_websocket(self) -> None:
        websocket, self._websocket = self._websocket, None
        is_speaking = bool(self._speaking)
        self._forget()
        await self.stop_all_metrics()
        if websocket is None:
            return
        try:
            await websocket.send(END)
            if not is_speaking:  # Chorus has nothing left to say, and closes
                async with asyncio.timeout(min(self._chorus.timeout, _CLOSING)):
                    await websocket.wait_closed()
        except (ConnectionClosed, TimeoutError):
            pass
        finally:
            await websocket.close()
            await self._call_event_handler("on_disconnected")

    async def _send(self, message: str) -> None:
        if self._websocket is None:
            raise ConnectionError("there is no connection")
        await self._websocket.send(message)

    async def _receive_messages(self) -> None:
        async for message in self._websocket:
            match read_event(message, sample_rate=self.sample_rate):
                case Audio(pcm, sample_rate) if self._speaking:
                    await self._play(self._speaking[0], pcm, sample_rate)
                case Final() if self._speaking:
                    await self._end_if_over(self._speaking.popleft())
                case Refused(reason) if self._speaking:
                    await self.push_error(error_msg=f"Chorus refused: {self._chorus.mask(reason)}")
                    await self._end_if_over(self._speaking.popleft())
                case Damaged(reason):
                    await self.push_error(error_msg=f"this is not how Chorus answers: {reason}")
                case _:
                    pass

    async def _play(self, context_id: str, pcm: bytes, sample_rate: int) -> None:
        await self.stop_ttfb_metrics()
        frame = TTSAudioRawFrame(pcm, sample_rate, 1, context_id=context_id)
        await self.append_to_audio_context(context_id, frame)

    async def _end_if_over(self, context_id: str) -> None:
        if context_id not in self._completed or Counter(self._speaking)[context_id]:
            return
        self._completed.discard(context_id)
        if self.audio_context_available(context_id):
            await self.append_to_audio_context(context_id, TTSStoppedFrame(context_id=context_id))
            await self.remove_audio_context(context_id)

    def _forget(self) -> None:
        """
        What was due on a connection that is gone will not come any more.
        """
        self._speaking.clear()
        self._completed.clear()

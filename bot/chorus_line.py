"""A connection to Chorus that speaks many utterances, and is opened again when it is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from types import TracebackType
from typing import Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, WebSocketException

from bot.chorus_protocol import (
    END,
    Audio,
    Connected,
    Damaged,
    Event,
    Final,
    Refused,
    Tuning,
    headers,
    opening,
    read_event,
    socket_address,
    utterance,
)
from bot.errors import (
    ChorusAnswerError,
    ChorusError,
    ChorusRejectedError,
    ChorusTimeoutError,
    ChorusUnreachableError,
)
from bot.speech_text import speakable
from bot.voice_settings import VoiceSettings

_LARGEST_MESSAGE = 16 * 1024 * 1024


class ChorusLine:
    """
    Speaks one utterance after the other; two at once wait for each other.

    What goes wrong with one utterance is an error of that one: the next is spoken, over the same connection
    where Chorus only refused a text, over a new one where the connection is gone.
    """

    def __init__(self, settings: VoiceSettings, *, tuning: Tuning | None = None) -> None:
        self._settings = settings
        self._tuning = tuning or Tuning()
        self._socket: ClientConnection | None = None
        self._speaking = asyncio.Lock()
        # Whether audio of an utterance may still come that nobody listens to any more.
        self._is_amid_speech = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        await self.cancel()

    @property
    def is_open(self) -> bool:
        return self._socket is not None

    async def speak(self, text: str) -> AsyncGenerator[Audio, None]:
        """
        The speech for *text* in pieces, each as soon as it is there; none when there is nothing to say.

        Whoever stops listening before the end closes the connection with it (or calls :meth:`cancel`).

        :raises ChorusRejectedError: Chorus cannot speak this; the connection stays open.
        :raises ChorusAnswerError: something came that is not Chorus's; the connection is closed.
        :raises ChorusUnreachableError: the connection broke, and a second one did not help.
        :raises ChorusTimeoutError: nothing came for a while.
        """
        words = speakable(text)
        if not words:
            return
        async with self._speaking:
            socket, event = await self._begin(words)
            try:
                while not isinstance(event, Final):
                    if isinstance(event, Audio):
                        yield event
                    event = await self._next(socket)
                self._is_amid_speech = False
            finally:
                if self._is_amid_speech:
                    await self.cancel()

    async def use(self, *, voice_id: str | None = None, tuning: Tuning | None = None) -> None:
        """
        Speak with another voice, or in another way, from the next utterance on.
        """
        settings = replace(self._settings, voice_id=voice_id or self._settings.voice_id)
        wanted = tuning or self._tuning
        if (settings, wanted) == (self._settings, self._tuning):
            return
        self._settings, self._tuning = settings, wanted
        await self._hang_up()

    async def cancel(self) -> None:
        """
        Stop speaking at once, and close the connection; the next utterance opens a new one.
        """
        if self._socket is not None:
            await self._tell_the_end(self._socket)
        await self._hang_up()

    async def _begin(self, words: str) -> tuple[ClientConnection, Event | None]:
        """
        The connection on which *words* are being spoken, and the first that came back.

        One that was lost while nobody spoke is made anew, once.
        """
        was_open = self.is_open
        try:
            return await self._ask(words)
        except ChorusUnreachableError:
            if not was_open:
                raise
            return await self._ask(words)

    async def _ask(self, words: str) -> tuple[ClientConnection, Event | None]:
        socket = await self._connected()
        self._is_amid_speech = True
        try:
            await socket.send(utterance(words))
        except ConnectionClosed as closed:
            raise await self._lost(closed) from closed
        return socket, await self._next(socket)

    async def _next(self, socket: ClientConnection) -> Event | None:
        """
        What comes next of an utterance; one that somebody cancelled is over.
        """
        try:
            event = await self._receive(socket)
        except ConnectionClosed as closed:
            if self._socket is not socket:
                return Final()
            raise await self._lost(closed) from closed
        if isinstance(event, Refused):
            self._is_amid_speech = False
            raise ChorusRejectedError(self._call, None, self._settings.mask(event.message))
        if isinstance(event, Damaged):
            await self._hang_up()
            raise ChorusAnswerError(self._call, event.reason)
        return event

    async def _lost(self, closed: ConnectionClosed) -> ChorusUnreachableError:
        await self._hang_up()
        return ChorusUnreachableError(self._call, _told(closed))

    async def _connected(self) -> ClientConnection:
        if self._socket is None:
            socket = await self._connect()
            try:
                await self._greet(socket)
            except BaseException:
                await socket.close()
                raise
            self._socket = socket
        return self._socket

    async def _connect(self) -> ClientConnection:
        try:
            return await connect(
                socket_address(self._settings),
                additional_headers=headers(self._settings),
                user_agent_header="pipecat-bot",
                open_timeout=self._settings.timeout,
                max_size=_LARGEST_MESSAGE,
                proxy=None,
            )
        except TimeoutError as error:
            raise ChorusTimeoutError(self._call, self._settings.timeout) from error
        except InvalidStatus as error:
            raise self._rejected(error) from error
        except (OSError, InvalidHandshake, WebSocketException) as error:
            raise ChorusUnreachableError(self._call, self._settings.mask(str(error))) from error

    async def _greet(self, socket: ClientConnection) -> None:
        try:
            self._check_greeting(await self._receive(socket))
            await socket.send(opening(self._tuning))
        except ConnectionClosed as closed:
            raise ChorusUnreachableError(self._call, _told(closed)) from closed

    def _check_greeting(self, event: Event | None) -> None:
        if isinstance(event, Refused):
            raise ChorusRejectedError(self._call, None, self._settings.mask(event.message))
        if not isinstance(event, Connected):
            raise ChorusAnswerError(self._call, "its first message is not 'connected'")

    async def _receive(self, socket: ClientConnection) -> Event | None:
        try:
            async with asyncio.timeout(self._settings.timeout):
                message = await socket.recv()
        except TimeoutError as error:
            await self._hang_up()
            raise ChorusTimeoutError(self._call, self._settings.timeout) from error
        return read_event(message, sample_rate=self._settings.sample_rate)

    async def _tell_the_end(self, socket: ClientConnection) -> None:
        try:
            await socket.send(END)
        except ConnectionClosed:
            return

    async def _hang_up(self) -> None:
        socket, self._socket = self._socket, None
        self._is_amid_speech = False
        if socket is not None:
            await socket.close()

    @property
    def _call(self) -> str:
        return f"WS /v1/text-to-speech/{self._settings.voice_id}/stream-input"

    def _rejected(self, error: InvalidStatus) -> ChorusError:
        response = error.response
        text = (response.body or b"").decode("utf-8", "replace")
        return ChorusRejectedError(
            self._call, response.status_code, self._settings.mask(text)[:200] or response.reason_phrase
        )


def _told(closed: ConnectionClosed) -> str:
    if closed.rcvd is None:
        return "the connection was lost"
    reason = f": {closed.rcvd.reason}" if closed.rcvd.reason else ""
    return f"Chorus closed the connection with {closed.rcvd.code}{reason}"

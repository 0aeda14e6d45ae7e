"""Chorus, as the bot calls it: speech for text, over HTTP and over a connection that stays open."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeAlias
from urllib.parse import quote

import httpx

from bot.chorus_line import ChorusLine
from bot.chorus_protocol import Audio, Tuning, headers
from bot.errors import ChorusAnswerError, ChorusRejectedError, ChorusTimeoutError, ChorusUnreachableError
from bot.speech_text import speakable
from bot.voice_settings import VoiceSettings

__all__ = ["Audio", "Chorus", "ChorusLine", "Tuning", "open_chorus"]

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

_EXCERPT = 200
_SAMPLE = 2


@asynccontextmanager
async def open_chorus(
    settings: VoiceSettings, *, transport: httpx.AsyncBaseTransport | None = None
) -> AsyncIterator[Chorus]:
    """
    Chorus over connections of its own, closed at the end of the block.
    """
    async with httpx.AsyncClient(
        transport=transport,
        # To read the certificates takes longer than a call does; plain addresses have no use for them.
        verify=settings.http_url.startswith("https:"),
        trust_env=False,
        timeout=settings.timeout,
    ) as client:
        yield Chorus(client, settings)


class Chorus:
    """
    Speech for text. Every call raises a :class:`~bot.errors.ChorusError` when it does not get its answer.

    A text is made :func:`~bot.speech_text.speakable` first; of one that has nothing left to say nothing is
    sent, and there is no audio.
    """

    def __init__(self, client: httpx.AsyncClient, settings: VoiceSettings) -> None:
        self._client = client
        self._settings = settings

    async def voices(self) -> list[str]:
        """
        The ids of the voices that can be spoken with.
        """
        call = "GET /v1/voices"
        body = _json(await self._answer(call, self._request("GET", "/v1/voices")))
        voices = body.get("voices") if isinstance(body, dict) else None
        if not isinstance(voices, list):
            raise ChorusAnswerError(call, "it lists no voices")
        return [str(voice["voice_id"]) for voice in voices if isinstance(voice, dict) and "voice_id" in voice]

    async def say(self, text: str, *, tuning: Tuning | None = None) -> Audio:
        """
        The whole speech for *text*, when all of it is there.
        """
        words = speakable(text)
        if not words:
            return Audio(b"", self._settings.sample_rate)
        request = self._speech("", words, tuning)
        response = await self._answer(self._call(""), request)
        return Audio(response.content, self._settings.sample_rate)

    async def stream(self, text: str, *, tuning: Tuning | None = None) -> AsyncGenerator[Audio, None]:
        """
        The speech for *text* in pieces, each as soon as it is there.
        """
        words = speakable(text)
        if not words:
            return
        call = self._call("/stream")
        try:
            response = await self._client.send(self._speech("/stream", words, tuning), stream=True)
            try:
                await self._check(call, response)
                async for piece in _whole_samples(response.aiter_bytes()):
                    yield Audio(piece, self._settings.sample_rate)
            finally:
                await response.aclose()
        except httpx.TransportError as error:
            raise self._failure(call, error) from error

    def line(self, *, tuning: Tuning | None = None) -> ChorusLine:
        """
        A connection for many utterances; it opens with the first one.
        """
        return ChorusLine(self._settings, tuning=tuning)

    def _call(self, way: str) -> str:
        return f"POST /v1/text-to-speech/{self._settings.voice_id}{way}"

    def _speech(self, way: str, words: str, tuning: Tuning | None) -> httpx.Request:
        body: dict[str, object] = {"text": words}
        if tuning is not None and tuning.voice_settings:
            body["voice_settings"] = tuning.voice_settings
        path = f"/v1/text-to-speech/{quote(self._settings.voice_id, safe='')}{way}"
        query = {"output_format": self._settings.output_format}
        return self._request("POST", path, params=query, body=body)

    def _request(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, str] | None = None,
        body: dict[str, object] | None = None,
    ) -> httpx.Request:
        # A name of our own, so that a recording does not change with httpx's version.
        sent = {"Accept": "*/*", "User-Agent": "pipecat-bot", **headers(self._settings)}
        url = f"{self._settings.http_url}{path}"
        return self._client.build_request(method, url, params=params, json=body, headers=sent)

    async def _answer(self, call: str, request: httpx.Request) -> httpx.Response:
        try:
            response = await self._client.send(request)
        except httpx.TransportError as error:
            raise self._failure(call, error) from error
        await self._check(call, response)
        return response

    async def _check(self, call: str, response: httpx.Response) -> None:
        if not response.is_success:
            await response.aread()
            raise ChorusRejectedError(call, response.status_code, self._reason(response))

    def _reason(self, response: httpx.Response) -> str:
        body = _json(response)
        error = body.get("error") if isinstance(body, dict) else None
        message = error.get("message") if isinstance(error, dict) else error
        # Masked before it is cut, or the beginning of a secret would remain.
        text = message if isinstance(message, str) else response.text
        return self._settings.mask(text)[:_EXCERPT] or "no reason given"

    def _failure(self, call: str, error: httpx.TransportError) -> ChorusTimeoutError | ChorusUnreachableError:
        if isinstance(error, httpx.TimeoutException):
            return ChorusTimeoutError(call, self._settings.timeout)
        return ChorusUnreachableError(call, self._settings.mask(str(error)) or type(error).__name__)


async def _whole_samples(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """
    The same bytes, cut where a sample ends: the network cuts anywhere.
    """
    rest = b""
    async for piece in pieces:
        ready = rest + piece
        rest = ready[len(ready) - len(ready) % _SAMPLE :]
        if whole := ready[: len(ready) - len(rest)]:
            yield whole


def _json(response: httpx.Response) -> Json:
    """
    What the body says; what is no JSON says nothing.
    """
    try:
        body: Json = response.json()
    except ValueError:
        return None
    return body

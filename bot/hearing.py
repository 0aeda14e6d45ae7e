"""The recogniser, as the bot calls it: text for speech, by any server of OpenAI's transcriptions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from bot.errors import HearingAnswerError, HearingRejectedError, HearingTimeoutError, HearingUnreachableError
from bot.hearing_settings import HearingSettings

_CALL = "POST /audio/transcriptions"
_EXCERPT = 200


@asynccontextmanager
async def open_hearing(
    settings: HearingSettings, *, transport: httpx.AsyncBaseTransport | None = None
) -> AsyncIterator[Hearing]:
    """
    The recogniser over connections of its own, closed at the end of the block.
    """
    async with httpx.AsyncClient(
        transport=transport,
        verify=settings.url.startswith("https:"),  # reading the certificates takes longer than a call
        trust_env=False,
        timeout=settings.timeout,
    ) as client:
        yield Hearing(client, settings)


class Hearing:
    """
    Text for speech. Every call raises a :class:`~bot.errors.HearingError` when it does not get its answer.
    """

    def __init__(self, client: httpx.AsyncClient, settings: HearingSettings) -> None:
        self._client = client
        self._settings = settings

    async def transcribe(self, wav: bytes) -> str:
        """
        What is said in a WAV file; an empty text where that is nothing.
        """
        try:
            response = await self._client.post(
                f"{self._settings.url}/audio/transcriptions",
                files={"file": ("speech.wav", wav, "audio/wav")},
                data={"model": self._settings.model, "language": "en", "response_format": "json"},
                headers={
                    "Authorization": f"Bearer {self._settings.api_key}",
                    "User-Agent": "pipecat-bot",
                },
            )
        except httpx.TimeoutException as error:
            raise HearingTimeoutError(_CALL, self._settings.timeout) from error
        except httpx.TransportError as error:
            reason = self._settings.mask(str(error)) or type(error).__name__
            raise HearingUnreachableError(_CALL, reason) from error
        return self._text(response)

    def _text(self, response: httpx.Response) -> str:
        if not response.is_success:
            # Masked before it is cut, or the beginning of a secret would remain.
            reason = self._settings.mask(response.text)[:_EXCERPT] or "no reason given"
            raise HearingRejectedError(_CALL, response.status_code, reason)
        try:
            text = response.json()["text"]
        except (ValueError, TypeError, KeyError):
            raise HearingAnswerError(_CALL, "it has no text") from None
        if not isinstance(text, str):
            raise HearingAnswerError(_CALL, "its text is none")
        return text.strip()

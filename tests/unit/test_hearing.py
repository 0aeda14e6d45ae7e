"""The recogniser's client: what it sends, and what it makes of the answers."""

from __future__ import annotations

import httpx
import pytest

from bot.errors import (
    HearingAnswerError,
    HearingError,
    HearingRejectedError,
    HearingTimeoutError,
    HearingUnreachableError,
)
from bot.hearing import open_hearing
from bot.hearing_settings import HearingSettings
from tests.fakes import ScriptedTransport

pytestmark = pytest.mark.asyncio

SETTINGS = HearingSettings(url="http://hearing.test/v1", api_key="hear-s3cret", timeout=2.0)


class Failing(httpx.AsyncBaseTransport):
    def __init__(self, error: httpx.TransportError) -> None:
        self._error = error

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        del request
        raise self._error


async def heard(answer: httpx.Response) -> str:
    async with open_hearing(SETTINGS, transport=ScriptedTransport(answer)) as hearing:
        return await hearing.transcribe(b"RIFF")


async def test_the_audio_is_sent_as_a_form_with_the_key() -> None:
    transport = ScriptedTransport(httpx.Response(200, json={"text": " Hello. "}))

    async with open_hearing(SETTINGS, transport=transport) as hearing:
        text = await hearing.transcribe(b"RIFF")

    request = transport.requests[0]
    await request.aread()
    assert text == "Hello."
    assert (request.method, str(request.url)) == ("POST", "http://hearing.test/v1/audio/transcriptions")
    assert request.headers["authorization"] == "Bearer hear-s3cret"
    assert b'name="model"\r\n\r\nwhisper-1' in request.content
    assert b'filename="speech.wav"\r\nContent-Type: audio/wav\r\n\r\nRIFF' in request.content


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (httpx.Response(200, text="<html>"), "this is not how a recogniser answers: it has no text"),
        (httpx.Response(200, json=["text"]), "this is not how a recogniser answers: it has no text"),
        (httpx.Response(200, json={"text": 3}), "this is not how a recogniser answers: its text is none"),
    ],
)
async def test_an_answer_without_a_text_is_an_error(answer: httpx.Response, told: str) -> None:
    with pytest.raises(HearingAnswerError) as caught:
        await heard(answer)

    assert str(caught.value) == f"POST /audio/transcriptions: {told}"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (httpx.Response(500, text="hear-s3cret broke"), "the recogniser refused, 500: *** broke"),
        (
            httpx.Response(401),
            "the recogniser refused, 401: no reason given (is BOT_STT_API_KEY one of its keys?)",
        ),
    ],
)
async def test_a_refusal_says_why_and_no_secret(answer: httpx.Response, told: str) -> None:
    with pytest.raises(HearingRejectedError) as caught:
        await heard(answer)

    assert str(caught.value) == f"POST /audio/transcriptions: {told}"


@pytest.mark.parametrize(
    ("error", "kind", "told"),
    [
        (
            httpx.ReadTimeout("slow"),
            HearingTimeoutError,
            "no complete answer within 2 s (BOT_STT_TIMEOUT)",
        ),
        (httpx.ConnectError("refused"), HearingUnreachableError, "the recogniser cannot be reached: refused"),
        (httpx.ReadError(""), HearingUnreachableError, "the recogniser cannot be reached: ReadError"),
    ],
)
async def test_a_broken_connection_is_an_error_of_its_own(
    error: httpx.TransportError, kind: type[HearingError], told: str
) -> None:
    async with open_hearing(SETTINGS, transport=Failing(error)) as hearing:
        with pytest.raises(kind) as caught:
            await hearing.transcribe(b"RIFF")

    assert str(caught.value) == f"POST /audio/transcriptions: {told}"

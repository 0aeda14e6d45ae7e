"""Chorus over HTTP: what is asked, what comes back, what goes wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from bot.chorus import Audio, Chorus, Tuning, open_chorus
from bot.errors import ChorusAnswerError, ChorusRejectedError, ChorusTimeoutError, ChorusUnreachableError
from bot.voice_settings import VoiceSettings
from tests.fakes import ScriptedTransport

pytestmark = pytest.mark.asyncio

SETTINGS = VoiceSettings(
    base_url="ws://chorus.test:8000", api_key="s3cret-key", voice_id="af_heart", sample_rate=24000
)
PCM = b"\x01\x00\x02\x00"


class Pieces(httpx.AsyncByteStream):
    """
    A body that comes in pieces, and may break off.
    """

    def __init__(self, *pieces: bytes | Exception) -> None:
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            if isinstance(piece, Exception):
                raise piece
            yield piece


class Broken(httpx.AsyncBaseTransport):
    """
    A connection that fails.
    """

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        del request
        raise self._error


async def test_the_whole_speech_comes_at_once() -> None:
    transport = ScriptedTransport(httpx.Response(200, content=PCM))
    async with open_chorus(SETTINGS, transport=transport) as chorus:
        speech = await chorus.say("Hello **world**", tuning=Tuning(speed=1.5))

    assert speech == Audio(PCM, 24000)
    assert transport.said == [
        (
            "POST",
            "/v1/text-to-speech/af_heart?output_format=pcm_24000",
            {"text": "Hello world", "voice_settings": {"speed": 1.5}},
        )
    ]
    [request] = transport.requests
    assert (request.url.host, request.headers["xi-api-key"]) == ("chorus.test", "s3cret-key")


async def test_speech_comes_in_pieces_that_end_with_a_sample() -> None:
    body = Pieces(b"\x01", b"\x00\x02\x00\x03", b"\x00", b"\x04")
    transport = ScriptedTransport(httpx.Response(200, stream=body))
    async with open_chorus(SETTINGS, transport=transport) as chorus:
        pieces = [piece.pcm async for piece in chorus.stream("Hello")]

    assert pieces == [b"\x01\x00\x02\x00", b"\x03\x00"]
    assert transport.said == [
        ("POST", "/v1/text-to-speech/af_heart/stream?output_format=pcm_24000", {"text": "Hello"})
    ]


async def test_of_what_cannot_be_heard_nothing_is_sent() -> None:
    transport = ScriptedTransport()
    async with open_chorus(SETTINGS, transport=transport) as chorus:
        assert await chorus.say("👋") == Audio(b"", 24000)
        assert [piece async for piece in chorus.stream("---")] == []

    assert transport.requests == []


async def test_the_voices_are_listed_by_their_ids() -> None:
    answer = httpx.Response(200, json={"voices": [{"voice_id": "af_heart"}, {"voice_id": "am_adam"}]})
    async with open_chorus(SETTINGS, transport=ScriptedTransport(answer)) as chorus:
        assert await chorus.voices() == ["af_heart", "am_adam"]


@pytest.mark.parametrize("answer", [httpx.Response(200, text="<html>"), httpx.Response(200, json=["x"])])
async def test_another_server_is_told_from_chorus(answer: httpx.Response) -> None:
    async with open_chorus(SETTINGS, transport=ScriptedTransport(answer)) as chorus:
        with pytest.raises(ChorusAnswerError, match="this is not how Chorus answers: it lists no voices"):
            await chorus.voices()


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (
            httpx.Response(404, json={"error": {"message": "there is no voice 'x'"}}),
            "POST /v1/text-to-speech/af_heart: Chorus refused, 404: there is no voice 'x'",
        ),
        (
            httpx.Response(401, json={"error": "no key"}),
            (
                "POST /v1/text-to-speech/af_heart: Chorus refused, 401: no key"
                " (is KOKORO_TTS_API_KEY one of its keys?)"
            ),
        ),
        (
            httpx.Response(502, text="bad gateway for s3cret-key"),
            "POST /v1/text-to-speech/af_heart: Chorus refused, 502: bad gateway for ***",
        ),
        (httpx.Response(500), "POST /v1/text-to-speech/af_heart: Chorus refused, 500: no reason given"),
    ],
)
async def test_a_refusal_is_told_in_chorus_own_words(answer: httpx.Response, told: str) -> None:
    async with open_chorus(SETTINGS, transport=ScriptedTransport(answer)) as chorus:
        with pytest.raises(ChorusRejectedError) as caught:
            await chorus.say("Hello")

    assert str(caught.value) == told


async def test_a_stream_that_is_refused_is_told_before_any_audio() -> None:
    answer = httpx.Response(422, stream=Pieces(b'{"error": {"message": "too long"}}'))
    async with open_chorus(SETTINGS, transport=ScriptedTransport(answer)) as chorus:
        with pytest.raises(ChorusRejectedError, match="422: too long"):
            await anext(chorus.stream("Hello"))


async def test_a_stream_that_breaks_off_is_told_after_its_audio() -> None:
    answer = httpx.Response(200, stream=Pieces(PCM, httpx.RemoteProtocolError("peer closed connection")))
    async with open_chorus(SETTINGS, transport=ScriptedTransport(answer)) as chorus:
        speech = chorus.stream("Hello")
        first = await anext(speech)
        with pytest.raises(ChorusUnreachableError, match="peer closed connection"):
            await anext(speech)

    assert first == Audio(PCM, 24000)


@pytest.mark.parametrize(
    ("error", "expected", "told"),
    [
        (httpx.ReadTimeout("x"), ChorusTimeoutError, "nothing came for 10 s"),
        (httpx.ConnectError("refused s3cret-key"), ChorusUnreachableError, r"reached: refused \*\*\*"),
        (httpx.ConnectError(""), ChorusUnreachableError, "reached: ConnectError"),
    ],
)
async def test_a_broken_connection_is_told(error: Exception, expected: type[Exception], told: str) -> None:
    async with open_chorus(SETTINGS, transport=Broken(error)) as chorus:
        with pytest.raises(expected, match=told):
            await chorus.say("Hello")


async def test_a_line_speaks_as_the_settings_say() -> None:
    async with httpx.AsyncClient() as client:
        line = Chorus(client, SETTINGS).line()

    assert not line.is_open


async def test_audio_knows_how_long_it_lasts() -> None:
    assert Audio(b"\x00\x00" * 12000, 24000).seconds == 0.5

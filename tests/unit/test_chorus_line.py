"""Many utterances over one connection: what is sent, what comes back, what goes wrong."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from http import HTTPStatus

import pytest
from websockets.asyncio.server import ServerConnection, serve

from bot.chorus_line import ChorusLine
from bot.chorus_protocol import Audio, Tuning
from bot.errors import (
    ChorusAnswerError,
    ChorusError,
    ChorusRejectedError,
    ChorusTimeoutError,
    ChorusUnreachableError,
)
from bot.voice_settings import VoiceSettings
from tests.fake_chorus import PCM, SPOKEN, Answers, audio, fake_chorus, final, refusal

pytestmark = pytest.mark.asyncio

OPENING = {"text": " "}
END = {"text": ""}


def said(text: str) -> dict[str, object]:
    return {"text": f"{text} ", "flush": True, "try_trigger_generation": True}


async def spoken(line: ChorusLine, text: str) -> list[Audio]:
    return [piece async for piece in line.speak(text)]


async def test_an_utterance_comes_back_as_audio() -> None:
    async with fake_chorus(SPOKEN) as chorus, ChorusLine(chorus.settings) as line:
        pieces = await spoken(line, "Hello **world** 👋")

    assert pieces == [Audio(PCM, 24000)]
    assert chorus.heard == [[OPENING, said("Hello world"), END]]


async def test_the_connection_is_opened_as_chorus_wants_it() -> None:
    async with fake_chorus(SPOKEN) as chorus, ChorusLine(chorus.settings) as line:
        await spoken(line, "Hello")

    [request] = chorus.requests
    assert request.path == (
        "/v1/text-to-speech/af_heart/stream-input"
        "?output_format=pcm_24000&auto_mode=false&enable_logging=true&enable_ssml_parsing=false"
    )
    assert request.headers["xi-api-key"] == "s3cret-key"


async def test_one_connection_serves_many_utterances() -> None:
    async with fake_chorus(SPOKEN, SPOKEN) as chorus, ChorusLine(chorus.settings) as line:
        await spoken(line, "One")
        await spoken(line, "Two")

    assert chorus.heard == [[OPENING, said("One"), said("Two"), END]]


async def test_two_at_once_wait_for_each_other() -> None:
    one, two = audio(b"\x01\x00"), audio(b"\x02\x00")
    async with fake_chorus((one, final()), (two, final())) as chorus, ChorusLine(chorus.settings) as line:
        first, second = await asyncio.gather(spoken(line, "One"), spoken(line, "Two"))

    assert [piece.pcm for piece in (*first, *second)] == [b"\x01\x00", b"\x02\x00"]


async def test_the_tuning_goes_with_the_opening() -> None:
    tuning = Tuning(stability=0.5, speed=1.2, chunk_lengths=(120, 160))
    async with fake_chorus(SPOKEN) as chorus, ChorusLine(chorus.settings, tuning=tuning) as line:
        await spoken(line, "Hello")

    assert chorus.heard[0][0] == {
        "text": " ",
        "voice_settings": {"stability": 0.5, "speed": 1.2},
        "generation_config": {"chunk_length_schedule": [120, 160]},
    }


@pytest.mark.parametrize("text", ["", "   ", "👋🎉", "```py\nprint()\n```", "---"])
async def test_of_what_cannot_be_heard_nothing_is_sent(text: str) -> None:
    async with fake_chorus() as chorus, ChorusLine(chorus.settings) as line:
        assert await spoken(line, text) == []

    assert chorus.heard == []


async def test_audio_without_a_rate_has_the_rate_that_was_asked_for() -> None:
    async with fake_chorus((audio(), final())) as chorus, ChorusLine(chorus.settings) as line:
        assert await spoken(line, "Hello") == [Audio(PCM, 24000)]


async def test_what_says_nothing_to_us_is_passed_over() -> None:
    noise: Answers = ['{"event": "visemes"}', audio(b"")]
    async with fake_chorus((*noise, *SPOKEN)) as chorus, ChorusLine(chorus.settings) as line:
        assert await spoken(line, "Hello") == [Audio(PCM, 24000)]


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("no json", "a message is no JSON"),
        (b"\x00", "a message is no JSON"),
        ("[]", "a message names no event"),
        ("{}", "a message names no event"),
        ('{"event": "audioOutput"}', "a message of audio has none, or no rate for it"),
        (audio(sample_rate="fast"), "a message of audio has none, or no rate for it"),
        ('{"event": "audioOutput", "audio": "?"}', "a message of audio is no base64"),
    ],
)
async def test_damaged_speech_is_an_error_and_the_next_is_spoken(message: str | bytes, reason: str) -> None:
    async with fake_chorus((message, *SPOKEN), SPOKEN) as chorus, ChorusLine(chorus.settings) as line:
        with pytest.raises(ChorusAnswerError, match=f"this is not how Chorus answers: {reason}"):
            await spoken(line, "One")
        assert await spoken(line, "Two") == [Audio(PCM, 24000)]

    assert len(chorus.heard) == 2


async def test_a_text_that_is_refused_leaves_the_connection_open() -> None:
    async with (
        fake_chorus((refusal("no such sound"),), SPOKEN) as chorus,
        ChorusLine(chorus.settings) as line,
    ):
        with pytest.raises(ChorusRejectedError, match="Chorus refused: no such sound"):
            await spoken(line, "Hm")
        assert await spoken(line, "Hello") == [Audio(PCM, 24000)]

    assert len(chorus.heard) == 1


async def test_another_voice_closes_without_a_word_and_opens_anew() -> None:
    async with fake_chorus(SPOKEN, SPOKEN) as chorus, ChorusLine(chorus.settings) as line:
        await spoken(line, "One")
        await line.use(voice_id="am_adam", tuning=Tuning(speed=2.0))
        await spoken(line, "Two")

    assert chorus.heard == [
        [OPENING, said("One")],
        [{"text": " ", "voice_settings": {"speed": 2.0}}, said("Two"), END],
    ]
    assert "/am_adam/" in chorus.requests[1].path


async def test_the_same_voice_keeps_the_connection() -> None:
    async with fake_chorus(SPOKEN, SPOKEN) as chorus, ChorusLine(chorus.settings) as line:
        await spoken(line, "One")
        await line.use(voice_id="af_heart")
        await spoken(line, "Two")

    assert len(chorus.heard) == 1


async def test_whoever_stops_listening_ends_the_speech() -> None:
    async with fake_chorus((audio(), audio()), SPOKEN) as chorus, ChorusLine(chorus.settings) as line:
        async with aclosing(line.speak("A long story")) as speech:
            await anext(speech)
        was_open = line.is_open
        again = await spoken(line, "Hello")

    assert not was_open
    assert again == [Audio(PCM, 24000)]
    assert chorus.heard == [[OPENING, said("A long story"), END], [OPENING, said("Hello"), END]]


async def test_cancelling_ends_the_speech_for_its_listener_too() -> None:
    async with fake_chorus((audio(),)) as chorus, ChorusLine(chorus.settings) as line:
        speech = line.speak("A long story")
        await anext(speech)
        rest = asyncio.create_task(anext(speech, None))
        await asyncio.sleep(0)
        await line.cancel()

        assert await rest is None
    assert chorus.heard == [[OPENING, said("A long story"), END]]


async def test_a_connection_that_was_lost_between_two_utterances_is_made_anew() -> None:
    async with fake_chorus((*SPOKEN, None), SPOKEN) as chorus, ChorusLine(chorus.settings) as line:
        await spoken(line, "One")
        await asyncio.sleep(0.05)
        assert await spoken(line, "Two") == [Audio(PCM, 24000)]

    assert [len(said) for said in chorus.heard] == [2, 3]


async def test_a_connection_that_breaks_in_mid_sentence_is_told_and_then_made_anew() -> None:
    async with fake_chorus((audio(), None), SPOKEN) as chorus, ChorusLine(chorus.settings) as line:
        with pytest.raises(ChorusUnreachableError, match="closed the connection with 1011: out of breath"):
            await spoken(line, "One")
        assert await spoken(line, "Two") == [Audio(PCM, 24000)]


async def test_silence_is_told_after_the_time_that_was_set() -> None:
    async with fake_chorus((), SPOKEN, patience=1.0) as chorus, ChorusLine(chorus.settings) as line:
        with pytest.raises(ChorusTimeoutError, match="nothing came for 1 s"):
            await spoken(line, "Hello")
        assert await spoken(line, "Hello") == [Audio(PCM, 24000)]


async def test_nobody_there_is_told() -> None:
    line = ChorusLine(VoiceSettings(base_url="ws://127.0.0.1:9"))

    with pytest.raises(ChorusUnreachableError, match="Chorus cannot be reached"):
        await spoken(line, "Hello")


async def test_a_wrong_key_is_told_with_the_variable_that_holds_it() -> None:
    async with fake_chorus(status=HTTPStatus.UNAUTHORIZED) as chorus:
        with pytest.raises(ChorusRejectedError, match=r"refused, 401: no.*KOKORO_TTS_API_KEY"):
            await spoken(ChorusLine(chorus.settings), "Hello")


@pytest.mark.parametrize(
    ("greeting", "error"),
    [
        ('{"event": "hello"}', ChorusAnswerError),
        ("hello", ChorusAnswerError),
        (refusal("no voice"), ChorusRejectedError),
        (None, ChorusTimeoutError),
    ],
)
async def test_nothing_is_said_before_the_greeting(greeting: str | None, error: type[ChorusError]) -> None:
    # Also on a busy machine, the connection is opened in that time.
    async with fake_chorus(greeting=greeting, patience=1.0 if greeting is None else 30.0) as chorus:
        with pytest.raises(error):
            await spoken(ChorusLine(chorus.settings), "Hello")

    assert chorus.heard == [[]]


async def hang_up(connection: ServerConnection) -> None:
    await connection.close(1013, "later")


async def break_off(connection: ServerConnection) -> None:
    connection.transport.abort()


@pytest.mark.parametrize(
    ("ending", "told"),
    [
        (hang_up, "Chorus cannot be reached: Chorus closed the connection with 1013: later"),
        (break_off, "Chorus cannot be reached: the connection was lost"),
    ],
)
async def test_an_end_in_the_place_of_the_greeting_is_told(
    ending: Callable[[ServerConnection], Awaitable[None]], told: str
) -> None:
    async with serve(ending, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        with pytest.raises(ChorusUnreachableError, match=told):
            await spoken(ChorusLine(VoiceSettings(base_url=f"http://127.0.0.1:{port}")), "Hello")


async def test_who_takes_the_call_and_says_nothing_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(ChorusTimeoutError, match=r"nothing came for 0\.1 s"):
            await spoken(ChorusLine(VoiceSettings(base_url=url, timeout=0.1)), "Hello")


async def test_whom_chorus_left_may_still_say_the_end() -> None:
    async with fake_chorus((*SPOKEN, None)) as chorus:
        line = ChorusLine(chorus.settings)
        await spoken(line, "Hello")
        await asyncio.sleep(0.05)
        await line.cancel()

    assert not line.is_open


async def test_no_error_holds_the_key() -> None:
    async with fake_chorus((refusal("the key s3cret-key is tired"),)) as chorus:
        with pytest.raises(ChorusRejectedError) as caught:
            await spoken(ChorusLine(chorus.settings), "Hello")

    assert "s3cret-key" not in str(caught.value)

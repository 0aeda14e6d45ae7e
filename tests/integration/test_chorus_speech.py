"""
What the bot says, with the voice it has: recorded from Chorus, and replayed with nothing running.
"""

from __future__ import annotations

import array
import asyncio
import math
from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing
from dataclasses import replace

import pytest
import pytest_asyncio

from bot.chorus import Audio, Chorus, ChorusLine, Tuning, open_chorus
from bot.errors import ChorusRejectedError
from bot.voice_settings import VoiceSettings, read_voice_settings

pytestmark = [pytest.mark.vcr, pytest.mark.asyncio]

HELLO = "Hello, I am glad that you are here."
STORY = (
    "Once upon a time there was a small robot. It lived in a house by the sea. "
    "Every morning it counted the waves. One day there was one wave too many."
)

UNKNOWN_VOICE = "404: there is no voice 'af_nobody' here; .* spoken when KOKORO_VOICES_PATH names them$"
UNSPEAKABLE = "the text has '日本語', which is Cjk; only English is spoken here, in Latin letters$"
WRONG_KEY = (
    r"401: the key is not one of the server's \(API_KEYS\) \(is KOKORO_TTS_API_KEY one of its keys\?\)$"
)


@pytest.fixture
def settings(vcr: object) -> VoiceSettings:
    del vcr  # asked for so that the settings point to the recorded Chorus
    return replace(read_voice_settings(), sample_rate=24000)


@pytest_asyncio.fixture
async def chorus(settings: VoiceSettings) -> AsyncIterator[Chorus]:
    async with open_chorus(settings) as opened:
        yield opened


@pytest_asyncio.fixture
async def line(settings: VoiceSettings) -> AsyncIterator[ChorusLine]:
    async with ChorusLine(settings) as opened:
        yield opened


def loudness(pcm: bytes) -> float:
    """
    The level of samples, as a fraction of the loudest there can be.
    """
    samples = array.array("h", pcm)
    return math.sqrt(sum(sample * sample for sample in samples) / len(samples)) / 32768


def joined(pieces: Iterable[Audio]) -> bytes:
    return b"".join(piece.pcm for piece in pieces)


async def spoken(line: ChorusLine, text: str, *, rate: int = 24000) -> list[Audio]:
    pieces = [piece async for piece in line.speak(text)]
    assert {piece.sample_rate for piece in pieces} == {rate}
    return pieces


async def test_the_voice_of_the_bot_is_there(chorus: Chorus, settings: VoiceSettings) -> None:
    assert settings.voice_id in await chorus.voices()


async def test_a_sentence_is_spoken_at_once(chorus: Chorus) -> None:
    speech = await chorus.say(HELLO)

    assert 1 < speech.seconds < 5
    assert loudness(speech.pcm) > 0.01


async def test_decoration_is_not_spoken(chorus: Chorus) -> None:
    assert await chorus.say(f"**{HELLO}** 👋 🎉") == await chorus.say(HELLO)


async def test_twice_the_speed_takes_less_time(chorus: Chorus) -> None:
    usual = await chorus.say(HELLO)
    fast = await chorus.say(HELLO, tuning=Tuning(speed=2.0))

    assert 0.4 * usual.seconds < fast.seconds < 0.75 * usual.seconds


async def test_a_story_is_streamed_in_pieces(chorus: Chorus) -> None:
    pieces = [piece async for piece in chorus.stream(STORY)]
    at_once = await chorus.say(STORY)

    assert len(pieces) > 1
    assert joined(pieces) == at_once.pcm


async def test_a_stream_may_be_left_before_its_end(chorus: Chorus) -> None:
    async with aclosing(chorus.stream(STORY)) as speech:
        first = await anext(speech)
    again = await chorus.say(HELLO)

    assert first.pcm
    assert again.pcm


async def test_a_sentence_is_spoken_over_a_line(line: ChorusLine) -> None:
    pieces = await spoken(line, HELLO)

    assert 1 < sum(piece.seconds for piece in pieces) < 5
    assert loudness(joined(pieces)) > 0.01


async def test_one_line_speaks_many_sentences(line: ChorusLine) -> None:
    first = await spoken(line, HELLO)
    second = await spoken(line, "How are you today?")
    third = await spoken(line, HELLO)

    assert joined(first) == joined(third) != joined(second)


async def test_sentences_asked_for_at_once_come_one_after_the_other(line: ChorusLine) -> None:
    together = await asyncio.gather(spoken(line, HELLO), spoken(line, "Goodbye for now."))
    alone = [await spoken(line, HELLO), await spoken(line, "Goodbye for now.")]

    assert [joined(pieces) for pieces in together] == [joined(pieces) for pieces in alone]


async def test_a_line_changes_its_voice_settings(line: ChorusLine) -> None:
    usual = joined(await spoken(line, HELLO))
    await line.use(tuning=Tuning(speed=2.0))
    fast = joined(await spoken(line, HELLO))

    assert 0.4 * len(usual) < len(fast) < 0.75 * len(usual)


async def test_a_story_may_be_cancelled_and_the_next_is_spoken(line: ChorusLine) -> None:
    async with aclosing(line.speak(STORY)) as story:
        first = await anext(story)
    was_open = line.is_open
    after = await spoken(line, HELLO)

    assert first.pcm
    assert not was_open
    assert joined(after)


async def test_speech_at_another_rate(settings: VoiceSettings) -> None:
    async with ChorusLine(replace(settings, sample_rate=8000)) as line:
        narrow = await spoken(line, HELLO, rate=8000)
    async with ChorusLine(settings) as line:
        wide = await spoken(line, HELLO)

    assert len(joined(narrow)) == pytest.approx(len(joined(wide)) / 3, rel=0.01)


async def test_a_voice_that_is_not_there(settings: VoiceSettings) -> None:
    unknown = replace(settings, voice_id="af_nobody")
    async with open_chorus(unknown) as chorus:
        with pytest.raises(ChorusRejectedError, match=UNKNOWN_VOICE) as at_once:
            await chorus.say(HELLO)
        with pytest.raises(ChorusRejectedError, match=UNKNOWN_VOICE) as streamed:
            await anext(chorus.stream(HELLO))

    assert (at_once.value.status, streamed.value.status) == (404, 404)


async def test_a_line_with_a_voice_that_is_not_there(settings: VoiceSettings) -> None:
    async with ChorusLine(replace(settings, voice_id="af_nobody")) as line:
        with pytest.raises(ChorusRejectedError, match="af_nobody"):
            await spoken(line, HELLO)


async def test_a_wrong_key_is_refused(settings: VoiceSettings) -> None:
    wrong = replace(settings, api_key="not-the-key")
    async with open_chorus(wrong) as chorus:
        with pytest.raises(ChorusRejectedError, match=WRONG_KEY):
            await chorus.say(HELLO)
    with pytest.raises(ChorusRejectedError, match=r"401: .*KOKORO_TTS_API_KEY"):
        await spoken(ChorusLine(wrong), HELLO)


async def test_a_text_that_cannot_be_spoken_leaves_the_line_open(line: ChorusLine) -> None:
    with pytest.raises(ChorusRejectedError, match=UNSPEAKABLE):
        await spoken(line, "日本語")
    after = await spoken(line, HELLO)

    assert joined(after)


async def test_a_text_that_cannot_be_spoken_over_http(chorus: Chorus) -> None:
    with pytest.raises(ChorusRejectedError, match=UNSPEAKABLE) as refused:
        await chorus.say("日本語")

    assert refused.value.status == 422

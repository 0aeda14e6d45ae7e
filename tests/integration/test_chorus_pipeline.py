"""
The bot's voice in a Pipecat pipeline, headless: recorded from Chorus, and replayed with nothing running.
"""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from types import ModuleType

import pytest

from bot.voice_settings import VoiceSettings, read_voice_settings

pytestmark = [
    pytest.mark.vcr,
    pytest.mark.asyncio,
    pytest.mark.skipif(find_spec("pipecat") is None, reason="the extra 'pipecat' is not installed"),
]

SAMPLES_A_SECOND = 24000
UNSPEAKABLE = "the text has '日本語', which is Cjk; only English is spoken here, in Latin letters"


@pytest.fixture
def settings(vcr: object) -> VoiceSettings:
    del vcr  # asked for so that the settings point to the recorded Chorus
    return replace(read_voice_settings(), sample_rate=SAMPLES_A_SECOND)


def seconds_of(frames: list[tuple[str, object]]) -> float:
    pcm = b"".join(said for kind, said in frames if kind == "audio" and isinstance(said, bytes))
    return len(pcm) / 2 / SAMPLES_A_SECOND


async def test_a_pipeline_speaks(settings: VoiceSettings, pipeline: ModuleType) -> None:
    frames = await pipeline.spoken_by(settings, "Hello, I am glad that you are here.")

    kinds = [kind for kind, _ in frames]
    assert (kinds[0], kinds[-1]) == ("started", "stopped")
    assert 1 < seconds_of(frames) < 5


async def test_an_answer_that_comes_word_by_word_is_spoken(
    settings: VoiceSettings, pipeline: ModuleType
) -> None:
    frames = await pipeline.spoken_by(settings, *pipeline.answered("I am ", "**glad**. ", "And ", "you?"))

    assert [kind for kind, _ in frames].count("started") == 1
    assert [said for kind, said in frames if kind == "text"] == ["I am **glad**.", "And you?"]
    assert 1 < seconds_of(frames) < 5


async def test_what_chorus_refuses_does_not_silence_the_pipeline(
    settings: VoiceSettings, pipeline: ModuleType
) -> None:
    frames = await pipeline.spoken_by(settings, "日本語", "And now in English.")

    errors = [str(said) for kind, said in frames if kind == "error"]
    assert errors[0] == f"Chorus refused: {UNSPEAKABLE}"
    assert seconds_of(frames) > 0.5


async def test_a_voice_that_is_not_there_is_an_error_frame(
    settings: VoiceSettings, pipeline: ModuleType
) -> None:
    frames = await pipeline.spoken_by(replace(settings, voice_id="af_nobody"), "Hello.")

    assert "error" in [kind for kind, _ in frames]
    assert seconds_of(frames) == 0

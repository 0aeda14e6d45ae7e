"""Chorus in a real Pipecat pipeline, headless: text goes in, audio comes out."""

from __future__ import annotations

from importlib.util import find_spec
from types import ModuleType

import pytest

from bot.voice_settings import VoiceSettings
from tests.fake_chorus import PCM, SPOKEN, Answers, audio, fake_chorus, final, refusal

pytestmark = [
    pytest.mark.asyncio,
    pytest.mark.skipif(find_spec("pipecat") is None, reason="the extra 'pipecat' is not installed"),
]


async def test_a_text_is_spoken_between_its_start_and_its_end(pipeline: ModuleType) -> None:
    async with fake_chorus(SPOKEN) as chorus:
        frames = await pipeline.spoken_by(chorus.settings, "Hello **world**.")

    assert frames == [("started", None), ("text", "Hello **world**."), ("audio", PCM), ("stopped", None)]
    assert chorus.heard == [
        [
            {"text": " "},
            {"text": "Hello world. ", "flush": True, "try_trigger_generation": True},
            {"text": ""},
        ]
    ]


async def test_a_chorus_that_does_not_close_is_left(pipeline: ModuleType) -> None:
    async with fake_chorus(SPOKEN, closes=False, patience=2.0) as chorus:
        await pipeline.spoken_by(chorus.settings, "Hello.")

    assert chorus.messages(0)[-1] == {"text": ""}


async def test_a_speech_that_does_not_end_is_left(pipeline: ModuleType) -> None:
    async with fake_chorus((audio(sample_rate=24000),), closes=False) as chorus:
        await pipeline.spoken_by(chorus.settings, "Hello.")

    assert chorus.messages(0)[-1] == {"text": ""}


async def test_several_texts_are_spoken_in_their_order(pipeline: ModuleType) -> None:
    one, two = b"\x01\x00", b"\x02\x00"
    async with fake_chorus((audio(one), audio(one), final()), (audio(two), final())) as chorus:
        frames = await pipeline.spoken_by(chorus.settings, "One.", "Two.")

    assert [said for kind, said in frames if kind == "audio"] == [one, one, two]
    assert [kind for kind, _ in frames].count("stopped") == 2


async def test_a_refused_text_is_an_error_frame_and_the_next_is_spoken(pipeline: ModuleType) -> None:
    answers: list[Answers] = [(refusal("no such sound"),), SPOKEN]
    async with fake_chorus(*answers) as chorus:
        frames = await pipeline.spoken_by(chorus.settings, "Hm.", "Hello.")

    assert ("error", "Chorus refused: no such sound") in frames
    assert ("audio", PCM) in frames
    assert len(chorus.heard) == 1


async def test_damaged_speech_is_an_error_frame_and_the_rest_is_spoken(pipeline: ModuleType) -> None:
    async with fake_chorus(("no json", '{"event": "visemes"}', *SPOKEN)) as chorus:
        frames = await pipeline.spoken_by(chorus.settings, "Hello.")

    assert ("error", "this is not how Chorus answers: a message is no JSON") in frames
    assert [said for kind, said in frames if kind == "audio"] == [PCM]


async def test_the_sentences_of_an_answer_are_one_speech(pipeline: ModuleType) -> None:
    async with fake_chorus(SPOKEN, SPOKEN) as chorus:
        frames = await pipeline.spoken_by(
            chorus.settings, *pipeline.answered("One", " sentence. ", "And", " another.")
        )

    assert [kind for kind, _ in frames if kind != "text"] == ["started", "audio", "audio", "stopped"]
    assert [message["text"] for message in chorus.messages(0)] == [
        " ",
        "One sentence. ",
        "And another. ",
        "",
    ]


async def test_of_what_cannot_be_heard_nothing_is_sent(pipeline: ModuleType) -> None:
    async with fake_chorus(SPOKEN) as chorus:
        frames = await pipeline.spoken_by(chorus.settings, *pipeline.answered("👋 ", "Hello."))

    assert [said for kind, said in frames if kind == "audio"] == [PCM]
    assert [message["text"] for message in chorus.messages(0)] == [" ", "Hello. ", ""]


async def test_a_text_of_signs_alone_opens_no_connection(pipeline: ModuleType) -> None:
    async with fake_chorus() as chorus:
        voice = pipeline.ChorusTTSService(chorus.settings)
        frames = [frame async for frame in voice.run_tts("👋", "a turn")]

    assert (frames, chorus.requests) == ([], [])


async def test_another_voice_opens_another_connection(pipeline: ModuleType) -> None:
    async with fake_chorus(SPOKEN) as chorus:
        frames = await pipeline.spoken_by(chorus.settings, pipeline.another_voice("am_adam"), "Hello.")

    assert ("audio", PCM) in frames
    assert ["/am_adam/" in request.path for request in chorus.requests] == [False, True]


async def test_the_same_voice_keeps_the_connection(pipeline: ModuleType) -> None:
    async with fake_chorus(SPOKEN) as chorus:
        frames = await pipeline.spoken_by(chorus.settings, pipeline.another_voice("af_heart"), "Hello.")

    assert ("audio", PCM) in frames
    assert len(chorus.requests) == 1


async def test_nobody_there_is_an_error_frame_without_the_key(pipeline: ModuleType) -> None:
    settings = VoiceSettings(base_url="ws://127.0.0.1:9", api_key="s3cret-key", timeout=1)

    frames = await pipeline.spoken_by(settings, "Hello.")

    errors = [str(said) for kind, said in frames if kind == "error"]
    assert errors
    assert all("Chorus cannot be reached" in error for error in errors[:1])
    assert "s3cret-key" not in "".join(errors)


async def test_who_does_not_greet_is_an_error_frame(pipeline: ModuleType) -> None:
    async with fake_chorus(greeting='{"event": "hello"}') as chorus:
        frames = await pipeline.spoken_by(chorus.settings, "Hello.")

    assert ("error", "Chorus cannot be reached: its first message is not 'connected'") in frames


async def test_a_connection_that_was_lost_is_made_anew(pipeline: ModuleType) -> None:
    async with fake_chorus((*SPOKEN, None), SPOKEN) as chorus:
        frames = await pipeline.spoken_by(chorus.settings, "One.", 0.3, "Two.")

    assert [said for kind, said in frames if kind == "audio"] == [PCM, PCM]
    assert len(chorus.requests) == 2


async def test_what_is_said_while_a_connection_is_made_anew_waits_for_it(pipeline: ModuleType) -> None:
    """
    A second connection would be one too many, and before the greetings nothing may be said.
    """
    async with fake_chorus((*SPOKEN, None), SPOKEN, hesitation=0.5) as chorus:
        frames = await pipeline.spoken_by(chorus.settings, "One.", 0.3, "Two.")

    assert [said for kind, said in frames if kind == "audio"] == [PCM, PCM]
    assert [message["text"] for message in chorus.messages(1)] == [" ", "Two. ", ""]
    assert len(chorus.requests) == 2


async def test_of_a_speech_that_pipecat_has_given_up_no_end_is_told(pipeline: ModuleType) -> None:
    async with fake_chorus((0.3, final())) as chorus:
        frames = await pipeline.spoken_by(chorus.settings, "Hello.", 0.5, patience=0.05)

    assert [kind for kind, _ in frames] == ["started", "text", "error"]


async def test_a_flush_that_names_no_turn_ends_none(pipeline: ModuleType) -> None:
    start, one, another, end = pipeline.answered("One sentence. A", "nother one. ")
    async with fake_chorus(SPOKEN, SPOKEN) as chorus:
        frames = await pipeline.spoken_by(
            chorus.settings, start, one, 0.1, pipeline.ChorusTTSService.flush_audio, 0.1, another, end
        )

    assert [kind for kind, _ in frames if kind != "text"] == ["started", "audio", "audio", "stopped"]

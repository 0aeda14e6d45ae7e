"""
The same text, voice and settings: the same bytes.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.servers.chorus.conftest import Meet, Server, Start

TIMES = int(os.environ.get("CHORUS_REPEATS", "12"))
TEXT = "It was a long day; we went home, and slept. Then the zorblax rang 3 times!"


def test_every_way_of_asking_gives_the_same_samples(server: Server, meet: Meet) -> None:
    at_once = server.speech(TEXT)
    with server.client() as http:
        streamed = http.post(
            "/v1/text-to-speech/af_heart/stream", params={"output_format": "pcm_24000"}, json={"text": TEXT}
        ).content

    assert at_once == streamed == meet(server).flush(TEXT).samples


def test_the_same_samples_come_however_many_ask(server: Server) -> None:
    alone = server.speech(TEXT)

    with ThreadPoolExecutor(8) as clients:
        together = list(clients.map(lambda _: server.speech(TEXT), range(TIMES)))

    assert set(together) == {alone}


@pytest.mark.parametrize("threads", ["1", "2", "3"])
def test_the_same_samples_come_from_other_processes_and_threads(
    server: Server, start: Start, threads: str
) -> None:
    other = start("--engine", "small", "--threads", threads)

    assert other.speech(TEXT) == server.speech(TEXT)


@pytest.mark.parametrize("threads", ["1", "3"])
def test_kokoro_is_the_same_in_other_processes_and_threads(
    kokoro: Server, start: Start, threads: str
) -> None:
    other = start("--engine", "kokoro", "--threads", threads)

    said = other.speech("It was a long day.", voice="jm_kumo", output="pcm_22050")

    assert said == kokoro.speech("It was a long day.", voice="jm_kumo", output="pcm_22050")


def test_frames_end_where_they_ended_before(server: Server, meet: Meet) -> None:
    assert meet(server).flush(TEXT) == meet(server).flush(TEXT)


def test_a_sentence_sounds_the_same_among_others(server: Server) -> None:
    assert server.speech("It rains. It pours.") == server.speech("It rains.") + server.speech("It pours.")


def test_settings_that_change_the_sound_do(server: Server) -> None:
    plain = server.speech(TEXT)

    assert server.speech(TEXT, seed=0) == plain
    assert len(server.speech(TEXT, seed=1)) == len(plain)
    assert server.speech(TEXT, seed=1) != plain
    assert len(server.speech(TEXT, voice_settings={"speed": 2})) < 0.7 * len(plain)
    assert server.speech("At 5 km.", apply_text_normalization="off") != server.speech("At 5 km.")


def test_settings_without_effect_change_nothing(server: Server) -> None:
    settings = {"stability": 0.1, "similarity_boost": 1, "style": 0.9, "use_speaker_boost": True}

    assert server.speech(
        TEXT, voice_settings=settings, model_id="any", language_code="en-GB"
    ) == server.speech(TEXT)

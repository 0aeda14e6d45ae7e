"""Where Chorus is: what is read, what is derived, what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.voice_settings import VoiceSettings, read_voice_settings

COMPLETE = {
    "KOKORO_TTS_BASE_URL": "wss://chorus.example:8443/",
    "KOKORO_TTS_API_KEY": "voice-s3cret",
    "KOKORO_TTS_VOICE_ID": "bf_emma",
    "KOKORO_TTS_SAMPLE_RATE": "16000",
    "KOKORO_TTS_TIMEOUT": "2.5",
}
NO_FILE = Path("there is no such file")


def problems_of(environ: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        read_voice_settings(environ, dotenv=NO_FILE)
    return caught.value.problems


def test_every_variable_has_its_field() -> None:
    assert read_voice_settings(COMPLETE, dotenv=NO_FILE) == VoiceSettings(
        base_url="wss://chorus.example:8443",
        api_key="voice-s3cret",
        voice_id="bf_emma",
        sample_rate=16000,
        timeout=2.5,
    )


def test_without_any_there_is_a_chorus_on_this_machine() -> None:
    assert read_voice_settings({}, dotenv=NO_FILE) == VoiceSettings(
        base_url="ws://127.0.0.1:8000",
        api_key="test-key",
        voice_id="af_heart",
        sample_rate=22050,
        timeout=10.0,
    )


def test_a_file_may_hold_them(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("KOKORO_TTS_VOICE_ID=am_adam\nKOKORO_TTS_API_KEY=from-the-file\n")

    settings = read_voice_settings({"KOKORO_TTS_API_KEY": "stronger"}, dotenv=file)

    assert (settings.voice_id, settings.api_key) == ("am_adam", "stronger")


@pytest.mark.parametrize(
    ("given", "http", "socket"),
    [
        ("ws://127.0.0.1:8000", "http://127.0.0.1:8000", "ws://127.0.0.1:8000"),
        ("http://localhost:8000/", "http://localhost:8000", "ws://localhost:8000"),
        ("https://[::1]/voice", "https://[::1]/voice", "wss://[::1]/voice"),
        ("wss://127.0.0.2", "https://127.0.0.2", "wss://127.0.0.2"),
    ],
)
def test_one_address_leads_to_both_ways_of_speaking(given: str, http: str, socket: str) -> None:
    settings = read_voice_settings({"KOKORO_TTS_BASE_URL": given}, dotenv=NO_FILE)

    assert (settings.http_url, settings.socket_url) == (http, socket)


def test_a_chorus_elsewhere_is_not_spoken_to_without_its_key() -> None:
    assert problems_of({"KOKORO_TTS_BASE_URL": "wss://chorus.example"}) == (
        "KOKORO_TTS_API_KEY is not set, and the Chorus at wss://chorus.example is on another machine",
    )


def test_every_mistake_is_told_at_once() -> None:
    assert problems_of(
        {
            "KOKORO_TTS_BASE_URL": "ftp://x",
            "KOKORO_TTS_API_KEY": "kö",
            "KOKORO_TTS_VOICE_ID": "../etc",
            "KOKORO_TTS_SAMPLE_RATE": "11025",
            "KOKORO_TTS_TIMEOUT": "soon",
        }
    ) == (
        "KOKORO_TTS_BASE_URL must be a plain ws:// or wss:// or http:// or https:// address, not 'ftp://x'",
        "KOKORO_TTS_API_KEY cannot be sent as a header: it holds something other than printable ASCII",
        "KOKORO_TTS_VOICE_ID must be the id of a voice, such as af_heart, not '../etc'",
        "KOKORO_TTS_SAMPLE_RATE must be one of 8000, 16000, 22050, 24000, 44100 (hertz), not '11025'",
        "KOKORO_TTS_TIMEOUT must be a number of seconds above 0, not 'soon'",
    )


def test_no_mistake_tells_the_key() -> None:
    problems = problems_of({"KOKORO_TTS_API_KEY": "s3cret", "KOKORO_TTS_VOICE_ID": "s3cret!"})

    assert "s3cret" not in "\n".join(problems)


def test_the_key_is_not_shown_with_the_settings() -> None:
    settings = read_voice_settings(COMPLETE, dotenv=NO_FILE)

    assert "s3cret" not in repr(settings)
    assert settings.mask("the key is voice-s3cret") == "the key is ***"

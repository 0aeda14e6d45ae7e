"""What a session needs: what is read, what is derived, what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.hearing_settings import HearingSettings, read_hearing_settings
from bot.session.settings import (
    DailySettings,
    ModelSettings,
    read_daily_settings,
    read_session_settings,
)

OPENAI = "https://api.openai.com/v1"
NO_FILE = Path("there is no such file")
SMALLEST = {
    "MESH_API_ENDPOINT": "http://127.0.0.1:5001/api",
    "BOT_TENANT_ID": "tenant-1",
    "OPENAI_API_KEY": "sk-s3cret",
}
COMPLETE = {
    **SMALLEST,
    "BOT_USER_ID": "user-1",
    "BOT_HOST": "::1",
    "BOT_PORT": "0",
    "BOT_PAUSE": "1.5",
    "OPENAI_BASE_URL": "http://127.0.0.1:8001/v1/",
    "OPENAI_MODEL": "gpt-test",
    "BOT_STT_BASE_URL": "https://hearing.example/v1",
    "BOT_STT_API_KEY": "hear-s3cret",
    "BOT_STT_MODEL": "large",
    "BOT_STT_TIMEOUT": "5",
}


def problems_of(environ: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        read_session_settings(environ, dotenv=NO_FILE)
    return caught.value.problems


def test_the_smallest_environment_has_services_on_this_machine() -> None:
    settings = read_session_settings(SMALLEST, dotenv=NO_FILE)

    assert (settings.tenant_id, settings.user_id) == ("tenant-1", "anonymous")
    assert (settings.host, settings.port, settings.pause) == ("127.0.0.1", 7860, 0.8)
    assert settings.model == ModelSettings(
        url="https://api.openai.com/v1", api_key="sk-s3cret", model="gpt-4.1-mini"
    )
    assert settings.hearing == HearingSettings(url="http://127.0.0.1:8002/v1", api_key="test-key")
    assert settings.voice.base_url == "ws://127.0.0.1:8000"
    assert settings.mesh.api_url == "http://127.0.0.1:5001/api"


def test_every_variable_has_its_field() -> None:
    settings = read_session_settings(COMPLETE, dotenv=NO_FILE)

    assert (settings.user_id, settings.host, settings.port) == ("user-1", "::1", 0)
    assert settings.pause == 1.5
    assert settings.model == ModelSettings(
        url="http://127.0.0.1:8001/v1", api_key="sk-s3cret", model="gpt-test"
    )
    assert settings.hearing == HearingSettings(
        url="https://hearing.example/v1", api_key="hear-s3cret", model="large", timeout=5.0
    )


def test_a_model_on_this_machine_has_a_usual_key() -> None:
    environ = {**SMALLEST, "OPENAI_API_KEY": "", "OPENAI_BASE_URL": "http://localhost:8001/v1"}

    assert read_session_settings(environ, dotenv=NO_FILE).model.api_key == "test-key"


def test_no_secret_is_shown() -> None:
    settings = read_session_settings(COMPLETE, dotenv=NO_FILE)

    assert "s3cret" not in repr(settings)
    assert settings.mask("sk-s3cret and hear-s3cret") == "*** and ***"


def test_all_mistakes_of_all_services_are_told_together() -> None:
    environ = {"BOT_PORT": "70000", "KOKORO_TTS_SAMPLE_RATE": "3", "BOT_STT_BASE_URL": "http://else.where/v1"}

    assert problems_of(environ) == (
        "MESH_API_ENDPOINT is not set: it says where Mesh is, for example http://127.0.0.1:5001/api",
        "KOKORO_TTS_SAMPLE_RATE must be one of 8000, 16000, 22050, 24000, 44100 (hertz), not '3'",
        "BOT_STT_API_KEY is not set, and the recogniser at http://else.where/v1 is on another machine",
        f"OPENAI_API_KEY is not set, and the language model at {OPENAI} is on another machine",
        "BOT_TENANT_ID is not set: it says to whom the room belongs",
        "BOT_PORT must be a port, 0 for a free one, not '70000'",
    )


def test_a_key_that_no_header_can_carry_is_refused_and_not_shown() -> None:
    assert problems_of({**SMALLEST, "OPENAI_API_KEY": "sk-\x07"}) == (
        "OPENAI_API_KEY cannot be sent as a header: it holds something other than printable ASCII",
    )


def test_the_recogniser_is_read_alone_too() -> None:
    assert read_hearing_settings({}, dotenv=NO_FILE).model == "whisper-1"


def test_daily_has_a_room_and_a_key() -> None:
    environ = {"DAILY_API_KEY": "day-s3cret", "DAILY_ROOM_URL": "https://our.daily.co/room/"}

    settings = read_daily_settings(environ, dotenv=NO_FILE)

    assert settings == DailySettings(room_url="https://our.daily.co/room", api_key="day-s3cret")
    assert "s3cret" not in repr(settings)


def test_daily_without_credentials_names_them_and_the_other_way() -> None:
    with pytest.raises(SettingsError) as caught:
        read_daily_settings({}, dotenv=NO_FILE)

    assert caught.value.problems == (
        "DAILY_API_KEY is not set: --transport daily needs it",
        "DAILY_ROOM_URL is not set: --transport daily needs it",
        "on one machine there is --transport webrtc, which needs no account",
    )

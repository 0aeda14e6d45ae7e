"""
When a live run starts Chorus itself, and where.
"""

from __future__ import annotations

import sys

import pytest

from tests.live.chorus_process import plan_chorus


@pytest.mark.parametrize(
    ("values", "starts"),
    [
        ({}, False),
        ({"BOT_TTS_PROVIDER": "kokoro"}, True),
        ({"BOT_TTS_PROVIDER": "Kokoro"}, True),
        ({"BOT_TTS_PROVIDER": "elevenlabs"}, False),
        ({"PIPECAT_AUTOSTART_CHORUS": "1"}, True),
        ({"PIPECAT_AUTOSTART_CHORUS": "0", "BOT_TTS_PROVIDER": "kokoro"}, False),
        ({"PIPECAT_AUTOSTART_CHORUS": "", "BOT_TTS_PROVIDER": "kokoro"}, True),
        ({"PIPECAT_AUTOSTART_CHORUS": "1", "KOKORO_TTS_BASE_URL": "wss://chorus.example.org"}, False),
    ],
)
def test_two_variables_start_it_and_never_on_another_machine(values: dict[str, str], *, starts: bool) -> None:
    assert plan_chorus(values).starts is starts


def test_it_is_started_where_it_is_expected() -> None:
    plan = plan_chorus({"KOKORO_TTS_BASE_URL": "ws://127.0.0.1:8123/", "KOKORO_TTS_API_KEY": "k3y"})

    assert (plan.url, plan.health) == ("http://127.0.0.1:8123", "http://127.0.0.1:8123/healthz")
    assert plan.command == (sys.executable, "-m", "chorus_tts", "--port", "8123")
    assert plan.environment == {"API_KEYS": "k3y"}


def test_it_is_expected_on_port_8000_and_may_be_polled_elsewhere() -> None:
    plan = plan_chorus({"KOKORO_TTS_HEALTH_URL": "http://127.0.0.1:9/ready"})

    assert (plan.url, plan.health) == ("http://127.0.0.1:8000", "http://127.0.0.1:9/ready")
    assert plan.absent == (
        "no Chorus answers at http://127.0.0.1:9/ready: have it started by BOT_TTS_PROVIDER=kokoro or "
        "PIPECAT_AUTOSTART_CHORUS=1, or name one that runs by KOKORO_TTS_BASE_URL and KOKORO_TTS_HEALTH_URL"
    )

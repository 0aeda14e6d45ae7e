"""Whether a live run starts Chorus itself, where it is expected, and how it is started."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.environment import mask
from tests.live.live_settings import is_on

AUTOSTART = "PIPECAT_AUTOSTART_CHORUS"
PROVIDER = "BOT_TTS_PROVIDER"
ADDRESS = "KOKORO_TTS_BASE_URL"
HEALTH = "KOKORO_TTS_HEALTH_URL"

_DEFAULT_PORT = 8000
_KEY = "KOKORO_TTS_API_KEY"
_LOCAL = frozenset({"127.0.0.1", "localhost"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChorusPlan:
    """
    Where Chorus is expected and polled, and whether it may be started there.
    """

    url: str
    health: str
    starts: bool
    environment: Mapping[str, str]

    @property
    def command(self) -> tuple[str, ...]:
        port = str(urlsplit(self.url).port or _DEFAULT_PORT)
        return (sys.executable, "-m", "chorus_tts", "--port", port)

    @property
    def absent(self) -> str:
        """
        What to say when none answers and none is started.
        """
        return (
            f"no Chorus answers at {self.health}: have it started by {PROVIDER}=kokoro or {AUTOSTART}=1, "
            f"or name one that runs by {ADDRESS} and {HEALTH}"
        )


def plan_chorus(values: Mapping[str, str]) -> ChorusPlan:
    """
    The plan that the environment asks for: ``PIPECAT_AUTOSTART_CHORUS`` decides, then ``BOT_TTS_PROVIDER``.

    A Chorus on another machine is never started.
    """
    url = _http(values.get(ADDRESS) or f"http://127.0.0.1:{_DEFAULT_PORT}").rstrip("/")
    asked = (
        is_on(values, AUTOSTART) if values.get(AUTOSTART) else values.get(PROVIDER, "").lower() == "kokoro"
    )
    key = values.get(_KEY, "")
    return ChorusPlan(
        url=url,
        health=values.get(HEALTH) or f"{url}/healthz",
        starts=asked and urlsplit(url).hostname in _LOCAL,
        environment={"API_KEYS": key} if key else {},
    )


def without_key(text: str, values: Mapping[str, str]) -> str:
    return mask(text, [values.get(_KEY)])


def _http(address: str) -> str:
    return address.replace("ws", "http", 1) if address.startswith("ws") else address

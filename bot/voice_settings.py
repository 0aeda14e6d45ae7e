"""Where Chorus is, and whose voice it speaks with, as the environment says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.environment import (
    DOTENV,
    is_local,
    mask,
    read_seconds,
    read_secret,
    read_url,
    read_values,
    settings_error,
)

_KEY = "KOKORO_TTS_API_KEY"
_LOCAL_ADDRESS = "ws://127.0.0.1:8000"
_LOCAL_KEY = "test-key"
_SCHEMES = ("ws", "wss", "http", "https")
_RATES = (8000, 16000, 22050, 24000, 44100)
_DEFAULT_RATE = 22050


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceSettings:
    """
    Where Chorus is, and how it is to speak.

    ``sample_rate`` is in hertz; ``timeout`` is how many seconds may pass without a sign of life.
    """

    base_url: str
    api_key: str = field(default="", repr=False)
    voice_id: str = "af_heart"
    sample_rate: int = _DEFAULT_RATE
    timeout: float = 10.0

    @property
    def http_url(self) -> str:
        return self._over("http")

    @property
    def socket_url(self) -> str:
        return self._over("ws")

    @property
    def output_format(self) -> str:
        """
        What Chorus is asked for: signed 16-bit little-endian samples, one channel.
        """
        return f"pcm_{self.sample_rate}"

    def mask(self, text: str) -> str:
        """
        The text without the key, however it spells it.
        """
        return mask(text, (self.api_key,))

    def _over(self, scheme: str) -> str:
        given, _, rest = self.base_url.partition("://")
        return f"{scheme}{'s' if given in {'https', 'wss'} else ''}://{rest}"


def read_voice_settings(environ: Mapping[str, str] | None = None, *, dotenv: Path = DOTENV) -> VoiceSettings:
    """
    Read the process's environment, or *environ*, over the file *dotenv*; nothing is remembered between calls.

    A Chorus on this machine has a usual key; one elsewhere is not spoken to without its own.

    :raises SettingsError: with every mistake at once.
    """
    values = read_values(environ, dotenv)
    problems: list[str] = []
    url = read_url("KOKORO_TTS_BASE_URL", values, problems, schemes=_SCHEMES) or _LOCAL_ADDRESS
    settings = VoiceSettings(
        base_url=url,
        api_key=_key(url, values, problems),
        voice_id=_voice(values, problems),
        sample_rate=_rate(values, problems),
        timeout=read_seconds("KOKORO_TTS_TIMEOUT", values, problems),
    )
    if problems:
        raise settings_error(problems, [values.get(_KEY)])
    return settings


def _key(url: str, values: Mapping[str, str], problems: list[str]) -> str:
    key = read_secret(_KEY, values, problems)
    if not key and not is_local(url):
        problems.append(f"{_KEY} is not set, and the Chorus at {url} is on another machine")
    return key or _LOCAL_KEY


def _voice(values: Mapping[str, str], problems: list[str]) -> str:
    name = "KOKORO_TTS_VOICE_ID"
    voice = values.get(name) or "af_heart"
    if not (voice.isascii() and voice.replace("_", "").isalnum()):
        problems.append(f"{name} must be the id of a voice, such as af_heart, not {voice!r}")
    return voice


def _rate(values: Mapping[str, str], problems: list[str]) -> int:
    name = "KOKORO_TTS_SAMPLE_RATE"
    given = values.get(name) or str(_DEFAULT_RATE)
    if given not in map(str, _RATES):
        problems.append(f"{name} must be one of {', '.join(map(str, _RATES))} (hertz), not {given!r}")
        return _DEFAULT_RATE
    return int(given)

"""Where the recogniser is, as the environment says."""

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

_URL = "BOT_STT_BASE_URL"
_KEY = "BOT_STT_API_KEY"
_LOCAL_ADDRESS = "http://127.0.0.1:8002/v1"
_LOCAL_KEY = "test-key"


@dataclass(frozen=True, slots=True, kw_only=True)
class HearingSettings:
    """
    A server of OpenAI's transcriptions; ``timeout`` is in seconds.
    """

    url: str
    api_key: str = field(default="", repr=False)
    model: str = "whisper-1"
    timeout: float = 30.0

    def mask(self, text: str) -> str:
        """
        The text without the key, however it spells it.
        """
        return mask(text, (self.api_key,))


def read_hearing_settings(
    environ: Mapping[str, str] | None = None, *, dotenv: Path = DOTENV
) -> HearingSettings:
    """
    Read the process's environment, or *environ*, over the file *dotenv*.

    A recogniser on this machine has a usual key; one elsewhere is not spoken to without its own.

    :raises SettingsError: with every mistake.
    """
    values = read_values(environ, dotenv)
    problems: list[str] = []
    url = read_url(_URL, values, problems) or _LOCAL_ADDRESS
    key = read_secret(_KEY, values, problems)
    if not key and not is_local(url):
        problems.append(f"{_KEY} is not set, and the recogniser at {url} is on another machine")
    timeout = read_seconds("BOT_STT_TIMEOUT", values, problems, default=30.0)
    if problems:
        raise settings_error(problems, [values.get(_KEY)])
    return HearingSettings(
        url=url,
        api_key=key or _LOCAL_KEY,
        model=values.get("BOT_STT_MODEL") or "whisper-1",
        timeout=timeout,
    )

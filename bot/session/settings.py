"""What a session needs, as the environment says: the language model, the room, the page, and the services."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

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
from bot.errors import SettingsError
from bot.hearing_settings import HearingSettings, read_hearing_settings
from bot.settings import Settings, read_settings
from bot.voice_settings import VoiceSettings, read_voice_settings

_KEY = "OPENAI_API_KEY"
_ADDRESS = "https://api.openai.com/v1"
_LOCAL_KEY = "test-key"
_PAUSE = 0.8  # a sentence with a breath in it is not cut in two
_DAILY = ("DAILY_API_KEY", "DAILY_ROOM_URL")
_PORTS = range(2**16)

_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSettings:
    """
    A server of OpenAI's chat completions.
    """

    url: str
    api_key: str = field(default="", repr=False)
    model: str = "gpt-4.1-mini"

    def mask(self, text: str) -> str:
        """
        The text without the key, however it spells it.
        """
        return mask(text, (self.api_key,))


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSettings:
    """
    In whose name the bot acts, where its page is, and the services it talks to.

    ``pause`` is the silence that ends a sentence, in seconds.
    """

    tenant_id: str
    user_id: str
    host: str
    port: int
    pause: float
    model: ModelSettings
    hearing: HearingSettings
    voice: VoiceSettings
    mesh: Settings

    def mask(self, text: str) -> str:
        """
        The text without any secret of any service.
        """
        for each in (self.model, self.hearing, self.voice, self.mesh):
            text = each.mask(text)
        return text


@dataclass(frozen=True, slots=True, kw_only=True)
class DailySettings:
    """
    A room of Daily's, and the key of whoever owns it.
    """

    room_url: str
    api_key: str = field(repr=False)


def read_session_settings(
    environ: Mapping[str, str] | None = None, *, dotenv: Path = DOTENV
) -> SessionSettings:
    """
    Read the process's environment, or *environ*, over the file *dotenv*.

    :raises SettingsError: with every mistake, those of the services included.
    """
    values = read_values(environ, dotenv)
    problems: list[str] = []
    mesh = _of_service(read_settings, values, problems)
    voice = _of_service(read_voice_settings, values, problems)
    hearing = _of_service(read_hearing_settings, values, problems)
    model = _model(values, problems)
    pause = read_seconds("BOT_PAUSE", values, problems, default=_PAUSE)
    tenant_id, port = _tenant(values, problems), _port(values, problems)
    if problems or mesh is None or voice is None or hearing is None:
        raise settings_error(problems, [values.get(_KEY)])
    return SessionSettings(
        tenant_id=tenant_id,
        user_id=values.get("BOT_USER_ID") or "anonymous",
        host=values.get("BOT_HOST") or "127.0.0.1",
        port=port,
        pause=pause,
        model=model,
        hearing=hearing,
        voice=voice,
        mesh=mesh,
    )


def read_daily_settings(environ: Mapping[str, str] | None = None, *, dotenv: Path = DOTENV) -> DailySettings:
    """
    :raises SettingsError: when there are no credentials for Daily.
    """
    values = read_values(environ, dotenv)
    problems = [f"{name} is not set: --transport daily needs it" for name in _DAILY if not values.get(name)]
    room_url = read_url("DAILY_ROOM_URL", values, problems, schemes=("https",))
    api_key = read_secret("DAILY_API_KEY", values, problems)
    if problems:
        problems.append("on one machine there is --transport webrtc, which needs no account")
        raise settings_error(problems, [api_key])
    return DailySettings(room_url=room_url, api_key=api_key)


def _of_service(
    read: Callable[[Mapping[str, str]], _Read], values: Mapping[str, str], problems: list[str]
) -> _Read | None:
    try:
        return read(values)
    except SettingsError as error:
        problems.extend(error.problems)
        return None


def _model(values: Mapping[str, str], problems: list[str]) -> ModelSettings:
    url = read_url("OPENAI_BASE_URL", values, problems) or _ADDRESS
    key = read_secret(_KEY, values, problems)
    if not key and not is_local(url):
        problems.append(f"{_KEY} is not set, and the language model at {url} is on another machine")
    model = values.get("OPENAI_MODEL") or ModelSettings.__dataclass_fields__["model"].default
    return ModelSettings(url=url, api_key=key or _LOCAL_KEY, model=str(model))


def _tenant(values: Mapping[str, str], problems: list[str]) -> str:
    tenant_id = values.get("BOT_TENANT_ID", "")
    if not tenant_id:
        problems.append("BOT_TENANT_ID is not set: it says to whom the room belongs")
    return tenant_id


def _port(values: Mapping[str, str], problems: list[str]) -> int:
    given = values.get("BOT_PORT") or "7860"
    if not (given.isascii() and given.isdigit() and int(given) in _PORTS):
        problems.append(f"BOT_PORT must be a port, 0 for a free one, not {given!r}")
        return 0
    return int(given)

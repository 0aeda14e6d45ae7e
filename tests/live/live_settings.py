"""Which Daily room a live test uses, and with which key, as the environment says."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.environment import DOTENV, read_seconds, read_secret, read_url, read_values, settings_error

OPT_IN = "PIPECAT_RUN_LIVE_TESTS"
API_URL = "https://api.daily.co/v1"

_ON = frozenset({"1", "true", "on", "yes"})
_OFF = frozenset({"0", "false", "off", "no"})
_KEY = "DAILY_API_KEY"
_UNIQUE = "PIPECAT_UNIQUE_DAILY_ROOMS"
_PREFIX = "pipecat-int"
_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", flags=re.IGNORECASE)
_ROOM = re.compile(r"[A-Za-z0-9_-]{1,128}")
_SUFFIX_BYTES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSettings:
    """
    One run of the live tests.

    ``is_unique`` says that the room's name belongs to this run alone. ``patience`` is how many seconds an
    answer of the bot may take.
    """

    domain: str
    room: str
    api_key: str = field(repr=False)
    api_url: str = API_URL
    is_unique: bool = True
    patience: float = 30.0

    @property
    def room_url(self) -> str:
        return f"https://{self.domain}.daily.co/{self.room}"


def is_on(values: Mapping[str, str], name: str) -> bool:
    """
    Whether the variable *name* is switched on; upper and lower case are equal.
    """
    return values.get(name, "").lower() in _ON


def missing_credentials(values: Mapping[str, str]) -> list[str]:
    """
    The variables without which no room can be made.
    """
    return [name for name in ("DAILY_DOMAIN", _KEY) if not values.get(name)]


def read_live_settings(
    environ: Mapping[str, str] | None = None,
    *,
    dotenv: Path = DOTENV,
    suffix: Callable[[], str] = lambda: secrets.token_hex(_SUFFIX_BYTES),
) -> LiveSettings:
    """
    Read the process's environment, or *environ*, over the file *dotenv*.

    *suffix* makes the ten hexadecimal digits that no other run has.

    :raises SettingsError: with every mistake.
    """
    values = read_values(environ, dotenv)
    problems = [f"{name} is not set" for name in missing_credentials(values)]
    is_unique = _is_unique(values, problems)
    settings = LiveSettings(
        domain=_domain(values, problems),
        room=_room(values, problems, suffix() if is_unique else None),
        api_key=read_secret(_KEY, values, problems),
        api_url=read_url("DAILY_API_URL", values, problems) or API_URL,
        is_unique=is_unique,
        patience=read_seconds("PIPECAT_ASSISTANT_TIMEOUT_SECS", values, problems, default=30.0),
    )
    if problems:
        raise settings_error(problems, [values.get(_KEY)])
    return settings


def _is_unique(values: Mapping[str, str], problems: list[str]) -> bool:
    given = values.get(_UNIQUE) or "1"
    if given.lower() not in _ON | _OFF:
        problems.append(f"{_UNIQUE} must be 1 or 0, not {given!r}")
    return given.lower() not in _OFF


def _domain(values: Mapping[str, str], problems: list[str]) -> str:
    given = values.get("DAILY_DOMAIN", "")
    domain = given.removeprefix("https://").rstrip("/").removesuffix(".daily.co")
    if given and not _DOMAIN.fullmatch(domain):
        problems.append(f"DAILY_DOMAIN must be NAME of https://NAME.daily.co, not {given!r}")
    return domain


def _room(values: Mapping[str, str], problems: list[str], suffix: str | None) -> str:
    """
    The room as it is named, or with *suffix* a name that no other run has.
    """
    fixed = values.get("DAILY_TEST_ROOM", "")
    source = "DAILY_TEST_ROOM" if fixed else "DAILY_TEST_ROOM_PREFIX"
    if suffix is None and not fixed:
        problems.append(
            f"DAILY_TEST_ROOM is not set, and {_UNIQUE}=0 makes no name of its own: set one of them"
        )
        return ""
    base = fixed or values.get("DAILY_TEST_ROOM_PREFIX") or _PREFIX
    room = base if suffix is None else f"{base}-{suffix}"
    if not _ROOM.fullmatch(room):
        problems.append(
            f"{source} may have letters, digits, - and _, and 128 characters with its suffix: {room!r}"
        )
    return room

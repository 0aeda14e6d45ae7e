"""The environment, read into one value."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

from dotenv import dotenv_values

from bot.errors import SettingsError

_SECRETS = ("MESH_SHARED_SECRET", "BOT_CONTROL_SHARED_SECRET")
_DOTENV = Path(".env")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """
    Where Mesh is and what it wants to see; an empty secret is one that is not configured.
    """

    api_url: str
    graphql_url: str
    mesh_secret: str = field(default="", repr=False)
    bot_control_secret: str = field(default="", repr=False)
    timeout: float = 10.0

    def mask(self, text: str) -> str:
        """
        The text without the secrets, however it spells them.
        """
        return _mask(text, (self.mesh_secret, self.bot_control_secret))


def read_settings(environ: Mapping[str, str] | None = None, *, dotenv: Path = _DOTENV) -> Settings:
    """
    Read the process's environment, or *environ*, over the file *dotenv*; nothing is remembered between calls.
    """
    values = _values(os.environ if environ is None else environ, dotenv)
    problems: list[str] = []
    api_url, graphql_url = _endpoints(values, problems)
    mesh_secret, bot_control_secret = (_secret(name, values, problems) for name in _SECRETS)
    timeout = _seconds("MESH_TIMEOUT", values, problems)
    if problems:
        raise SettingsError(tuple(_mask(problem, map(values.get, _SECRETS)) for problem in problems))
    return Settings(
        api_url=api_url,
        graphql_url=graphql_url,
        mesh_secret=mesh_secret,
        bot_control_secret=bot_control_secret,
        timeout=timeout,
    )


def _values(environ: Mapping[str, str], dotenv: Path) -> dict[str, str]:
    """
    Every variable without the spaces around it; one that is set to nothing still hides the file's.
    """
    return {name: (value or "").strip() for name, value in {**_from_file(dotenv), **environ}.items()}


def _from_file(dotenv: Path) -> dict[str, str | None]:
    try:
        return dotenv_values(dotenv)
    except (OSError, UnicodeDecodeError) as error:
        # The chain would carry the file's bytes, secrets included.
        raise SettingsError((f"{dotenv} cannot be read: {type(error).__name__}",)) from None


def _endpoints(values: Mapping[str, str], problems: list[str]) -> tuple[str, str]:
    api = _url("MESH_API_ENDPOINT", values, problems)
    graphql = _url("MESH_ENDPOINT", values, problems)
    if not values.get("MESH_API_ENDPOINT"):
        problems.extend(_underivable(values.get("MESH_ENDPOINT", ""), graphql))
    root = api.removesuffix("/api") or graphql.removesuffix("/graphql")
    return f"{root}/api", graphql or f"{root}/graphql"


def _underivable(given: str, graphql: str) -> Iterator[str]:
    if not given:
        yield "MESH_API_ENDPOINT is not set: it says where Mesh is, for example http://127.0.0.1:5001/api"
    elif graphql and not graphql.endswith("/graphql"):
        yield f"MESH_API_ENDPOINT is not set, and MESH_ENDPOINT does not end in /graphql: {given!r}"


def _url(name: str, values: Mapping[str, str], problems: list[str]) -> str:
    given = values.get(name, "")
    if not given or (problem := _url_problem(given)) is None:
        return given.rstrip("/")
    problems.append(f"{name} {problem}")
    return ""


def _url_problem(given: str) -> str | None:
    try:
        parts = urlsplit(given)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if "@" in given:
        return "must not hold a user name or password"
    if not usable or not given.isascii() or not given.isprintable() or any(c in given for c in " ?#"):
        return f"must be a plain http:// or https:// address, not {given!r}"
    return None


def _secret(name: str, values: Mapping[str, str], problems: list[str]) -> str:
    given = values.get(name, "")
    if not (given.isascii() and given.isprintable()):
        problems.append(f"{name} cannot be sent as a header: it holds something other than printable ASCII")
    return given


def _seconds(name: str, values: Mapping[str, str], problems: list[str]) -> float:
    given = values.get(name) or "10"
    try:
        seconds = float(given)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        problems.append(f"{name} must be a number of seconds above 0, not {given!r}")
    return seconds


def _mask(text: str, secrets: Iterable[str | None]) -> str:
    spellings = {spelling for secret in secrets if secret for spelling in _spellings(secret)}
    # The longest first: one secret may be the beginning of the other.
    for spelling in sorted(spellings, key=len, reverse=True):
        text = text.replace(spelling, "***")
    return text


def _spellings(secret: str) -> tuple[str, ...]:
    return (secret, quote(secret, safe=""), json.dumps(secret)[1:-1], repr(secret)[1:-1])

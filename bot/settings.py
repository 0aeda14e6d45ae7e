"""Where Mesh is, as the environment says, read into one value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.environment import DOTENV, mask, read_seconds, read_secret, read_url, read_values, settings_error

_SECRETS = ("MESH_SHARED_SECRET", "BOT_CONTROL_SHARED_SECRET")


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
        return mask(text, (self.mesh_secret, self.bot_control_secret))


def read_settings(environ: Mapping[str, str] | None = None, *, dotenv: Path = DOTENV) -> Settings:
    """
    Read the process's environment, or *environ*, over the file *dotenv*; nothing is remembered between calls.

    :raises SettingsError: with every mistake at once.
    """
    values = read_values(environ, dotenv)
    problems: list[str] = []
    api_url, graphql_url = _endpoints(values, problems)
    mesh_secret, bot_control_secret = (read_secret(name, values, problems) for name in _SECRETS)
    timeout = read_seconds("MESH_TIMEOUT", values, problems)
    if problems:
        raise settings_error(problems, map(values.get, _SECRETS))
    return Settings(
        api_url=api_url,
        graphql_url=graphql_url,
        mesh_secret=mesh_secret,
        bot_control_secret=bot_control_secret,
        timeout=timeout,
    )


def _endpoints(values: Mapping[str, str], problems: list[str]) -> tuple[str, str]:
    api = read_url("MESH_API_ENDPOINT", values, problems)
    graphql = read_url("MESH_ENDPOINT", values, problems)
    if not values.get("MESH_API_ENDPOINT"):
        problems.extend(_underivable(values.get("MESH_ENDPOINT", ""), graphql))
    root = api.removesuffix("/api") or graphql.removesuffix("/graphql")
    return f"{root}/api", graphql or f"{root}/graphql"


def _underivable(given: str, graphql: str) -> Iterator[str]:
    if not given:
        yield "MESH_API_ENDPOINT is not set: it says where Mesh is, for example http://127.0.0.1:5001/api"
    elif graphql and not graphql.endswith("/graphql"):
        yield f"MESH_API_ENDPOINT is not set, and MESH_ENDPOINT does not end in /graphql: {given!r}"

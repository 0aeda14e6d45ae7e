"""
What the server is told from outside, read once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_BODY: Final = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """
    What opens the door. Without any of them everybody may enter.
    """

    mesh: str | None = field(default=None, repr=False)
    bot_control: str | None = field(default=None, repr=False)
    signing_key: str | None = field(default=None, repr=False)

    @property
    def configured(self) -> bool:
        return bool(self.mesh or self.bot_control or self.signing_key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    host: str = "127.0.0.1"
    port: int = 0
    test_mode: bool = False
    validate: bool = False
    database: str | None = field(default=None, repr=False)
    contract: Path | None = None
    max_body: int = MAX_BODY
    body_timeout: float = 30.0
    log_level: str = "info"
    secrets: Secrets = Secrets()


def secrets_from(environment: Mapping[str, str]) -> Secrets:
    mesh = environment.get("MESH_SHARED_SECRET") or None
    key = environment.get("AUTH_SIGNING_KEY") or environment.get("NEXTAUTH_SECRET") or mesh
    return Secrets(
        mesh=mesh, bot_control=environment.get("BOT_CONTROL_SHARED_SECRET") or None, signing_key=key
    )


def contract_from(environment: Mapping[str, str]) -> Path | None:
    """
    The file of changes that the environment names, so that a tool which starts Mesh needs no other command.
    """
    name = environment.get("MESH_CONTRACT")
    return Path(name) if name else None


def database_from(environment: Mapping[str, str]) -> str | None:
    """
    The address of a PostgreSQL, or None for the one in memory.
    """
    if url := environment.get("MESH_DATABASE_URL"):
        return url
    if not (host := environment.get("POSTGRES_HOST")):
        return None
    user = quote(environment.get("POSTGRES_USER", "postgres"), safe="")
    password = quote(environment.get("POSTGRES_PASSWORD", ""), safe="")
    port = environment.get("POSTGRES_PORT", "5432")
    name = quote(environment.get("POSTGRES_DB", "mesh"), safe="")
    return f"postgresql://{user}{':' + password if password else ''}@{host}:{port}/{name}"

"""What the fixtures of the live tests hand out, and the servers that they start."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from tests.live.local_service import LocalProcess

Play: TypeAlias = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRoom:
    """
    Where bot and participant meet, and what lets the participant in; the bot has a key.
    """

    url: str
    participant_token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningBot:
    """
    The process of a bot, for whom it acts, and the environment it has.
    """

    process: LocalProcess
    tenant_id: str
    user_id: str
    environment: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """
    A server of this repository, which is started unless one of ``named_by`` is set.
    """

    module: str
    named_by: tuple[str, ...]
    addresses: Mapping[str, str]
    health: str = "/health"
    options: tuple[str, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict)


SERVERS = (
    Server(
        module="mesh_inmemory",
        named_by=("MESH_API_ENDPOINT", "MESH_ENDPOINT"),
        addresses={"MESH_API_ENDPOINT": "/api", "MESH_ENDPOINT": "/graphql"},
        secrets={"MESH_SHARED_SECRET": "test-secret", "BOT_CONTROL_SHARED_SECRET": "test-bot-secret"},
    ),
    Server(module="transcriber", named_by=("BOT_STT_BASE_URL",), addresses={"BOT_STT_BASE_URL": "/v1"}),
    Server(
        module="scripted_llm",
        named_by=("OPENAI_BASE_URL", "OPENAI_API_KEY"),
        addresses={"OPENAI_BASE_URL": "/v1"},
    ),
)

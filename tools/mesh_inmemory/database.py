"""
A pool of connections to a PostgreSQL whose schema is up to date, and what its complaints mean.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import asyncpg

from mesh_inmemory.errors import BadRequestError, StartupError, UnavailableError
from mesh_inmemory.migrations import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator

POOL_SIZE: Final = 8
_COMMAND_TIMEOUT: Final = 60.0

# What the caller sent and PostgreSQL cannot hold; everything else is a fault of ours.
_UNSTORABLE: Final = (asyncpg.DataError, asyncpg.ProgramLimitExceededError)


async def connect(dsn: str, *, size: int = POOL_SIZE) -> asyncpg.Pool:
    try:
        pool = await asyncpg.create_pool(
            dsn, min_size=1, max_size=size, command_timeout=_COMMAND_TIMEOUT, reset=_nothing_to_reset
        )
        async with pool.acquire() as connection:
            await migrate(connection)
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise StartupError(f"cannot use the database: {str(error) or type(error).__name__}") from error
    return pool


@contextmanager
def outages() -> Iterator[None]:
    """
    Turn a database that does not answer into a refusal.
    """
    try:
        yield
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise UnavailableError("The database is not usable", code="UNAVAILABLE") from error


@contextmanager
def refusals() -> Iterator[None]:
    """
    Turn PostgreSQL's refusal of a value into ours.
    """
    try:
        yield
    except asyncpg.UniqueViolationError as error:
        raise BadRequestError("That value must be unique", code="BAD_VALUE") from error
    except _UNSTORABLE as error:
        raise _unstorable() from error
    except asyncpg.InterfaceError as error:
        # asyncpg says so of values that it cannot send, and of lost connections.
        if isinstance(error, ValueError):
            raise _unstorable() from error
        raise


def _unstorable() -> BadRequestError:
    return BadRequestError("A value is of the wrong kind, or too large to be stored", code="BAD_VALUE")


async def _nothing_to_reset(_: asyncpg.Connection) -> None:
    """
    No session state outlives a transaction here, and asyncpg's own reset costs a round trip for each request.
    """

"""
The command line, and the composition of everything it starts.

What takes long to import is imported while PostgreSQL starts.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from asgi_shell.address import ListenError, bind, url_of
from asgi_shell.command import add_limits, announce, end_with_parent, log_to_stderr, port_number, positive
from mesh_inmemory.errors import StartupError, not_installed
from mesh_inmemory.memory import MemoryDatabase
from mesh_inmemory.settings import MAX_BODY, Settings, contract_from, database_from, secrets_from

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    settings = read_settings(arguments, os.environ)
    log_to_stderr(settings.log_level)
    parent = end_with_parent()
    try:
        return _serve(settings, parent)
    except (ListenError, StartupError) as error:
        sys.stderr.write(f"mesh_inmemory: {error}\n")
        return 1
    except ModuleNotFoundError as error:
        sys.stderr.write(f"mesh_inmemory: {not_installed(error)}\n")
        return 1


def read_settings(arguments: Sequence[str] | None, environment: Mapping[str, str]) -> Settings:
    given = _parser().parse_args(arguments)
    return Settings(
        host=given.host,
        port=given.port,
        test_mode=given.test_mode,
        validate=given.validate,
        database=given.database or database_from(environment),
        contract=given.contract or contract_from(environment),
        max_body=given.max_body,
        body_timeout=given.body_timeout,
        log_level=given.log_level,
        secrets=secrets_from(environment),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m mesh_inmemory",
        description="Serve Mesh: content, definitions and GraphQL on PostgreSQL, in memory or by address.",
        epilog="Secrets are read from MESH_SHARED_SECRET, BOT_CONTROL_SHARED_SECRET and AUTH_SIGNING_KEY; "
        "without any of them nobody is asked for one.",
    )
    add = parser.add_argument
    add("--port", type=port_number, required=True, metavar="N", help="where to listen; 0 picks a free port")
    add("--host", default="127.0.0.1", help="the address to listen on (%(default)s)")
    add("--test-mode", action="store_true", help="serve POST /test/reset-db too, which removes every row")
    add(
        "--database",
        metavar="URL",
        help="a PostgreSQL to use (MESH_DATABASE_URL, POSTGRES_HOST and the like)",
    )
    add(
        "--contract",
        type=Path,
        metavar="FILE",
        help="serve the contract with the changes in FILE (MESH_CONTRACT)",
    )
    add("--validate", action="store_true", help="check content against the JSON Schema of its definition")
    add("--max-body", type=positive, default=MAX_BODY, metavar="BYTES", help="the largest body (%(default)s)")
    add_limits(parser)
    return parser


def _serve(settings: Settings, parent: int) -> int:
    listening = bind(settings.host, settings.port)
    memory = None if settings.database else MemoryDatabase()

    from mesh_inmemory.serving.run import run  # noqa: PLC0415 - see above

    kind = "on a PostgreSQL by address" if settings.database else "in memory"
    run(
        settings,
        memory,
        listening,
        parent,
        ready=lambda: announce(f"mesh listens on {url_of(listening)} ({kind})"),
    )
    return 0

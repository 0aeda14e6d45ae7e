"""
What the server and the cells share beside HTTP: a folder with the log and the gates.

A gate is a file that a cell makes when it has received one piece of a stream, and without which the server
does not send the next one in time. So a recording that holds pieces back is seen, in every client alike.
"""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, Protocol

FILE = bytes(range(256)) * 16
WORDS = 4  # that a model says
LONG = 60.0  # seconds; longer than any client of the matrix waits
FOLDER = "MATRIX_FOLDER"
_PATIENCE = 2.0  # seconds until a piece is sent late
_LOOK = 0.005


def log(cell: str, kind: str, line: str) -> None:
    with (_folder() / "log").open("a", encoding="utf-8") as file:
        file.write(f"{cell} {kind} {line}\n")


async def passes(cell: str, number: int) -> bool:
    """
    Whether the cell had what came before piece *number* in time.
    """
    gate = gate_of(cell, number)
    deadline = time.monotonic() + _PATIENCE
    while not gate.exists():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(_LOOK)
    return True


async def timing(cell: str, number: int) -> str:
    """
    What the server says of piece *number*, so that the cell can tell.
    """
    return "in time" if number == 0 or await passes(cell, number) else "late"


def gate_of(cell: str, number: int) -> Path:
    return _folder() / f"{cell}.{number}"


class Asking(Protocol):
    """
    A request, or a WebSocket.
    """

    @property
    def scope(self) -> MutableMapping[str, Any]: ...


def cell_of(asking: Asking) -> str:
    return str(asking.scope["cell"])


def new_id(prefix: str = "") -> str:
    """
    What a service generates for each answer.
    """
    return f"{prefix}{uuid.uuid4().hex}" if prefix else str(uuid.uuid4())


def _folder() -> Path:
    return Path(os.environ[FOLDER])

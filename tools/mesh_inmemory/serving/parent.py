"""
Ending with the parent process.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_PR_SET_PDEATHSIG: Final = 1
_INTERVAL: Final = 0.5


def end_with_parent() -> int:
    """
    Ask the kernel, where it can, to end this process with its parent, and return the parent's id.
    """
    parent = os.getppid()
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    return parent


async def watch(parent: int, leave: Callable[[], None]) -> None:
    """
    Call *leave* once the process has another parent than *parent*.

    The kernel's signal exists on Linux only, and may have been asked for too late.
    """
    while os.getppid() == parent:  # noqa: ASYNC110 - nothing sets an event when a parent dies
        await asyncio.sleep(_INTERVAL)
    leave()

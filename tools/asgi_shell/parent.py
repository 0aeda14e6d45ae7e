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

# Linux sends it when the thread ends that started this process, which may be long before its process does:
# the signal is a reason to look, not to leave.
PARENT_DIED: Final = signal.SIGUSR2


def notice_parents_death() -> None:
    """
    Ask the kernel, where it can, for a signal when the parent dies.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, PARENT_DIED)


def is_orphan(parent: int) -> bool:
    return os.getppid() != parent


async def watch(parent: int, leave: Callable[[], None]) -> None:
    """
    Call *leave* once the process has another parent than *parent*.

    The signal exists on Linux only, and may have been asked for too late.
    """
    while not is_orphan(parent):  # noqa: ASYNC110 - nothing sets an event when a parent dies
        await asyncio.sleep(_INTERVAL)
    leave()

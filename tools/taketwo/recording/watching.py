"""
The libraries that modules of their own intercept: changed as soon as the code under test imports them.
"""

from __future__ import annotations

import sys
from functools import cache
from types import ModuleType

from wrapt import register_post_import_hook


def prepare() -> None:
    """
    Import what changes the libraries that are there, without changing any.
    """
    if "httpx" in sys.modules:
        from taketwo.recording import pools, transports  # noqa: F401, PLC0415 - only where there is an httpx


def watch() -> None:
    """
    Have every client lead its requests and connections to the running test, whenever it is imported.
    """
    _watch_imports()
    if "httpx" in sys.modules:
        # Again with each cassette: see there.
        _intercept(sys.modules["httpx"])


@cache
def _watch_imports() -> None:
    register_post_import_hook(_intercept, "httpx")
    register_post_import_hook(_for_asyncio, "websockets.asyncio.client")
    register_post_import_hook(_for_threads, "websockets.sync.client")


def _intercept(_: ModuleType) -> None:
    from taketwo.recording import pools, transports  # noqa: PLC0415 - only where there is an httpx

    pools.put_off()
    transports.intercept()


def _for_asyncio(module: ModuleType) -> None:
    from taketwo.recording.websockets_client import for_asyncio  # noqa: PLC0415 - only where one converses

    for_asyncio(module)


def _for_threads(module: ModuleType) -> None:
    from taketwo.recording.websockets_client import for_threads  # noqa: PLC0415 - as above

    for_threads(module)

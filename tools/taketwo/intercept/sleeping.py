"""
Sleeping in a replay that skips it: the delays between the requests of a test, be they its own, those of a
client that tries again, or those that a service asks for with ``Retry-After``.

A sleep is not left out, but takes a thousandth of its time: who sleeps longer still wakes up later.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from functools import partial, wraps
from itertools import repeat
from operator import is_
from types import ModuleType
from typing import Any, TypeVar

from taketwo.config.playback import Sleep
from taketwo.intercept.patching import Replacements
from taketwo.playback.active import ActiveCassette, owner

_T = TypeVar("_T")

_PART = 1000
_LONGEST = 0.05


def install(module: Any, replacements: Replacements) -> None:  # noqa: ANN401 - time
    _replace_everywhere(time.sleep, _sleeping, replacements, in_=module)


def install_asyncio(module: Any, replacements: Replacements) -> None:  # noqa: ANN401 - asyncio
    _replace_everywhere(asyncio.sleep, _sleeping_async, replacements, in_=module)


def install_trio(module: Any, replacements: Replacements) -> None:  # noqa: ANN401 - trio
    _replace_everywhere(module.sleep, _sleeping_async, replacements, in_=module)


def install_tornado(module: Any, replacements: Replacements) -> None:  # noqa: ANN401 - tornado.gen
    _replace_everywhere(module.sleep, _sleeping, replacements, in_=module)


def _replace_everywhere(
    sleep: Callable[..., Any], replacing: Callable[[Any], Any], replacements: Replacements, *, in_: ModuleType
) -> None:
    """
    Replace *sleep* in its module, and in all that have imported it by name.

    To look through 5,000 modules takes tens of milliseconds, so a session does it once.
    """
    modules: list[object] = [in_, *sys.modules.values()]
    for module in modules:
        if not isinstance(module, ModuleType) or module.__name__.startswith("taketwo."):
            continue
        if True in map(is_, list(vars(module).values()), repeat(sleep)):
            for name in [name for name, value in list(vars(module).items()) if value is sleep]:
                replacements.replace(module, name, replacing)


def _sleeping(sleep: Callable[[float], _T]) -> Callable[[float], _T]:
    # That of C has no signature to be copied in some versions of Python.
    @partial(wraps, assigned=("__module__", "__name__", "__qualname__", "__doc__"))(sleep)
    def slept(seconds: float, /) -> _T:
        return sleep(_shortened(seconds))

    return slept


def _sleeping_async(sleep: Callable[..., Awaitable[_T]]) -> Callable[..., Awaitable[_T]]:
    @wraps(sleep)
    async def slept(seconds: float, *result: Any, **named: Any) -> _T:  # noqa: ANN401 - what asyncio's gives back
        return await sleep(_shortened(seconds), *result, **named)

    return slept


def _shortened(seconds: float) -> float:
    """
    How long to sleep where *seconds* are asked for: not as long while a test is replayed that skips it.
    """
    mine = owner()
    if not isinstance(mine, ActiveCassette) or not mine.is_open or mine.recorder is not None:
        return seconds
    return min(seconds / _PART, _LONGEST) if mine.player.playback.sleep is Sleep.SKIP else seconds

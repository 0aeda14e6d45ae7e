"""
vcrpy, loaded when something needs it: it takes longer to import than most suites take to replay.

That is a library that only it knows, and that is imported, now or in mid-test.
"""

from __future__ import annotations

import sys
import threading
from contextlib import AbstractContextManager
from functools import cache
from types import ModuleType

from wrapt import register_post_import_hook

_LIBRARIES = ("tornado",)
# Whoever imports the adapter imports vcrpy, and with it all of these, before the adapter is there.
_WATCHED = (*_LIBRARIES, f"{__package__}.adapter")

_lock = threading.RLock()
_asleep: list[EveryLibrary] = []


class EveryLibrary:
    """
    While open, requests of the libraries that only vcrpy knows go to the active cassette.
    """

    __slots__ = ("_patches",)

    def __init__(self) -> None:
        self._patches: AbstractContextManager[None] | None = None

    def __enter__(self) -> None:
        with _lock:
            if _is_awake():
                self.wake()
            else:
                _sleep(self)

    def __exit__(self, *_: object) -> None:
        with _lock:
            _forget(self)
        if self._patches is not None:
            self._patches.__exit__(None, None, None)

    def wake(self) -> None:
        """
        Have vcrpy intercept what it knows, from now on.
        """
        from taketwo.intercept.vcrpy.adapter import others_asking  # noqa: PLC0415 - this is what the module is for

        self._patches = others_asking()
        self._patches.__enter__()


def _is_awake() -> bool:
    return any(map(sys.modules.__contains__, _WATCHED))


def _sleep(sleeper: EveryLibrary) -> None:
    _watch_imports()
    _asleep.append(sleeper)


@cache
def _watch_imports() -> None:
    for name in _WATCHED:
        register_post_import_hook(_imported, name)


def _forget(sleeper: EveryLibrary) -> None:
    if sleeper in _asleep:
        _asleep.remove(sleeper)


def _imported(module: ModuleType) -> None:
    # vcrpy imports them all: one that has just begun, and brought this one along, has to be whole before.
    others = (sys.modules[name] for name in _WATCHED if name in sys.modules)
    if not any(_is_beginning(other) for other in others if other is not module):
        _wake_all()


def _is_beginning(module: ModuleType) -> bool:
    return bool(getattr(module.__spec__, "_initializing", False))


def _wake_all() -> None:
    with _lock:
        if not _asleep:
            return
        # Forgotten first: vcrpy's own imports lead here again.
        sleepers = list(_asleep)
        _asleep.clear()
        for sleeper in sleepers:
            sleeper.wake()

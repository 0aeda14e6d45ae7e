"""
Certificates that are read when a connection is made, and not before.

To read those that a client trusts takes longer than a whole test does, and a test that is replayed makes no
connection. A client that outlives it still gets them: with its first connection.
"""

from __future__ import annotations

import os
import ssl
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import wraps
from pathlib import Path
from types import ModuleType
from typing import Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from taketwo.intercept.patching import Replacements
from taketwo.playback.active import current

_P = ParamSpec("_P")
_T = TypeVar("_T")
Reading = tuple[Callable[..., None], tuple[object, ...], dict[str, object]]

_READ = ("load_verify_locations", "set_default_verify_paths")
_USE = ("wrap_socket", "wrap_bio", "get_ca_certs", "cert_store_stats")

_put_off: WeakKeyDictionary[ssl.SSLContext, list[Reading]] = WeakKeyDictionary()
_lock = threading.Lock()


def install(_: ModuleType, replacements: Replacements) -> None:
    """
    Have contexts that are made while a test is replayed read their certificates when they are first used.
    """
    for name in _READ:
        replacements.replace(ssl.SSLContext, name, _later)
    for name in _USE:
        replacements.replace(ssl.SSLContext, name, _after_reading)
    replacements.undo_with(_read_all)


def _read_all() -> None:
    """
    Load now what was deferred: from here on it is not loaded later.
    """
    with _lock:
        waiting = list(_put_off.items())
        _put_off.clear()
    for context, readings in waiting:
        # What has been deleted since was there when the test asked for it.
        with suppress(OSError):
            for read, where, how in readings:
                read(context, *where, **how)


def _later(read: Callable[..., None]) -> Callable[..., None]:
    @wraps(read)
    def later(self: ssl.SSLContext, *args: object, **options: object) -> None:
        active = current()
        if active is None or active.recorder is not None or not _are_there([*args, *options.values()]):
            read(self, *args, **options)
            return
        with _lock:
            _put_off.setdefault(self, []).append((read, args, options))

    return later


def _after_reading(use: Callable[Concatenate[ssl.SSLContext, _P], _T]) -> Callable[..., _T]:
    @wraps(use)
    def first(self: ssl.SSLContext, *args: _P.args, **options: _P.kwargs) -> _T:
        if _put_off:
            with _lock:
                waiting = _put_off.pop(self, [])
            for read, where, how in waiting:
                read(self, *where, **how)
        return use(self, *args, **options)

    return first


def _are_there(places: Iterable[object]) -> bool:
    """
    Whether every file that is named exists: one that is missing is an error when the context is made.
    """
    return all(Path(place).exists() for place in places if isinstance(place, str | os.PathLike))

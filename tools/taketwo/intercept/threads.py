"""
Threads belong to the test that started them, calls in the threads of a pool to the test that submitted them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial, wraps
from types import ModuleType
from typing import Any, TypeAlias

from taketwo.intercept.patching import Replacements
from taketwo.playback.active import Owner, belong_to, belonging_to, owner

Method: TypeAlias = Callable[..., Any]

_OF_POOL = (
    "apply",
    "apply_async",
    "imap",
    "imap_unordered",
    "map",
    "map_async",
    "starmap",
    "starmap_async",
)
_OF_OTHER_INTERPRETERS = "InterpreterPoolExecutor"  # Python 3.14: a call has to be pickled there


def install(module: ModuleType, replacements: Replacements) -> None:
    replacements.replace(module.Thread, "start", _starting)


def install_executor(module: ModuleType, replacements: Replacements) -> None:
    replacements.replace(module.ThreadPoolExecutor, "submit", _submitting)


def install_pool(module: ModuleType, replacements: Replacements) -> None:
    for name in _OF_POOL:
        replacements.replace(module.ThreadPool, name, _submitting)


def _starting(start: Method) -> Method:
    @wraps(start)
    def starting(self: threading.Thread) -> None:
        creator, own = owner(), vars(self)
        if creator is None or "run" in own:
            start(self)
            return
        own["run"] = partial(_run, self, creator)
        try:
            start(self)
        except RuntimeError:  # it was started before, or there are too many
            own.pop("run", None)
            raise

    return starting


def _run(thread: threading.Thread, creator: Owner) -> None:
    vars(thread).pop("run", None)
    belong_to(creator)
    thread.run()


def _submitting(submit: Method) -> Method:
    @wraps(submit)
    def submitting(self: object, function: Method, /, *arguments: object, **options: object) -> object:
        if type(self).__name__ == _OF_OTHER_INTERPRETERS:
            return submit(self, function, *arguments, **options)
        return submit(self, partial(_call, owner(), function), *arguments, **options)

    return submitting


def _call(creator: Owner | None, function: Method, /, *arguments: object, **options: object) -> object:
    with belonging_to(creator):
        return function(*arguments, **options)

"""
Threads belong to the test that started them, calls in the threads of a pool to the test that submitted them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial, wraps
from types import ModuleType
from typing import Any, TypeAlias

from taketwo.errors import Unanswered
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
_RESULTS = ("ApplyResult", "MapResult", "IMapIterator", "IMapUnorderedIterator")
_OF_OTHER_INTERPRETERS = "InterpreterPoolExecutor"  # Python 3.14: a call has to be pickled there


def install(module: ModuleType, replacements: Replacements) -> None:
    replacements.replace(module.Thread, "start", _starting)


def install_executor(module: ModuleType, replacements: Replacements) -> None:
    replacements.replace(module.ThreadPoolExecutor, "submit", partial(_submitting, call=_call))


def install_pool(module: ModuleType, replacements: Replacements) -> None:
    for name in _OF_POOL:
        replacements.replace(module.ThreadPool, name, partial(_submitting, call=_call_in_pool))
    for name in _RESULTS:
        replacements.replace(getattr(module, name), "_set", _unwrapping)


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


def _submitting(submit: Method, *, call: Method) -> Method:
    """
    *submit*, whose function is called by *call* for the owner of the caller.
    """

    @wraps(submit)
    def submitting(self: object, function: Method, /, *arguments: object, **options: object) -> object:
        if type(self).__name__ == _OF_OTHER_INTERPRETERS:
            return submit(self, function, *arguments, **options)
        return submit(self, partial(call, owner(), function), *arguments, **options)

    return submitting


class _Carried(Exception):  # noqa: N818 - nobody meets it
    """
    An *error* on its way from a thread of a pool to the one that waits for the result.

    A thread of a pool hands over exceptions, and ends with any other error: its caller would wait for ever.
    """

    def __init__(self, error: Unanswered) -> None:
        super().__init__(str(error))
        self.error = error


def _call_in_pool(
    creator: Owner | None, function: Method, /, *arguments: object, **options: object
) -> object:
    try:
        return _call(creator, function, *arguments, **options)
    except Unanswered as error:
        raise _Carried(error) from error


def _unwrapping(set_result: Method) -> Method:
    @wraps(set_result)
    def setting(self: object, index: int, result: tuple[bool, object]) -> None:
        succeeded, value = result
        if not succeeded and isinstance(value, _Carried):
            result = (False, value.error)
        set_result(self, index, result)

    return setting


def _call(creator: Owner | None, function: Method, /, *arguments: object, **options: object) -> object:
    with belonging_to(creator):
        return function(*arguments, **options)

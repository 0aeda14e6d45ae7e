"""
``taketwo.use_cassette``: a cassette around a block, a function or a coroutine.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar, Unpack, cast

from taketwo.api.open_cassette import ScriptCassette
from taketwo.api.options import CassetteOptions
from taketwo.cassette.store.names import SUFFIX
from taketwo.errors import ConfigError
from taketwo.intercept.cassette import OpenCassette

_F = TypeVar("_F", bound=Callable[..., Any])


def use_cassette(
    path: str | os.PathLike[str] | None = None, **options: Unpack[CassetteOptions]
) -> CassetteContext:
    """
    Record what is requested to the cassette at *path*, or replay it from there.

    The result is a context manager, also for ``async with``, and a decorator of functions and coroutine
    functions; a decorator needs no *path*: the cassette is then beside the function's module, named like it.

    The cassette is recorded when there is none (``record_mode="once"``) and replayed from then on, with the
    network closed. It is replaced by one atomic rename when the block ends without an exception.

    :param path: a file; ``.yaml``, or ``.json`` for JSON, is added where it has no suffix
    :raises ConfigError: when an option or the project's ``[tool.taketwo]`` is wrong
    :raises CassetteFormatError: when the cassette cannot be read
    :raises NoMatch: when it has no answer to a request; a ``BaseException``, which no client hides
    :raises CassetteNotFound: when it is only replayed and there is none
    """
    return CassetteContext(path, options)


class CassetteContext:
    """
    What :func:`use_cassette` makes; it may be entered more than once.
    """

    def __init__(self, path: str | os.PathLike[str] | None, options: CassetteOptions) -> None:
        self._path = path
        self._options = options
        self._open: list[ScriptCassette] = []

    def __enter__(self) -> OpenCassette:
        if self._path is None:
            raise ConfigError('a block needs the path of its cassette: use_cassette("login.yaml")')
        cassette = ScriptCassette(_located(Path(self._path), self._options), self._options)
        try:
            view = cassette.enter()
        except BaseException:
            cassette.leave()
            raise
        self._open.append(cassette)
        return view

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        cassette = self._open.pop()
        try:
            if kind is None:
                cassette.save()
        finally:
            cassette.leave()

    async def __aenter__(self) -> OpenCassette:
        return self.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.__exit__(kind, error, traceback)

    def __call__(self, function: _F) -> _F:
        """
        *function* with the cassette open while it runs, each call by itself.
        """
        path = self._path if self._path is not None else _beside(function)
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise ConfigError(
                f"{function.__qualname__} is a generator, which does not run while it is suspended; "
                "use a with block in it"
            )
        if inspect.iscoroutinefunction(function):

            @wraps(function)
            async def awaited(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - those of the function
                with CassetteContext(path, self._options) as cassette:
                    return await function(*self._injected(cassette), *args, **kwargs)

            return cast("_F", awaited)

        @wraps(function)
        def called(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - those of the function
            with CassetteContext(path, self._options) as cassette:
                return function(*self._injected(cassette), *args, **kwargs)

        return cast("_F", called)

    def _injected(self, cassette: OpenCassette) -> tuple[OpenCassette, ...]:
        return (cassette,) if self._options.get("inject_cassette") else ()


def _beside(function: Callable[..., Any]) -> Path:
    return Path(inspect.getfile(function)).absolute().parent / f"{function.__name__}{SUFFIX}"


def _located(path: Path, options: CassetteOptions) -> Path:
    home = Path(options.get("cassette_library_dir", "")).expanduser()
    whole = (home / path.expanduser()).absolute()
    suffix = ".json" if options.get("serializer") == "json" else SUFFIX
    return whole if whole.suffix else whole.with_name(f"{whole.name}{suffix}")

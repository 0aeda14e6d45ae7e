"""
How processes are started, so that each inherits what :mod:`taketwo.network.children` gives to it.
"""

from __future__ import annotations

import inspect
import os
import shlex
from collections.abc import Callable, Mapping
from functools import wraps
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias

from taketwo.network.children import current

if TYPE_CHECKING:
    from taketwo.intercept.patching import Replacements

Method: TypeAlias = Callable[..., Any]

_ENVIRONMENT = 5
"""The position of the environment among what ``fork_exec`` is given; the same from Python 3.11 to 3.14."""


def install_subprocess(module: ModuleType, replacements: Replacements) -> None:
    """
    For ``subprocess``, and with it asyncio and most others.
    """
    replacements.replace(module.Popen, "__init__", _starting)


def install_multiprocessing(module: ModuleType, replacements: Replacements) -> None:
    """
    For ``multiprocessing``, which starts its interpreters below ``subprocess``.
    """
    replacements.replace(module, "fork_exec", _executing)


def install_os(module: ModuleType, replacements: Replacements) -> None:
    """
    For what the system itself offers.
    """
    for name in ("posix_spawn", "posix_spawnp"):
        replacements.replace(module, name, _spawning)
    replacements.replace(module, "system", _running)
    replacements.replace(module, "execv", _becoming)
    replacements.replace(module, "execve", _becoming_with)


def install_uvloop(module: ModuleType, replacements: Replacements) -> None:
    """
    For uvloop, which starts processes by itself.
    """
    replacements.replace(module.Loop, "subprocess_exec", _starting_in_loop)
    replacements.replace(module.Loop, "subprocess_shell", _starting_in_loop)


def _starting(start: Method) -> Method:
    signature = inspect.signature(start)

    @wraps(start)
    def starting(self: object, *arguments: object, **options: object) -> None:
        children = current()
        if children is None:
            start(self, *arguments, **options)
            return
        bound = signature.bind(self, *arguments, **options)
        given: Mapping[Any, Any] | None = bound.arguments.get("env")
        bound.arguments["env"] = children.environment(given, bound.arguments.get("args", ()))
        start(*bound.args, **bound.kwargs)

    return starting


def _executing(execute: Method) -> Method:
    @wraps(execute)
    def executing(*arguments: Any) -> Any:  # noqa: ANN401 - as it is
        children = current()
        if children is None or arguments[_ENVIRONMENT] is not None:
            return execute(*arguments)
        made = children.environment(None, arguments[0])
        listed = [os.fsencode(name) + b"=" + os.fsencode(value) for name, value in made.items()]
        return execute(*arguments[:_ENVIRONMENT], listed, *arguments[_ENVIRONMENT + 1 :])

    return executing


def _spawning(spawn: Method) -> Method:
    @wraps(spawn)
    def spawning(path: object, argv: object, env: Mapping[Any, Any], /, **options: object) -> object:
        children = current()
        return spawn(path, argv, env if children is None else children.environment(env, argv), **options)

    return spawning


def _running(run: Method) -> Method:
    @wraps(run)
    def running(command: Any) -> object:  # noqa: ANN401 - a text, bytes or a path
        children = current()
        if children is None:
            return run(command)
        made = children.environment(None, command)
        changed = (
            f"{name}={shlex.quote(value)}" for name, value in made.items() if os.environ.get(name) != value
        )
        return run(f"export {' '.join(changed)}\n{os.fsdecode(command)}")

    return running


def _becoming(become: Method) -> Method:
    @wraps(become)
    def becoming(path: object, argv: object, /) -> object:
        children = current()
        return become(path, argv) if children is None else os.execve(path, argv, os.environ)  # type: ignore[arg-type]  # noqa: S606 - whatever it was

    return becoming


def _becoming_with(become: Method) -> Method:
    @wraps(become)
    def becoming(path: object, argv: object, env: Mapping[Any, Any]) -> object:
        children = current()
        return become(path, argv, env if children is None else children.environment(env, argv))

    return becoming


def _starting_in_loop(start: Method) -> Method:
    @wraps(start)
    async def starting(
        self: object,
        factory: object,
        program: object,
        *arguments: object,
        **options: Any,  # noqa: ANN401 - uvloop's
    ) -> object:
        children = current()
        if children is not None:
            options["env"] = children.environment(options.get("env"), [program, *arguments])
        return await start(self, factory, program, *arguments, **options)

    return starting

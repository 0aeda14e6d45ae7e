"""All tools there are: each module of this package whose name ends in ``_tools`` is found by it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from pkgutil import iter_modules

from bot import tools
from bot.mesh import Mesh
from bot.tools.calls import Bot, ForwarderRef
from bot.tools.handler import Handler, handlers_of
from bot.tools.tool import FunctionSchema, Tool

_SUFFIX = "_tools"


def discover_tools(
    folders: Iterable[str] = tools.__path__, package: str = tools.__name__
) -> tuple[Tool, ...]:
    """
    Every tool by its name, in the order of the names.

    A module without ``TOOLS``, or two tools of one name, are a mistake of ours, and a ``TypeError``.
    """
    found: dict[str, Tool] = {}
    for module, tool in _tools(folders, package):
        if tool.name in found:
            raise TypeError(f"{module} brings a second tool of the name {tool.name}")
        found[tool.name] = tool
    return tuple(found[name] for name in sorted(found))


def get_handlers(bot: Bot, forwarder_ref: ForwarderRef, *, mesh: Mesh | None = None) -> dict[str, Handler]:
    return handlers_of(discover_tools(), bot, forwarder_ref, mesh=mesh)


def get_schemas() -> list[FunctionSchema]:
    """
    What the LLM gets to know of them.
    """
    return [tool.schema for tool in discover_tools()]


def _tools(folders: Iterable[str], package: str) -> Iterator[tuple[str, Tool]]:
    for module in sorted(each.name for each in iter_modules(folders) if each.name.endswith(_SUFFIX)):
        brought = getattr(import_module(f"{package}.{module}"), "TOOLS", None)
        if not isinstance(brought, tuple):
            raise TypeError(f"{package}.{module} has no TOOLS")
        yield from ((module, tool) for tool in brought)

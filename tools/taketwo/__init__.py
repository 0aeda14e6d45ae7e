"""
A toolkit that records HTTP against real services, replays it, and tells when a recording has gone stale.

The names below are imported when they are first used: every run of pytest imports this module.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from taketwo import errors
    from taketwo.api.options import CassetteOptions
    from taketwo.api.unittest import CassetteMixin
    from taketwo.api.use_cassette import use_cassette
    from taketwo.intercept.cassette import OpenCassette
    from taketwo.version import VERSION as __version__  # noqa: N811 - the name that every package has

__all__ = ["CassetteMixin", "CassetteOptions", "OpenCassette", "__version__", "errors", "use_cassette"]

_HOMES = {
    "CassetteMixin": "taketwo.api.unittest:CassetteMixin",
    "CassetteOptions": "taketwo.api.options:CassetteOptions",
    "OpenCassette": "taketwo.intercept.cassette:OpenCassette",
    "__version__": "taketwo.version:VERSION",
    "use_cassette": "taketwo.api.use_cassette:use_cassette",
}


def __getattr__(name: str) -> object:
    if name == "errors":
        return import_module("taketwo.errors")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, attribute = _HOMES[name].partition(":")
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

"""
Tables of contents whose modules are read when a name of theirs is asked for, and not before.

A test that is replayed needs few of the names that a package shows.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module


def on_demand(package: str, modules: Mapping[str, Iterable[str]]) -> Callable[[str], object]:
    """
    The ``__getattr__`` of *package*, whose *modules* define these names (PEP 562).
    """
    homes = {name: f"{package}.{module}" for module, names in modules.items() for name in names}

    def look_up(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value: object = getattr(import_module(homes[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    return look_up

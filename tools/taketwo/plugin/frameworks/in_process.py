"""
Runs of pytest inside of a process of pytest, as the suites of plugins start them with pytester.

After such a run pytester takes what it has imported out of ``sys.modules``. The next one would import parts
of the plugin a second time, which know nothing of the others. So all is imported before the first one.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

from taketwo.config.extras import EXTRAS

_SHARED = ("cassette", "config", "contract", "network", "playback", "plugin", "services", "usage")
_OF_INTERCEPT = ("answers", "cassette", "patching", "registry", "sleeping", "threads")
_OF_OTHERS = {"taketwo.plugin.frameworks.property_tests", "taketwo.network.child.sitecustomize"}
"""What imports a library that may not be there, or belongs to another process. No state is kept in it."""


def import_everything() -> None:
    """
    Import what keeps state, or is known to what does.
    """
    for package in _SHARED:
        home = import_module(f"taketwo.{package}")
        for module in pkgutil.walk_packages(home.__path__, f"{home.__name__}."):
            if module.name not in _OF_OTHERS:
                _import_if_possible(module.name)
    for name in _OF_INTERCEPT:
        import_module(f"taketwo.intercept.{name}")


def _import_if_possible(name: str) -> None:
    """
    Import the module *name*, unless it needs an extra that is not installed.
    """
    try:
        import_module(name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in EXTRAS:
            raise

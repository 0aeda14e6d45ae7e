"""
What is needed beside the plain dependencies of the package, and the command that installs it in any project.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from taketwo.errors import MissingPackage

EXTRAS = {
    "backports": "store",
    "fsspec": "store",
    "graphql": "graphql",
    "h11": "serve",
    "playwright": "browser",
    "rich": "cli",
    "shtab": "cli",
    "time_machine": "freeze",
    "trustme": "serve",
    "websockets": "websockets",
}
"""The extra of ``taketwo`` that brings each module."""

_PLAIN = {"dotenv", "pytest", "pytest_recording", "vcr", "wrapt", "yaml"}


def install_command(module: str) -> str:
    """
    The command that installs *module*.
    """
    name = module.partition(".")[0]
    if name in _PLAIN:
        return "pip install taketwo"
    return f"pip install 'taketwo[{EXTRAS[name]}]'" if name in EXTRAS else f"pip install {name}"


@contextmanager
def needed_for(what: str) -> Iterator[None]:
    """
    While open, modules of an extra are imported for *what*.

    :raises MissingPackage: naming the module that is missing, and the command that installs it.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        name = (error.name or "").partition(".")[0]
        if name not in EXTRAS:
            raise
        raise MissingPackage(
            f"{what} needs the package {name}, which is not installed\n{install_command(name)}"
        ) from None

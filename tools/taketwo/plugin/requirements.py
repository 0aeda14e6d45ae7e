"""
What the plugin needs of other packages, and which plugins it cannot run beside.

A later installation may replace a package by an older one, or remove it. A project that asks for recordings
is then refused, so that no test sends a request unnoticed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from typing import TYPE_CHECKING

import pytest

from taketwo.value import Value

if TYPE_CHECKING:
    from taketwo.config.project import Config

OLDEST = {"pytest": "8.4", "pytest-recording": "0.14", "vcrpy": "8.3", "pyyaml": "6.0.2", "wrapt": "1.17"}
"""The oldest release of each that works; ``pyproject.toml`` has the same."""

_GRAPHQL, _OLDEST_GRAPHQL = "graphql-core", "3.2.6"

_RIVALS = {
    "vcr": ("pytest_vcr", "pytest-vcr", "its fixtures and ours both record the tests marked with vcr"),
    "cassetter": ("cassetter.pytest_plugin", "cassetter", "both replace what HTTP clients send with"),
}


class _Need(Value):
    name: str
    oldest: str
    command: str
    reason: str = ""

    @property
    def problem(self) -> str:
        """
        What is wrong with what is installed; empty where nothing is.
        """
        try:
            found = _version(self.name)
        except PackageNotFoundError:
            return f"{self.name} is not installed, needed is {self.oldest} or later{self.reason}"
        if _numbers(found) < _numbers(self.oldest):
            return f"{self.name} {found}, needed is {self.oldest} or later{self.reason}"
        return ""


def refuse_old_packages(project: Config) -> None:
    """
    :raises pytest.UsageError: naming every package that is missing or too old, and the command that helps.
    """
    wrong = {need: problem for need in _needs(project) if (problem := need.problem)}
    if wrong:
        lines = [f"  {problem}" for problem in wrong.values()]
        wanted = " ".join(dict.fromkeys(need.command for need in wrong))
        raise pytest.UsageError(
            "\n".join(
                ["taketwo cannot record or replay with what is installed:", *lines, f"pip install {wanted}"]
            )
        )


def refuse_rivals(manager: pytest.PytestPluginManager) -> None:
    """
    :raises pytest.UsageError: when pytest-recording is switched off, or a plugin that does the same is there.
    """
    if not (manager.has_plugin("recording") or manager.has_plugin("pytest_recording.plugin")):
        how = "switched off with -p no:recording" if manager.is_blocked("recording") else "not loaded"
        raise pytest.UsageError(
            f"taketwo needs the plugin of pytest-recording, which is installed and was {how}\n"
            "load it with -p pytest_recording.plugin, or switch taketwo off with -p no:taketwo"
        )
    for name, (module, package, reason) in _RIVALS.items():
        plugin = manager.get_plugin(name)
        if getattr(plugin, "__name__", None) == module:
            raise pytest.UsageError(
                f"taketwo and {package} cannot record in one run: {reason}\n"
                f"pip uninstall {package}, or switch it off with -p no:{name}; "
                "to keep it and switch taketwo off: -p no:taketwo"
            )


def _needs(project: Config) -> Iterator[_Need]:
    for name, oldest in OLDEST.items():
        yield _Need(name=name, oldest=oldest, command=f"'{name}>={oldest}'")
    services = [name for name, one in project.services.items() if one.contract.graphql]
    if services:
        yield _Need(
            name=_GRAPHQL,
            oldest=_OLDEST_GRAPHQL,
            command="'taketwo[graphql]'",
            reason=f" for the GraphQL contract of {', '.join(services)}",
        )


def _version(name: str) -> str:
    """
    As ``importlib.metadata.version``, which parses each header of a package, its description included.
    """
    found = distribution(name)
    headers, _, _ = (found.read_text("METADATA") or "").partition("\n\n")
    version = re.search(r"^Version: (\S+)$", headers, re.MULTILINE)
    return version[1] if version else found.version


def _numbers(release: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", release)[:3]]

"""
How the plugin starts in a project that has a ``[tool.taketwo]``: its configuration, fixtures and hooks.

:mod:`taketwo.plugin` imports this when it meets such a project. Every other pytest run does without.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from pathlib import Path

import pytest

from taketwo.config.project import Config, load_config
from taketwo.errors import ConfigError
from taketwo.playback.modes import running
from taketwo.plugin import fixtures
from taketwo.plugin.hooks import Hooks, PlaceholderRuleHooks
from taketwo.plugin.requirements import refuse_old_packages, refuse_rivals
from taketwo.plugin.run import RUN, Run, session_network


def configuration(file: Path) -> Config | None:
    """
    The ``[tool.taketwo]`` of the ``pyproject.toml`` at *file*, None where it has none.

    :raises pytest.UsageError: when it is no TOML, or its settings are wrong.
    """
    try:
        return load_config(file.parent)
    except ConfigError as error:
        raise pytest.UsageError(str(error)) from None


def refuse_what_cannot_work(project: Config, config: pytest.Config) -> None:
    """
    Stop the run when a package is missing, so that no test of the project reaches a service unnoticed.

    :raises pytest.UsageError: naming what is missing, too old, switched off or in the way.
    """
    refuse_old_packages(project)
    refuse_rivals(config.pluginmanager)


def closed_while_importing(project: Config, config: pytest.Config) -> AbstractContextManager[None]:
    """
    Read the project's ``.env``; while the result is open, what is imported reaches no network.

    :raises pytest.UsageError: when the ``.env`` cannot be read, or a host is no host.
    """
    _read_dotenv(project, config)
    network = session_network(project, config.known_args_namespace)
    network.check()
    return network.while_importing()


def take_part(project: Config, config: pytest.Config, *, only_replays: bool) -> None:
    """
    Register the fixtures and hooks; what they change is undone when pytest ends.
    """
    run = config.stash[RUN] = Run(project, config, environment=os.environ, only_replays=only_replays)
    if config.getoption("--taketwo-events") and hasattr(config.option, "randomly_reorganize"):
        # A refresh compares with the last recording: pytest-randomly (3.0 to 4.0) leaves the tests in order,
        # also where they are collected for the part of a shard, or for what is left.
        config.option.randomly_reorganize = False
    session = ExitStack()
    vcr = fixtures.CassetteOfTest(run)
    session.enter_context(run.network.between_tests(vcr.shared_hosts))
    session.enter_context(running(run.modes))
    session.enter_context(run.error_names)
    config.add_cleanup(session.close)
    # Registered after pytest-recording, whose fixtures of the same names ours stand before.
    config.pluginmanager.register(fixtures, "taketwo-fixtures")
    config.pluginmanager.register(vcr, "taketwo-vcr")
    config.pluginmanager.register(Hooks(config), "taketwo-hooks")
    if project.placeholders:
        config.pluginmanager.register(PlaceholderRuleHooks(config), "taketwo-rules")


def _read_dotenv(project: Config, config: pytest.Config) -> None:
    """
    Set the variables of the project's ``.env`` for as long as pytest runs.
    """
    file = project.dotenv
    if file is None or not file.is_file():
        return
    from taketwo.config.dotenv import read_dotenv  # noqa: PLC0415 - python-dotenv, which few projects need

    try:
        names = read_dotenv(file, os.environ)
    except ConfigError as error:
        raise pytest.UsageError(str(error)) from None
    config.add_cleanup(partial(_unset, names))


def _unset(names: Iterable[str]) -> None:
    for name in names:
        os.environ.pop(name, None)

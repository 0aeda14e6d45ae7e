"""
The pytest plugin. Loaded by every pytest run, so it imports next to nothing until a test needs it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Generator, Iterable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from taketwo.config.project import Config


_PROJECT: pytest.StashKey[Config] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("recording")
    group.addoption(
        "--taketwo-pending",
        metavar="DIR",
        default=None,
        help="Write new recordings to DIR for review instead of replacing cassettes.",
    )
    group.addoption(
        "--taketwo-strict",
        action="store_true",
        help="Fail the run when a cassette is unused or a test has no cassette.",
    )
    group.addoption(
        "--taketwo-events",
        metavar="FILE",
        default=None,
        help="Append one JSON object per line to FILE for each event.",
    )
    group.addoption(
        "--taketwo-mutate",
        metavar="JSON",
        default=None,
        help="Used by taketwo mutate: run each test once for each mutant of its cassette.",
    )
    group.addoption(
        "--taketwo-strict-placeholders",
        action="store_true",
        help="Fail a recording when a placeholder rule matches nothing, or a value of another type.",
    )


def pytest_plugin_registered(plugin_name: str) -> None:
    """
    Keep what is imported here for runs inside of this process, where pytester may start some.
    """
    if plugin_name == "pytester":
        from taketwo.plugin.frameworks.in_process import import_everything  # noqa: PLC0415 - few suites have it

        import_everything()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, object, object]:
    """
    Nothing is reached by what the first ``conftest.py`` files do when they are imported.
    """
    options = early_config.known_args_namespace
    project = _project(early_config, options.file_or_dir)
    if project is None:
        return (yield)
    _refuse_what_cannot_work(project, early_config)
    from taketwo.plugin.run import session_network  # noqa: PLC0415 - only projects that opted in pay for it

    early_config.stash[_PROJECT] = project
    _read_dotenv(project, early_config)
    network = session_network(project, options)
    network.check()
    with network.while_importing():
        return (yield)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """
    Take part when the project has a ``[tool.taketwo]``, and stay out of the way of any other.
    """
    project = config.stash.get(_PROJECT, None)
    if project is None:
        project = _project(config, config.args)
        if project is None:
            return
        _refuse_what_cannot_work(project, config)
    _refuse_to_record_in_ci(config)
    _take_part(project, config)


def _refuse_what_cannot_work(project: Config, config: pytest.Config) -> None:
    """
    A project that asks for us never sends a request since something beside us is missing.

    :raises pytest.UsageError: naming what is missing, too old, switched off or in the way.
    """
    from taketwo.plugin.requirements import refuse_old_packages, refuse_rivals  # noqa: PLC0415 - as in _take_part

    refuse_old_packages(project)
    refuse_rivals(config.pluginmanager)


def _project(config: pytest.Config, arguments: Iterable[str]) -> Config | None:
    """
    The project of the tests, whatever pytest takes for its root: that of its files decides.
    """
    here = config.invocation_params.dir
    tests = [here / argument.partition("::")[0] for argument in arguments]
    starts = [config.rootpath, *([config.inipath.parent] if config.inipath else []), *tests[:1], here]
    for folder in dict.fromkeys(_home(start) for start in starts):
        file = folder / "pyproject.toml"
        try:
            project = _config_in(file)
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as error:
            raise pytest.UsageError(f"{file} cannot be read: {error}") from None
        if project is not None:
            return project
    return None


def _config_in(file: Path) -> Config | None:
    text = file.read_text(encoding="utf-8")
    if "taketwo" not in text:
        return None  # to read it as TOML takes longer than most runs have
    from taketwo.config.project import load_config  # noqa: PLC0415 - as below
    from taketwo.errors import ConfigError  # noqa: PLC0415

    try:
        return load_config(file.parent)
    except ConfigError as error:
        raise pytest.UsageError(str(error)) from None


def _home(start: Path) -> Path:
    """
    The nearest folder with a ``pyproject.toml``: one that says nothing of us is a project without us.
    """
    return next((home for home in (start, *start.parents) if (home / "pyproject.toml").is_file()), start)


def _take_part(project: Config, config: pytest.Config) -> None:
    from taketwo.playback.modes import running  # noqa: PLC0415 - as below
    from taketwo.plugin import fixtures  # noqa: PLC0415 - only projects that opted in pay for these
    from taketwo.plugin.hooks import Hooks  # noqa: PLC0415
    from taketwo.plugin.run import RUN, Run  # noqa: PLC0415

    run = config.stash[RUN] = Run(project, config, environment=os.environ, only_replays=_in_ci())
    session = ExitStack()
    session.enter_context(run.network.between_tests())
    session.enter_context(running(run.modes))
    session.enter_context(run.error_names)
    config.add_cleanup(session.close)
    # Registered after pytest-recording, whose fixtures of the same names ours stand before.
    config.pluginmanager.register(fixtures, "taketwo-fixtures")
    config.pluginmanager.register(fixtures.CassetteOfTest(run), "taketwo-vcr")
    config.pluginmanager.register(Hooks(config), "taketwo-hooks")
    mutate = config.getoption("--taketwo-mutate")
    if mutate is not None:
        from taketwo.plugin.mutation import MutationHooks  # noqa: PLC0415

        config.pluginmanager.register(MutationHooks(config, json.loads(mutate)), "taketwo-mutation")
    if project.placeholders:
        from taketwo.plugin.hooks import PlaceholderRuleHooks  # noqa: PLC0415

        config.pluginmanager.register(PlaceholderRuleHooks(config), "taketwo-rules")


def _read_dotenv(project: Config, config: pytest.Config) -> None:
    """
    Set what the project's ``.env`` says for as long as pytest runs.
    """
    file = project.dotenv
    if file is None or not file.is_file():
        return
    from taketwo.config.dotenv import read_dotenv  # noqa: PLC0415 - few projects have one
    from taketwo.errors import ConfigError  # noqa: PLC0415

    try:
        names = read_dotenv(file, os.environ)
    except ConfigError as error:
        raise pytest.UsageError(str(error)) from None
    config.add_cleanup(partial(_unset, names))


def _unset(names: Iterable[str]) -> None:
    for name in names:
        os.environ.pop(name, None)


def _refuse_to_record_in_ci(config: pytest.Config) -> None:
    mode = config.getoption("--record-mode")
    if _in_ci() and mode not in {None, "none"} and config.getoption("--taketwo-pending") is None:
        raise pytest.UsageError(
            f"--record-mode={mode} would replace cassettes, and CI={os.environ['CI']} only replays them\n"
            "replay with --record-mode=none; to look for drift: taketwo refresh --check"
        )


def _in_ci() -> bool:
    return os.environ.get("CI", "").lower() not in {"", "0", "false"}

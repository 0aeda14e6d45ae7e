"""
The pytest plugin. Loaded by every pytest run, so it imports next to nothing until a test needs it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from taketwo.config.project import Config


_PROJECT: pytest.StashKey[Config] = pytest.StashKey()


def __dir__() -> list[str]:
    """
    The hooks alone: pytest asks each attribute of a plugin whether it is a hook or a fixture, for 10 µs.
    """
    return [name for name in globals() if name.startswith("pytest_")]


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
    project = _project(early_config, early_config.known_args_namespace.file_or_dir)
    if project is None:
        return (yield)
    from taketwo.plugin.startup import (  # noqa: PLC0415 - as in _config_in
        closed_while_importing,
        refuse_what_cannot_work,
    )

    refuse_what_cannot_work(project, early_config)
    early_config.stash[_PROJECT] = project
    with closed_while_importing(project, early_config):
        return (yield)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """
    Take part when the project has a ``[tool.taketwo]``, and stay out of the way of any other.
    """
    known = config.stash.get(_PROJECT, None)
    project = known or _project(config, config.args)
    if project is None:
        return
    from taketwo.plugin.startup import refuse_what_cannot_work, take_part  # noqa: PLC0415 - as in _config_in

    if known is None:
        refuse_what_cannot_work(project, config)
    _refuse_to_record_in_ci(config)
    take_part(project, config, only_replays=_in_ci())


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
            project = _config_in(file, config)
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as error:
            raise pytest.UsageError(f"{file} cannot be read: {error}") from None
        if project is not None:
            return project
    return None


def _config_in(file: Path, config: pytest.Config) -> Config | None:
    """
    The configuration in *file*, None where it does not mention us: to parse TOML takes longer than to search.
    """
    if "taketwo" not in file.read_text(encoding="utf-8"):
        return None
    _import_ours_unchanged(config)
    # Every pytest run of the environment loads this module, and only projects that opted in the others.
    from taketwo.plugin.startup import configuration  # noqa: PLC0415

    return configuration(file)


class _OwnModules(MetaPathFinder):
    """
    Finds the toolkit's modules as any others, in front of what pytest rewrites ``assert`` with.

    pytest takes every module of a plugin's package for one with assertions: it reads the source beside what
    is compiled of it, and where it may write nothing (``PYTHONDONTWRITEBYTECODE``, as in many containers) it
    parses and compiles each of them in each run. Checked with pytest 9.2.
    """

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return PathFinder.find_spec(name, path, target) if name.startswith("taketwo.") else None


_OWN_MODULES = _OwnModules()


def _import_ours_unchanged(config: pytest.Config) -> None:
    """
    Have pytest rewrite no further module of the toolkit, until it ends.
    """
    if _OWN_MODULES not in sys.meta_path:
        sys.meta_path.insert(0, _OWN_MODULES)
        config.add_cleanup(lambda: sys.meta_path.remove(_OWN_MODULES))


def _home(start: Path) -> Path:
    """
    The nearest folder with a ``pyproject.toml``: one that says nothing of us is a project without us.
    """
    return next((home for home in (start, *start.parents) if (home / "pyproject.toml").is_file()), start)


def _refuse_to_record_in_ci(config: pytest.Config) -> None:
    mode = config.getoption("--record-mode")
    if _in_ci() and mode not in {None, "none"} and config.getoption("--taketwo-pending") is None:
        raise pytest.UsageError(
            f"--record-mode={mode} would replace cassettes, and CI={os.environ['CI']} only replays them\n"
            "replay with --record-mode=none; to see what has changed: taketwo refresh --check"
        )


def _in_ci() -> bool:
    return os.environ.get("CI", "").lower() not in {"", "0", "false"}

"""
What one pytest process was asked for, and where the parts of the plugin find it.

Most runs of most projects record and replay nothing: what does is imported when the first test needs it.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from taketwo.intercept.session_patches import ERRORS
from taketwo.playback.modes import RunModes
from taketwo.plugin.collected.collection import Collection, FixtureOverrides
from taketwo.plugin.network import SessionNetwork

if TYPE_CHECKING:
    from taketwo.config.project import Config
    from taketwo.plugin.collected.tests import CollectedTests
    from taketwo.plugin.session import Session
    from taketwo.plugin.testcase.state import RunningTest


def _no_word(_: str) -> None:
    pass


RUNNING_TEST: pytest.StashKey[RunningTest] = pytest.StashKey()
"""On a test: its cassette, from setup on."""

REPORTS = pytest.StashKey[dict[str, pytest.TestReport]]()
"""On a test: its reports so far, by phase."""


RUN: pytest.StashKey[Run] = pytest.StashKey()
"""On the configuration: what this process was asked for."""


def session_network(project: Config, options: argparse.Namespace) -> SessionNetwork:
    """
    The network of a run with these *options*, as far as they have been read.
    """
    hosts = getattr(options, "allowed_hosts", None) or ""
    return SessionNetwork(
        project,
        allowed=[host for host in hosts.split(",") if host],
        replays=getattr(options, "record_mode", None) in {None, "none"},
        is_off=bool(getattr(options, "disable_recording", False)),
    )


class Run:
    """
    * ``project`` is the ``[tool.taketwo]`` of its project
    * ``collected`` are its tests, ``overrides`` the fixtures that are redefined for them
    * ``pending_folder`` is a folder for new recordings, when they are to be looked at before any cassette is
      replaced
    * ``network`` is what may be reached
    * ``only_replays``: no test records by its own configuration
    * ``is_disabled``: nothing is replayed either, the tests talk to the services
    * ``say`` is called with the reason why a recording waits

    *environment* is that of the process before any test.
    """

    def __init__(
        self,
        project: Config,
        config: pytest.Config,
        *,
        environment: Mapping[str, str],
        only_replays: bool,
    ) -> None:
        pending_folder = config.getoption("--taketwo-pending")
        self.project = project
        self.collected = Collection()
        self.overrides = FixtureOverrides()
        self.pending_folder = Path(pending_folder).absolute() if pending_folder else None
        self.only_replays = only_replays
        self.is_disabled = bool(config.getoption("--disable-recording"))
        self.blocks = bool(config.getoption("--block-network"))
        self.mode_asked: str | None = config.getoption("--record-mode")
        self.network = session_network(project, config.option)
        self.say: Callable[[str], None] = _no_word
        self._environment = dict(environment)

    @property
    def error_names(self) -> AbstractContextManager[None]:
        """
        While open, code that catches the error of VCR.py catches ours.
        """
        return ERRORS

    @property
    def modes(self) -> RunModes:
        """
        What cassettes follow that a test opens by itself.
        """
        return RunModes(asked=self.mode_asked, only_replays=self.only_replays, is_disabled=self.is_disabled)

    @cached_property
    def collected_tests(self) -> CollectedTests:
        """
        What is to be known of the tests.
        """
        from taketwo.plugin.collected.tests import CollectedTests  # noqa: PLC0415 - where there are cassettes

        return CollectedTests(self.project, self.collected)

    @property
    def recorded(self) -> Mapping[str, str]:
        """
        The tests that have a cassette, with the places of their cassettes.
        """
        return self.collected_tests.recorded if self.collected.marked else {}

    @cached_property
    def session(self) -> Session:
        """
        The recordings and replays of this process.
        """
        from taketwo.plugin.session import Session  # noqa: PLC0415 - what the module is for

        session = Session(
            self.project,
            self.collected_tests,
            environment=self._environment,
            pending_folder=self.pending_folder,
        )
        session.services.say = lambda text: self.say(session.without_secrets(text))
        return session

    def fetch(self, path: Path, item: pytest.Item) -> None:
        """
        Have the cassette at *path*, which *item* needs, here where the project keeps it in a store.

        :raises StoreError: when the store does not give it.
        """
        if self.project.store is not None:
            self.session.fetch(path, partial(self.collected_tests.default_paths, item))

    @property
    def started_session(self) -> Session | None:
        """
        The same, if any test has asked for it.
        """
        return vars(self).get("session")

    @property
    def records_everything(self) -> bool:
        """
        Whether each test that has a cassette talks to the services.
        """
        return self.is_disabled or self.mode_asked in {"rewrite", "all"}

    def check_services(self, items: Iterable[pytest.Item]) -> None:
        """
        Find out whether the services can be recorded that *items* need.

        :raises TakeTwoError: when one cannot.
        """
        recorded = [item for item in items if _has_cassette(item)]
        if recorded and self.project.services:
            self.session.services.check(self.collected_tests.files_of(recorded))

    def refuse_other_projects(self, items: Iterable[pytest.Item]) -> None:
        """
        :raises pytest.UsageError: when one of *items* has a cassette, and belongs to another project.
        """
        if self.collected.marked:
            self.collected_tests.refuse_other_projects(items)

    def without_cassette(self, test: str) -> AbstractContextManager[None]:
        """
        While open, *test* runs, which has no cassette; its threads and tasks are none of the next test's.
        """
        return nullcontext() if self.started_session is None else self.started_session.without_cassette(test)

    def has_cassettes(self, items: Iterable[pytest.Item]) -> bool:
        """
        Whether any of *items* records or replays.
        """
        return any(map(_has_cassette, items)) and not self.is_disabled


def _has_cassette(item: pytest.Item) -> bool:
    return item.get_closest_marker("vcr") is not None

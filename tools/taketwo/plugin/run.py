"""
What one pytest process was asked for, and where the parts of the plugin find it.

Most runs of most projects record and replay nothing: what does is imported when the first test needs it.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from taketwo.plugin.blocking import SessionNetwork
from taketwo.plugin.wishes import Overrides

if TYPE_CHECKING:
    from taketwo.config import Config
    from taketwo.plugin.census import Census
    from taketwo.plugin.opened import OpenTest
    from taketwo.plugin.opt_in import OptIn
    from taketwo.plugin.session import Session

RUN: pytest.StashKey[Run] = pytest.StashKey()
"""On the configuration: what this process was asked for."""

OPENED: pytest.StashKey[OpenTest] = pytest.StashKey()
"""On a test: its cassette, from setup on."""

REPORTS = pytest.StashKey[dict[str, pytest.TestReport]]()
"""On a test: its reports so far, by phase."""


class Collected:
    """
    The tests that pytest found, before any was deselected; ``is_whole`` when nothing of their modules was
    left out.
    """

    def __init__(self) -> None:
        self.items: Sequence[pytest.Item] = ()
        self.is_whole = False


def session_network(opt_in: OptIn, options: argparse.Namespace) -> SessionNetwork:
    """
    The network of a run with these *options*, as far as they have been read.
    """
    hosts = getattr(options, "allowed_hosts", None) or ""
    return SessionNetwork(
        opt_in,
        allowed=[host for host in hosts.split(",") if host],
        replays=getattr(options, "record_mode", None) in {None, "none"},
        is_off=bool(getattr(options, "disable_recording", False)),
    )


class Run:
    """
    * ``opt_in`` is the ``[tool.taketwo]`` of its project, ``project`` all that it says
    * ``collected`` are its tests, ``overrides`` the fixtures that are redefined for them
    * ``takes`` is a folder for new takes, when they are to be looked at before any cassette is replaced
    * ``network`` is what may be reached
    * ``only_replays``: no test records by its own configuration
    * ``is_disabled``: nothing is replayed either, the tests talk to the services

    *environment* is that of the process before any test.
    """

    def __init__(
        self,
        opt_in: OptIn,
        config: pytest.Config,
        *,
        environment: Mapping[str, str],
        only_replays: bool,
    ) -> None:
        takes = config.getoption("--taketwo-takes")
        self.opt_in = opt_in
        self.collected = Collected()
        self.overrides = Overrides()
        self.takes = Path(takes).absolute() if takes else None
        self.only_replays = only_replays
        self.is_disabled = bool(config.getoption("--disable-recording"))
        self.blocks = bool(config.getoption("--block-network"))
        self.mode_asked: str | None = config.getoption("--record-mode")
        self.network = session_network(opt_in, config.option)
        self._environment = dict(environment)

    @property
    def project(self) -> Config:
        return self.opt_in.config

    @cached_property
    def census(self) -> Census:
        """
        What is to be known of the tests.
        """
        from taketwo.plugin.census import Census  # noqa: PLC0415 - where there are cassettes

        return Census(self.opt_in, self.collected)

    @property
    def recorded(self) -> Mapping[str, str]:
        """
        The tests that have a cassette, as :attr:`Census.recorded` tells them.
        """
        return self.census.recorded if any(map(_has_cassette, self.collected.items)) else {}

    @cached_property
    def session(self) -> Session:
        """
        The recordings and replays of this process.
        """
        from taketwo.plugin.session import Session  # noqa: PLC0415 - what the module is for

        return Session(
            self.project,
            self.census,
            environment=self._environment,
            takes=self.takes,
            keeps=not self.only_replays,  # in CI there is seldom a next run that finds it
        )

    @property
    def begun(self) -> Session | None:
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
            from taketwo.plugin.place import relative  # noqa: PLC0415 - where something is recorded

            self.session.services.check({relative(item.path, self.project) for item in recorded})

    def without_cassette(self, test: str) -> AbstractContextManager[None]:
        """
        While open, *test* runs, which has no cassette; its threads and tasks are none of the next test's.
        """
        if self.begun is None:
            return nullcontext()
        from taketwo.playback.active import Owner, without_cassette  # noqa: PLC0415 - where there are cassettes

        return without_cassette(Owner(test, report=self.begun.note_late))

    def prepare(self, items: Iterable[pytest.Item]) -> None:
        """
        Import what *items* will need, so that the first of them does not take longer than the others.
        """
        if any(map(_has_cassette, items)) and not self.is_disabled:
            _ = self.session
            from taketwo.intercept.registry import REGISTRY  # noqa: PLC0415 - what the method is for
            from taketwo.plugin import playing  # noqa: F401, PLC0415 - as above

            REGISTRY.prepare()


def _has_cassette(item: pytest.Item) -> bool:
    return item.get_closest_marker("vcr") is not None

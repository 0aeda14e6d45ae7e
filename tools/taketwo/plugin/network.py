"""
What may be reached while something is replayed, from the first import of a run to its end.

* A test with a cassette, and a fixture that one requests, reach nothing but what the project allows.
* While modules are imported nothing is reached either, also in a run that records: what is asked for then
  would be in no cassette.
* Whatever else there is, tests without a cassette and hooks, reaches this machine.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from types import FrameType
from typing import TYPE_CHECKING

import pytest

from taketwo.network.allowed import Allowed
from taketwo.network.guard import Closed, network, resolve

if TYPE_CHECKING:
    from taketwo.config.project import Config

_NO_CASSETTE = (
    "it has no cassette, and reaches this machine alone; to record what it asks for: @pytest.mark.vcr"
)
_TOO_EARLY = (
    "what is asked for before any test runs is in no cassette: ask for it in a fixture or in the test"
)


class SessionNetwork:
    """
    The network of one pytest process.

    *allowed* are the hosts that the command line allows; *replays*: whether nothing is recorded. When it
    *is_off*, the network is open.
    """

    def __init__(self, project: Config, *, allowed: Sequence[str], replays: bool, is_off: bool) -> None:
        self._project = project
        self._hosts = (*project.allowed_hosts, *allowed)
        self._replays = replays
        self._is_off = is_off

    @property
    def described(self) -> str:
        """
        What the header of a replay says of it.
        """
        but = f" but for {', '.join(self._hosts)}" if self._hosts else ""
        whom = "" if self._project.block_network else " for tests with a cassette"
        return f"the network is blocked{whom}{but}"

    def check(self) -> None:
        """
        :raises pytest.UsageError: naming each host of the project or the command line that means nothing.
        """
        try:
            Allowed(self._hosts, resolve)
        except ValueError as error:
            raise pytest.UsageError(f"allowed_hosts: {error}") from None

    def while_importing(self) -> AbstractContextManager[None]:
        """
        While open, modules are imported.
        """
        if self._is_off or not self._project.block_network:
            return nullcontext()
        return network(self.closed((), lambda: f"{_imported(str(self._project.root))}\n{_TOO_EARLY}"))

    def between_tests(self, hosts: Callable[[], Sequence[str]]) -> AbstractContextManager[None]:
        """
        While open, no test is running; *hosts* are those that a fixture of wider scope may reach just then.
        """
        if self._is_off or not (self._replays and self._project.block_network):
            return nullcontext()
        allowed = self._allowed((), this_machine=True)
        return network(
            Closed(
                allowed,
                lambda: "no test is running",
                further=lambda: self._allowed(hosts(), this_machine=True),
                changes=True,
            )
        )

    def for_test(
        self, test: str, hosts: Callable[[], Sequence[str]], *, replays: bool, has_cassette: bool, asks: bool
    ) -> Closed | None:
        """
        The network as *test* may use it, None where it is open.

        *hosts* are those that the test may reach. With *asks* it is closed also where nothing is replayed.
        A test that has no cassette and does not ask for it is not asked for its hosts before it meets the
        closed network: its ``vcr_config`` may be none of its business.
        """
        closes = replays and (has_cassette or self._project.block_network)
        if not closes and (has_cassette or not asks):
            return None
        if has_cassette:
            return self.closed(hosts(), lambda: f"{test} is replayed")
        if asks:
            allowed = self._allowed(hosts(), this_machine=False)
            return Closed(allowed, lambda: f"{test} is run with its network blocked", plain=True)
        return Closed(
            self._allowed((), this_machine=True),
            lambda: f"{test}\n{_NO_CASSETTE}",
            further=lambda: self._allowed(hosts(), this_machine=True),
        )

    def closed(self, hosts: Sequence[str], why: Callable[[], str], *, this_machine: bool = False) -> Closed:
        """
        :raises pytest.fail.Exception: naming each of *hosts* that means nothing.
        """
        return Closed(self._allowed(hosts, this_machine=this_machine), why)

    def _allowed(self, hosts: Sequence[str], *, this_machine: bool) -> Allowed:
        try:
            return Allowed((*self._hosts, *hosts), resolve, this_machine=this_machine)
        except ValueError as error:
            pytest.fail(f"allowed_hosts: {error}", pytrace=False)


def _imported(root: str) -> str:
    """
    The module of the project that is being imported, by the stack.
    """
    frame: FrameType | None = sys._getframe()  # noqa: SLF001 - inspect.stack reads the source of each frame
    while frame is not None:
        code = frame.f_code
        if code.co_name == "<module>" and code.co_filename.startswith(root):
            return f"{code.co_filename.removeprefix(root).lstrip('/')} is imported"
        frame = frame.f_back
    return "tests are collected"

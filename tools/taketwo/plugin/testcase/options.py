"""
What a test wants of its cassette: its markers, ``vcr_config``, and the fixtures that a project may redefine.

A fixture takes longer to set up than most of what it says takes to be found out. So one is asked only where
a project, or the test by its parameters, has one of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest
from pytest_recording.utils import merge_kwargs

from taketwo.errors import ConfigError
from taketwo.network.allowed import hosts_left_alone
from taketwo.playback.modes import Mode, mode_name
from taketwo.playback.option_names import check_options_of_test

if TYPE_CHECKING:
    from taketwo.plugin.run import Run


_NOTHING: Mapping[str, Any] = {}
_MODES = {mode.value: mode for mode in Mode}


class TestOptions:
    """
    *own* are the fixtures that are not those of pytest-recording or ours.
    """

    def __init__(self, request: pytest.FixtureRequest, run: Run, own: frozenset[str]) -> None:
        self._request = request
        self._run = run
        self._own = own
        self._marks: dict[str, list[pytest.Mark]] = {}
        for mark in request.node.iter_markers():
            self._marks.setdefault(mark.name, []).append(mark)
        self.markers: list[pytest.Mark] = (
            request.getfixturevalue("vcr_markers") if "vcr_markers" in own else self._marks.get("vcr", [])
        )
        self.options = self._options()
        self.mode = self._mode()

    def closest(self, name: str) -> pytest.Mark | None:
        """
        The marker of that name which is nearest to the test.
        """
        marks = self._marks.get(name)
        return marks[0] if marks else None

    def redefines(self, name: str) -> bool:
        return name in self._own

    def _options(self) -> Mapping[str, Any]:
        """
        Those of ``vcr_config``, and of the markers, which come before them.
        """
        if not self.markers:
            return _NOTHING
        if "vcr_config" in self._own and not self._run.is_disabled:
            return merged_options(self._request.getfixturevalue("vcr_config"), self.markers)
        if any(marker.kwargs for marker in self.markers):
            return merged_options({}, self.markers)
        return _NOTHING

    def _mode(self) -> Mode:
        """
        A marker that says ``none`` decides, then the command line, then the marker, then ``vcr_config``; CI
        replays whatever the last two say. A test that asks for a fault is never recorded.
        """
        if self.options.get("fault") is not None:
            return Mode.NONE
        if self.options.get("answer") is not None:
            return Mode.NONE  # a changed answer is no recording of its service
        is_marked = any("record_mode" in marker.kwargs for marker in self.markers)
        if is_marked and mode_name(self.options["record_mode"]) == Mode.NONE.value:
            return Mode.NONE  # as in pytest-recording
        asked: object = self._run.mode_asked
        if self.markers and not asked and not self._run.only_replays:
            asked = self.options.get("record_mode")
        if not asked:
            return Mode.NONE
        name = mode_name(asked)
        if name not in _MODES:
            modes = ", ".join(_MODES)
            pytest.fail(f"there is no record mode {name!r}; the modes are {modes}", pytrace=False)
        return _MODES[name]

    def own_value(self, fixture: str) -> str:
        """
        The value of a *fixture* that the project has redefined, as text; empty where it has not.
        """
        return str(self._request.getfixturevalue(fixture)) if self.redefines(fixture) else ""

    @property
    def hosts(self) -> list[str]:
        """
        The hosts that may be reached although the network is closed.
        """
        asked = (
            "allowed_hosts" in self._own
            or "vcr_config" in self._own
            or self.closest("block_network") is not None
            or self._request.config.getoption("--allowed-hosts")
        )
        return list(self._request.getfixturevalue("allowed_hosts") or ()) if asked else []


def merged_options(config: Mapping[str, Any], markers: list[pytest.Mark]) -> Mapping[str, Any]:
    """
    Those of ``vcr_config``, and of the *markers*, which come before them.

    :raises pytest.fail.Exception: naming what is no option, or has no effect.
    """
    problem = ""
    try:
        check_options_of_test(config, where="vcr_config")
        for marker in markers:
            check_options_of_test(marker.kwargs, where="pytest.mark.vcr")
    except ConfigError as error:
        problem = str(error)
    if problem:  # not while the other is handled: pytest would show both
        pytest.fail(problem, pytrace=False)
    merged: Mapping[str, Any] = merge_kwargs(dict(config), markers)
    return merged


def scope_options(fixture: pytest.FixtureDef[Any], item: pytest.Item, run: Run) -> Mapping[str, Any]:
    """
    The options of a fixture of wider scope: those of ``vcr_config``, where it does not need what a test has,
    and of the markers of its module or class.
    """
    kinds: dict[str, type[pytest.Collector]] = {"class": pytest.Class, "module": pytest.Module}
    kind = kinds.get(fixture.scope, pytest.Session)
    home = next((node for node in reversed(item.listchain()) if isinstance(node, kind)), None)
    markers = [] if home is None else list(home.iter_markers("vcr"))
    config: Mapping[str, Any] = {}
    if "vcr_config" in run.overrides.of(item):
        found = getattr(item, "_fixtureinfo").name2fixturedefs.get("vcr_config", ())  # noqa: B009 - pytest gives it no public name
        found = found or item.session._fixturemanager.getfixturedefs("vcr_config", item) or ()  # noqa: SLF001 - as above
        if found and set(found[-1].argnames) <= {"request"} and found[-1] is not fixture:
            config = getattr(item, "_request").getfixturevalue("vcr_config")  # noqa: B009 - as above
    return merged_options(config, markers) if config or markers else _NOTHING


class SharedFixtureHosts:
    """
    The hosts that fixtures of wider scope may reach, where no test with a cassette requests them.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._setting_up: tuple[pytest.FixtureDef[Any], pytest.Item] | None = None
        self._hosts: list[str] = []

    def note(self, fixture: pytest.FixtureDef[Any], item: pytest.Item) -> None:
        """
        Note that *fixture* is going to be set up for *item*.
        """
        self._setting_up = fixture, item

    def __call__(self) -> list[str]:
        """
        Those of the last fixture; its teardown has those of its setup.
        """
        if self._setting_up is not None and self._setting_up[0].cached_result is None:
            self._hosts = hosts_of(scope_options(*self._setting_up, self._run))
        return self._hosts


def hosts_of(options: Mapping[str, Any]) -> list[str]:
    """
    The hosts that a fixture of wider scope with these *options* may reach.
    """
    allowed = options.get("allowed_hosts") or ()
    named = allowed.split(",") if isinstance(allowed, str) else allowed  # as pytest-recording reads it
    return [*named, *hosts_left_alone(options)]

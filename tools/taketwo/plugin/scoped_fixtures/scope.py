"""
One fixture of wider scope than a test's while it is set up, used and torn down, with its cassettes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest

from taketwo.cassette.model import Cassette, Ending
from taketwo.cassette.secrets.known import Named
from taketwo.cassette.store.fixture_id import FixtureId
from taketwo.cassette.volatile.generate import seed_of
from taketwo.config.playback import manner_of_test, playback_of_test
from taketwo.intercept.cassette import new_active, opened
from taketwo.network.children import BROWSER_DRIVER, Children, watched
from taketwo.network.guard import Closed, network
from taketwo.playback.active import ActiveCassette
from taketwo.playback.conversations.routing import RoutedConversations
from taketwo.playback.modes import Mode
from taketwo.plugin.run import Run
from taketwo.plugin.scoped_fixtures.requested import FixtureDef, fixture_place
from taketwo.plugin.testcase.cassette_path import CassettePath
from taketwo.plugin.testcase.options import hosts_of, scope_options
from taketwo.plugin.testcase.paths import relative_to_project, test_id
from taketwo.plugin.testcase.state import CassetteFailure, RunningTest, State, result_of

_OF_BROWSERS = "taketwo_browser_options"
_READING = ("GET", "HEAD", "OPTIONS")
"""The methods that leave nothing in a service that its tests would need."""


class FixtureScope:
    """
    One fixture from the beginning of its setup to the end of its teardown, set up for *item*.
    """

    def __init__(self, run: Run, fixture: FixtureDef, item: pytest.Item, named: FixtureId) -> None:
        self.name = fixture.argname
        self.item = item
        self.is_over = False
        self._named = named
        self._run = run
        self._session = run.session
        self._session.intercept()
        self._options = scope_options(fixture, item, run)
        self._mode = self._mode_of(self._options)
        self._setup = self._open(named)
        self._teardown: RunningTest | None = None
        self._active = self._new_active()
        self._children = Children(self._policy, refuses=self._setup.recorder is None)
        if _OF_BROWSERS in getattr(item, "fixturenames", ()):
            self._children.leave_alone(
                BROWSER_DRIVER
            )  # pytest-playwright's browser, whose pages are led here
        self._has_served = False
        self._told: set[str] = set()
        self._stack = ExitStack()
        self._held: list[str] = []
        self._secrets: list[Named] = []

    def setting_up(self) -> ExitStack:
        """
        While open, the fixture is set up.
        """
        return self._opened(self._setup, ends=False)

    @property
    def is_skipped(self) -> bool:
        """
        Whether it skips whoever requests it.
        """
        return self._setup.ending is not None

    @property
    def is_replayed(self) -> bool:
        """
        Whether its setup was answered from its cassette alone.
        """
        return self._setup.own is not None and (self._setup.recorder is None or self._setup.has_nothing_new)

    @property
    def cassette(self) -> str:
        return self._setup.player.name

    def set_up(self, *, ending: Ending | None = None) -> None:
        """
        Note that it is: what it recorded is written, and known to the tests that follow.

        With an *ending* it skips them instead.
        """
        self._refuse_unmatched(self._setup)
        session, setup = self._session, self._setup
        setup.ending = ending
        session.shared_children.append(self._children)
        if setup.recorder is None:
            self._secrets = setup.player.replay.played_secrets()
            session.played_secrets += self._secrets
            return
        take = session.recordings.stage(setup)
        if take is not None:
            session.recordings.inherited.append(take.inherited)
            session.recordings.secrets += take.secrets
            self._held = session.recordings.talked_to(setup, without=_READING)
            session.services.hold(self._held)
        if setup.has_nothing_new:  # what it played is written as the tests know it, not as it was recorded
            setup.staged = None

    def begin_teardown(self) -> None:
        self._teardown = self._open(
            FixtureId(home=self._named.home, path=self._named.path, scope=self._named.scope, teardown=True)
        )
        self._active.player, self._active.recorder = self._teardown.player, self._teardown.recorder
        self._stack = self._opened(self._teardown, ends=True)
        self._stack.__enter__()

    def close(self) -> None:
        """
        Note that its teardown has ended.
        """
        self._stack.close()
        self._children.close()
        if self._children in self._session.shared_children:
            self._session.shared_children.remove(self._children)
        self._active.is_shared = False
        self._session.services.release(self._held)
        self.is_over = True
        if self._teardown is None:
            return
        self._refuse_unmatched(self._teardown)
        if not self._teardown.has_nothing_new:
            self._session.recordings.stage(self._teardown)

    def note_use(self, *, passed: bool) -> None:
        """
        Note that a test used it, which has ended.
        """
        self._has_served = self._has_served or passed

    def settle(self, *, torn_down: bool) -> list[dict[str, Any]]:
        """
        Put in place what was recorded, once a test that used it has passed, and tell what became of it.
        """
        parts = [self._setup]
        if self._teardown is not None and torn_down:
            parts.append(self._teardown)
        return [self._settled(part) for part in parts if part.test not in self._told and self._is_due(part)]

    def _is_due(self, part: RunningTest) -> bool:
        if part.recorder is None:
            return part.own is not None
        return self._has_served and part.staged is not None

    def _settled(self, part: RunningTest) -> dict[str, Any]:
        self._told.add(part.test)
        state = State.REPLAYED if part.recorder is None else self._session.recordings.promote(part)
        return result_of(part, files=self._session.files_of(part.place), state=state, passed=True)

    def _opened(self, part: RunningTest, *, ends: bool) -> ExitStack:
        services = self._session.services
        stack = ExitStack()
        stack.enter_context(services.replayed() if part.recorder is None else services.live())
        closed = self._closed()
        self._active.left_alone = None if closed is None else closed.allowed.add
        stack.enter_context(network(closed))
        stack.enter_context(watched(self._children))
        stack.enter_context(RoutedConversations(part.ws_conversations))
        stack.enter_context(opened(self._active, ends=ends))
        return stack

    def _closed(self) -> Closed | None:
        named = str(self._named)
        return self._run.network.for_test(
            named,
            partial(hosts_of, self._options),
            replays=self._mode is Mode.NONE,
            has_cassette=True,
            asks=self._run.blocks,
        )

    def _new_active(self) -> ActiveCassette:
        setup = self._setup
        active = new_active(
            str(setup.place.path),
            self._options,
            player=setup.player,
            recorder=setup.recorder,
            configure=self._configure(),
        )
        active.name = str(self._named)
        active.report = self._session.note_late
        active.is_shared = True
        return active

    def _open(self, named: FixtureId) -> RunningTest:
        session, owner = self._session, str(named)
        place = CassettePath(fixture_place(named, session.project))
        self._run.fetch(place.path, self.item)
        playback = playback_of_test(dict(self._options), session.project.playback)
        manner = manner_of_test(self._options, session.project.conversations)
        if not session.records(owner, place, self._mode):
            part = session.replay(owner, place, self._mode, playback=playback, manner=manner)
        else:
            session.services.start_for(relative_to_project(self.item.path, session.project))
            part = session.record(owner, place, self._mode, playback=playback, manner=manner, claims=False)
        part.player.test = test_id(self.item, session.project)
        part.head = Cassette(test=owner, seed=seed_of(owner), time=named.time, counters=named.counters)
        return part

    def _mode_of(self, options: Mapping[str, Any]) -> Mode:
        asked = self._run.mode_asked
        if not asked and not self._run.only_replays:
            asked = options.get("record_mode")
        return Mode(asked) if asked else Mode.NONE

    def _configure(self) -> Callable[[object], object] | None:
        hook = self.item.config.hook.pytest_recording_configure
        config = self.item.config
        return (lambda vcr: hook(config=config, vcr=vcr)) if hook.get_hookimpls() else None

    def _refuse_unmatched(self, part: RunningTest) -> None:
        if part.player.unmatched:
            messages = "\n\n".join(part.player.unmatched)
            raise CassetteFailure(
                f"something that the fixture {self._named} did found no answer:\n{messages}"
            )
        for problem in (
            part.unplayed_problem,
            self._session.children_problem(str(self._named), self._children),
        ):
            if problem:
                raise CassetteFailure(problem)

    def _policy(self) -> Closed:
        doing = "replayed" if self._setup.recorder is None else "recorded"
        hosts = hosts_of(self._options)
        return self._run.network.closed(hosts, lambda: f"{self._named} is {doing}")

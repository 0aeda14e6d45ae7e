"""
The cassettes of fixtures of wider scope: of a class, a module, a package or the session.

What such a fixture asks for belongs to none of the tests that share it. It has a cassette of its own, which
is recorded when the first of them needs it and replayed whichever needs it first; what it asks for in its
teardown has another one beside it. Both are put in place once a test that used the fixture has passed.
"""

from __future__ import annotations

import shlex
from collections.abc import Generator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from taketwo.cassette.model import Ending, Outcome
from taketwo.playback.modes import Mode
from taketwo.plugin.run import Run
from taketwo.plugin.scoped_fixtures.requested import (
    FixtureDef,
    RequestedFixtures,
    fixture_id,
    fixture_place,
    may_ask,
)
from taketwo.plugin.testcase.paths import relative_to_project, test_id

if TYPE_CHECKING:
    from taketwo.plugin.scoped_fixtures.scope import FixtureScope


class FixtureCassettes:
    """
    The hooks of a run with cassettes.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._requested = RequestedFixtures(run.collected.items, run.project)
        self._scopes: list[FixtureScope] = []

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(
        self, fixturedef: FixtureDef, request: pytest.FixtureRequest
    ) -> Generator[None, object, object]:
        item = getattr(request, "_pyfuncitem")  # noqa: B009 - pytest gives it no public name
        if not may_ask(fixturedef) or not self._takes_part(fixturedef, item):
            return (yield)
        if self._run.is_disabled:
            with self._live(item):
                return (yield)
        from taketwo.plugin.scoped_fixtures.scope import FixtureScope  # noqa: PLC0415 - few fixtures ask for anything

        scope = FixtureScope(self._run, fixturedef, item, fixture_id(fixturedef, item, self._run.project))
        fixturedef.addfinalizer(scope.close)  # after its own teardown
        try:
            try:
                with scope.setting_up():
                    result = yield
            except pytest.skip.Exception:
                scope.set_up(ending=Ending(Outcome.SKIPPED))
                self._scopes.append(scope)
                raise
            scope.set_up()
        except BaseException as error:
            key = fixturedef.cache_key(request)  # type: ignore[arg-type]  # it is the request of a fixture
            fixturedef.cached_result = (None, key, (error, error.__traceback__))
            raise
        fixturedef.addfinalizer(scope.begin_teardown)  # before it
        self._scopes.append(scope)
        return result

    def advice_for(self, item: pytest.Item) -> str:
        """
        What to do where *item* failed while it was recorded, and fixtures that it uses were replayed.

        The services know nothing of what was created when the fixtures were recorded.
        """
        names = getattr(item, "fixturenames", ())
        replayed = sorted(
            scope.cassette for scope in self._scopes if scope.name in names and scope.is_replayed
        )
        if not replayed:
            return ""
        test = shlex.quote(test_id(item, self._run.project))
        return (
            f"while the test was recorded, these were replayed: {', '.join(replayed)}\n"
            "the services do not have what was created in them\n"
            f"to record all of it: pytest --record-mode=rewrite {test}"
        )

    def settle(self, item: pytest.Item, *, passed: bool, torn_down: bool) -> list[dict[str, Any]]:
        """
        Put in place what *item*, which has ended, used, and what was *torn_down* with it.
        """
        names = getattr(item, "fixturenames", ())
        results = []
        for scope in self._scopes:
            if scope.name in names or scope.item is item:
                scope.note_use(passed=passed or (scope.is_skipped and scope.item is item))
            results += scope.settle(torn_down=torn_down)
        self._scopes = [scope for scope in self._scopes if not scope.is_over]
        return results

    def _takes_part(self, fixture: FixtureDef, item: pytest.Item) -> bool:
        """
        Whether a test with a cassette requests it, or it has a cassette that is replayed for whoever does.
        """
        if fixture in self._requested or item.get_closest_marker("vcr") is not None:
            return True
        if self._run.mode_asked not in {None, Mode.NONE.value}:
            return False
        path = fixture_place(fixture_id(fixture, item, self._run.project), self._run.project)
        self._run.fetch(path, item)
        return path.is_file()

    def _live(self, item: pytest.Item) -> ExitStack:
        services = self._run.session.services
        services.start_for(relative_to_project(item.path, self._run.project))
        stack = ExitStack()
        stack.enter_context(services.live())
        return stack

"""
The fixtures of a project that has a ``[tool.taketwo]``.

The names are those of pytest-recording, and mean what they mean there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import TYPE_CHECKING

import pytest
from pytest_recording.validation import validate_block_network_mark

from taketwo.network.allowed import hosts_left_alone
from taketwo.network.guard import network
from taketwo.playback.modes import Mode
from taketwo.plugin.run import RUN, RUNNING_TEST
from taketwo.plugin.testcase.options import SharedFixtureHosts, TestOptions

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from taketwo.intercept.cassette import OpenCassette
    from taketwo.network.guard import Closed
    from taketwo.plugin.fixture_impl import ServicesHandle
    from taketwo.plugin.processes.browser import BrowserOptions
    from taketwo.plugin.run import Run


@pytest.fixture(scope="module")
def vcr_cassette_dir(request: pytest.FixtureRequest) -> str:
    """
    The folder of a module's cassettes: it mirrors the folder of the tests.
    """
    from taketwo.plugin.fixture_impl import cassette_folder  # noqa: PLC0415 - few tests request it

    return str(cassette_folder(request.node.path, request.config.stash[RUN].project))


@pytest.fixture
def default_cassette_name(request: pytest.FixtureRequest) -> str:
    """
    The name of a test's cassette: that of the marker, else the test's own.
    """
    from taketwo.plugin.fixture_impl import cassette_name  # noqa: PLC0415 - as above

    return cassette_name(request.node, request.node.get_closest_marker("default_cassette"))


@pytest.fixture(autouse=True)
def block_network(request: pytest.FixtureRequest) -> Iterator[None]:
    """
    No test reaches outside while cassettes are replayed.

    One with a cassette, or that asks for it, reaches nothing at all, except where it says ``allowed_hosts``.
    """
    with network(_closed(request, _test_options(request))):
        yield


class CassetteOfTest:
    """
    The fixture ``vcr``, which every test has.

    It gets the test by a hook: to request the fixture ``request`` would cost each test two more fixtures.
    """

    _request: pytest.FixtureRequest

    def __init__(self, run: Run) -> None:
        self._run = run
        self.shared_hosts = SharedFixtureHosts(run)

    def __dir__(self) -> list[str]:
        return ["pytest_fixture_setup", "vcr"]  # all that pytest is to look at, as below

    @pytest.hookimpl(tryfirst=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
    ) -> None:
        if fixturedef.argname == "vcr":
            self._request = request
        elif fixturedef.scope != "function":
            self.shared_hosts.note(fixturedef, getattr(request, "_pyfuncitem"))  # noqa: B009 - pytest gives it no public name

    @pytest.fixture(autouse=True)
    def vcr(self) -> Iterator[OpenCassette | None]:
        """
        The cassette of a test that is marked with ``pytest.mark.vcr``, and no network around it.
        """
        request, run = self._request, self._run
        test_options = _test_options(request)
        closed = _closed(request, test_options)
        with nullcontext() if test_options.redefines("block_network") else network(closed):
            if not test_options.markers:
                with run.without_cassette(request.node.nodeid):
                    yield None
                return
            from taketwo.plugin import fixture_impl  # noqa: PLC0415 - most runs have no such test

            if run.is_disabled:
                with fixture_impl.live(request, run.session):
                    yield None
            else:
                yield from fixture_impl.cassette_of(request, run.session, test_options, closed)
                fixture_impl.finish(run.session, request.node)


@pytest.fixture
def taketwo_services(
    request: pytest.FixtureRequest, vcr: OpenCassette | None, disable_recording: bool
) -> ServicesHandle:
    """
    The services of the test; ``taketwo_services.reset("shop")`` empties one while recording.
    """
    from taketwo.plugin.fixture_impl import ServicesHandle  # noqa: PLC0415 - as above

    running = request.node.stash.get(RUNNING_TEST, None)
    records = running is not None and running.recorder is not None
    session = request.config.stash[RUN].session
    return ServicesHandle(session, live=records or (disable_recording and vcr is None))


@pytest.fixture
def taketwo_fault(request: pytest.FixtureRequest, vcr: OpenCassette | None) -> Callable[..., None]:
    """
    What has requests of the test meet a fault from now on: ``taketwo_fault("read-timeout", on=2, times=1)``.

    It takes what ``@pytest.mark.vcr(fault=…)`` does, and does nothing while the test is recorded.
    """
    del vcr  # the cassette is open
    from taketwo.plugin.fixture_impl import add_fault  # noqa: PLC0415 - as above

    running = request.node.stash.get(RUNNING_TEST, None)
    return lambda kind, **further: add_fault(running, kind, further)


@pytest.fixture
def taketwo_browser_options(
    request: pytest.FixtureRequest, vcr: OpenCassette | None, disable_recording: bool
) -> Iterator[BrowserOptions]:
    """
    Options of Playwright's ``browser.new_context(**taketwo_browser_options)``, sync or async.

    What the pages of such a context ask for is recorded into the cassette of the test, and replayed from it.
    """
    del vcr  # the cassette is open
    from taketwo.plugin.processes.browser import options_for  # noqa: PLC0415 - as above

    session, running = request.config.stash[RUN].session, request.node.stash.get(RUNNING_TEST, None)
    with options_for(running, session, is_disabled=disable_recording) as options:
        yield options


@pytest.fixture
def taketwo_page(request: pytest.FixtureRequest, taketwo_browser_options: BrowserOptions) -> Iterator[Page]:
    """
    A page of Playwright's sync API; what it asks for is recorded into the cassette of the test, and replayed.

    It is in one of pytest-playwright's contexts where that is installed, else in a Chromium without a window.
    """
    from taketwo.plugin.processes.browser import new_page  # noqa: PLC0415 - as above

    with new_page(request, taketwo_browser_options) as page:
        yield page


_FIXTURE = type(vcr_cassette_dir)


def __dir__() -> list[str]:
    """
    The fixtures alone: pytest asks each attribute of a plugin whether it is one, for 10 µs.
    """
    return [name for name, value in globals().items() if isinstance(value, _FIXTURE)]


def _test_options(request: pytest.FixtureRequest) -> TestOptions:
    run = request.config.stash[RUN]
    return TestOptions(request, run, run.overrides.of(request.node))


def _closed(request: pytest.FixtureRequest, test_options: TestOptions) -> Closed | None:
    """
    The network as the test may use it, None where it is open.
    """
    run, marker = request.config.stash[RUN], test_options.closest("block_network")
    if marker is not None:
        validate_block_network_mark(marker)
    return run.network.for_test(
        request.node.nodeid,
        lambda: [*test_options.hosts, *hosts_left_alone(test_options.options)],
        replays=not run.is_disabled and test_options.mode is Mode.NONE,
        has_cassette=bool(test_options.markers),
        asks=marker is not None or run.blocks,
    )

"""
The fixtures of a project that has a ``[tool.taketwo]``.

The names are those of pytest-recording, and mean what they mean there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import pytest
from pytest_recording.validation import validate_block_network_mark

from taketwo.config import Playback, manner_of_test, playback_of_test
from taketwo.errors import TakeTwoError
from taketwo.plugin.blocking import LOOPBACK, NetworkClosed
from taketwo.plugin.keys import OPENED, REPORTS, RUN
from taketwo.plugin.modes import Mode
from taketwo.plugin.place import Place, folder_of, id_of, place_of, relative
from taketwo.plugin.wishes import Wishes, cassette_name

if TYPE_CHECKING:
    from taketwo.plugin.opened import OpenTest
    from taketwo.plugin.session import Session
    from taketwo.recording.opening import OpenCassette

_T = TypeVar("_T")
_CLOSED = pytest.StashKey[bool]()


class ServicesOfTest:
    """
    What a test may ask of the services: nothing happens when it is replayed.
    """

    def __init__(self, session: Session, *, live: bool) -> None:
        self._session = session
        self._live = live

    def reset(self, name: str) -> None:
        """
        Empty the service *name*.
        """
        if self._live:
            _clearly(lambda: self._session.services.reset(name))


@pytest.fixture(scope="module")
def vcr_cassette_dir(request: pytest.FixtureRequest) -> str:
    """
    The folder of a module's cassettes: it mirrors the folder of the tests.
    """
    return str(folder_of(request.node.path, request.config.stash[RUN].project))


@pytest.fixture
def default_cassette_name(request: pytest.FixtureRequest) -> str:
    """
    The name of a test's cassette: that of the marker, else the test's own.
    """
    return cassette_name(request.node, request.node.get_closest_marker("default_cassette"))


@pytest.fixture(autouse=True)
def block_network(request: pytest.FixtureRequest) -> Iterator[None]:
    """
    No test reaches outside while cassettes are replayed.

    One with a cassette, or that asks for it, reaches nothing at all, except where it says ``allowed_hosts``.
    """
    with _network(request, _wishes(request)):
        yield


@pytest.fixture(autouse=True)
def vcr(request: pytest.FixtureRequest) -> Iterator[OpenCassette | None]:
    """
    The cassette of a test that is marked with ``pytest.mark.vcr``, and no network around it.
    """
    run, wishes = request.config.stash[RUN], _wishes(request)
    with nullcontext() if wishes.redefines("block_network") else _network(request, wishes):
        if not wishes.markers:
            yield None
        elif run.is_disabled:
            _clearly(lambda: run.session.services.start_for(_file(request)))
            with run.session.services.live():
                yield None
        else:
            with _cassette(request, run.session, wishes) as cassette:
                yield cassette
            _finish(run.session, request.node)


@pytest.fixture
def taketwo_services(
    request: pytest.FixtureRequest, vcr: OpenCassette | None, disable_recording: bool
) -> ServicesOfTest:
    """
    The services of the test; ``taketwo_services.reset("shop")`` empties one while recording.
    """
    opened = request.node.stash.get(OPENED, None)
    records = opened is not None and opened.recorder is not None
    session = request.config.stash[RUN].session
    return ServicesOfTest(session, live=records or (disable_recording and vcr is None))


def _wishes(request: pytest.FixtureRequest) -> Wishes:
    run = request.config.stash[RUN]
    return Wishes(request, run, run.overrides.of(request.node))


@contextmanager
def _network(request: pytest.FixtureRequest, wishes: Wishes) -> Iterator[None]:
    """
    The network as the test may use it, closed once for whichever of its fixtures comes first.
    """
    stash = request.node.stash
    hosts = None if _CLOSED in stash else _hosts(request, wishes)
    if hosts is None:
        yield
        return
    stash[_CLOSED] = True
    try:
        with NetworkClosed(hosts):
            yield
    finally:
        del stash[_CLOSED]


def _hosts(request: pytest.FixtureRequest, wishes: Wishes) -> list[str] | None:
    """
    The hosts that the test may reach, or None when the network is open.
    """
    run, marker = request.config.stash[RUN], wishes.closest("block_network")
    if marker is not None:
        validate_block_network_mark(marker)
    asked = marker is not None or run.blocks
    replays = not run.is_disabled and wishes.mode is Mode.NONE
    if not replays and (wishes.markers or not asked):
        return None
    # A test without a cassette may talk to servers of its own on this machine.
    return [*wishes.hosts, *(() if wishes.markers or asked else LOOPBACK)]


@contextmanager
def _cassette(request: pytest.FixtureRequest, session: Session, wishes: Wishes) -> Iterator[OpenCassette]:
    """
    A test's cassette, with the environment that leads to the services or to their recorded names.
    """
    from taketwo.recording.opening import open_cassette  # noqa: PLC0415 - not before the first cassette
    from taketwo.recording.switchboard import Switched  # noqa: PLC0415 - as above

    configure = _configure(request.config)
    place = _place(request, session, wishes, configure)
    records = session.records(id_of(request.node, session.project), place, wishes.mode)
    if records:
        _clearly(lambda: session.services.start_for(_file(request)))
    with session.services.live() if records else session.services.replayed():
        opened = _open(request, session, wishes, place, records=records)
        opening = open_cassette(
            str(place.path),
            wishes.options,
            player=opened.player,
            recorder=opened.recorder,
            configure=configure,
        )
        with Switched(opened.board), ExitStack() as stack:
            yield _clearly(lambda: stack.enter_context(opening))


def _configure(config: pytest.Config) -> Callable[[object], object] | None:
    """
    What projects do with each test's VCR object, if any of them does.
    """
    hook = config.hook.pytest_recording_configure
    return (lambda vcr: hook(config=config, vcr=vcr)) if hook.get_hookimpls() else None


def _place(
    request: pytest.FixtureRequest,
    session: Session,
    wishes: Wishes,
    configure: Callable[[object], object] | None,
) -> Place:
    serializer = str(wishes.options.get("serializer", "yaml"))
    return place_of(
        request.node,
        session.project,
        folder=wishes.folder,
        name=wishes.name,
        serializer=serializer,
        translate=None if serializer in {"yaml", "json"} else partial(_translated, serializer, configure),
        further=[str(argument) for marker in wishes.markers for argument in marker.args],
    )


def _translated(serializer: str, configure: Callable[[object], object] | None, text: str) -> str:
    from taketwo.recording.bridge import new_vcr, yaml_of  # noqa: PLC0415 - slow to import

    vcr = new_vcr(library="", mode="none")
    if configure is not None:
        configure(vcr)
    if serializer not in vcr.serializers:
        known = ", ".join(sorted(vcr.serializers))
        pytest.fail(
            f"there is no serializer {serializer!r}; those that are registered: {known}", pytrace=False
        )
    return yaml_of(text, vcr.serializers[serializer])


def _playback(options: Mapping[str, object], default: Playback) -> Playback:
    """
    How strictly the cassette is played: as the test says, else as the project does.
    """
    said = dict(options)
    if "allow_playback_repeats" in said:
        said.setdefault("repeats", bool(said["allow_playback_repeats"]))
    return _clearly(lambda: playback_of_test(said, default))


def _open(
    request: pytest.FixtureRequest, session: Session, wishes: Wishes, place: Place, *, records: bool
) -> OpenTest:
    project, options = session.project, wishes.options
    test = id_of(request.node, project)
    manner = _clearly(lambda: manner_of_test(options, project.conversations))
    playback = _playback(options, project.playback)
    act = session.record if records else session.replay
    opened = _clearly(
        lambda: act(test, place, wishes.mode, playback=playback, manner=manner), say=session.without_secrets
    )
    opened.drops_unplayed = bool(options.get("drop_unused_requests"))
    request.node.stash[OPENED] = opened
    return opened


def _finish(session: Session, item: pytest.Item) -> None:
    """
    Write the take of a test whose call has passed, or fail one that passed for the wrong reason.
    """
    call = item.stash.get(REPORTS, {}).get("call")
    if call is None or not call.passed:
        return
    opened = item.stash[OPENED]
    if opened.player.unmatched:
        problems = "\n\n".join(opened.player.unmatched)
        pytest.fail(f"the test passed, but something it did found no answer:\n{problems}", pytrace=False)
    if problem := opened.unplayed_problem:
        pytest.fail(problem, pytrace=False)
    try:
        if opened.recorder is not None:
            session.takes.stage(opened)
    except (TakeTwoError, OSError) as error:
        raise pytest.fail.Exception(f"{error}\nthe old cassette is as it was", pytrace=False) from None


def _file(request: pytest.FixtureRequest) -> str:
    return relative(request.path, request.config.stash[RUN].project)


def _clearly(act: Callable[[], _T], *, say: Callable[[str], str] = str) -> _T:
    """
    A service that does not come up, or a damaged cassette, is told in its own words, without our stack.
    """
    try:
        return act()
    except TakeTwoError as error:
        raise pytest.fail.Exception(say(str(error)), pytrace=False) from None

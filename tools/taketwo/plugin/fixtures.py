"""
The fixtures of a project that has a ``[tool.taketwo]``.

The names are those of pytest-recording, and mean what they mean there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

import pytest
from pytest_recording import network
from pytest_recording.utils import merge_kwargs
from pytest_recording.validation import validate_block_network_mark

from taketwo.config import Playback, manner_of_test, playback_of_test
from taketwo.errors import TakeTwoError
from taketwo.plugin.keys import OPENED, REPORTS, SESSION
from taketwo.plugin.place import Place, folder_of, id_of, place_of, usual_name
from taketwo.plugin.session import Mode, OpenTest, Session

if TYPE_CHECKING:
    from taketwo.recording.opening import OpenCassette

_T = TypeVar("_T")
_MODE = pytest.StashKey[Mode]()

# Tests without a cassette may talk to servers of their own on this machine.
_LOOPBACK = [r"127\.0\.0\.1$", "::1$", "localhost$", "/"]


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
            _clearly(lambda: self._session.reset(name))


@pytest.fixture(scope="module")
def vcr_cassette_dir(request: pytest.FixtureRequest) -> str:
    """
    The folder of a module's cassettes: it mirrors the folder of the tests.
    """
    return str(folder_of(request.node.path, request.config.stash[SESSION].config))


@pytest.fixture
def default_cassette_name(request: pytest.FixtureRequest) -> str:
    """
    The name of a test's cassette: that of the marker, else the test's own.
    """
    marker = request.node.get_closest_marker("default_cassette")
    if marker is not None and marker.args:
        return str(marker.args[0])
    return usual_name(request.node)


@pytest.fixture(autouse=True)
def block_network(request: pytest.FixtureRequest, vcr_markers: list[pytest.Mark]) -> Iterator[None]:
    """
    No test reaches outside while cassettes are replayed.

    One with a cassette, or that asks for it, reaches nothing at all, except where it says ``allowed_hosts``.
    """
    marker = request.node.get_closest_marker("block_network")
    if marker is not None:
        validate_block_network_mark(marker)
    asked = marker is not None or request.config.getoption("--block-network")
    replays = not _is_disabled(request) and _mode(request, vcr_markers) is Mode.NONE
    if not replays and (vcr_markers or not asked):
        yield
        return
    hosts = list(request.getfixturevalue("allowed_hosts") or [])
    if not vcr_markers and not asked:
        hosts += _LOOPBACK
    # None, since pytest-recording takes an empty list for "every host".
    with network.blocking_context(hosts or None):
        yield


@pytest.fixture(autouse=True)
def vcr(
    request: pytest.FixtureRequest,
    vcr_markers: list[pytest.Mark],
    vcr_cassette_dir: str,
) -> Iterator[OpenCassette | None]:
    """
    The cassette of a test that is marked with ``pytest.mark.vcr``.
    """
    session = request.config.stash[SESSION]
    if not vcr_markers:
        yield None
    elif _is_disabled(request):
        _clearly(lambda: session.start_services(request.path))
        with session.live_environment():
            yield None
    else:
        with _cassette(request, vcr_markers, Path(vcr_cassette_dir)) as cassette:
            yield cassette
        _finish(session, request.node)


@pytest.fixture
def taketwo_services(
    request: pytest.FixtureRequest, vcr: OpenCassette | None, disable_recording: bool
) -> ServicesOfTest:
    """
    The services of the test; ``taketwo_services.reset("shop")`` empties one while recording.
    """
    opened = request.node.stash.get(OPENED, None)
    records = opened is not None and opened.recorder is not None
    return ServicesOfTest(request.config.stash[SESSION], live=records or (disable_recording and vcr is None))


def _is_disabled(request: pytest.FixtureRequest) -> bool:
    # Not by the fixture of pytest-recording, which is nothing else: every test would pay for one more.
    return bool(request.config.getoption("--disable-recording"))


def _mode(request: pytest.FixtureRequest, markers: list[pytest.Mark]) -> Mode:
    """
    The mode of a test, which is found out once.
    """
    stash = request.node.stash
    if _MODE not in stash:
        stash[_MODE] = _mode_asked(request, markers)
    return cast("Mode", stash[_MODE])


def _mode_asked(request: pytest.FixtureRequest, markers: list[pytest.Mark]) -> Mode:
    """
    The command line decides, then the marker, then ``vcr_config``; CI replays whatever the last two say.
    """
    asked = request.config.getoption("--record-mode")
    only_replays = request.config.stash[SESSION].only_replays
    if markers and not asked and not only_replays:
        asked = merge_kwargs(request.getfixturevalue("vcr_config"), markers).get("record_mode")
    name = str(asked or Mode.NONE.value)
    if name not in {mode.value for mode in Mode}:
        modes = ", ".join(mode.value for mode in Mode)
        pytest.fail(f"there is no record mode {name!r}; the modes are {modes}", pytrace=False)
    return Mode(name)


@contextmanager
def _cassette(
    request: pytest.FixtureRequest, markers: list[pytest.Mark], folder: Path
) -> Iterator[OpenCassette]:
    """
    A test's cassette, with the environment that leads to the services or to their recorded names.
    """
    from taketwo.recording.opening import open_cassette  # noqa: PLC0415 - not before the first cassette
    from taketwo.recording.switchboard import switched  # noqa: PLC0415 - as above
    from taketwo.recording.websockets_client import install  # noqa: PLC0415 - as above

    options = merge_kwargs(request.getfixturevalue("vcr_config"), markers)
    mode = _mode(request, markers)
    serializer = str(options.get("serializer", "yaml"))
    configure = _configure(request.config)
    place = place_of(
        request.node,
        request.config.stash[SESSION].config,
        folder=_library(request, options) or folder,
        name=request.getfixturevalue("default_cassette_name"),
        serializer=serializer,
        translate=None if serializer in {"yaml", "json"} else partial(_translated, serializer, configure),
        further=[str(argument) for marker in markers for argument in marker.args],
    )
    with ExitStack() as stack:
        opened = _open(stack, request, place, mode, options)
        install()
        stack.enter_context(switched(opened.board))
        yield stack.enter_context(
            open_cassette(
                str(place.path),
                options,
                player=opened.player,
                recorder=opened.recorder,
                configure=configure,
            )
        )


def _configure(config: pytest.Config) -> Callable[[object], object] | None:
    """
    What projects do with each test's VCR object, if any of them does.
    """
    hook = config.hook.pytest_recording_configure
    return (lambda vcr: hook(config=config, vcr=vcr)) if hook.get_hookimpls() else None


def _library(request: pytest.FixtureRequest, options: Mapping[str, object]) -> Path | None:
    """
    The folder that ``vcr_config`` or the marker names; a relative one is the project's.
    """
    named = options.get("cassette_library_dir")
    return request.config.stash[SESSION].config.root / str(named) if named else None


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


def _playback(request: pytest.FixtureRequest, options: Mapping[str, object]) -> Playback:
    """
    How strictly the cassette is played: as the test says, else as the project does.
    """
    said = dict(options)
    if "allow_playback_repeats" in said:
        said.setdefault("repeats", bool(said["allow_playback_repeats"]))
    return _clearly(lambda: playback_of_test(said, request.config.stash[SESSION].config.playback))


def _open(
    stack: ExitStack,
    request: pytest.FixtureRequest,
    place: Place,
    mode: Mode,
    options: Mapping[str, object],
) -> OpenTest:
    session = request.config.stash[SESSION]
    test = id_of(request.node, session.config)
    if session.records(test, place, mode):
        _clearly(lambda: session.start_services(request.path))
        stack.enter_context(session.live_environment())
    else:
        stack.enter_context(session.replay_environment())
    opened = _clearly(
        lambda: session.open(
            test,
            place,
            mode,
            playback=_playback(request, options),
            manner=_clearly(lambda: manner_of_test(options, session.config.conversations)),
        )
    )
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
        session.stage(opened)
    except (TakeTwoError, OSError) as error:
        raise pytest.fail.Exception(f"{error}\nthe old cassette is as it was", pytrace=False) from None


def _clearly(act: Callable[[], _T]) -> _T:
    """
    A service that does not come up, or a damaged cassette, is told in its own words, without our stack.
    """
    try:
        return act()
    except TakeTwoError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None

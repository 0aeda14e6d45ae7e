"""
The cassette of a test, open while the test runs. Imported when the first test has one.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING, NoReturn, TypeVar

import pytest

from taketwo.config.playback import Playback, Sleep, Unplayed, manner_of_test, playback_of_test
from taketwo.errors import TakeTwoError, Unanswered
from taketwo.intercept.cassette import OpenCassette, open_cassette
from taketwo.intercept.registry import REGISTRY
from taketwo.network.allowed import hosts_left_alone
from taketwo.network.children import Children, watched
from taketwo.network.guard import Closed
from taketwo.playback.conversations.routing import RoutedConversations
from taketwo.plugin.frameworks.contexts import Contexts
from taketwo.plugin.run import REPORTS, RUN, RUNNING_TEST, Run
from taketwo.plugin.scoped_fixtures.cassettes import FixtureCassettes
from taketwo.plugin.session import Session
from taketwo.plugin.testcase.cassette_path import CassettePath, cassette_path
from taketwo.plugin.testcase.default_path import cassette_folder, cassette_name
from taketwo.plugin.testcase.ending import note_ending
from taketwo.plugin.testcase.options import TestOptions
from taketwo.plugin.testcase.paths import relative_to_project, test_id
from taketwo.plugin.testcase.state import CassetteFailure, RunningTest, State, result_of

if TYPE_CHECKING:
    from taketwo.config.answers import ChangedAnswer
    from taketwo.playback.faults import Faults

_T = TypeVar("_T")

__all__ = ["cassette_folder", "cassette_name", "note_ending"]

FAULT_FIXTURE = "taketwo_fault"
_ERROR_OF_VCRPY = "CannotOverwriteExistingCassetteException"


class ServicesHandle:
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
            _without_traceback(lambda: self._session.services.reset(name))


def prepare(run: Run, config: pytest.Config, items: Sequence[pytest.Item]) -> FixtureCassettes:
    """
    Import what tests with a cassette need before the first of them runs, and register the hooks for them.

    :returns: the cassettes of fixtures of wider scope than a function.
    """
    if run.has_cassettes(items):
        _ = run.session
        REGISTRY.prepare()
    fixtures = FixtureCassettes(run)
    config.pluginmanager.register(fixtures, "taketwo-fixture-cassettes")
    if run.started_session is not None and config.pluginmanager.has_plugin("anyio"):
        config.pluginmanager.register(Contexts(), "taketwo-contexts")
    if run.started_session is not None and "hypothesis" in sys.modules:
        from taketwo.plugin.frameworks.property_tests import PropertyTests  # noqa: PLC0415 - hypothesis

        config.pluginmanager.register(PropertyTests(), "taketwo-property-tests")
    return fixtures


def cassette_of(
    request: pytest.FixtureRequest, session: Session, test_options: TestOptions, closed: Closed | None
) -> Iterator[OpenCassette]:
    """
    A test's cassette, with the environment that leads to the services or to their recorded names; what a
    fixture yields.

    *closed* is the network around it, which is opened for requests that the test's options leave alone.
    """
    session.intercept()
    configure = _configure(request.config)
    place = _place(request, session, test_options, configure)
    if session.project.store is not None:
        for path in (place.path, *place.further):
            _without_traceback(partial(request.config.stash[RUN].fetch, path, request.node))
    test = test_id(request.node, session.project)
    records = session.records(test, place, test_options.mode)
    if records:
        _without_traceback(lambda: session.services.start_for(_file(request)))
    with session.services.live() if records else session.services.replayed():
        running = _open(request, test, session, test_options, place, records=records)
        opening = open_cassette(
            str(place.path),
            test_options.options,
            player=running.player,
            recorder=running.recorder,
            configure=configure,
            left_alone=None if closed is None else closed.allowed.add,
            late=session.note_late,
        )
        children = running.children = Children(
            lambda: closed or _policy(request, test_options, test), refuses=not records
        )
        try:
            with (
                _clock(running),
                session.recordings.observe(running) if running.recorder is not None else nullcontext(),
                watched(children),
                RoutedConversations(running.ws_conversations),
                opening as cassette,
            ):
                if test_options.options.get("children"):
                    from taketwo.plugin.processes.recording_proxy import (  # noqa: PLC0415 - few tests start any
                        recording_proxy,
                    )

                    children.record_with(recording_proxy(running, session))
                yield cassette
        except TakeTwoError as error:
            _fail(str(error))
        finally:
            children.close()


def _clock(running: RunningTest) -> AbstractContextManager[None]:
    """
    The clock and the chance of the recording, for a test that has ``freeze``.
    """
    if not running.player.playback.freeze:
        return nullcontext()
    from taketwo.playback.frozen import frozen, moment_to_freeze  # noqa: PLC0415 - few tests have it

    recorded = None if running.own is None else running.own.time
    running.moment = moment_to_freeze(recorded, records=running.recorder is not None)
    return frozen(running.test, running.moment)


def _policy(request: pytest.FixtureRequest, test_options: TestOptions, test: str) -> Closed:
    """
    What the child processes of *test* may reach unsaid while it is recorded.
    """
    hosts = [*test_options.hosts, *hosts_left_alone(test_options.options)]
    return request.config.stash[RUN].network.closed(hosts, lambda: f"{test} is recorded")


@contextmanager
def live(request: pytest.FixtureRequest, session: Session) -> Iterator[None]:
    """
    The services themselves, for a test that is not to be replayed.
    """
    _without_traceback(lambda: session.services.start_for(_file(request)))
    with session.services.live():
        yield


def finish(session: Session, item: pytest.Item) -> None:
    """
    Write the recording of a test that has not failed, or fail one that passed for the wrong reason.
    """
    call = item.stash.get(REPORTS, {}).get("call")
    running = item.stash[RUNNING_TEST]
    if running.ending is None and (call is None or not call.passed):
        return
    if running.ending is None and running.player.unmatched and not _expects_no_answer(item):
        problems = "\n\n".join(running.player.unmatched)
        raise CassetteFailure(f"the test passed, but something it did found no answer:\n{problems}")
    if running.ending is None and session.faults is None and (unmet := running.unmet_faults):
        raise CassetteFailure(unmet)
    # Who is skipped in the midst of it leaves the rest unplayed.
    recorded = running.own.ended if running.own is not None else None
    if running.ending in {None, recorded} and (problem := running.unplayed_problem):
        raise CassetteFailure(problem)
    for children in [*([running.children] if running.children else []), *session.shared_children]:
        if problem := session.children_problem(running.test, children):
            raise CassetteFailure(problem)
    try:
        if running.recorder is not None:
            session.recordings.stage(running)
    except (TakeTwoError, OSError) as error:
        raise CassetteFailure(f"{error}\nthe old cassette is as it was") from None


def _expects_no_answer(item: pytest.Item) -> bool:
    """
    Whether a test names the error of VCR.py, in the place of which ours is, or its module has imported it:
    then it is what the test is about.
    """
    names = vars(getattr(item, "module", object))
    function = getattr(item, "function", None)
    code = getattr(inspect.unwrap(function), "__code__", None) if callable(function) else None
    return any(value is Unanswered for value in names.values()) or _names_error(code, names)


def _names_error(code: CodeType | None, names: Mapping[str, object], *, deep: bool = True) -> bool:
    """
    Whether *code*, or with *deep* a function of its module that it names, names the error of VCR.py.
    """
    if code is None:
        return False
    if _ERROR_OF_VCRPY in code.co_names:
        return True
    inner = [one for one in code.co_consts if isinstance(one, CodeType)]
    if deep:
        named = (getattr(names.get(name), "__code__", None) for name in code.co_names)
        inner += [one for one in named if one is not None]
    return any(_names_error(one, names, deep=False) for one in inner)


def settle(session: Session, running: RunningTest, report: pytest.TestReport, *, passed: bool) -> None:
    """
    Promote the recording of a test that has *passed* in all that was reported of it, or ended as expected.

    The last *report* tells what came of it.
    """
    state = State.REPLAYED if running.recorder is None else State.KEPT
    if state is State.KEPT and not passed:
        running.kept_because = "its test failed"
    if state is State.KEPT and passed:
        try:
            state = session.recordings.promote(running)
        except (TakeTwoError, OSError) as error:
            report.outcome = "failed"
            path = running.place.path
            report.longrepr = f"{path} was not replaced: {error}\nthe old cassette is as it was"
            running.kept_because = "it could not be written"
    elif running.recorder is not None:
        session.recordings.keep_failed(running)
    running.release()
    files = session.files_of(running.place)
    vars(report)["taketwo"] = result_of(running, files=files, state=state, passed=passed)


def _configure(config: pytest.Config) -> Callable[[object], object] | None:
    """
    What projects do with each test's VCR object, if any of them does.
    """
    hook = config.hook.pytest_recording_configure
    return (lambda vcr: hook(config=config, vcr=vcr)) if hook.get_hookimpls() else None


def _place(
    request: pytest.FixtureRequest,
    session: Session,
    test_options: TestOptions,
    configure: Callable[[object], object] | None,
) -> CassettePath:
    serializer = str(test_options.options.get("serializer", "yaml"))
    return cassette_path(
        request.node,
        session.project,
        folder=_folder(request, session, test_options),
        name=test_options.own_value("default_cassette_name")
        or cassette_name(request.node, test_options.closest("default_cassette")),
        serializer=serializer,
        translate=None if serializer in {"yaml", "json"} else partial(_translated, serializer, configure),
        further=[str(argument) for marker in test_options.markers for argument in marker.args],
    )


def _folder(request: pytest.FixtureRequest, session: Session, test_options: TestOptions) -> Path:
    """
    The folder of the cassettes: ``vcr_config`` or a marker names it, else ``vcr_cassette_dir`` does.
    """
    named = test_options.options.get("cassette_library_dir")
    if named:
        return session.project.root / str(named)
    own = test_options.own_value("vcr_cassette_dir")
    return Path(own) if own else cassette_folder(request.path, session.project)


def _translated(serializer: str, configure: Callable[[object], object] | None, text: str) -> str:
    from taketwo.intercept.vcrpy.adapter import new_vcr, yaml_of  # noqa: PLC0415 - slow to import

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
    if not options:
        return default
    given = dict(options)
    if "allow_playback_repeats" in given:
        given.setdefault("repeats", bool(given["allow_playback_repeats"]))
    return _without_traceback(lambda: playback_of_test(given, default))


def _open(
    request: pytest.FixtureRequest,
    test: str,
    session: Session,
    test_options: TestOptions,
    place: CassettePath,
    *,
    records: bool,
) -> RunningTest:
    project, options = session.project, test_options.options
    manner = _without_traceback(lambda: manner_of_test(options, project.conversations))
    faults = None if records else _faults(request, session, options)
    playback = _playback(options, project.playback)
    if faults is not None and "sleep" not in options:
        playback = playback.with_changed(sleep=Sleep.SKIP)  # the delays between attempts cost nothing either
    if playback.sleep is Sleep.SKIP and not records:
        session.skip_sleep()
    answers = _changed_answers(options)
    if answers or (faults is not None and faults.unmet):
        # It may need no more of what was recorded.
        playback = playback.with_changed(unplayed=Unplayed.ALLOW)
    act = session.record if records else partial(session.replay, answers=answers)
    running = _without_traceback(
        lambda: act(test, place, test_options.mode, playback=playback, manner=manner),
        say=session.without_secrets,
    )
    if faults is not None:
        from taketwo.plugin.testcase.faults import meet  # noqa: PLC0415 - few tests have one

        _without_traceback(lambda: meet(running, faults))
    running.drops_unplayed = bool(options.get("drop_unused_requests"))
    request.node.stash[RUNNING_TEST] = running
    return running


def _faults(request: pytest.FixtureRequest, session: Session, options: Mapping[str, object]) -> Faults | None:
    """
    The faults that the test asks for, by its options or by the fixture, or that are tried on it.
    """
    if session.faults is not None:
        return session.faults
    has_fixture = FAULT_FIXTURE in request.fixturenames
    if "fault" not in options and not has_fixture:
        return None
    from taketwo.plugin.testcase.faults import faults_of  # noqa: PLC0415 - few tests have one

    return _without_traceback(lambda: faults_of(options, may_be_added=has_fixture))


def _changed_answers(options: Mapping[str, object]) -> tuple[ChangedAnswer, ...]:
    """
    The answers that the test wants in the place of recorded ones.
    """
    if "answer" not in options:
        return ()
    from taketwo.config.answers import answers_of_test  # noqa: PLC0415 - few tests have any

    return _without_traceback(lambda: answers_of_test(options))


def add_fault(running: RunningTest | None, asked: object, further: Mapping[str, object]) -> None:
    """
    Have the requests of a test meet a fault from now on; nothing while it is recorded, or has no cassette.
    """
    if running is not None and running.player.faults is not None:
        from taketwo.plugin.testcase import faults  # noqa: PLC0415 - few tests have one

        _without_traceback(lambda: faults.add(running, asked, further))


def _file(request: pytest.FixtureRequest) -> str:
    return relative_to_project(request.path, request.config.stash[RUN].project)


def _without_traceback(act: Callable[[], _T], *, say: Callable[[str], str] = str) -> _T:
    """
    A service that does not come up, or a damaged cassette, is reported by its message, without our stack.
    """
    try:
        return act()
    except TakeTwoError as error:
        _fail(say(str(error)))


def _fail(message: str) -> NoReturn:
    raise CassetteFailure(message) from None

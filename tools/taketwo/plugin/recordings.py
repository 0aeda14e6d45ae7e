"""
The recordings of a run: claimed, staged when the call of a test has passed, promoted when its teardown has.
"""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from taketwo.cassette.base_urls import is_at
from taketwo.cassette.content import whole
from taketwo.cassette.meaning import with_accepted_meaning
from taketwo.cassette.model import DEFAULT_TIME, Cassette, Outcome
from taketwo.cassette.normalize import decoded
from taketwo.cassette.parts import with_part
from taketwo.cassette.record import NewRecording, make_cassette_after
from taketwo.cassette.replay import Replay
from taketwo.cassette.secrets.known import Named
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.stabilize import stabilize, with_accepted_time
from taketwo.cassette.store.git_attributes import write_git_attributes
from taketwo.cassette.store.locks import Claim
from taketwo.cassette.store.names import failed_recording
from taketwo.cassette.store.staging import StagingDir, clean, discard, promote
from taketwo.cassette.text.writer import dump_cassette, write_cassette
from taketwo.cassette.vcrpy.write import vcrpy_json
from taketwo.cassette.volatile.catalogue import catalogue_of
from taketwo.cassette.volatile.detect import Detector
from taketwo.cassette.volatile.generate import seed_of
from taketwo.cassette.volatile.inherited import Inherited
from taketwo.config.project import Config
from taketwo.contract.locks import PENDING as PENDING_LOCK
from taketwo.contract.locks import other_than, read_locks, write_locks
from taketwo.errors import CassetteError, RecordingRefused, TakeTwoError
from taketwo.playback.existing import existing_in
from taketwo.playback.recorder import Recorder
from taketwo.plugin.collected.tests import CollectedTests
from taketwo.plugin.reads.kept import keep_reads
from taketwo.plugin.reads.observed import ObservedReads
from taketwo.plugin.services import Services
from taketwo.plugin.testcase.cassette_path import CassettePath
from taketwo.plugin.testcase.paths import relative_to_project
from taketwo.plugin.testcase.state import RunningTest, State, part_of_test, read_undamaged
from taketwo.results import Steps
from taketwo.services.service import Service
from taketwo.usage.messages import json_of
from taketwo.usage.reads import Reads, reads_of
from taketwo.usage.usage import UsageReader
from taketwo.usage.validate import found_while_recording

# Of the files that may hold a value: how they end, the largest in bytes, and how many are read.
_SOURCES = frozenset({".json", ".md", ".py", ".toml", ".txt", ".yaml", ".yml"})
_LARGEST_SOURCE = 1_000_000
_MOST_SOURCES = 5_000
_JSON = ".json"


class RecordingStore:
    """
    *folder* is where new recordings go that are to be looked at before any cassette is replaced.

    ``locks_behind`` are the services whose contract is not the one that is locked; ``are_there`` whether any
    take was made. ``inherited`` and ``secrets`` are those of the fixtures that are set up.
    """

    def __init__(
        self,
        project: Config,
        collected_tests: CollectedTests,
        services: Services,
        redactor: Redactor,
        *,
        folder: Path | None,
    ) -> None:
        self._project = project
        self._collected_tests = collected_tests
        self._services = services
        self._redactor = redactor
        self._folder = folder
        self._staging: StagingDir | None = None
        self._promoted: set[str] = set()
        self._folders: set[Path] = set()
        self._readers: dict[str, UsageReader] = {}
        self._json_of: dict[Path, str] = {}
        self.locks_behind: list[str] = []
        self.are_there = False
        self.inherited: list[Inherited] = []
        self.secrets: list[Named] = []

    @cached_property
    def finder(self) -> Detector:
        """
        What finds generated values while something is recorded.
        """
        return Detector(
            self._project.placeholders, catalogue=catalogue_of(self._project.volatile), now=time.time()
        )

    @cached_property
    def _sources(self) -> TestSources:
        return TestSources(self._project.tests)

    def claim(self, test: str, place: CassettePath) -> Claim | None:
        """
        Be the only process that records *test*; of those that leave recordings in a folder each has its own.

        :raises CassetteBusy: when another process records it, and does not end.
        :raises RecordingRefused: when a recording could not be written.
        """
        if self._folder is not None:
            return None
        key = f"{place.path.resolve()} {test}"
        return self._staging_dir().claim(
            key, cassette=relative_to_project(place.path, self._project), test=test
        )

    def recorder(self, accepted: Cassette | None, replay: Replay) -> Recorder:
        """
        What records a test: beside what *replay* plays of the *accepted* cassette, if there is one.
        """
        existing = existing_in(accepted, replay) if accepted else None
        return Recorder(
            existing, quotas=self._services.quotas, folder=lambda: self._staging_dir().open_folder()
        )

    def stage(self, running: RunningTest) -> NewRecording | None:
        """
        Write the recording of a test beside the cassettes; nothing is replaced yet.

        A test that sends nothing has none.

        :raises RecordingRefused: when a secret is in it, when a review would not find it, or when it would be
            empty although something was sent.
        """
        if running.recorder is None:
            return None
        if running.ending is not None and running.is_empty:
            return None
        if problem := running.recorder.refused or running.unanswered_problem:
            raise RecordingRefused(self._redactor.text(problem))
        if running.is_empty and self._accepted(running) is None:
            return None
        path = running.place.path
        if self._folder is not None and not path.is_relative_to(self._project.root):
            raise RecordingRefused(f"{path} lies outside of the project, and cannot be refreshed")
        head = running.head or _head_of(running)
        # A secret of what was known may have been played as a dummy.
        redactor = running.player.replay.redactor if running.own else self._redactor
        take = make_cassette_after(
            running.exchanges,
            head=replace(
                head, services=dict.fromkeys(self.talked_to(running), ""), ended=running.ending or head.ended
            ),
            redactor=redactor.knowing(self.secrets),
            bases=self._services.bases(),
            finder=self.finder,
            conversations=running.conversations,
            audio=self._project.audio,
            inherited=self.inherited,
            is_constant=self._sources.hold,
        )
        accepted = self._accepted(running)
        if accepted is not None and (reason := _holds_less(take.cassette, accepted, running.recorder)):
            running.kept_because = reason
            return take
        cassette = stabilize(accepted, self._under_contract(take.cassette))
        # What a fixture recorded has the numbers that the recordings after it know.
        cassette = with_accepted_meaning(accepted, cassette) if running.head is None else cassette
        cassette = with_accepted_time(accepted, cassette, dump_cassette)
        readers = [self._reader(name) for name in cassette.services]
        running.contradicted = list(found_while_recording(cassette, readers, self._project.contract))
        self.are_there = True
        running.recording = take
        if path.suffix == _JSON:
            running.staged = self._staging_dir().stage(self._json(running, cassette))
        else:
            running.staged = self._staging_dir().stage(*write_cassette(cassette))
        return take

    def promote(self, running: RunningTest) -> State:
        """
        Put the recording in the place of the cassette, now that its test has passed.
        """
        if running.recorder is None or running.staged is None:
            if running.kept_because:
                return State.KEPT
            return State.REPLAYED if running.recorder is None else State.NONE
        path, merge = running.place.path, self._beside_others(running)
        running.reads = self._reads(running)
        if self._folder is not None:
            pending = self._folder / path.relative_to(self._project.root)
            promote(running.staged, pending, merge=merge, clean=self._folders.add)
            return State.PENDING
        is_json = path.suffix == _JSON
        if running.is_empty and (is_json or self._is_alone(running)):
            discard(path, clean=self._folders.add)
            return State.REMOVED
        is_new = not path.is_file()
        changed = promote(running.staged, path, merge=None if is_json else merge, clean=self._folders.add)
        if is_new:
            write_git_attributes(self._project.cassettes)
        self._promoted.update(self.talked_to(running))
        return State.NEW if is_new else State.CHANGED if changed else State.UNCHANGED

    def _json(self, running: RunningTest, cassette: Cassette) -> str:
        """
        The recording as VCR.py writes it in JSON, for a test with ``serializer="json"``.

        :raises RecordingRefused: when that form cannot hold it.
        """
        path, test, tests = running.place.path, running.test, self._collected_tests.recorded
        if self._folder is not None:
            raise RecordingRefused(
                f'{running.player.name} is JSON (serializer="json"), which a refresh cannot compare\n'
                f"record it with: pytest --record-mode=rewrite {shlex.quote(test)}"
            )
        sharing = [one for one, place in tests.items() if place == tests.get(test) and one != test]
        earlier = self._json_of.setdefault(path, test)
        if other := next(iter(sharing), None if earlier == test else earlier):
            raise RecordingRefused(
                f"{test} and {other} share {running.player.name}, and JSON holds the recording of one test "
                'only\ngive each a cassette of its own, or take serializer="json" away'
            )
        if cassette.conversations:
            raise RecordingRefused(
                f"{running.player.name} cannot hold a WebSocket conversation: it is VCR.py's JSON\n"
                'take serializer="json" away'
            )
        try:
            return vcrpy_json(cassette)
        except CassetteError as error:
            raise RecordingRefused(f'{error}\ntake serializer="json" away') from None

    def keep_failed(self, running: RunningTest) -> None:
        """
        Leave what a test had recorded when it failed in the folder for a review, to say what it differs by.
        """
        if self._folder is None or running.recorder is None:
            return
        # What may not be written, or cannot, is missed by nobody but the one who explains the failure.
        with suppress(TakeTwoError, OSError, ValueError):
            if running.staged is None:
                self.stage(running)
            if running.staged is not None:
                path = self._folder / running.place.path.relative_to(self._project.root)
                promote(running.staged, failed_recording(path, running.test))

    def lock(self) -> None:
        """
        Keep the contracts of a first recording as locks.
        """
        for name in sorted(self._promoted):
            self._lock(self._services.by_name[name])

    def observe(self, running: RunningTest) -> AbstractContextManager[None]:
        """
        While open, keep in *running* what its test reads of the answers.
        """
        running.observed = ObservedReads()
        return running.observed.watching()

    def keep_reads(self, results: Iterable[Mapping[str, Any]]) -> None:
        """
        Keep what the tests of all processes read, by their *results*.
        """
        keep_reads(self._project, results, self._collected_tests.is_deleted)

    def close(self) -> None:
        for folder in sorted(self._folders):
            clean(folder)
        self._folders.clear()
        if self._staging is not None:
            self._staging.close()

    def _accepted(self, running: RunningTest) -> Cassette | None:
        """
        What the recording is to replace; a cassette that is damaged keeps nobody from recording it again.
        """
        cassette = read_undamaged(running.place.path)
        return (
            None
            if cassette is None
            else part_of_test(running.test, cassette, self._collected_tests.is_deleted)
        )

    def _reads(self, running: RunningTest) -> dict[str, Reads]:
        """
        What the test read of the answers of each service, in the words of its contracts.
        """
        observed, recording = running.observed, running.recording
        if observed is None or recording is None:
            return {}
        interactions = recording.cassette.interactions
        contents = [decoded(answer)[0] for answer in recording.answers]

        def is_read(number: int, path: Steps) -> bool:
            stored = json_of(interactions[number].response.body)
            return observed.is_read(whole(contents[number]), stored, path)

        return {
            name: reads_of(recording.cassette, self._reader(name), is_read)
            for name in recording.cassette.services
        }

    def _is_alone(self, running: RunningTest) -> bool:
        """
        Whether the cassette is that of the test and of no other.
        """
        present = read_undamaged(running.place.path)
        return present is not None and set(present.tests) == {running.test}

    def _beside_others(self, running: RunningTest) -> Callable[[Cassette, Cassette | None], Cassette]:
        def merge(take: Cassette, present: Cassette | None) -> Cassette:
            # A recording for a review holds what the others recorded before: only what is new is looked at.
            others = present if present or self._folder is None else read_undamaged(running.place.path)
            return with_part(others, take, keep=lambda test: not self._collected_tests.is_deleted(test))

        return merge

    def _staging_dir(self) -> StagingDir:
        if self._staging is None:
            # On the file system of what is to be replaced: a rename does not cross from one to another.
            folder = self._folder or self._project.cassettes
            try:
                self._staging = StagingDir(folder, patience=self._project.patience)
            except OSError as error:
                raise RecordingRefused(
                    f"nothing can be recorded: {error}\nthe old cassette is as it was"
                ) from None
        return self._staging

    def _lock(self, service: Service) -> None:
        live = service.contracts()
        locked = read_locks(self._project.locks, service.config.name)
        if not locked.documents:
            write_locks(self._project.locks, live)
        elif locked.hash != live.hash:
            pending = other_than(live, locked)
            write_locks(self._project.locks, pending, suffix=PENDING_LOCK)
            self.locks_behind.append(service.config.name)

    def talked_to(self, running: RunningTest, *, without: Collection[str] = ()) -> list[str]:
        """
        The names of the services that were talked to, in other methods than those *without* which it counts.
        """
        urls = [one.request.url for one in running.exchanges if one.request.method not in without]
        # A WebSocket is opened at the same address, under a scheme of its own.
        urls += [
            f"http{conversation.request.url.removeprefix('ws')}" for conversation in running.conversations
        ]
        return [
            name
            for name, service in self._services.by_name.items()
            if any(is_at(url, base) for url in urls for base in (service.address, service.config.url))
        ]

    def _under_contract(self, take: Cassette) -> Cassette:
        """
        *take* with the fingerprint of what it uses of each service's contract.
        """
        services: Mapping[str, str] = {
            name: self._reader(name).usage(take).fingerprint for name in take.services
        }
        return replace(take, services=services)

    def _reader(self, name: str) -> UsageReader:
        if name not in self._readers:
            service = self._services.by_name[name]
            self._readers[name] = UsageReader(service.config, service.contracts())
        return self._readers[name]


def _head_of(running: RunningTest) -> Cassette:
    """
    The head of what a test records, with the time at which its clock started where that is frozen.
    """
    return Cassette(test=running.test, seed=seed_of(running.test), time=running.moment or DEFAULT_TIME)


def _holds_less(new: Cassette, accepted: Cassette, recorder: Recorder) -> str:
    """
    Why a recording whose test did not pass leaves the *accepted* cassette in its place; mostly it does not.
    """
    if new.ended is None:
        return ""
    ended = "was skipped" if new.ended.outcome is Outcome.SKIPPED else "failed as expected"
    if recorder.unanswered:
        return f"its test {ended}, after a request that got no answer"
    known = _requested(accepted)
    if accepted.ended is not None or not known or not known.issuperset(_requested(new)):
        return ""
    return (
        f"its test {ended}, and had passed when the cassette was recorded; "
        "to record it as it ends now, delete the cassette"
    )


def _requested(cassette: Cassette) -> set[tuple[str, str]]:
    requests = [one.request for one in cassette.interactions]
    requests += [one.request for one in cassette.conversations]
    return {(request.method, request.url) for request in requests}


class TestSources:
    """
    The text files of the tests below *folder*, read when they are first asked for.

    A value that is written there is the same in each recording; others are drawn anew, by the test or by the
    client's library.
    """

    __test__ = False  # nothing that pytest should collect

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def hold(self, text: str) -> bool:
        """
        Whether *text* is written in one of them.
        """
        return text.lower() in self._text

    @cached_property
    def _text(self) -> str:
        return "\n".join(map(_read, self._files())).lower()

    def _files(self) -> list[Path]:
        found: list[Path] = []
        for folder, folders, names in os.walk(self._folder):
            folders[:] = [
                name for name in folders if not name.startswith((".", "__")) and name != "cassettes"
            ]
            found += [Path(folder, name) for name in names if Path(name).suffix in _SOURCES]
        return sorted(found)[:_MOST_SOURCES]


def _read(path: Path) -> str:
    try:
        return (
            path.read_text(encoding="utf-8", errors="replace")
            if path.stat().st_size < _LARGEST_SOURCE
            else ""
        )
    except OSError:
        return ""

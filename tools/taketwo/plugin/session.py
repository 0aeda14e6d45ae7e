"""
What one pytest process records and replays: the cassette of each test, opened as its mode wants it.

Nothing here knows pytest; the fixtures and hooks beside it do.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from taketwo.cassette.cache.packs import save_packs
from taketwo.cassette.cache.store import cache_of
from taketwo.cassette.model import Cassette, LiveRequest, Outcome
from taketwo.cassette.parts import join, part_of
from taketwo.cassette.store.read import REWRITTEN, read_cassette
from taketwo.config.playback import Manner, Playback, Sleep
from taketwo.config.project import Config
from taketwo.errors import CassetteError, ContractError
from taketwo.intercept.registry import REGISTRY, SLEEPS
from taketwo.network.children import Children
from taketwo.playback.active import Owner, without_cassette
from taketwo.playback.conversations.routing import ConversationsOfTest
from taketwo.playback.modes import Mode
from taketwo.playback.player import Player, player_of
from taketwo.plugin.collected.tests import CollectedTests
from taketwo.plugin.contracts.check import ContractCheck, contradiction_message
from taketwo.plugin.services import Services
from taketwo.plugin.testcase.cassette_path import CassettePath
from taketwo.plugin.testcase.paths import relative_to_project
from taketwo.plugin.testcase.state import RunningTest, part_of_test, read_undamaged

if TYPE_CHECKING:
    from taketwo.cassette.secrets.known import Named
    from taketwo.cassette.secrets.redact import Redactor
    from taketwo.config.answers import ChangedAnswer
    from taketwo.playback.faults import Faults
    from taketwo.plugin.collected.unused import RenameSuggestions
    from taketwo.plugin.recordings import RecordingStore
    from taketwo.plugin.stored import StoredCassettes


_NOT_RECORDED = (
    "what a child process asks for is not recorded, so a replay refuses it\n"
    "ask for it in the process of the test, or let it through with allowed_hosts"
)


class Session:
    """
    *pending_folder* is a folder for the recordings of this run, when they are to be looked at before any
    cassette is replaced; *environment* is that of the process before any test.

    ``changed`` makes of the cassette of a test the one that it plays, and ``faults`` are what its requests
    meet, in the place of those that it asks for. ``played_secrets`` are those of the
    fixtures that are set up, ``shared_children`` the processes that these have started.
    """

    def __init__(
        self,
        project: Config,
        collected_tests: CollectedTests,
        *,
        environment: Mapping[str, str],
        pending_folder: Path | None,
    ) -> None:
        self.project = project
        self.services = Services(project.services, environment, project.root)
        self.changed: Callable[[Cassette], Cassette] | None = None
        self.faults: Faults | None = None
        self._collected_tests = collected_tests
        self._folder = pending_folder
        self._environment = environment
        self._intercepts = False
        self._skips_sleep = False
        self._late: dict[str, None] = {}
        self._asked_by_children: dict[str, None] = {}
        self.shared_children: list[Children] = []
        self.played_secrets: list[Named] = []
        self._contracts = ContractCheck(project, cache_of(environment))

    @cached_property
    def recordings(self) -> RecordingStore:
        from taketwo.plugin.recordings import RecordingStore  # noqa: PLC0415 - a replay has no use for it

        return RecordingStore(
            self.project, self._collected_tests, self.services, self._redactor, folder=self._folder
        )

    def fetch(self, path: Path, others: Callable[[], Iterable[Path]]) -> None:
        """
        Have the cassette at *path* here where the project keeps it in a store; the first time, *others* that
        the run needs too.

        :raises StoreError: when the store does not give it.
        """
        if self.project.store is not None:
            self._stored.need(path, others)

    @cached_property
    def _stored(self) -> StoredCassettes:
        from taketwo.plugin.stored import StoredCassettes  # noqa: PLC0415 - few projects have a store

        return StoredCassettes(self.project, self._environment)

    def output_of_services(self, file: Path) -> dict[str, str]:
        """
        The last lines of the services that the tests in *file* are recorded from.
        """
        return self.services.output_for(self._relative(file))

    @property
    def started_recordings(self) -> RecordingStore | None:
        """
        The recordings, if anything was recorded.
        """
        return vars(self).get("recordings")

    def records(self, test: str, place: CassettePath, mode: Mode) -> bool:
        """
        Whether *test* is recorded, as far as it needs to be.
        """
        if mode is Mode.NONE:
            return False
        return mode.records(has_cassette=mode is Mode.ONCE and self._has_recorded(test, place))

    def replay(
        self,
        test: str,
        place: CassettePath,
        mode: Mode,
        *,
        playback: Playback,
        manner: Manner,
        answers: Sequence[ChangedAnswer] = (),
    ) -> RunningTest:
        """
        What *test* plays from when its cassette is at *place*, with changed *answers*.

        :raises ConfigError: when the cassette has no such answer.
        :raises CassetteFormatError: when the cassette cannot be read.
        :raises ContractError: when the cassette contradicts the lock of its service.
        """
        found = place.read()
        own = found and (part_of(found, test) or found)
        recorded = own
        own = self.changed(own) if own and self.changed else own
        player = self._player(test, place, mode, own, _paced(playback, manner), answers)
        running = RunningTest(
            test=test,
            place=place,
            player=player,
            recorder=None,
            ws_conversations=ConversationsOfTest(player, None, manner),
            own=own,
        )
        if recorded is not None:
            running.contradictions = self._contradictions(running, recorded)
        return running

    def record(
        self,
        test: str,
        place: CassettePath,
        mode: Mode,
        *,
        playback: Playback,
        manner: Manner,
        claims: bool = True,
    ) -> RunningTest:
        """
        What *test* plays from, and records to, when its cassette is at *place*.

        With *claims* it waits for another process that records the same.

        :raises CassetteFormatError: when the cassette cannot be read and would be played.
        :raises CassetteBusy: when another process records it, and does not end.
        :raises RecordingRefused: when a recording could not be written.
        """
        claimed = self.recordings.claim(test, place) if claims else None
        try:
            # What is recorded depends on the test alone, so it plays no part of another.
            found = place.read() if mode is Mode.NEW_EPISODES else None
            own = found and part_of_test(test, found, self._collected_tests.is_deleted)
            player = self._player(test, place, mode, own, _paced(playback, manner))
        except BaseException:
            if claimed is not None:
                claimed.release()
            raise
        recorder = self.recordings.recorder(own, player.replay)
        return RunningTest(
            test=test,
            place=place,
            player=player,
            recorder=recorder,
            ws_conversations=ConversationsOfTest(player, recorder, manner),
            own=own,
            claim=claimed,
        )

    def without_cassette(self, test: str) -> AbstractContextManager[None]:
        """
        While open, *test* runs, which has no cassette.
        """
        return without_cassette(Owner(test, report=self.note_late))

    def intercept(self) -> None:
        """
        Have the clients of this process lead their requests to the cassette of the running test, from now on.
        """
        if not self._intercepts:
            self._intercepts = True
            REGISTRY.acquire()
            if self.project.playback.sleep is Sleep.SKIP:  # so that code which is imported later binds ours
                self.skip_sleep()

    def skip_sleep(self) -> None:
        """
        Have what replayed tests sleep by replaced, from now on.
        """
        if not self._skips_sleep:
            self._skips_sleep = True
            SLEEPS.acquire()

    def files_of(self, place: CassettePath) -> list[str]:
        """
        Every file that a test at *place* plays from or writes to.
        """
        if not place.further and place.found in (place.path, None):
            return [self._relative(place.path)]
        files = {place.path, *place.further, *([place.found] if place.found else [])}
        return sorted(map(self._relative, files))

    def note_late(self, message: str) -> None:
        """
        Keep what came after the end of its test, for the end of the run.
        """
        self._late[self.without_secrets(message)] = None

    def children_problem(self, owner: str, children: Children) -> str:
        """
        What is wrong with what *children* of *owner* asked for; while recording it is kept for the end.
        """
        asked = children.take_asked()
        if not asked:
            return ""
        asked = self.without_secrets(asked)
        if children.refuses:
            return f"{asked}\n{_NOT_RECORDED}"
        self._asked_by_children[f"{owner}: {asked}"] = None
        return ""

    @property
    def asked_by_children(self) -> list[str]:
        return list(self._asked_by_children)

    @property
    def rewritten(self) -> dict[str, str]:
        """
        The cassettes that a checkout or an editor has rewritten, with what it did.
        """
        return {self._relative(Path(name)): what for name, what in REWRITTEN.items()}

    @property
    def late(self) -> list[str]:
        return list(self._late)

    def without_secrets(self, text: str) -> str:
        """
        *text*, such as an error that quotes a cassette, without secrets.
        """
        return self._redactor.text(text)

    def close(self) -> None:
        """
        Stop what was started; keep the contracts of a first recording as locks.
        """
        if self._intercepts:
            self._intercepts = False
            REGISTRY.release()
        if self._skips_sleep:
            self._skips_sleep = False
            SLEEPS.release()
        recordings = self.started_recordings
        try:
            if recordings is not None:
                recordings.lock()
        finally:
            self._contracts.close()
            self.services.stop()
            save_packs()
            if recordings is not None:
                recordings.close()

    def _player(
        self,
        test: str,
        place: CassettePath,
        mode: Mode,
        own: Cassette | None,
        playback: Playback,
        answers: Sequence[ChangedAnswer] = (),
    ) -> Player:
        further = self._further(place) if place.further and mode is not Mode.ALL else []
        cassette = join([*([own] if own else []), *further]) if further else own
        if answers and cassette is not None:
            from taketwo.playback.answers import with_changed_answers  # noqa: PLC0415 - few tests have them

            cassette = with_changed_answers(cassette, answers)
        played = tuple(self.played_secrets)
        return player_of(
            cassette,
            name=self._relative(place.path),
            test=test,
            secrets=lambda: (self._redactor.knowing(played), self._secrets),
            bases=self.services.bases(),
            playback=playback,
            hint=lambda request: self._hint(place, test, request, own),
            audio=self.project.audio,
        )

    def _contradictions(self, running: RunningTest, own: Cassette) -> int:
        if running.place.found is None:
            return 0
        found = self._contracts.contradictions(running.place.found, own)
        if found and self._contracts.fails:
            raise ContractError(contradiction_message(running.player.name, found, test=running.test))
        return len(found)

    def _has_recorded(self, test: str, place: CassettePath) -> bool:
        try:
            cassette = place.read()
        except CassetteError:
            return True  # which is reported when it is played
        return (
            cassette is not None
            and part_of_test(test, cassette, self._collected_tests.is_deleted) is not None
        )

    def _further(self, place: CassettePath) -> list[Cassette]:
        found = (read_cassette(path) for path in place.further)
        return [cassette for cassette in found if cassette is not None]

    def _hint(self, place: CassettePath, test: str, request: LiveRequest, own: Cassette | None) -> list[str]:
        missing = [
            f"its further cassette {self._relative(path)} is not there"
            for path in place.further
            if not path.is_file()
        ]
        if own is None:
            return [*missing, *self._renamed(place.path, test, request)]
        if own.ended is not None:
            ended = "was skipped" if own.ended.outcome is Outcome.SKIPPED else "failed as expected"
            missing.append(f"when it was recorded, the test {ended}: what follows in it was never recorded")
        return missing

    def _renamed(self, wanted: Path, test: str, request: LiveRequest) -> list[str]:
        """
        What the missing cassette was called before, if one that no test uses looks like it.
        """
        found = self._rename_suggestions.nearest(wanted, lambda path: self._answers(path, request))
        if found is None:
            return []
        what = "has an answer to it" if found.answers else "is called alike"
        whose = f", and its test {found.tests[0]} is gone" if found.tests else ", and no test uses it"
        old = shlex.quote(found.tests[0] if len(found.tests) == 1 else self._relative(found.path))
        return [
            f"{self._relative(found.path)} {what}{whose}",
            f"if this is that test under another name: taketwo rename {old} {shlex.quote(test)}",
        ]

    def _answers(self, path: Path, request: LiveRequest) -> bool:
        cassette = read_undamaged(path)
        if cassette is None:
            return False
        player = player_of(
            cassette,
            name=self._relative(path),
            test="",
            secrets=lambda: (self._redactor, self._secrets),
            bases=self.services.bases(),
        )
        return player.take(request) is not None

    @cached_property
    def _rename_suggestions(self) -> RenameSuggestions:
        from taketwo.plugin.collected.unused import RenameSuggestions  # noqa: PLC0415 - where an answer is missing

        return RenameSuggestions(
            folder=self.project.cassettes,
            is_deleted=self._collected_tests.is_deleted,
            is_used=self._collected_tests.is_used,
        )

    def _relative(self, path: Path) -> str:
        return relative_to_project(path, self.project)

    @cached_property
    def _secrets(self) -> dict[str, str]:
        from taketwo.cassette.secrets.redact import secrets_of_environment  # noqa: PLC0415 - as for _redactor

        return {**secrets_of_environment(self._environment, self.project.secrets), **self.services.secrets}

    @cached_property
    def _redactor(self) -> Redactor:
        from taketwo.cassette.secrets.redact import Redactor  # noqa: PLC0415 - most replays look for no secret

        return Redactor(self._secrets, self.project.redact, self.project.keep)


def _paced(playback: Playback, manner: Manner) -> Playback:
    """
    Streams come at the pace of conversations.
    """
    return playback if playback.pace is manner.pace else playback.with_changed(pace=manner.pace)

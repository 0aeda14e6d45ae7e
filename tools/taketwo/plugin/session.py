"""
What one pytest process records and replays: its services, its takes, its modes.

Nothing here knows pytest; the fixtures and hooks beside it do.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from taketwo.cassette import (
    Bases,
    Cassette,
    Claim,
    LiveConversation,
    LiveRequest,
    Redactor,
    Workshop,
    join,
    part_of,
    promote,
    read_cassette,
    secrets_of_environment,
    with_part,
)
from taketwo.cassette.cache import cache_of
from taketwo.config import Config, Manner, Playback, Unplayed
from taketwo.errors import CassetteError, CassetteFormatError, ContractError, ServiceError, TakeRefused
from taketwo.plugin.contract_check import ContractCheck, told
from taketwo.plugin.lost import LostAndFound
from taketwo.plugin.place import Place
from taketwo.recording import (
    Player,
    Recorder,
    Switchboard,
    play,
)
from taketwo.services import Service

if TYPE_CHECKING:
    from taketwo.cassette import Finder
    from taketwo.usage import UsageReader


class Mode(Enum):
    """
    What happens to a request that the cassette has no answer to.

    * ``NONE``: an error; nothing is ever recorded
    * ``ONCE``: as ``NONE`` when the test has a cassette, as ``REWRITE`` when it has none
    * ``NEW_EPISODES``: the request is sent, and its answer recorded beside what the cassette holds
    * ``REWRITE``, ``ALL``: every request is sent, and the take takes the cassette's place
    """

    NONE = "none"
    ONCE = "once"
    NEW_EPISODES = "new_episodes"
    REWRITE = "rewrite"
    ALL = "all"

    def records(self, *, has_cassette: bool) -> bool:
        return self is not Mode.NONE and not (self is Mode.ONCE and has_cassette)


class State(Enum):
    """
    What became of a test's cassette.
    """

    REPLAYED = "replayed"
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    KEPT = "kept"


@dataclass(slots=True, kw_only=True)
class OpenTest:
    """
    One test between the opening of its cassette and the end of its teardown.
    """

    test: str
    place: Place
    player: Player
    recorder: Recorder | None
    board: Switchboard
    own: Cassette | None = None
    claim: Claim | None = None
    staged: Path | None = None
    contradictions: int = 0

    @property
    def conversations(self) -> list[LiveConversation]:
        """
        What is recorded of them: those that were known before, and those that are new.
        """
        known = self.recorder.known_conversations if self.recorder else []
        return [*known, *self.board.conversations]

    @property
    def unplayed(self) -> list[int]:
        """
        The interactions of the test's own cassette that were never played, by number.

        Those of a cassette that other tests recorded are not its own.
        """
        own = self.own
        if own is None or self.recorder is not None or (own.tests and self.test not in own.tests):
            return []
        count = len(own.interactions)
        return [number for number in self.player.unplayed_numbers if number < count]

    @property
    def unplayed_problem(self) -> str:
        """
        What to say of a test that has to play all that is recorded, and did not.
        """
        spoken = self.board.unplayed if self.recorder is None else 0
        if self.player.playback.unplayed is not Unplayed.FAIL or not (self.unplayed or spoken):
            return ""
        from taketwo.recording import never_played  # noqa: PLC0415 - seldom needed

        return never_played(
            self.player.lines(self.unplayed),
            conversations=spoken,
            cassette=self.player.name,
            test=self.player.test,
        )

    def release(self) -> None:
        """
        Let other processes record the same.
        """
        if self.claim is not None:
            self.claim.release()
            self.claim = None


class Session:
    """
    The recordings and replays of one process.

    *takes* is a folder for the takes of this run, when they are to be looked at before any cassette is
    replaced; *environment* is that of the process before any test. ``changed`` makes of the cassette of a
    test the one that it plays. With *only_replays* no test records by
    its own configuration.
    """

    def __init__(
        self,
        config: Config,
        *,
        environment: Mapping[str, str],
        takes: Path | None,
        only_replays: bool = False,
    ) -> None:
        self.config = config
        self.only_replays = only_replays
        self.locks_behind: list[str] = []
        self.made_takes = False
        self.changed: Callable[[Cassette], Cassette] = lambda cassette: cassette
        self._takes = takes
        self._environment = dict(environment)
        self._services = {
            name: Service(service, environment=self._environment) for name, service in config.services.items()
        }
        self._workshop: Workshop | None = None
        self._failures: dict[str, ServiceError] = {}
        self._promoted: set[str] = set()
        self._readers: dict[str, UsageReader] = {}
        self._contracts = ContractCheck(config, cache_of(self._environment))
        self.is_gone: Callable[[str], bool] = lambda _: False
        self.is_taken: Callable[[Path], bool] = lambda _: False

    @cached_property
    def finder(self) -> Finder:
        """
        What finds minted values while something is recorded.
        """
        from taketwo.cassette import Finder  # noqa: PLC0415 - a replay has no use for it

        return Finder(self.config.placeholders)

    def start_services(self, test: Path) -> None:
        """
        Have every service up, and empty, that a test in the file *test* needs.

        :raises ServiceError: at once, and with the same words, when one did not come up before.
        """
        file = self._relative(test)
        needed = [service for service in self._services.values() if service.is_needed_by(file)]
        self._refuse_to_share(needed)
        for service in needed:
            self._check(service, service.refuse_to_empty_strangers)
        for service in needed:
            self._check(service, service.start)
            self._check(service, service.reset)

    def _check(self, service: Service, act: Callable[[], None]) -> None:
        name = service.config.name
        if name in self._failures:
            raise self._failures[name]
        try:
            act()
        except ServiceError as error:
            self._failures[name] = error
            raise

    def reset(self, name: str) -> None:
        """
        Empty a service that is up.

        :raises ServiceError: when it cannot be, or when the project has no service of that name.
        """
        if name not in self._services:
            known = ", ".join(sorted(self._services)) or "none"
            raise ServiceError(f"there is no service {name!r} in pyproject.toml; the services are: {known}")
        self._services[name].start()
        self._services[name].reset()

    @contextmanager
    def live_environment(self) -> Iterator[None]:
        """
        While open, the environment points to the services where they run.
        """
        with _variables([service.variables() for service in self._services.values()]):
            yield

    @contextmanager
    def replay_environment(self) -> Iterator[None]:
        """
        While open, the environment points to the names under which recordings know the services.
        """
        with _variables([service.variables(service.config.url) for service in self._services.values()]):
            yield

    def records(self, test: str, place: Place, mode: Mode) -> bool:
        """
        Whether *test* is recorded, as far as it needs to be.
        """
        return mode.records(has_cassette=mode is Mode.ONCE and self._has_recorded(test, place))

    def open(self, test: str, place: Place, mode: Mode, *, playback: Playback, manner: Manner) -> OpenTest:
        """
        What *test* plays from, and records to, when its cassette is at *place*.

        :raises CassetteFormatError: when the cassette cannot be read and would be played.
        :raises ContractError: when the cassette contradicts the lock of its service.
        :raises CassetteBusy: when another process records it, and does not end.
        :raises TakeRefused: when a take could not be written.
        """
        records = self.records(test, place, mode)
        claimed = self._claim(test, place) if records else None
        try:
            own = self._own(test, place, mode, records=records)
            own = self.changed(own) if own and not records else own
            further = self._further(place) if mode is not Mode.ALL else []
            player = play(
                join([*([own] if own else []), *further]) if own or further else None,
                name=self._relative(place.path),
                test=test,
                redactor=self._redactor,
                reveal=self._secrets,
                bases=self._bases(),
                playback=playback,
                hint=lambda request: self._hint(place, test, request, is_missing=own is None),
                audio=self.config.audio,
            )
        except BaseException:
            if claimed is not None:
                claimed.release()
            raise
        recorder = None
        if records:
            from taketwo.recording import earlier_in  # noqa: PLC0415 - a replay has no use for it

            recorder = Recorder(earlier_in(own, player.replay)) if own else Recorder()
        board = Switchboard(player, recorder, manner)
        opened = OpenTest(
            test=test, place=place, player=player, recorder=recorder, board=board, own=own, claim=claimed
        )
        if own is not None and not records:
            opened.contradictions = self._contradictions(opened, own)
        return opened

    def _contradictions(self, opened: OpenTest, own: Cassette) -> int:
        if opened.place.found is None:
            return 0
        found = self._contracts.contradictions(opened.place.found, own)
        if found and self._contracts.fails:
            raise ContractError(told(opened.player.name, found, test=opened.test))
        return len(found)

    def stage(self, opened: OpenTest) -> None:
        """
        Write the take of a test beside the cassettes; nothing is replaced yet.

        :raises TakeRefused: when a secret is in it, or when a review would not find it.
        """
        if opened.recorder is None:
            return
        from taketwo.cassette import (  # noqa: PLC0415 - a replay has no use for them
            attachments,
            carried_over,
            dump_cassette,
            make_take,
        )

        path = opened.place.path
        if self._takes is not None and not path.is_relative_to(self.config.root):
            raise TakeRefused(f"{path} lies outside of the project, and cannot be refreshed")
        take = make_take(
            opened.recorder.exchanges,
            test=opened.test,
            services=dict.fromkeys(self._talked_to(opened), ""),
            # A secret of what was known may have been played as a dummy.
            redactor=opened.player.replay.redactor if opened.own else self._redactor,
            bases=self._bases(),
            finder=self.finder,
            conversations=opened.conversations,
            audio=self.config.audio,
        )
        cassette = carried_over(self._accepted(opened), self._under_contract(take))
        self.made_takes = True
        opened.staged = self._shop().stage(dump_cassette(cassette), attachments(cassette))

    def promote(self, opened: OpenTest) -> State:
        """
        Put the take in the place of the cassette, now that its test has passed.
        """
        if opened.recorder is None or opened.staged is None:
            return State.REPLAYED
        path, merge = opened.place.path, self._beside_others(opened)
        if self._takes is not None:
            promote(opened.staged, self._takes / path.relative_to(self.config.root), merge=merge)
            return State.KEPT
        is_new = not path.is_file()
        changed = promote(opened.staged, path, merge=merge)
        self._promoted.update(self._talked_to(opened))
        return State.NEW if is_new else State.CHANGED if changed else State.UNCHANGED

    def files_of(self, place: Place) -> list[str]:
        """
        Every file that a test at *place* plays from or writes to.
        """
        return sorted({self._relative(path) for path in (place.path, *place.further, place.found) if path})

    def close(self) -> None:
        """
        Stop what was started; keep the contracts of a first recording as locks.
        """
        try:
            for name in sorted(self._promoted):
                self._lock(self._services[name])
        finally:
            self._contracts.close()
            for service in self._services.values():
                service.stop()
            if self._workshop is not None:
                self._workshop.close()

    def _has_recorded(self, test: str, place: Place) -> bool:
        try:
            cassette = place.read(place.found) if place.found else None
        except CassetteError:
            return True  # which is told when it is played
        return cassette is not None and self._part_for(test, cassette) is not None

    def _own(self, test: str, place: Place, mode: Mode, *, records: bool) -> Cassette | None:
        """
        What of the cassette *test* plays: its part, or all of one in which it has none.

        What is recorded depends on the test alone, so then it plays no part of another.
        """
        found = None if records and mode is not Mode.NEW_EPISODES else place.found
        if found is None:
            return None
        cassette = place.read(found)
        if cassette is None or not records:
            return cassette and (part_of(cassette, test) or cassette)
        return self._part_for(test, cassette)

    def _part_for(self, test: str, cassette: Cassette) -> Cassette | None:
        """
        What *test* need not record: its part, or all of one that was recorded by tests that are gone.
        """
        renamed = all(map(self.is_gone, cassette.tests))
        return part_of(cassette, test) or (cassette if renamed else None)

    def _further(self, place: Place) -> list[Cassette]:
        found = (read_cassette(path) for path in place.further)
        return [cassette for cassette in found if cassette is not None]

    def _hint(self, place: Place, test: str, request: LiveRequest, *, is_missing: bool) -> list[str]:
        missing = [
            f"its further cassette {self._relative(path)} is not there"
            for path in place.further
            if not path.is_file()
        ]
        return [*missing, *(self._renamed(place.path, test, request) if is_missing else [])]

    def _renamed(self, wanted: Path, test: str, request: LiveRequest) -> list[str]:
        """
        What the missing cassette was called before, if one that no test uses looks like it.
        """
        found = self._lost.nearest(wanted, lambda path: self._answers(path, request))
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
        cassette = _undamaged(path)
        if cassette is None:
            return False
        player = play(
            cassette,
            name=self._relative(path),
            test="",
            redactor=self._redactor,
            reveal=self._secrets,
            bases=self._bases(),
        )
        return player.take(request) is not None

    @cached_property
    def _lost(self) -> LostAndFound:
        return LostAndFound(
            folder=self.config.cassettes,
            is_gone=lambda test: self.is_gone(test),  # noqa: PLW0108 - it is known after the collection
            is_taken=lambda path: self.is_taken(path),  # noqa: PLW0108 - the same
        )

    def _claim(self, test: str, place: Place) -> Claim | None:
        if self._takes is not None:
            return None  # a folder of its own, where nobody else records
        key = f"{place.path.resolve()} {test}"
        return self._shop().claim(key, cassette=self._relative(place.path), test=test)

    def _accepted(self, opened: OpenTest) -> Cassette | None:
        """
        What the take is to replace; a cassette that is damaged keeps nobody from recording it again.
        """
        cassette = _undamaged(opened.place.path)
        return None if cassette is None else self._part_for(opened.test, cassette)

    def _beside_others(self, opened: OpenTest) -> Callable[[Cassette, Cassette | None], Cassette]:
        def merge(take: Cassette, present: Cassette | None) -> Cassette:
            # A take for a review holds what the others recorded before: only what is new is to be looked at.
            others = present if present or self._takes is None else _undamaged(opened.place.path)
            return with_part(others, take, keep=lambda test: not self.is_gone(test))

        return merge

    def _shop(self) -> Workshop:
        if self._workshop is None:
            # On the file system of what is to be replaced: a rename does not cross from one to another.
            folder = self._takes or self.config.cassettes
            try:
                self._workshop = Workshop(folder, patience=self.config.patience)
            except OSError as error:
                raise TakeRefused(
                    f"nothing can be recorded: {error}\nthe old cassette is as it was"
                ) from None
        return self._workshop

    def _refuse_to_share(self, needed: Sequence[Service]) -> None:
        worker = self._environment.get("PYTEST_XDIST_WORKER")
        shared = [
            service.config.name
            for service in needed
            if service.is_external and service.config.reset is not None
        ]
        if worker and shared:
            raise ServiceError(
                f"several workers would empty {' and '.join(shared)} under each other, which runs already\n"
                "record with one process (-n0), or let each worker start its own: unset "
                + ", ".join(str(self._services[name].config.address) for name in shared)
            )

    def _lock(self, service: Service) -> None:
        from taketwo.contract import read_locks, write_locks  # noqa: PLC0415 - a replay has no use for them

        live = service.contracts()
        locked = read_locks(self.config.locks, service.config.name)
        if not locked.documents:
            write_locks(self.config.locks, live)
        elif locked.hash != live.hash:
            self.locks_behind.append(service.config.name)

    def _talked_to(self, opened: OpenTest) -> list[str]:
        """
        The names of the services that were talked to.
        """
        from taketwo.usage import is_at  # noqa: PLC0415 - a replay has no use for it

        exchanges = opened.recorder.exchanges if opened.recorder else []
        urls = [exchange.request.url for exchange in exchanges]
        # A WebSocket is opened at the same address, under a scheme of its own.
        urls += [f"http{talk.request.url.removeprefix('ws')}" for talk in opened.conversations]
        return [
            name
            for name, service in self._services.items()
            if any(is_at(url, base) for url in urls for base in (service.address, service.config.url))
        ]

    def _under_contract(self, take: Cassette) -> Cassette:
        """
        *take* with the fingerprint of what it uses of each service's contract.
        """
        services = {name: self._reader(name).usage(take).fingerprint for name in take.services}
        return replace(take, services=services)

    def _reader(self, name: str) -> UsageReader:
        from taketwo.usage import UsageReader  # noqa: PLC0415 - a replay has no use for it

        if name not in self._readers:
            service = self._services[name]
            self._readers[name] = UsageReader(service.config, service.contracts())
        return self._readers[name]

    def _bases(self) -> Bases:
        return Bases({service.address: service.config.url for service in self._services.values()})

    @cached_property
    def _secrets(self) -> dict[str, str]:
        own = {name: value for service in self._services.values() for name, value in service.secrets.items()}
        return {**secrets_of_environment(self._environment, self.config.secrets), **own}

    @cached_property
    def _redactor(self) -> Redactor:
        return Redactor(self._secrets, self.config.redact)

    def _relative(self, path: Path) -> str:
        # Of texts: every test asks, and the methods of paths take long.
        text, root = str(path), f"{self.config.root}{os.sep}"
        return text.removeprefix(root) or text


def _undamaged(path: Path) -> Cassette | None:
    try:
        return read_cassette(path)
    except CassetteFormatError:
        return None


@contextmanager
def _variables(tables: Sequence[Mapping[str, str]]) -> Iterator[None]:
    values = {name: value for table in tables for name, value in table.items()}
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

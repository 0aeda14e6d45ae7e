"""
The refresh itself: contract, selection, retake, comparison.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from taketwo.cassette import (
    SUFFIX,
    Workshop,
    attachments,
    discard,
    dump_cassette,
    promote,
    read_cassette,
)
from taketwo.config import Config
from taketwo.contract import PENDING as PENDING_LOCK
from taketwo.contract import (
    Change,
    discard_locks,
    other_than,
    read_locks,
    ruled,
    service_changes,
    write_locks,
)
from taketwo.errors import TakeTwoError
from taketwo.refresh.carrying import carry_off, prepare
from taketwo.refresh.comparing import compared, judged_all
from taketwo.refresh.ports import Observer, Outcome, Recorded, Runner
from taketwo.refresh.review import pending_of
from taketwo.refresh.selecting import Owners, Selection, choose, choose_edited, needs_a_look
from taketwo.refresh.since import Since
from taketwo.refresh.stored import Stored, accepted, name_of, stored
from taketwo.refresh.values import Chosen, ContractNews, Refreshed, Retake, Status, Wanted
from taketwo.refresh.verdicts import causes_of, undocumented_of
from taketwo.services import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Refresh:
    """
    The parts that a refresh works with; *environment* is that of the process.
    """

    config: Config
    runner: Runner
    observer: Observer
    environment: Mapping[str, str] = field(repr=False)

    def run(self, wanted: Wanted, *, check: bool, keep: Path | None = None) -> Refreshed:
        """
        Compare the contracts, record again what is *wanted*, compare the takes.

        With *check* nothing is written; else new cassettes are put in place, and those that differ are left
        beside the accepted ones as pending. A check may *keep* what would wait in a folder.
        """
        if keep is not None:
            prepare(keep)
        with self._services() as services:
            news = tuple(self._news(service) for service in services)
        with self._takes_folder() as takes:
            changes = {item.service: item.changes for item in news if item.is_locked}
            all_stored = self._stored(news)
            selection = self._select(wanted, self._changes_for(wanted, news, changes), all_stored)
            recorded = self._record_any(selection, takes, is_whole=wanted.is_whole)
            outcomes = sorted(recorded.outcomes, key=lambda outcome: outcome.test)
            found = [self._compare(outcome, takes) for outcome in outcomes]
            retakes = judged_all(found, all_stored, changes)
            if not check:
                self._leave_for_review(retakes, takes)
                self._leave_locks(news)
            elif keep is not None:
                self._carry_off(retakes, takes, news, keep)
        return Refreshed(
            news=news,
            retakes=retakes,
            orphans=self._orphans(_all_tests(selection, recorded, wanted)),
            written=not check,
            causes=causes_of(changes, all_stored, retakes),
            undocumented=undocumented_of(retakes),
            chosen=selection.chosen or _asked_for(retakes, wanted),
        )

    @contextmanager
    def repeated(self, wanted: Wanted, *, times: int) -> Iterator[list[tuple[Recorded, Path]]]:
        """
        What is *wanted*, recorded several times: each with the folder of its takes.
        """
        with ExitStack() as stack:
            selection = self._select(wanted, {}, ())
            takes = [stack.enter_context(self._takes_folder()) for _ in range(times)]
            nothing = selection.is_nothing
            yield [] if nothing else [(self._record(selection, one), one) for one in takes]

    # ------------------------------------------------------------ services

    @contextmanager
    def _services(self) -> Iterator[list[Service]]:
        """
        The services while their contracts are asked for; pytest starts its own, and has their output then.
        """
        known = [
            Service(config, environment=self.environment, root=self.config.root)
            for config in self.config.services.values()
        ]
        services = [service for service in known if not service.is_off]
        for service in known:
            if service.is_off:
                self.observer.say(f"{service.config.name} is switched off: its contract is not looked at")
        try:
            for service in services:
                self.observer.say(f"starting {service.config.name}")
                service.start()
                self.observer.say(f"{service.config.name} is healthy at {service.url}")
            yield services
        finally:
            for service in services:
                service.stop()

    def _news(self, service: Service) -> ContractNews:
        name = service.config.name
        live, locked = service.contracts(), read_locks(self.config.locks, name)
        is_locked = bool(locked.documents) or not live.documents
        found = service_changes(locked, live) if is_locked else ()
        changes = ruled(found, self.config.contract.rules)
        self.observer.say(_contract_sentence(name, differs=bool(changes), is_locked=is_locked))
        return ContractNews(service=name, live=live, changes=changes, is_locked=is_locked)

    # ----------------------------------------------------------- selection

    def _stored(self, news: Iterable[ContractNews]) -> list[Stored]:
        """
        Every cassette that can be read, with what it touches of the contracts in the locks.
        """
        locked = {item.service: read_locks(self.config.locks, item.service) for item in news}
        new = {item.service: item.live for item in news if item.differs}
        return list(stored(self.config, locked, new))

    def _changes_for(
        self, wanted: Wanted, news: Iterable[ContractNews], changes: Mapping[str, Sequence[Change]]
    ) -> Mapping[str, Sequence[Change]]:
        """
        The changes that select: those since the lock, or since the revision that is asked for.
        """
        if not wanted.since:
            return changes
        since, rules = Since(root=self.config.root, revision=wanted.since), self.config.contract.rules
        before = {item.service: since.contracts(self.config.locks, item.service) for item in news}
        return {
            item.service: ruled(service_changes(before[item.service], item.live), rules)
            for item in news
            if before[item.service].documents
        }

    def _select(
        self, wanted: Wanted, changes: Mapping[str, Sequence[Change]], all_stored: Sequence[Stored]
    ) -> Selection:
        """
        What to record again, for pytest.
        """
        if wanted.is_explicit:
            paths = [target for path in wanted.paths for target in self._targets(path)]
            return Selection(paths=paths, keyword=wanted.keyword, is_everything=wanted.everything)
        concerned = [one for one in all_stored if needs_a_look(one, changes)]
        edited = Since(root=self.config.root, revision=wanted.since).edited() if wanted.since else []
        if not (concerned or edited):
            return Selection()
        owners = Owners(config=self.config, tests=self.runner.collect())
        found = (
            *choose(concerned, owners, changes),
            *choose_edited(edited, all_stored, owners, since=wanted.since),
        )
        # pytest may have collected them in any order.
        chosen = tuple(sorted(found, key=lambda one: (one.test, one.cassette)))
        tests = {one.test for one in chosen}
        return Selection(
            paths=[test for test in owners.tests if test in tests],
            all_tests=owners.tests,
            chosen=chosen,
        )

    def _targets(self, path: str) -> list[str]:
        """
        Paths as pytest takes them; a cassette stands for its test, a folder of cassettes for theirs.
        """
        file = self.config.root / path
        if path.endswith(SUFFIX):
            cassette = read_cassette(file)
            if cassette is None:
                raise TakeTwoError(f"there is no cassette {path}; give the path of one, or of tests")
            if not cassette.tests:
                raise TakeTwoError(f"{path} is a cassette of VCR.py, and names no test; give its test")
            return list(cassette.tests)
        if file.resolve().is_relative_to(self.config.cassettes.resolve()):
            found = [one for place, one in accepted(self.config) if place.is_relative_to(file.resolve())]
            below = [test for one in found for test in one.tests]
            if not below:
                raise TakeTwoError(f"there is no cassette in {path}")
            return below
        return [path]

    def _orphans(self, collected: Collection[str]) -> tuple[str, ...]:
        """
        The cassettes that no test uses; none when not all tests were *collected*.
        """
        return tuple(
            name_of(self.config, path)
            for path, cassette in accepted(self.config, damaged_too=False)
            if collected and cassette.tests and not set(cassette.tests) & set(collected)
        )

    # -------------------------------------------------------------- retake

    def _record_any(self, selection: Selection, takes: Path, *, is_whole: bool) -> Recorded:
        if selection.is_nothing:
            return Recorded()
        recorded = self._record(selection, takes)
        if not recorded.tests and not is_whole:
            raise TakeTwoError("no test that has a cassette is selected; nothing was recorded")
        return recorded

    def _record(self, selection: Selection, takes: Path) -> Recorded:
        return self.runner.record(
            selection.paths,
            keyword=selection.keyword,
            takes=takes,
            environment=self.environment,
            observer=self.observer,
        )

    @contextmanager
    def _takes_folder(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="taketwo-") as folder:
            yield Path(folder)

    def _compare(self, outcome: Outcome, takes: Path) -> Retake:
        cassette = outcome.cassette or ""
        accepted = self.config.root / cassette
        take = takes / cassette
        if not outcome.passed or not take.is_file():
            return Retake(test=outcome.test, cassette=cassette, status=Status.FAILED, message=outcome.message)
        retake = Retake(test=outcome.test, cassette=cassette, status=Status.UNCHANGED)
        return compared(retake, accepted, take)

    # -------------------------------------------------------------- review

    def _leave_for_review(self, retakes: Iterable[Retake], takes: Path) -> None:
        workshop = Workshop(self.config.cassettes)
        try:
            for retake in retakes:
                self._leave(retake, takes, workshop)
        finally:
            workshop.close()

    def _leave(self, retake: Retake, takes: Path, workshop: Workshop) -> None:
        accepted = self.config.root / retake.cassette
        pending = pending_of(accepted)
        if retake.status is Status.FAILED:
            return
        if accepted.is_file() and accepted.read_bytes() == (takes / retake.cassette).read_bytes():
            discard(pending)
            return
        take = read_cassette(takes / retake.cassette)
        if take is not None:
            staged = workshop.stage(dump_cassette(take), attachments(take))
            is_first = retake.status is Status.NEW and not accepted.is_file()
            promote(staged, accepted if is_first else pending)

    def _carry_off(
        self, retakes: Iterable[Retake], takes: Path, news: Iterable[ContractNews], folder: Path
    ) -> None:
        waits = {Status.DRIFTED, Status.RENEWED, Status.NEW}
        names = [retake.cassette for retake in retakes if retake.status in waits]
        contracts = [item.live for item in news if item.differs or not item.is_locked]
        carry_off(self.config, names, takes, contracts, folder)

    def _leave_locks(self, news: Iterable[ContractNews]) -> None:
        for item in news:
            if not item.is_locked:
                write_locks(self.config.locks, item.live)
            elif item.differs:
                pending = other_than(item.live, read_locks(self.config.locks, item.service))
                write_locks(self.config.locks, pending, suffix=PENDING_LOCK)
            else:
                discard_locks(self.config.locks, item.service, suffix=PENDING_LOCK)


def _all_tests(selection: Selection, recorded: Recorded, wanted: Wanted) -> Sequence[str]:
    """
    Every test there is, where anybody has asked for them; none else.
    """
    if selection.is_nothing:
        return ()
    return recorded.tests if wanted.is_whole else selection.all_tests


def _asked_for(retakes: Iterable[Retake], wanted: Wanted) -> tuple[Chosen, ...]:
    """
    Why these were recorded when somebody named them.
    """
    words = [
        *(["--all"] if wanted.everything else []),
        *wanted.paths,
        *([f"-k {wanted.keyword}"] if wanted.keyword else []),
    ]
    reason = f"asked for by {' '.join(words)}"
    return tuple(
        Chosen(test=retake.test, cassette=retake.cassette, changes=retake.touched_by, reason=reason)
        for retake in retakes
    )


def _contract_sentence(service: str, *, differs: bool, is_locked: bool) -> str:
    if not is_locked:
        return f"the contract of {service} has no lock yet"
    return f"the contract of {service} {'differs from' if differs else 'is that of'} its lock"

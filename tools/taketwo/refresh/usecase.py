"""
The refresh itself: contract, selection, retake, comparison.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from taketwo.cassette.model import Cassette
from taketwo.cassette.store.fixture_id import FixtureId
from taketwo.cassette.store.git_attributes import write_git_attributes
from taketwo.cassette.store.names import SUFFIX, failed_recording
from taketwo.cassette.store.read import read_cassette
from taketwo.cassette.store.source_digest import source_digest
from taketwo.cassette.store.staging import Clean, FolderByFolder, StagingDir, discard, promote
from taketwo.cassette.text.line_ends import plain
from taketwo.cassette.text.writer import write_cassette
from taketwo.config.project import Config
from taketwo.contract.changes import Change
from taketwo.contract.locks import PENDING as PENDING_LOCK
from taketwo.contract.locks import discard_locks, other_than, read_locks, write_locks
from taketwo.contract.read_locks import UnreadLock, read_unread, write_unread
from taketwo.errors import TakeTwoError
from taketwo.refresh.bundle import export_bundle, prepare_bundle
from taketwo.refresh.explain import (
    Explanation,
    causes_of,
    compare_failed,
    compare_recordings,
    explain_all,
)
from taketwo.refresh.git_changes import GitChanges
from taketwo.refresh.inventory import (
    StoredCassette,
    accepted,
    inventory,
    name_of,
    readers_for,
    service_contracts,
)
from taketwo.refresh.known_changes import known_service_changes
from taketwo.refresh.pending import pending_of
from taketwo.refresh.ports import Collected, Observer, Outcome, RecordingRun, Runner
from taketwo.refresh.select import Owners, Selection, choose, choose_edited, needs_a_look
from taketwo.refresh.shards import part_of, read_durations, write_manifest
from taketwo.refresh.unfinished import Attempt, attempt_at, recorded_in_parts
from taketwo.results import (
    CassetteResult,
    ContractDiff,
    RefreshRequest,
    RefreshResult,
    SelectedTest,
    Shard,
    Status,
)
from taketwo.services.service import Service
from taketwo.usage.validate import found_while_recording


def _approved(_: Sequence[Cassette]) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Refresh:
    """
    The parts that a refresh works with; *environment* is that of the process.

    *approve* is given the accepted cassettes of what is to be recorded, and may raise an error before it is.
    """

    config: Config
    runner: Runner
    observer: Observer
    environment: Mapping[str, str] = field(repr=False)
    approve: Callable[[Sequence[Cassette]], None] = _approved

    def run(self, request: RefreshRequest, *, check: bool, keep: Path | None = None) -> RefreshResult:
        """
        Compare the contracts, record again what is *request*, compare the recordings.

        With *check* nothing is written; else new cassettes are put in place, and those that differ are left
        beside the accepted ones as pending. A check may *keep* what would wait in a folder.
        """
        durations = read_durations(self.config) if request.shard is not None else {}
        if keep is not None:
            prepare_bundle(keep)
        with self._services() as services:
            contract_diffs = tuple(self._contract_diff(service) for service in services)
        with self._attempt(request, contract_diffs, keep) as attempt:
            request, pending_folder = attempt.request, attempt.recordings
            changes = {item.service: item.changes for item in contract_diffs if item.is_locked}
            locked = {item.service: read_locks(self.config.locks, item.service) for item in contract_diffs}
            new = {item.service: item.live for item in contract_diffs if item.differs}
            all_stored = list(inventory(self.config, locked, new))
            selection = self._select(request, self._changes_for(request, contract_diffs, changes), all_stored)
            divided = self._divided(selection, request.shard)
            if request.shard is not None:
                own = part_of(request.shard, divided.tests, all_stored, durations)
                selection = replace(selection, paths=own, keyword="", is_everything=False)
            self.approve(
                [
                    one.cassette
                    for one in all_stored
                    if selection.holds(one.cassette.test) and one.cassette.test not in attempt.kept
                ]
            )
            recorded = self._record_any(selection, attempt, is_whole=request.is_whole)
            outcomes = sorted(
                (one for one in recorded.outcomes if not self._sends_nothing(one, pending_folder)),
                key=lambda outcome: outcome.test,
            )
            found = [self._compare(outcome, pending_folder) for outcome in outcomes]
            explanation = Explanation(
                changes=changes,
                services=service_contracts(self.config, locked, new, changes),
                readers=readers_for(self.config, locked),
            )
            cassette_results = explain_all(found, all_stored, explanation)
            causes = causes_of(explanation, all_stored, cassette_results)
            orphans = self._orphans(_all_owners(selection, recorded, request, divided))
            if not check:
                self._leave_for_review(cassette_results, pending_folder)
                self._leave_locks(contract_diffs)
                self._keep_reads(cassette_results, outcomes)
            elif keep is not None:
                self._carry_off(cassette_results, pending_folder, contract_diffs, keep)
                if request.shard is not None:
                    write_manifest(
                        self.config,
                        keep,
                        shard=request.shard,
                        tests=divided.tests,
                        contracts=[item.live for item in contract_diffs],
                        results=cassette_results,
                        causes=causes,
                        orphans=orphans,
                    )
        return RefreshResult(
            contract_diffs=contract_diffs,
            cassette_results=cassette_results,
            orphans=orphans if request.shard is None else (),
            written=not check,
            causes=causes,
            contradictions=self._contradictions(cassette_results, contract_diffs),
            chosen=selection.chosen or _asked_for(cassette_results, request),
        )

    @contextmanager
    def repeated(self, request: RefreshRequest, *, times: int) -> Iterator[list[tuple[RecordingRun, Path]]]:
        """
        What is *request*, recorded several times: each with the folder of its recordings.
        """
        with ExitStack() as stack:
            selection = self._select(request, {}, ())
            folders = [stack.enter_context(self._pending_folder()) for _ in range(times)]
            nothing = selection.is_nothing
            attempts = [
                Attempt(request=request, recordings=one, journal=one / "events.jsonl") for one in folders
            ]
            yield [] if nothing else [(self._record(selection, one), one.recordings) for one in attempts]

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

    def _contract_diff(self, service: Service) -> ContractDiff:
        name = service.config.name
        live, locked = service.contracts(), read_locks(self.config.locks, name)
        is_locked = bool(locked.documents) or not live.documents
        changes = known_service_changes(locked, live, self.config.contract) if is_locked else ()
        self.observer.say(_contract_sentence(name, differs=bool(changes), is_locked=is_locked))
        return ContractDiff(service=name, live=live, changes=changes, is_locked=is_locked)

    # ----------------------------------------------------------- selection

    def _changes_for(
        self,
        request: RefreshRequest,
        contract_diffs: Iterable[ContractDiff],
        changes: Mapping[str, Sequence[Change]],
    ) -> Mapping[str, Sequence[Change]]:
        """
        The changes that select: those since the lock, or since the revision that is asked for.
        """
        if not request.since:
            return changes
        since = GitChanges(root=self.config.root, revision=request.since)
        before = {item.service: since.contracts(self.config.locks, item.service) for item in contract_diffs}
        return {
            item.service: known_service_changes(before[item.service], item.live, self.config.contract)
            for item in contract_diffs
            if before[item.service].documents
        }

    def _select(
        self,
        request: RefreshRequest,
        changes: Mapping[str, Sequence[Change]],
        all_stored: Sequence[StoredCassette],
    ) -> Selection:
        """
        What to record again, for pytest.
        """
        if request.is_explicit:
            paths = self._tests_of(target for path in request.paths for target in self._targets(path))
            return Selection(paths=paths, keyword=request.keyword, is_everything=request.everything)
        concerned = [one for one in all_stored if needs_a_look(one, changes)]
        edited = GitChanges(root=self.config.root, revision=request.since).edited() if request.since else []
        if not (concerned or edited):
            return Selection()
        collected = self.runner.collect()
        owners = Owners(config=self.config, tests=collected.tests, fixtures=collected.fixtures)
        found = (
            *choose(concerned, owners, changes),
            *choose_edited(edited, all_stored, owners, since=request.since),
        )
        # pytest may have collected them in any order.
        chosen = tuple(sorted(found, key=lambda one: (one.test, one.cassette)))
        tests = {one.test for one in chosen}
        return Selection(
            paths=[test for test in owners.tests if test in tests],
            owners=(*owners.tests, *owners.fixtures),
            chosen=chosen,
        )

    def _tests_of(self, targets: Iterable[str]) -> list[str]:
        """
        *targets*, where the tests that request a fixture of wider scope take the place of it.
        """
        found = list(targets)
        if not any(map(FixtureId.parse, found)):
            return found
        fixtures = self.runner.collect().fixtures
        for target in found:
            if FixtureId.parse(target) and not fixtures.get(target):
                raise TakeTwoError(f"no test requests {target}; to see what no test uses: taketwo prune")
        return list(dict.fromkeys(test for target in found for test in fixtures.get(target, (target,))))

    def _divided(self, selection: Selection, shard: Shard | None) -> Collected:
        """
        The tests that shards have among them.
        """
        if shard is None or selection.is_nothing:
            return Collected()
        if selection.chosen:
            return Collected(tuple(selection.paths))
        return self.runner.collect(selection.paths, keyword=selection.keyword)

    def _targets(self, path: str) -> list[str]:
        """
        Paths as pytest takes them; a cassette stands for its owner, a folder of cassettes for theirs.
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

    def _record_any(self, selection: Selection, attempt: Attempt, *, is_whole: bool) -> RecordingRun:
        if selection.is_nothing:
            return RecordingRun()
        recorded = self._record_rest(selection, attempt) if attempt.kept else self._record(selection, attempt)
        if not recorded.tests and not is_whole:
            raise TakeTwoError("no test that has a cassette is selected; nothing was recorded")
        return recorded

    def _record_rest(self, selection: Selection, attempt: Attempt) -> RecordingRun:
        """
        Record what no earlier attempt has.
        """
        collected = self.runner.collect(selection.paths, keyword=selection.keyword)
        kept = attempt.kept_of(collected)
        left = [test for test in collected.tests if test not in kept]
        before = len(collected.tests) - len(left)
        self.observer.say(f"{before} of {len(collected.tests)} tests were recorded before the interruption")
        recorded = self._record(Selection(paths=left), attempt) if left else RecordingRun()
        new = {one.test: one for one in recorded.outcomes}
        while together := recorded_in_parts(collected, new, kept):
            self.observer.say(
                f"recording {len(together)} tests together: they share a fixture that asked now"
            )
            kept = {name: one for name, one in kept.items() if name not in together}
            attempt = attempt.again(together)
            new |= {one.test: one for one in self._record(Selection(paths=together), attempt).outcomes}
        return RecordingRun(collected.tests, tuple({**kept, **new}.values()), collected.fixtures)

    def _record(self, selection: Selection, attempt: Attempt) -> RecordingRun:
        return self.runner.record(
            selection.paths,
            keyword=selection.keyword,
            pending_folder=attempt.recordings,
            environment=self.environment,
            observer=self.observer,
            journal=attempt.journal,
            lock=attempt.lock,
        )

    def _attempt(
        self, request: RefreshRequest, contract_diffs: Iterable[ContractDiff], keep: Path | None
    ) -> AbstractContextManager[Attempt]:
        return attempt_at(
            self.config,
            request,
            [item.live for item in contract_diffs],
            beside=keep,
            read=self.runner.read_journal,
            say=self.observer.say,
        )

    @contextmanager
    def _pending_folder(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="taketwo-") as folder:
            yield Path(folder)

    def _sends_nothing(self, outcome: Outcome, pending_folder: Path) -> bool:
        """
        Whether a test that passes has no cassette, and needs none.
        """
        cassette = outcome.cassette or ""
        has_none = not (self.config.root / cassette).is_file() and not (pending_folder / cassette).is_file()
        return outcome.passed and has_none

    def _compare(self, outcome: Outcome, pending_folder: Path) -> CassetteResult:
        cassette = outcome.cassette or ""
        accepted = self.config.root / cassette
        pending = pending_folder / cassette
        if not outcome.passed or not pending.is_file():
            failed = CassetteResult(
                test=outcome.test, cassette=cassette, status=Status.FAILED, message=outcome.message
            )
            return compare_failed(failed, accepted, failed_recording(pending, outcome.test))
        cassette_result = CassetteResult(test=outcome.test, cassette=cassette, status=Status.UNCHANGED)
        return compare_recordings(cassette_result, accepted, pending)

    def _contradictions(
        self, cassette_results: Iterable[CassetteResult], contract_diffs: Iterable[ContractDiff]
    ) -> Mapping[str, tuple[str, ...]]:
        """
        What the new recordings have that the contracts of today contradict: a replay would refuse it.
        """
        readers = readers_for(self.config, {item.service: item.live for item in contract_diffs})
        found: dict[str, list[str]] = {}
        for one in cassette_results:
            if one.after is not None and one.status is not Status.FAILED:
                for contradiction in found_while_recording(one.after, readers, self.config.contract):
                    found.setdefault(contradiction, []).append(one.test)
        return {contradiction: tuple(tests) for contradiction, tests in sorted(found.items())}

    # -------------------------------------------------------------- review

    def _leave_for_review(self, cassette_results: Iterable[CassetteResult], pending_folder: Path) -> None:
        staging = StagingDir(self.config.cassettes)
        try:
            with FolderByFolder() as clean:
                for cassette_result in cassette_results:
                    self._leave(cassette_result, pending_folder, staging, clean)
        finally:
            staging.close()

    def _keep_reads(self, cassette_results: Iterable[CassetteResult], outcomes: Iterable[Outcome]) -> None:
        """
        Keep what the tests read; of a recording that waits only what adds to what is known of the accepted.
        """
        status = {one.test: one.status for one in cassette_results}
        found: dict[str, dict[str, UnreadLock]] = {}
        known = {service: read_unread(self.config.locks, service) for service in self.config.services}
        for outcome in outcomes:
            if status[outcome.test] is Status.FAILED:
                continue
            source = source_digest(self.config.root, outcome.test)
            waits = status[outcome.test] in {Status.CHANGED, Status.RENEWED}
            for service, reads in outcome.reads.items():
                earlier = known[service].get(outcome.test) if waits else None
                found.setdefault(service, {})[outcome.test] = reads.lock(source, earlier)
        for service, locks in found.items():
            write_unread(self.config.locks, service, locks)

    def _leave(
        self, cassette_result: CassetteResult, pending_folder: Path, staging: StagingDir, clean: Clean
    ) -> None:
        accepted = self.config.root / cassette_result.cassette
        pending = pending_of(accepted)
        if cassette_result.status is Status.FAILED:
            return
        if (
            accepted.is_file()
            and plain(accepted.read_bytes()) == (pending_folder / cassette_result.cassette).read_bytes()
        ):
            discard(pending, clean=clean)
            return
        recording = read_cassette(pending_folder / cassette_result.cassette)
        if recording is not None:
            staged = staging.stage(*write_cassette(recording))
            is_first = cassette_result.status is Status.NEW and not accepted.is_file()
            promote(staged, accepted if is_first else pending, clean=clean)
            write_git_attributes(self.config.cassettes)

    def _carry_off(
        self,
        cassette_results: Iterable[CassetteResult],
        pending_folder: Path,
        contract_diffs: Iterable[ContractDiff],
        folder: Path,
    ) -> None:
        waits = {Status.CHANGED, Status.RENEWED, Status.NEW}
        names = [
            cassette_result.cassette
            for cassette_result in cassette_results
            if cassette_result.status in waits
        ]
        contracts = [item.live for item in contract_diffs if item.differs or not item.is_locked]
        export_bundle(self.config, names, pending_folder, contracts, folder)

    def _leave_locks(self, contract_diffs: Iterable[ContractDiff]) -> None:
        for item in contract_diffs:
            if not item.is_locked:
                write_locks(self.config.locks, item.live)
            elif item.differs:
                pending = other_than(item.live, read_locks(self.config.locks, item.service))
                write_locks(self.config.locks, pending, suffix=PENDING_LOCK)
            else:
                discard_locks(self.config.locks, item.service, suffix=PENDING_LOCK)


def _all_owners(
    selection: Selection, recorded: RecordingRun, request: RefreshRequest, divided: Collected
) -> Sequence[str]:
    """
    Every test and fixture that may own a cassette, where anybody has asked for them; none else.
    """
    if request.shard is not None and request.is_whole:
        return (*divided.tests, *divided.fixtures)
    if request.shard is not None:
        return selection.owners
    if selection.is_nothing:
        return ()
    return (*recorded.tests, *recorded.fixtures) if request.is_whole else selection.owners


def _asked_for(
    cassette_results: Iterable[CassetteResult], request: RefreshRequest
) -> tuple[SelectedTest, ...]:
    """
    Why these were recorded when somebody named them.
    """
    words = [
        *(["--all"] if request.everything else []),
        *request.paths,
        *([f"-k {request.keyword}"] if request.keyword else []),
    ]
    reason = f"asked for by {' '.join(words)}"
    return tuple(
        SelectedTest(
            test=cassette_result.test,
            cassette=cassette_result.cassette,
            changes=cassette_result.touched_by,
            reason=reason,
        )
        for cassette_result in cassette_results
    )


def _contract_sentence(service: str, *, differs: bool, is_locked: bool) -> str:
    if not is_locked:
        return f"the contract of {service} has no lock yet"
    return f"the contract of {service} {'differs from' if differs else 'is that of'} its lock"

"""
What a refresh has recorded so far, kept until it has ended: one that was interrupted goes on from there.

A folder outside of the project holds, for each attempt, what it began with, the events that pytest wrote, and
the recordings. Whoever has its lock goes on; pytest holds it too, until the test has ended in whose midst the
refresh was killed.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from taketwo.cassette.store.locks import try_lock
from taketwo.cassette.store.names import find_cassettes
from taketwo.cassette.store.read import read_cassette
from taketwo.cassette.store.source_digest import source_digest
from taketwo.config.project import Config
from taketwo.contract.document import Contracts
from taketwo.errors import CassetteError, TakeTwoError
from taketwo.playback.quotas import shared_folder
from taketwo.refresh.inventory import name_of
from taketwo.refresh.ports import Collected, Outcome, RecordingRun
from taketwo.refresh.shards import fingerprint, sha256
from taketwo.results import RefreshRequest, Shard

_VERSION: Final = 1
_LOCK: Final = "lock"
_POLL: Final = 0.1
_PATIENCE: Final = 60.0
"""Seconds that the last test of a killed refresh has to end."""

Read = Callable[[Path], RecordingRun]
"""What the events in a file say of the tests that have ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """
    One attempt at a refresh of *request*, which records into the folder *recordings*.

    pytest writes its events to *journal*, and holds the descriptor *lock*, where there is one. *kept* are the
    tests and fixtures that an earlier attempt recorded whole, with the same contracts; *recorded* are all
    that ended in one.
    """

    request: RefreshRequest
    recordings: Path
    journal: Path
    lock: int | None = None
    kept: Mapping[str, Outcome] = field(default_factory=dict)
    recorded: Collection[str] = frozenset()

    def kept_of(self, collected: Collected) -> dict[str, Outcome]:
        """
        What of *collected* is not to be recorded again.

        Tests that share a fixture of wider scope which has a recording of its own are recorded together.
        """
        kept = {test for test in collected.tests if test in self.kept}
        groups = [
            {*tests} & {*collected.tests}
            for name, tests in collected.fixtures.items()
            if name in self.recorded
        ]
        while broken := [group for group in groups if group & kept and not group <= kept]:
            kept -= set().union(*broken)
        names = {*kept, *(name for name, tests in collected.fixtures.items() if {*tests} & kept)}
        return {name: outcome for name, outcome in self.kept.items() if name in names}

    def again(self, tests: Sequence[str]) -> Attempt:
        """
        The one that records *tests*, of which some are kept, once more.
        """
        file = self.journal.with_suffix(".json")
        journal = self.journal.with_name(f"attempt-{time.time_ns():020}.jsonl")
        journal.touch()
        text = json.dumps({**_state(file), "again": list(tests)})
        journal.with_suffix(".json").write_text(text, encoding="utf-8")
        return replace(self, journal=journal)


def recorded_in_parts(collected: Collected, recorded: Collection[str], kept: Collection[str]) -> list[str]:
    """
    The tests of each fixture of wider scope that was *recorded* now, and that one of *kept* tests has too: it
    may have other ids now than those that these met.
    """
    shared = [{*tests} for name, tests in collected.fixtures.items() if name in recorded]
    together = set().union(*(tests for tests in shared if not tests.isdisjoint(kept)))
    return [test for test in collected.tests if test in together]


@contextmanager
def attempt_at(
    config: Config,
    request: RefreshRequest,
    contracts: Iterable[Contracts],
    *,
    beside: Path | None,
    read: Read,
    say: Callable[[str], None],
) -> Iterator[Attempt]:
    """
    The attempt at *request*; what it recorded is kept when it does not come to its end.

    It is *beside* the folder that the recordings go to in the end, where there is one; *read* reads a
    journal.

    :raises TakeTwoError: when it is to be resumed, and another process is at it.
    """
    home = _home(config, beside)
    lock = _locked(home, is_patient=request.resumes)
    if lock is None and request.resumes:
        raise TakeTwoError(
            f"another refresh of this project is running; what it has recorded so far is in {home}\n"
            "run the same command again when it has ended"
        )
    if lock is None:
        with tempfile.TemporaryDirectory(prefix="taketwo-") as folder:
            yield Attempt(request=request, recordings=Path(folder), journal=Path(folder, "events.jsonl"))
        return
    try:
        attempt = _next_attempt(home, lock, config, request, contracts, read, say)
        try:
            yield attempt
        except BaseException:
            _keep(home, read(attempt.journal), say)
            raise
        _remove(home)
    finally:
        os.close(lock)


def _next_attempt(
    home: Path,
    lock: int,
    config: Config,
    request: RefreshRequest,
    contracts: Iterable[Contracts],
    read: Read,
    say: Callable[[str], None],
) -> Attempt:
    begun = {one.service: fingerprint([each.text for each in one]) for one in contracts}
    accepted = {name_of(config, path): sha256(path) for path in find_cassettes(config.cassettes)}
    earlier = sorted(home.glob("attempt-*.json")) if request.resumes else []
    if request.resumes and not earlier:
        say("there is no interrupted refresh to go on with: starting from the beginning")
    if not earlier:
        _clear(home)
    kept: dict[str, Outcome] = {}
    recorded: set[str] = set()
    for file in earlier:
        state = _state(file)
        if state.get("contracts") == begun:
            found = read(file.with_suffix(".jsonl"))
            recorded |= {one.test for one in found.outcomes}
            for test in state.get("again", ()):
                kept.pop(test, None)
            kept |= _whole(config, home / "recordings", found, state.get("accepted", {}), accepted)
        else:
            say("the contracts have changed since it was interrupted: what was recorded before is not kept")
    if earlier and not (request.is_explicit or request.since or request.shard):
        request = _request(_state(earlier[-1]))
    file = home / f"attempt-{time.time_ns():020}.json"
    state = {
        "taketwo_refresh": _VERSION,
        "request": asdict(request),
        "contracts": begun,
        "accepted": accepted,
    }
    (home / "recordings").mkdir(exist_ok=True)
    file.with_suffix(".jsonl").touch()
    file.write_text(json.dumps(state), encoding="utf-8")
    return Attempt(
        request=request,
        recordings=home / "recordings",
        journal=file.with_suffix(".jsonl"),
        lock=lock,
        kept=kept,
        recorded=recorded,
    )


def _whole(
    config: Config,
    recordings: Path,
    run: RecordingRun,
    before: Mapping[str, str],
    now: Mapping[str, str],
) -> dict[str, Outcome]:
    """
    The outcomes in *run* that need not be repeated: the recording is there, its test is as it was, and so is
    the accepted cassette, by its hash *before* and *now*.
    """
    return {
        one.test: one
        for one in run.outcomes
        if one.passed
        and one.cassette
        and before.get(one.cassette) == now.get(one.cassette)
        and one.source in {"", source_digest(config.root, one.test)}
        and _holds(recordings / one.cassette, one.test)
    }


def _holds(path: Path, test: str) -> bool:
    try:
        cassette = read_cassette(path)
    except (CassetteError, OSError):
        return False
    return cassette is not None and test in cassette.tests


def _home(config: Config, beside: Path | None) -> Path:
    if beside is not None:
        return beside.absolute().with_name(f"{beside.name}.unfinished")
    return shared_folder(config.root) / "refresh"


def _locked(home: Path, *, is_patient: bool) -> int | None:
    home.mkdir(parents=True, exist_ok=True)
    end = time.monotonic() + (_PATIENCE if is_patient else 0.0)
    while True:
        lock = try_lock(home / _LOCK)
        if lock is not None or time.monotonic() >= end:
            return lock
        time.sleep(_POLL)


def _keep(home: Path, run: RecordingRun, say: Callable[[str], None]) -> None:
    """
    Say how to go on, where something has been recorded.
    """
    if any(one.passed for one in run.outcomes):
        count = len([one for one in run.outcomes if one.passed])
        say(f"{count} recording{'' if count == 1 else 's'} kept; to go on: taketwo refresh --resume")
    elif len(list(home.glob("attempt-*.json"))) == 1:
        _clear(home)


def _remove(home: Path) -> None:
    shutil.rmtree(home)
    with suppress(OSError):  # what other refreshes or quotas have there
        home.parent.rmdir()


def _clear(home: Path) -> None:
    for path in home.iterdir():
        if path.name == _LOCK:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _state(file: Path) -> dict[str, Any]:
    with suppress(OSError, ValueError):
        state = json.loads(file.read_text(encoding="utf-8"))
        if isinstance(state, dict) and state.get("taketwo_refresh") == _VERSION:
            return state
    return {}


def _request(state: Mapping[str, Any]) -> RefreshRequest:
    try:
        fields = dict(state["request"])
        shard = fields.pop("shard")
        paths = tuple(map(str, fields.pop("paths")))
        return RefreshRequest(**fields, paths=paths, shard=None if shard is None else Shard(**shard))
    except (KeyError, TypeError):
        return RefreshRequest(resumes=True)

"""
pytest as a process of its own, followed through the events that the plugin writes.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from taketwo.errors import TakeTwoError
from taketwo.refresh.ports import Collected, Observer, Outcome, RecordingRun
from taketwo.usage.reads import Reads

_POLL = 0.05
_NO_TESTS = 5
_LAST_LINES = 25
_LISTENER = "TAKETWO_LISTENER"
"""What tells pytest who listens; it ends with that process, which may be killed."""
_Events = Iterator[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PytestRunner:
    """
    Runs the tests of the project at *root* that are marked with ``vcr``.

    What pytest prints is shown only when something failed, and through *redact*.
    """

    root: Path
    redact: Callable[[str], str]
    environment: Mapping[str, str] = field(repr=False)

    def collect(self, paths: Sequence[str] = (), *, keyword: str = "") -> Collected:
        """
        All tests that have a cassette and match *keyword*: those in *paths*, or where pytest looks by itself.
        """
        with tempfile.TemporaryDirectory(prefix="taketwo-") as folder:
            pytest = _Pytest(
                Path(folder), self.root, ["--collect-only", "-k", keyword, *paths], self.environment
            )
            events = list(pytest.events())
            if pytest.code not in {0, _NO_TESTS}:
                raise self._error("pytest cannot collect the tests", pytest)
        tests = tuple(test for event in events for test in event.get("tests", ()))
        return Collected(tests, _fixtures(events))

    def owners(self, paths: Sequence[str]) -> set[str]:
        """
        Whatever may own a cassette: these tests, and the fixtures of wider scope that they request.
        """
        collected = self.collect(paths)
        return {*collected.tests, *collected.fixtures}

    def record(
        self,
        paths: Sequence[str],
        *,
        keyword: str,
        pending_folder: Path,
        environment: Mapping[str, str],
        observer: Observer,
        journal: Path | None = None,
        lock: int | None = None,
    ) -> RecordingRun:
        """
        Record what *paths*, as pytest takes them, and *keyword* select, into the folder *pending_folder*.

        *observer* hears how many tests that are, and of each one that has ended. What happens is written to
        the file *journal* as well, and *lock* is held until the last of it is.
        """
        options = [
            "--record-mode=rewrite",
            f"--taketwo-pending={pending_folder}",
            "--tb=short",
            "--maxfail=0",
        ]
        with tempfile.TemporaryDirectory(prefix="taketwo-") as folder:
            # In a file, since there may be more of them than a command line holds.
            listed = Path(folder) / "tests.txt"
            listed.write_text("".join(f"{path}\n" for path in paths), encoding="utf-8")
            selection = [f"@{listed}", *(["-k", keyword] if keyword else [])]
            pytest = _Pytest(
                Path(folder), self.root, [*selection, *options], environment, events=journal, lock=lock
            )
            recorded = self._recorded(pytest.events(), observer)
            if pytest.code not in {0, 1, _NO_TESTS}:
                raise self._error("pytest did not run to its end", pytest)
        return recorded

    def read_journal(self, journal: Path) -> RecordingRun:
        """
        What a *journal* says, whether it came to its end or not.
        """
        nobody = Observer(say=lambda _: None, begin=lambda _: None, done=lambda _test, _end: None)
        with journal.open(encoding="utf-8") as file:
            return self._recorded(_whole_lines(file), nobody)

    def rerun(
        self,
        tests: Sequence[str],
        *,
        plugin: str,
        wanted: Mapping[str, object],
        done: Callable[[str, str], None],
    ) -> list[dict[str, Any]]:
        """
        Replay each of *tests* many times in one process, as *plugin* changes what its cassette holds; what
        the plugin reports of each test.

        *wanted* is for the plugin; *done* hears of each test that has ended.
        """
        options = [
            "-p",
            plugin,
            f"--taketwo-rerun={json.dumps(wanted)}",
            "--record-mode=none",
            "--maxfail=0",
        ]
        found: list[dict[str, Any]] = []
        with tempfile.TemporaryDirectory(prefix="taketwo-") as folder:
            listed = Path(folder) / "tests.txt"
            listed.write_text("".join(f"{test}\n" for test in tests), encoding="utf-8")
            pytest = _Pytest(Path(folder), self.root, [f"@{listed}", *options], self.environment)
            for event in pytest.events():
                if "rerun" in event:
                    found.append(event["rerun"])
                    if event["rerun"]["state"] != "unstable":
                        done(event["rerun"]["test"], "")
            if pytest.code not in {0, 1, _NO_TESTS}:
                raise self._error("pytest did not run to its end", pytest)
        return found

    def rerun_in_shares(
        self,
        tests: Sequence[str],
        *,
        plugin: str,
        wanted: Mapping[str, object],
        jobs: int,
        observer: Observer,
    ) -> dict[str, list[Mapping[str, Any]]]:
        """
        The same in several processes, each with its share of *tests*; the results, by state.
        """
        observer.begin(len(tests))
        shares = [share for share in (tests[start::jobs] for start in range(jobs)) if share]
        run = partial(self.rerun, plugin=plugin, wanted=wanted, done=observer.done)
        by_state: dict[str, list[Mapping[str, Any]]] = {}
        with ThreadPoolExecutor(max(len(shares), 1)) as pool:
            for event in (event for share in pool.map(run, shares) for event in share):
                by_state.setdefault(event["state"], []).append(event)
        return by_state

    def _recorded(self, events: _Events, observer: Observer) -> RecordingRun:
        tests: list[str] = []
        fixtures: dict[str, Sequence[str]] = {}
        outcomes: list[Outcome] = []
        phases: list[dict[str, Any]] = []
        for event in events:
            if "tests" in event:
                tests += event["tests"]
                fixtures.update(event["fixtures"])
                observer.begin(len(tests))
                continue
            if "says" in event:
                observer.say(event["says"])
                continue
            phases = [event] if event["when"] == "setup" else [*phases, event]
            outcomes += (
                Outcome(fixture["test"], passed=True, cassette=fixture["cassette"])
                for fixture in event["recorded_fixtures"]
            )
            if event["when"] == "teardown":
                ends = {phase["outcome"] for phase in phases}
                observer.done(event["test"], next((end for end in ("failed", "skipped") if end in ends), ""))
                if "skipped" not in ends or event.get("state") == "pending":
                    outcomes.append(self._outcome(phases))
        return RecordingRun(tuple(tests), tuple(outcomes), fixtures)

    def _outcome(self, phases: Iterable[dict[str, Any]]) -> Outcome:
        failed = [phase for phase in phases if phase["outcome"] == "failed"]
        *_, last = phases
        message = "\n".join(self.redact(phase["message"]) for phase in failed)
        by_service: Mapping[str, Any] = last.get("reads") or {}
        reads = {service: Reads.from_json(each) for service, each in by_service.items()}
        return Outcome(
            last["test"], not failed, last.get("cassette"), message, reads, last.get("source") or ""
        )

    def _error(self, what: str, pytest: _Pytest) -> TakeTwoError:
        lines = self.redact(pytest.output()).rstrip().splitlines()[-_LAST_LINES:]
        return TakeTwoError("\n".join([f"{what} (exit code {pytest.code}); it printed:", *lines]))


class _Pytest:
    """
    One pytest process, from its start to its end.
    """

    def __init__(
        self,
        folder: Path,
        root: Path,
        options: Sequence[str],
        environment: Mapping[str, str],
        *,
        events: Path | None = None,
        lock: int | None = None,
    ) -> None:
        self._events = events or folder / "events.jsonl"
        self._events.touch()
        self._log = folder / "pytest.log"
        self.code: int | None = None
        # One process: its services are emptied before each test, which several would do to each other.
        # The project may keep plugins from being loaded by themselves, and its addopts may ask for workers.
        single = ["-p", "xdist", "-n0"] if importlib.util.find_spec("xdist") else []
        # pytest's cache is the user's own; what a refresh runs leaves no trace in it.
        quiet = ["-m", "vcr", "-q", "-o", f"cache_dir={folder / 'cache'}"]
        command = [sys.executable, "-m", "pytest", *quiet, *single, *options]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [*command, f"--taketwo-events={self._events}"],
                cwd=root,
                env={**environment, "PYTHONUNBUFFERED": "1", _LISTENER: str(os.getpid())},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Whoever resumes waits for the test in whose midst this process is killed.
                pass_fds=() if lock is None else (lock,),
            )

    def events(self) -> _Events:
        """
        Each event when it happens; after the last one, ``code`` is known.
        """
        try:
            with self._events.open(encoding="utf-8") as file:
                while self.code is None:
                    self.code = self._process.poll()
                    yield from _whole_lines(file)
                    if self.code is None:
                        time.sleep(_POLL)
        finally:
            if self._process.poll() is None:
                self._process.terminate()
                self._process.wait()

    def output(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")


def _fixtures(events: Iterable[Mapping[str, Any]]) -> dict[str, Sequence[str]]:
    return {name: tests for event in events for name, tests in event.get("fixtures", {}).items()}


def _whole_lines(file: Any) -> _Events:  # noqa: ANN401 - a text file
    while True:
        start = file.tell()
        line = file.readline()
        if not line.endswith(os.linesep):
            file.seek(start)
            return
        yield json.loads(line)

"""
The suite, run as it is and under the toolkit, in processes of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from taketwo.errors import TakeTwoError
from taketwo.features.adopt.findings import Ended, Looseness

_PLUGIN = "taketwo.plugin.frameworks.outcomes"  # by its name: it is pytest that imports it
_FILE = "TAKETWO_OUTCOMES"
_ENDED = {0, 1}
_NO_TESTS = 5
_LAST_LINES = 25


def run_suite(
    root: Path, paths: Sequence[str], *, with_taketwo: bool, redact: Callable[[str], str]
) -> dict[str, Ended]:
    """
    How each test ended, replayed from the cassettes that there are.

    :raises TakeTwoError: when pytest could not run, with the end of what it printed.
    """
    with tempfile.TemporaryDirectory(prefix="taketwo-") as folder:
        file = Path(folder) / "outcomes.jsonl"
        file.touch()
        options = ["-p", _PLUGIN, *([] if with_taketwo else ["-p", "no:taketwo"]), "--record-mode=none", "-q"]
        options += ["--tb=short", "--maxfail=0", "-p", "no:randomly", "-o", f"cache_dir={folder}/cache"]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *options, *paths],
            cwd=root,
            env={**os.environ, _FILE: str(file), "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode not in {*_ENDED, _NO_TESTS}:
            lines = redact(done.stdout).rstrip().splitlines()[-_LAST_LINES:]
            how = "with taketwo" if with_taketwo else "as it is"
            raise TakeTwoError(
                "\n".join([f"pytest could not run the suite {how} (exit code {done.returncode}):", *lines])
            )
        return outcomes_of(map(json.loads, file.read_text(encoding="utf-8").splitlines()), redact=redact)


def outcomes_of(
    phases: Iterable[Mapping[str, Any]], *, redact: Callable[[str], str] = str
) -> dict[str, Ended]:
    """
    How each test ended, by what was reported of its setup, call and teardown.
    """
    by_test: dict[str, list[Mapping[str, Any]]] = {}
    for phase in phases:
        by_test.setdefault(phase["test"], []).append(phase)
    return {test: _ended(reported, redact) for test, reported in by_test.items()}


def _ended(phases: Sequence[Mapping[str, Any]], redact: Callable[[str], str]) -> Ended:
    outcomes = {phase["outcome"] for phase in phases}
    loose = [one for phase in phases for one in phase["loose"]]
    return Ended(
        outcome=next((one for one in ("failed", "skipped") if one in outcomes), "passed"),
        message="\n".join(redact(phase["message"]) for phase in phases if phase["message"]),
        loose=tuple(
            Looseness(request=one["request"], differences=tuple((p, b, a) for p, b, a in one["differences"]))
            for one in loose
        ),
        unplayed=sum(phase["unplayed"] for phase in phases),
    )

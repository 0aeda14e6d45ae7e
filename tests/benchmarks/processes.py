"""
Each measurement in a process of its own.
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from tests.benchmarks.measured import Measured
from tests.benchmarks.peers.registry import Peer

ROOT = Path(__file__).parents[2]


def say(line: str) -> None:
    """
    Print *line* now: whoever waits for minutes wants to see what has come.
    """
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


_ERROR = re.compile(r"[\w.]+(?:Error|Exception): ")


def work(peer: Peer, name: str, size: int, *, limit: float) -> Measured:
    """
    One work with one peer; one that fails, or takes longer than *limit* seconds, says so in ``failure``.
    """
    with TemporaryDirectory(prefix="taketwo-benchmark-") as folder:
        command = ["-m", "tests.benchmarks.worker", peer.name, name, str(size), folder]
        ran = run(command, folder=ROOT, environment=clean(Path(folder)), limit=limit)
        if ran.failure:
            return Measured(failure=ran.failure)
        return Measured(**json.loads(Path(folder, "measured.json").read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """
    Milliseconds that a command took, and of the processor for it and those that it started; why it failed.
    """

    took: float = 0
    processor: float = 0
    failure: str = ""


def run(command: Sequence[str], *, folder: Path, environment: Mapping[str, str], limit: float) -> Ran:
    """
    Run a Python command to its end.
    """
    began, used = perf_counter(), _used()
    try:
        done = subprocess.run(
            [sys.executable, *command],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=limit,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Ran(failure=f"over {limit:g} s")
    said = done.stderr.strip() or done.stdout.strip() or "no output"
    return Ran(
        took=1000 * (perf_counter() - began),
        processor=1000 * (_used() - used),
        failure=_reason(said)[:100] if done.returncode else "",
    )


def _reason(said: str) -> str:
    """
    The line that names an error, of which the text may go on below it; else the last one.
    """
    lines = said.splitlines()
    named = (line for line in reversed(lines) if _ERROR.match(line))
    return next(named, lines[-1])


def _used() -> float:
    """
    Seconds of the processor for all that this process has started, and that has ended.
    """
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def clean(folder: Path) -> dict[str, str]:
    """
    An environment in which pytest loads no plugin by itself, and what is compiled is kept in *folder*.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if name != "CI" and not name.startswith(("PYTEST_", "TAKETWO_"))
    }
    own = {
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONDONTWRITEBYTECODE": "",
        "TAKETWO_CACHE": str(folder / "cache"),
    }
    return {**kept, **own}

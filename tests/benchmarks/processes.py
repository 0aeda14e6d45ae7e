"""
Each measurement in a process of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from tests.benchmarks.measured import Measured
from tests.benchmarks.peers.registry import Peer

ROOT = Path(__file__).parents[2]


def work(peer: Peer, name: str, size: int, *, limit: float) -> Measured:
    """
    One work with one peer; one that fails, or takes longer than *limit* seconds, says so in ``failure``.
    """
    with TemporaryDirectory(prefix="taketwo-benchmark-") as folder:
        command = ["-m", "tests.benchmarks.worker", peer.name, name, str(size), folder]
        failure = run(command, folder=ROOT, environment=clean(Path(folder)), limit=limit)[1]
        if failure:
            return Measured(failure=failure)
        return Measured(**json.loads(Path(folder, "measured.json").read_text(encoding="utf-8")))


def run(
    command: Sequence[str], *, folder: Path, environment: Mapping[str, str], limit: float
) -> tuple[float, str]:
    """
    Milliseconds that a Python command took, and why it failed, if it did.
    """
    began = perf_counter()
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
        return 0.0, f"over {limit:g} s"
    took = 1000 * (perf_counter() - began)
    lines = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()
    return took, lines[-1][:100] if done.returncode else ""


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

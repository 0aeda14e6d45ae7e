"""
One work with one peer in a process of its own, so that no peer sees another's imports, patches or memory.

``python -m tests.benchmarks.worker PEER WORK SIZE FOLDER`` writes ``FOLDER/measured.json``.
"""

from __future__ import annotations

import json
import resource
import sys
from dataclasses import asdict
from pathlib import Path

from tests.benchmarks.peers.registry import PEERS
from tests.benchmarks.work import WORKS, Job


def main(name: str, work: str, size: str, folder: str) -> None:
    peer = next(peer for peer in PEERS if peer.name == name)
    module = peer.load_module()
    before = _peak()
    measured = WORKS[work](Job(module=module, folder=Path(folder), suffix=peer.suffix, size=int(size)))
    measured.peak = _peak() - before
    Path(folder, "measured.json").write_text(json.dumps(asdict(measured)), encoding="utf-8")


def _peak() -> float:
    """
    The most memory that this process has had, in MB.
    """
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(*sys.argv[1:])

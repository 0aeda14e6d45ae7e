"""
What the original server answered, asked of this one.

Runs where MESH_EXCHANGES_DIR names the folder of the recorded exchanges.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.servers.conftest import Start

FOLDER = os.environ.get("MESH_EXCHANGES_DIR")


@pytest.mark.skipif(not FOLDER, reason="MESH_EXCHANGES_DIR does not name the folder of the exchanges")
def test_the_recorded_exchanges_are_answered_alike(start: Start, tmp_path: Path) -> None:
    folder, report = Path(FOLDER or ""), tmp_path / "report.json"
    server = start("--test-mode")

    subprocess.run(
        [
            sys.executable,
            folder / "compare.py",
            folder / "exchanges.jsonl",
            server.url,
            "--json",
            report,
            "--quiet",
        ],
        capture_output=True,
        timeout=120,
        check=False,
    )

    compared = json.loads(report.read_text())
    assert [one["id"] for one in compared["exchanges"] if not one["ok"]] == []
    assert compared["summary"]["pass"] > 500

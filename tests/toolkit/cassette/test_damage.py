"""
A cassette that something has damaged is read, or refused by name; nothing hangs, fills the memory, or runs.

TAKETWO_MUTILATIONS says how many are tried: 300 by default, and 10000 to be sure.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.toolkit.cassette.damage import read_one, whole_files

ROOT = Path(__file__).parents[3]


def test_what_is_mutilated_is_sound_before(tmp_path: Path) -> None:
    for name, content, files in whole_files():
        for file, inside in files.items():
            (tmp_path / file).write_bytes(inside)
        (tmp_path / name).write_bytes(content)

        assert read_one(tmp_path / name) == "loaded"


def test_a_damaged_cassette_is_read_or_refused_by_name(tmp_path: Path) -> None:
    count = int(os.environ.get("TAKETWO_MUTILATIONS", "300"))

    done = subprocess.run(
        [sys.executable, "-m", "tests.toolkit.cassette.damage", str(count), "1", str(tmp_path)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tools")])},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stderr == ""
    told = json.loads(done.stdout)
    assert told["failures"] == []
    assert (told["loaded"] + told["refused"], done.returncode) == (count, 0)
    assert min(told["loaded"], told["refused"]) > 0

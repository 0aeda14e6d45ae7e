"""
What is written beside the cassettes is read back: other threads may hold the number of a file that is closed.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

# The thread writes to a number that is closed until it is that of a file again, as often as it is told.
SCRIPT = """
import os, sys, threading
from pathlib import Path
from taketwo.cassette.store.staging import StagingDir
from taketwo.errors import RecordingRefused

folder, times = Path(sys.argv[1]), int(sys.argv[2])
staging = StagingDir(folder)
staging.open_folder()
begun = threading.Event()
fsync = os.fsync


def write_to_closed(number):
    os.write(number, b"\\x17\\x03\\x03\\xf0")


def interrupted(number):
    # A file is open now, under a number that was another one's before.
    global times
    if times:
        times -= 1
        thread = threading.Thread(target=write_to_closed, args=(number,))
        thread.start()
        thread.join()
    fsync(number)


os.fsync = interrupted
try:
    staged = staging.stage("taketwo: 2\\n")
except RecordingRefused as error:
    print(error)
else:
    print(staged.read_bytes())
"""


@pytest.mark.parametrize("times", [0, 1, 2])
def test_what_another_thread_wrote_into_a_recording_is_written_over(tmp_path: Path, times: int) -> None:
    assert ran(tmp_path, times) == "b'taketwo: 2\\n'\n"


def test_a_recording_that_others_keep_writing_into_is_refused(tmp_path: Path) -> None:
    told = ran(tmp_path, 99)

    assert "something else in this process wrote into it each time" in told
    assert "record again, with the connections of the test closed before it ends" in told


def ran(folder: Path, times: int) -> str:
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder), str(times)], check=True, capture_output=True, text=True
    ).stdout

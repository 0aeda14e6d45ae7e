"""
Processes of a live run: waited for, stopped, and what one sees of one that does not start.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from taketwo.services.process import free_port
from tests.live.local_service import LocalProcess, NotStartedError, running

# Answers 200 to everything until it is stopped.
SERVER = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

print("listening", flush=True)
HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def test_a_process_that_ends_shows_its_last_40_lines(tmp_path: Path) -> None:
    code = "for n in range(50): print('line', n)\nraise SystemExit(7)"
    command = (sys.executable, "-c", code)

    with (
        pytest.raises(NotStartedError) as raised,
        running("Chorus", command, health=nowhere(), patience=60, log=tmp_path / "log"),
    ):
        pass

    title, shown, count, *lines = str(raised.value).replace(code, "CODE").splitlines()
    assert title == "Chorus did not start: it ended with exit code 7"
    assert (shown, count) == (f"$ {sys.executable} -c CODE", "its last 40 lines:")
    assert lines == [f"line {number}" for number in range(10, 50)]


def test_a_process_that_does_not_answer_is_given_up_and_stopped(tmp_path: Path) -> None:
    command = (sys.executable, "-c", "import time; time.sleep(60)")
    health = nowhere()

    with (
        pytest.raises(NotStartedError) as raised,
        running("Chorus", command, health=health, patience=0.1, log=tmp_path / "log"),
    ):
        pass

    assert str(raised.value).splitlines()[::2] == [
        f"Chorus did not start: {health} did not answer 2xx within 0.1 s",
        "it printed nothing",
    ]


def test_a_process_that_answers_runs_until_the_end_of_the_block(tmp_path: Path) -> None:
    port = free_port()
    command = (sys.executable, "-c", SERVER, str(port))

    with running(
        "Chorus", command, health=f"http://127.0.0.1:{port}/", patience=60, log=tmp_path / "log"
    ) as process:
        assert process.exit_code_within(0) is None
        assert "listening" in process.lines()

    assert process.exit_code_within(0) is not None


def test_a_process_that_ends_by_itself_has_its_exit_code(tmp_path: Path) -> None:
    process = LocalProcess((sys.executable, "-c", ""), log=tmp_path / "log", environment={})

    assert process.exit_code_within(60) == 0
    assert process.stop() == 0


def nowhere() -> str:
    """
    An address where nothing listens.
    """
    return f"http://127.0.0.1:{free_port()}/healthz"

"""
Whatever a service starts ends with it, and it ends with whoever asked for it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from taketwo.config.services import ServiceConfig
from taketwo.services.service import Service
from tests.toolkit.conftest import is_alive

pytestmark = pytest.mark.slow

FAMILY = """
import os, signal, subprocess, sys, time
from http.server import BaseHTTPRequestHandler, HTTPServer

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"

class Healthy(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(204)
        self.end_headers()

child = subprocess.Popen([sys.executable, "-c", STUBBORN])
with open(sys.argv[2], "w") as file:
    file.write(f"{os.getpid()} {child.pid}")
if sys.argv[3] == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
HTTPServer(("127.0.0.1", int(sys.argv[1])), Healthy).serve_forever()
"""

PARENT = """
import os, sys, time
from taketwo.config.services import ServiceConfig
from taketwo.services.service import Service

Service(ServiceConfig(name="family", command=tuple(sys.argv[1:])), environment=os.environ).start()
print("up", flush=True)
time.sleep(60)
"""


def command(tmp_path: Path, manner: str = "polite") -> tuple[str, ...]:
    script = tmp_path / "family.py"
    script.write_text(FAMILY)
    return ("python", str(script), "{port}", str(tmp_path / "pids"), manner)


def family(tmp_path: Path) -> list[int]:
    return [int(word) for word in (tmp_path / "pids").read_text().split()]


def left_of(pids: list[int], *, within: float) -> list[int]:
    deadline = time.monotonic() + within
    while (left := [pid for pid in pids if is_alive(pid)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def test_a_stopped_service_takes_its_children_with_it(tmp_path: Path) -> None:
    service = Service(ServiceConfig(name="family", command=command(tmp_path)), environment=os.environ)
    service.start()
    pids = family(tmp_path)

    service.stop()

    assert len(pids) == 2
    assert left_of(pids, within=0) == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_service_ends_with_its_parent(tmp_path: Path, number: signal.Signals) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, *command(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == "up\n"
    pids = family(tmp_path)

    parent.send_signal(number)
    parent.communicate()

    assert left_of(pids, within=3) == []


def test_one_that_does_not_want_to_stop_is_made_to(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, *command(tmp_path, "stubborn")], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == "up\n"
    pids = family(tmp_path)

    parent.kill()
    parent.communicate()

    assert left_of(pids, within=7) == []

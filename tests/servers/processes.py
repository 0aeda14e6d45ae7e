"""
Servers as processes: started, followed, and looked for when they should be gone.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

# Starts a server, says its process id, and stays until it is killed.
_PARENT = """
import subprocess, sys, time
server = subprocess.Popen([sys.executable, "-m", *sys.argv[1:]], stdout=subprocess.PIPE)
server.stdout.readline()
print(server.pid, flush=True)
time.sleep(60)
"""


@contextmanager
def serving(
    module: str, *options: str, log: Path, environment: Mapping[str, str], patience: float
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """
    A server on a free port, and the line in which it says where; it is given *patience* seconds to stop.
    """
    with log.open("w") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", module, "--port", "0", *options],
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            env=environment,
        )
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline()
        finally:
            process.terminate()
            process.wait(patience)
            process.stdout.close()


def ended(
    module: str, *options: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """
    What a server says that ends by itself.
    """
    return subprocess.run(
        [sys.executable, "-m", module, *options],
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def family_of_killed_parent(module: str, *options: str) -> list[int]:
    """
    The processes of a server, itself first, whose parent was killed while they were alive.
    """
    with subprocess.Popen(
        [sys.executable, "-c", _PARENT, module, "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as parent:
        assert parent.stdout is not None
        server = int(parent.stdout.readline())
        family = [server, *children(server)]
        assert all(map(alive, family))
        parent.kill()
    return family


def children(pid: int) -> list[int]:
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:  # noqa: PTH123 - procfs
        return [int(child) for child in file.read().split()]


def alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:  # noqa: PTH123 - procfs
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def soon(condition: Callable[[], bool], *, within: float = 30) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return condition()

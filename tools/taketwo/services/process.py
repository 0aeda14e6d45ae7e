"""
The process of a service: started under a guard, its output kept, stopped with everything it started.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from taketwo.services import guard
from taketwo.services.listening import listening_ports


class Process:
    """
    A running command. Closing it, or the end of this process, ends it.
    """

    def __init__(
        self, command: Sequence[str], *, environment: Mapping[str, str], folder: Path | None = None
    ) -> None:
        self._log = tempfile.NamedTemporaryFile(prefix="taketwo-", suffix=".log")  # noqa: SIM115 - closed in stop
        self._guard = subprocess.Popen(
            [sys.executable, "-I", str(Path(guard.__file__)), *command],
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=self._log,
            env=dict(environment),
            cwd=folder,
            start_new_session=True,
        )

    def exit_code_within(self, seconds: float) -> int | None:
        """
        The exit code of a command that has ended, or does so before *seconds* have passed.
        """
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._guard.wait(seconds)
        return None

    @property
    def ports(self) -> list[int]:
        """
        Where the command listens, or anything that it started, as far as the system tells.
        """
        return listening_ports(self._guard.pid)

    @property
    def size(self) -> int:
        """
        How many bytes the command has printed so far.
        """
        return os.fstat(self._log.fileno()).st_size

    def lines(self, *, since: int = 0) -> list[str]:
        """
        What the command has printed after its first *since* bytes.
        """
        with Path(self._log.name).open("rb") as log:
            log.seek(since)
            return log.read().decode("utf-8", "replace").splitlines()

    def stop(self) -> None:
        if self._guard.stdin is not None:
            self._guard.stdin.close()
        try:
            self._guard.wait(guard.PATIENCE * 2)
        except subprocess.TimeoutExpired:
            self._guard.kill()
            self._guard.wait()
        self._log.close()


def is_free(port: int) -> bool:
    """
    Whether *port* of this machine is free.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """
    A port of this machine that is free now.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

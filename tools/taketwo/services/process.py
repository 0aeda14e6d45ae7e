"""
The process of a service: started under a guard, its output kept, stopped with everything it started.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from taketwo.services import guard

_LOG_LINES = 15


class Process:
    """
    A running command. Closing it, or the end of this process, ends it.
    """

    def __init__(self, command: Sequence[str], *, environment: Mapping[str, str]) -> None:
        self._log = tempfile.NamedTemporaryFile(prefix="taketwo-", suffix=".log")  # noqa: SIM115 - closed in stop
        self._guard = subprocess.Popen(
            [sys.executable, "-I", str(Path(guard.__file__)), *command],
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=self._log,
            env=dict(environment),
            start_new_session=True,
        )

    @property
    def exit_code(self) -> int | None:
        return self._guard.poll()

    def exit_code_within(self, seconds: float) -> int | None:
        """
        The exit code of a command that has ended, or does so before *seconds* have passed.
        """
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._guard.wait(seconds)
        return None

    def last_lines(self) -> list[str]:
        """
        What the command printed last.
        """
        with contextlib.suppress(OSError):
            return Path(self._log.name).read_text(errors="replace").splitlines()[-_LOG_LINES:]
        return []

    def stop(self) -> None:
        if self._guard.stdin is not None:
            self._guard.stdin.close()
        try:
            self._guard.wait(guard.PATIENCE * 2)
        except subprocess.TimeoutExpired:
            self._guard.kill()
            self._guard.wait()
        self._log.close()


def free_port() -> int:
    """
    A port of this machine that nobody listens on now.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

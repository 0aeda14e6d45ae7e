"""
Servers and the bot as processes of a live run: started, waited for, and stopped with everything they started.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from taketwo.services import guard

ROOT = Path(__file__).parents[2]
LAST_LINES = 40

_POLL = 0.1


class NotStartedError(Exception):
    """
    A process was not healthy in time; the message ends with the last 40 lines that it printed.
    """


class LocalProcess:
    """
    A running *command*, which prints into the file *log*. It ends with this process, however that ends.
    """

    def __init__(self, command: Sequence[str], *, log: Path, environment: Mapping[str, str]) -> None:
        self._log = log
        with log.open("wb") as file:
            self._guard = subprocess.Popen(
                [sys.executable, "-I", guard.__file__, *command],
                stdin=subprocess.PIPE,
                stdout=file,
                stderr=subprocess.STDOUT,
                env={**os.environ, **environment},
                cwd=ROOT,
                start_new_session=True,
            )

    def exit_code_within(self, seconds: float) -> int | None:
        """
        The exit code of a command that has ended, or does so before *seconds* have passed.
        """
        with suppress(subprocess.TimeoutExpired):
            return self._guard.wait(seconds)
        return None

    def lines(self) -> list[str]:
        """
        What the command has printed so far.
        """
        return self._log.read_text(encoding="utf-8", errors="replace").splitlines()

    def stop(self) -> int:
        """
        End the command, if it has not ended, and give its exit code: 0 when it ends cleanly on SIGTERM, 137
        when it had to be killed.
        """
        assert self._guard.stdin is not None
        self._guard.stdin.close()
        return self._guard.wait(guard.PATIENCE * 2)


@contextmanager
def running(
    name: str,
    command: Sequence[str],
    *,
    health: str,
    patience: float,
    log: Path,
    environment: Mapping[str, str] | None = None,
) -> Iterator[LocalProcess]:
    """
    *command* while the block runs, as soon as the address *health* answers 2xx, within *patience* seconds.

    :raises NotStartedError: when it does not, or ends before.
    """
    process = LocalProcess(command, log=log, environment=environment or {})
    try:
        if problem := _await_health(process, health, patience):
            raise NotStartedError(_not_started(name, command, problem, process.lines()))
        yield process
    finally:
        process.stop()


def is_healthy(address: str) -> bool:
    """
    Whether *address* answers 2xx, within a second.
    """
    try:
        with httpx.Client(trust_env=False, timeout=1.0, verify=address.startswith("https:")) as client:
            return client.get(address).is_success
    except httpx.HTTPError:
        return False


def _await_health(process: LocalProcess, health: str, patience: float) -> str | None:
    """
    What went wrong, None when the process is healthy.
    """
    deadline = time.monotonic() + patience
    while not is_healthy(health):
        if (code := process.exit_code_within(_POLL)) is not None:
            return f"it ended with exit code {code}"
        if time.monotonic() > deadline:
            return f"{health} did not answer 2xx within {patience:g} s"
    return None


def _not_started(name: str, command: Sequence[str], problem: str, lines: Sequence[str]) -> str:
    last = lines[-LAST_LINES:]
    count = "line" if len(last) == 1 else f"{len(last)} lines"
    printed = f"its last {count}:" if last else "it printed nothing"
    return "\n".join((f"{name} did not start: {problem}", f"$ {' '.join(command)}", printed, *last))

"""
On which ports the processes of a service listen, where the system tells: on Linux.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")
_SOCKET = re.compile(r"socket:\[(\d+)\]")
_LISTENS = "0A"
_SESSION = 3  # of the fields of /proc/PID/stat behind the name of the program
_ADDRESS, _STATE, _INODE = 1, 3, 9  # of the fields of /proc/net/tcp


def listening_ports(session: int) -> list[int]:
    """
    The ports on which a process of *session* listens, in order; none where the system does not tell.
    """
    with suppress(OSError):
        inodes = {inode for process in _processes(session) for inode in _sockets(process)}
        return sorted({port for inode, port in _listening() if inode in inodes})
    return []


def _processes(session: int) -> Iterator[Path]:
    for process in _PROC.glob("[0-9]*"):
        with suppress(OSError):
            fields = (
                (process / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            )
            if int(fields[_SESSION]) == session:
                yield process


def _sockets(process: Path) -> Iterator[str]:
    with suppress(OSError):  # it has ended, or is somebody else's
        for file in (process / "fd").iterdir():
            with suppress(OSError):
                found = _SOCKET.fullmatch(str(file.readlink()))
                if found:
                    yield found[1]


def _listening() -> Iterator[tuple[str, int]]:
    for table in ("tcp", "tcp6"):
        with suppress(OSError):
            for line in (_PROC / "net" / table).read_text(encoding="ascii").splitlines()[1:]:
                fields = line.split()
                if fields[_STATE] == _LISTENS:
                    yield fields[_INODE], int(fields[_ADDRESS].rpartition(":")[2], 16)

"""
Runs the cells of one family of clients as a project of its own: recorded, replayed, changed, recorded again.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.toolkit.clients.recorders import OURS, Recorder
from tests.toolkit.clients.server.exchange import FOLDER
from tests.toolkit.clients.suite.cell import ADDRESS, AUTHORITY, SECURE_ADDRESS, TURNED, WORD
from tests.toolkit.clients.table import Row

REPOSITORY = Path(__file__).parents[3]
_PLUGINS = ("anyio", "pgmem", "randomly", "respx", "cacheprovider", "xdist")
_LONG = 900.0  # seconds for one pass
_START = 120.0  # seconds until the server listens


class Pass(Enum):
    """
    *RECORD* and *AGAIN* are against a service, each against another process of it; *REPLAY* and *CHANGED*
    have none, and in the last of them every cell sends another word.
    """

    RECORD = "record"
    REPLAY = "replay"
    CHANGED = "changed"
    AGAIN = "again"

    @property
    def records(self) -> bool:
        return self in {Pass.RECORD, Pass.AGAIN}


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    How the test of a cell ended; *text* is what pytest tells of its failure.
    """

    passed: bool
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """
    One pass: the outcomes, the answers that the service began, and the cassettes afterwards, by their cells.
    """

    outcomes: Mapping[str, Outcome]
    answered: Mapping[str, int] = field(default_factory=dict)
    cassettes: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Server:
    """
    The server of the matrix in a process of its own, with its plain address and its secure one.
    """

    address: str
    secure_address: str


@contextmanager
def serving(folder: Path, certificates: Path | None, *, ports: Sequence[int] = ()) -> Iterator[Server]:
    """
    Start the server, and stop it at the end; without *certificates* it speaks no TLS.
    """
    port, secure = ports or (free_port(), free_port())
    words = [str(port)] if certificates is None else [str(port), str(secure), str(certificates)]
    with (folder / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.toolkit.clients.server", *words],
            cwd=REPOSITORY,
            env={**os.environ, FOLDER: str(folder), "PYTHONPATH": str(REPOSITORY)},
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
        )
    try:
        for each in (port,) if certificates is None else (port, secure):
            _await(each, process)
        yield addressed((port, secure))
    finally:
        process.kill()
        process.communicate()


def addressed(ports: Sequence[int]) -> Server:
    plain, secure = ports
    return Server(f"http://127.0.0.1:{plain}", f"https://127.0.0.1:{secure}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError(f"the server of the matrix does not listen on port {port}")


def run_passes(
    root: Path,
    certificates: Path | None,
    *,
    passes: Iterable[Pass] = tuple(Pass),
    recorder: Recorder = OURS,
) -> dict[Pass, Ran]:
    """
    One pass after the other, each on what the ones before have left.
    """
    ports = () if recorder.by_name else (free_port(), free_port())
    return {which: _served(root, which, certificates, recorder, ports) for which in passes}


def _served(
    root: Path, which: Pass, certificates: Path | None, recorder: Recorder, ports: Sequence[int]
) -> Ran:
    folder = root / which.value
    folder.mkdir(exist_ok=True)
    if not which.records:
        return _run(root, which, certificates, recorder, addressed(ports) if ports else None)
    with serving(folder, certificates, ports=ports) as server:
        return _run(root, which, certificates, recorder, server)


def write_project(root: Path, rows: Sequence[Row], *, recorder: Recorder = OURS) -> None:
    """
    A test for each thing that the clients do and that can be tried here.
    """
    cells = root / "cells"
    cells.mkdir(parents=True, exist_ok=True)
    (root / "pyproject.toml").write_text(recorder.pyproject)
    (cells / "conftest.py").write_text(recorder.conftest)
    for row in rows:
        things = [thing for thing in row.cells() if not row.missing(thing)]
        (cells / f"{module_of(row)}.py").write_text(_module(row, things))


def module_of(row: Row) -> str:
    return "test_" + row.name.replace(".", "_").replace("-", "_")


def _module(row: Row, things: Sequence[str]) -> str:
    """
    The tests of one client, each of which does one thing.
    """
    carry_out = "run" if row.is_async or not row.adapter else "drive"
    where = f"{row.shared}.{{}}(client.{row.adapter}, cell)" if row.adapter else "client.{}(cell)"
    modules = ", ".join(sorted({row.module, row.shared} if row.adapter else {row.module}))
    head = [
        "import pytest\n",
        f"from tests.toolkit.clients.suite import {modules}".replace(row.module, f"{row.module} as client"),
        f"from tests.toolkit.clients.suite.cell import {carry_out}\n",
        f"CLIENT = {row.name!r}",
        "pytestmark = pytest.mark.vcr",
    ]
    tests = [f"\n\ndef test_{thing}(cell):\n    {carry_out}({where.format(thing)})" for thing in things]
    return "\n".join([*head, *tests, ""])


def _run(
    root: Path, which: Pass, certificates: Path | None, recorder: Recorder, server: Server | None
) -> Ran:
    folder, mode = root / which.value, "rewrite" if which.records else "none"
    report = folder / "report.xml"
    plugins = [word for name in (*_PLUGINS, *recorder.without) for word in ("-p", f"no:{name}")]
    options = ["--tb=short", "-q", *plugins, f"--junitxml={report}", f"--record-mode={mode}"]
    started_session = time.monotonic()
    output = folder / "output"
    with output.open("w") as printed, suppress(subprocess.TimeoutExpired):
        subprocess.run(
            [sys.executable, "-m", "pytest", "cells", *options],
            cwd=root,
            env=_environment(root, which, certificates, server),
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.STDOUT,
            timeout=_LONG,
            check=False,
        )
    # A peer may hang; then none of its cells has an outcome.
    if recorder is OURS and not report.exists():
        raise RuntimeError(f"the pass {which.value} gave no report:\n{output.read_text()}")
    return Ran(
        outcomes=_outcomes(report) if report.exists() else {},
        answered=_answered(folder / "log"),
        cassettes=_cassettes(root),
        seconds=time.monotonic() - started_session,
    )


def _environment(root: Path, which: Pass, certificates: Path | None, server: Server | None) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name != "CI" and not name.startswith(("PYTEST_", "MATRIX_"))
    }
    own = {
        "NO_COLOR": "1",
        "COLUMNS": "200",
        # A task that fails unseen is logged when it is collected, wherever that is. To mark its lines Python
        # 3.11 parses them, and where that happens within a parser this one fails ("AST constructor recursion
        # depth mismatch", gh-106905); without positions nothing is marked.
        "PYTHONNODEBUGRANGES": "1",
        "PYTHONPATH": str(REPOSITORY),
        "TAKETWO_CACHE": str(root / "cache"),
        FOLDER: str(root / which.value),
        WORD: "pear" if which is Pass.CHANGED else "apple",
    }
    if which in {Pass.REPLAY, Pass.CHANGED}:
        own[TURNED] = "1"
    if certificates is not None:
        own[AUTHORITY] = own["SSL_CERT_FILE"] = str(certificates / "ca.pem")
    if server is not None:
        own |= {ADDRESS: server.address, SECURE_ADDRESS: server.secure_address}
    return {**kept, **own}


def _outcomes(report: Path) -> dict[str, Outcome]:
    found: dict[str, Outcome] = {}
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - pytest wrote it a moment ago
        ends = [one for one in case if one.tag in {"failure", "error", "skipped"}]
        told = [one.text or one.get("message") or one.tag for one in ends]
        name = case.get("classname", "").rpartition(".")[2] + "::" + case.get("name", "")
        found[name] = Outcome(passed=not told, text="\n".join(told))
    return found


def _answered(log: Path) -> Counter[str]:
    lines = log.read_text().splitlines() if log.exists() else []
    return Counter(line.partition(" ")[0] for line in lines)


def _cassettes(root: Path) -> dict[str, str]:
    return {
        f"{path.parent.name}::{path.stem}": path.read_text(encoding="utf-8", errors="surrogateescape")
        for path in sorted(root.rglob("*.yaml"))
        if ".taketwo" not in path.parts
    }

"""
Names by places and values by encodings: which secrets each tool leaves, and what it replays and changes.

``python -m tests.benchmarks.secret_table`` records the cells of ``secret_cells.py`` with each
tool against a server that repeats queries, headers, cookies and bodies, then replays them with
``--record-mode=none``. It reads every file that a tool has written, and what it prints, in each encoding, and
prints the tables of ``docs/secrets.md``. ``--every 8`` tries an eighth of the items, and ``--only TOOL`` one
tool. Every value is made up.

The peers are best in an environment of its own, since pytest cannot load the plugins of cassetter and taketwo
together (here each is loaded by its name): ``pip install -e '.[test,clients]' cassetter detect-secrets``.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import re
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from taketwo.cassette.secrets.values import entropy
from tests.benchmarks.processes import ROOT, clean
from tests.benchmarks.secret_cells import ADDRESS, EVERY, MODE, Cell, Server, cells
from tests.benchmarks.secret_corpus import VARIABLES, secrets
from tests.benchmarks.secret_search import is_in, read

_PROJECT = """
[tool.taketwo]
tests = "suite"
secrets = {variables}

[tool.pytest.ini_options]
testpaths = ["suite"]
addopts = ["--import-mode=importlib", "-p", "no:cacheprovider", "--tb=short"]
"""
_SUITE = """
import pytest

from tests.benchmarks.secret_cells import cells, run


@pytest.mark.vcr
@pytest.mark.parametrize("cell", {marks})
def test_cell(cell):
    run(cell)
"""
_CONFIG = """
import pytest


@pytest.fixture(scope="module")
def vcr_config():
    return {config}
"""
_CASSETTER = """
import os

import pytest
from cassetter import use_cassette


@pytest.fixture(autouse=True)
def cassette(cell):
    mode = "none" if os.environ["SECRET_TABLE_MODE"] == "none" else "all"
    with use_cassette(f"cassettes/{cell}.yaml", record_mode=mode):
        yield
"""
_HEADERS = ["authorization", "proxy-authorization", "x-api-key", "cookie", "set-cookie"]
_PARAMETERS = ["api_key", "apikey", "access_token", "token", "key", "secret", "password", "signature"]
_POSTED = ["password", "client_secret", "api_key", "access_token", "refresh_token", "token"]
_USUAL = {"filter_headers": _HEADERS, "filter_query_parameters": _PARAMETERS}
_LIMIT = 1800  # seconds, on a machine that others use


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """
    *plugins* are the names by which pytest loads it, and *conftest* is what its users write.
    """

    name: str
    needs: str
    plugins: tuple[str, ...] = ()
    conftest: str = ""


OURS = Tool(name="taketwo", needs="taketwo", plugins=("recording", "taketwo"))
ALONE = Tool(name="VCR.py alone", needs="vcr", plugins=("recording",))
TOOLS = (
    OURS,
    Tool(
        name="VCR.py with filters",
        needs="vcr",
        plugins=("recording",),
        conftest=_CONFIG.format(config={**_USUAL, "filter_post_data_parameters": _POSTED}),
    ),
    Tool(
        name="pytest-recording with vcr_config",
        needs="pytest_recording",
        plugins=("recording",),
        conftest=_CONFIG.format(config=_USUAL),
    ),
    Tool(name="cassetter", needs="cassetter", conftest=_CASSETTER),
    ALONE,
)
SCANNERS = ("detect-secrets", "a scanner's rule")


@dataclass(slots=True)
class Counted:
    """
    Of the items of each row in each direction: how many are hidden, replayed, refused, and which are not.

    Of *broken* ones the client got no answer while they were recorded: an error of the tool came instead.
    """

    sent: Counter[tuple[str, ...]] = field(default_factory=Counter)
    hidden: Counter[tuple[str, ...]] = field(default_factory=Counter)
    replayed: Counter[tuple[str, ...]] = field(default_factory=Counter)
    refused: Counter[tuple[str, ...]] = field(default_factory=Counter)
    broken: Counter[tuple[str, ...]] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """
    What the client got in one item of a cell, and whether it got anything.
    """

    answered: bool
    text: str


def measured(tool: Tool, folder: Path) -> Counted:
    """
    Record and replay every cell with *tool*, and count.
    """
    with _a_server() as server:
        address = f"http://127.0.0.1:{server.server_port}"
        _write_suite(tool, folder, marks=[*cells()])
        recorded = _run(tool, folder, "rewrite", address)
        before = server.requests
        replayed = _run(tool, folder, "none", address)
        assert server.requests == before, f"{tool.name} asked the server in the replay"
    counted = Counted()
    by_mode = [_outcomes(folder, mode) for mode in ("rewrite", "none")]
    for mark, cell in cells().items():
        _count(counted, cell, _files_of(folder, mark), *(outcomes.get(mark, {}) for outcomes in by_mode))
    said = read((recorded + replayed).encode())
    counted.told = sorted({value for value in _all_values() if is_in(said, value)})
    return counted


def _all_values() -> set[str]:
    secret = {item.value for cell in cells().values() if cell.table != "harmless" for item in cell.items}
    return secret | set(secrets().values())


def _count(
    counted: Counted,
    cell: Cell,
    files: Sequence[bytes],
    recorded: Mapping[int, Outcome],
    replayed: Mapping[int, Outcome],
) -> None:
    key = (cell.table, cell.row, cell.direction)
    text = read(b"\n".join(files))
    for number, item in enumerate(cell.items):
        where = f"{item.name} in {cell.row}, {cell.direction}"
        before, after = recorded[number], replayed.get(number)
        counted.sent[key] += 1
        if cell.table == "harmless":
            is_same = before.answered and after is not None and after.text == before.text
            counted.changed += [] if is_same else [where]
            continue
        if not before.answered:
            counted.broken[key] += 1
            counted.errors.append(f"{where}: {before.text}")
            continue
        if not files:
            counted.refused[key] += 1
            continue
        is_hidden = not is_in(text, item.value)
        is_replayed = after is not None and after.answered and _is_like(before.text, after.text, cell)
        counted.hidden[key] += is_hidden
        counted.replayed[key] += is_hidden and is_replayed
        counted.missed += [] if is_hidden else [where]
        counted.failed += [where] if is_hidden and not is_replayed else []


def _is_like(before: str, after: str, cell: Cell) -> bool:
    """
    Whether a client notices nothing: a value that is known is played as it was, in its encoding or another.
    """
    return len(before) == len(after) if cell.table == "secret" else bool(after)


@contextmanager
def _a_server() -> Iterator[Server]:
    server = Server()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def _write_suite(tool: Tool, folder: Path, *, marks: Sequence[str]) -> None:
    suite = folder / "suite"
    suite.mkdir()
    (folder / "pyproject.toml").write_text(_PROJECT.format(variables=json.dumps(VARIABLES)), encoding="utf-8")
    (suite / "test_cells.py").write_text(_SUITE.format(marks=marks), encoding="utf-8")
    if tool.conftest:
        (suite / "conftest.py").write_text(tool.conftest, encoding="utf-8")


def _run(tool: Tool, folder: Path, mode: str, address: str) -> str:
    """
    What pytest says of the suite of *tool* in a record mode.
    """
    loaded = [part for plugin in tool.plugins for part in ("-p", plugin)]
    record_mode = [f"--record-mode={mode}"] if tool.plugins else []
    known = {name: secrets()[name] for name in VARIABLES}
    environment = {**clean(folder), **known, "PYTHONPATH": str(ROOT), MODE: mode, ADDRESS: address}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *loaded, *record_mode],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=_LIMIT,
        check=False,
    )
    assert done.returncode in {0, 1}, done.stdout + done.stderr
    return done.stdout + done.stderr


def _outcomes(folder: Path, mode: str) -> dict[str, dict[int, Outcome]]:
    found: dict[str, dict[int, Outcome]] = {}
    for line in (folder / f"outcomes-{mode}.jsonl").read_text(encoding="utf-8").splitlines():
        mark, number, state, text = json.loads(line)
        found.setdefault(mark, {})[number] = Outcome(answered=state == "answered", text=text)
    return found


def _files_of(folder: Path, mark: str) -> list[bytes]:
    """
    The files that are a cell's, with what their paths say.
    """
    return [
        str(path.relative_to(folder)).encode() + b"\n" + path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and mark in str(path.relative_to(folder))
    ]


_SCANNED = re.compile(
    r"(?i)[\w.-]{0,50}(?:access|auth|api|credential|creds|key|passw(?:or)?d|secret|token)[\w.-]{0,20}"
    r"[\s'\"]{0,3}(?:=|>|:|,)[\s'\"=]{0,5}([\w.=+/-]{10,150})"
)
_LEAST_ENTROPY = 3.5


def scanned(folder: Path) -> Mapping[str, Counted]:
    """
    What detect-secrets, and a rule as gitleaks has it, find in cassettes that hold everything.
    """
    hashes, lines = _detected(folder) if _is_there("detect_secrets") else (set(), {})
    by_scanner = {
        name: Counted() for name in SCANNERS if name != "detect-secrets" or _is_there("detect_secrets")
    }
    for mark, cell in cells().items():
        text = "\n".join(part.decode("utf-8", "replace") for part in _files_of(folder, mark))
        ruled = {hit[1] for hit in _SCANNED.finditer(text) if entropy(hit[1]) >= _LEAST_ENTROPY}
        flagged = "\n".join(line for path, found in lines.items() if mark in path for line in found)
        for item in cell.items:
            hashed = hashlib.sha1(item.value.encode(), usedforsecurity=False).hexdigest()
            is_found = {
                "detect-secrets": hashed in hashes or item.value in flagged,
                "a scanner's rule": any(item.value in each for each in ruled),
            }
            for name, counted in by_scanner.items():
                key = (cell.table, cell.row, cell.direction)
                counted.sent[key] += 1
                if cell.table == "harmless":
                    counted.changed += [item.name] if is_found[name] else []
                else:
                    counted.hidden[key] += is_found[name]
    return by_scanner


def _detected(folder: Path) -> tuple[set[str], dict[str, list[str]]]:
    """
    The hashes of what detect-secrets finds below *folder*, and the lines that it points at, by file.
    """
    done = subprocess.run(
        [sys.executable, "-m", "detect_secrets", "scan", "--all-files", "suite"],
        cwd=folder,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=_LIMIT,
        check=True,
    )
    hashes, lines = set(), {}
    for name, findings in json.loads(done.stdout)["results"].items():
        text = Path(folder, name).read_text(encoding="utf-8", errors="replace").split("\n")
        hashes |= {finding["hashed_secret"] for finding in findings}
        lines[name] = [text[finding["line_number"] - 1] for finding in findings]
    return hashes, lines


def _is_there(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def table(counts: Mapping[str, Counted]) -> str:
    """
    The tables as Markdown: secrets by name and by value, of what is sent and of what is answered.
    """
    titles = {"secret": "place", "encoded": "encoding", "packed": "packing"}
    parts = [_table(titles[name], name, counts) for name in titles]
    return "\n\n".join([*parts, _sums(counts)])


def _table(title: str, name: str, counts: Mapping[str, Counted]) -> str:
    keys = [key for key in next(iter(counts.values())).sent if key[0] == name]
    rows = list(dict.fromkeys(key[1] for key in keys))
    head = [f"| {title} | " + " | ".join(counts) + " |", "| --- |" + " --- |" * len(counts)]
    cells_of = [
        f"| {row} | "
        + " | ".join(
            "; ".join(_cell(one, (name, row, way)) for way in ("request", "answer"))
            for one in counts.values()
        )
        + " |"
        for row in rows
    ]
    return "\n".join([*head, *cells_of])


def _cell(counted: Counted, key: tuple[str, ...]) -> str:
    """
    How many are hidden and how many of these replayed, of how many.
    """
    if counted.refused[key]:
        return "refused"
    if counted.broken[key]:
        return f"{counted.broken[key]} broken"
    hidden = counted.hidden[key]
    replayed = f" ({counted.replayed[key]})" if counted.replayed[key] != hidden and counted.replayed else ""
    return f"{hidden}{replayed} of {counted.sent[key]}"


def _sums(counts: Mapping[str, Counted]) -> str:
    head = ["| of all | " + " | ".join(counts) + " |", "| --- |" + " --- |" * len(counts)]
    lines: Mapping[str, Callable[[Counted], object]] = {
        "hidden, or found": lambda one: one.hidden.total(),
        "of these replayed": lambda one: one.replayed.total(),
        "refused": lambda one: one.refused.total(),
        "broken while recorded": lambda one: one.broken.total(),
        "left": _left,
        "harmless values changed": lambda one: f"{len(one.changed)} of {_harmless(one)}",
        "in messages": lambda one: len(one.told),
    }
    rows = [
        f"| {name} | " + " | ".join(str(count(one)) for one in counts.values()) + " |"
        for name, count in lines.items()
    ]
    return "\n".join([*head, *rows])


def _left(counted: Counted) -> int:
    kept_out = counted.hidden.total() + counted.refused.total() + counted.broken.total()
    return counted.sent.total() - _harmless(counted) - kept_out


def _harmless(counted: Counted) -> int:
    return sum(count for key, count in counted.sent.items() if key[0] == "harmless")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.secret_table")
    parser.add_argument("--only", choices=[tool.name for tool in TOOLS], help="measure one tool")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="try one of N items of each cell")
    options = parser.parse_args(arguments)
    only, os.environ[EVERY] = options.only, str(options.every)
    counts: dict[str, Counted] = {}
    for tool in TOOLS:
        if only not in {None, tool.name}:
            continue
        if not _is_there(tool.needs):
            sys.stdout.write(f"{tool.name}: not installed\n")
            continue
        with TemporaryDirectory(prefix="taketwo-benchmark-") as name:
            counts[tool.name] = measured(tool, Path(name))
            if tool is ALONE:
                counts |= scanned(Path(name))
    sys.stdout.write(f"{table(counts)}\n")
    for missing in {"detect-secrets"} - set(counts) if only is None else ():
        sys.stdout.write(f"{missing}: not installed\n")
    ours = counts.get(OURS.name)
    for title in ("missed", "failed", "changed", "told", "errors") if ours else ():
        sys.stdout.write(f"\ntaketwo, {title}: {'; '.join(getattr(ours, title)) or 'none'}\n")


if __name__ == "__main__":
    main()

"""
``python -m tests.benchmarks.refreshing``: what a proposed contract, and a change that touches few, take.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

from tests.benchmarks.processes import say

ROOT: Final = Path(__file__).parents[2]
_NOTEBOOK: Final = ROOT / "tests" / "toolkit" / "notebook.py"
_TOUCHED: Final = 3
_KIBIBYTE: Final = 1024

PYPROJECT: Final = f"""
[tool.taketwo.services.notebook]
command = ["python", "{_NOTEBOOK}", "{{port}}"]
health = "/health"
reset = "/reset"
contract = {{ openapi = "/openapi.json" }}
address = "NOTEBOOK_URL"
environment = {{ NOTEBOOK_URL = "{{url}}" }}

[tool.pytest.ini_options]
addopts = ["--import-mode=importlib", "-p", "recording", "-p", "taketwo"]
"""
# Linux counts what the starting process held to the peak of the started one, so a small one starts it.
_STARTER: Final = """
import json, os, sys
file, *command = sys.argv[1:]
pid = os.posix_spawn(command[0], command, os.environ)
_, status, usage = os.wait4(pid, 0)
with open(file, "w") as target:
    code = os.waitstatus_to_exitcode(status)
    json.dump([code, usage.ru_utime + usage.ru_stime, usage.ru_maxrss], target)
"""
_TESTS: Final = """
import os

import httpx
import pytest


@pytest.fixture
def notes(vcr):
    with httpx.Client(base_url=os.environ["NOTEBOOK_URL"], trust_env=False) as client:
        yield client


@pytest.mark.vcr
@pytest.mark.parametrize("number", range({touched}))
def test_made(notes, number):
    note = notes.post("/notes", json={{"text": f"note {{number}}"}}).json()
    notes.get(f"/notes/{{note['id']}}")


@pytest.mark.vcr
@pytest.mark.parametrize("number", range({others}))
def test_read(notes, number):
    for each in range(4):
        notes.get("/notes", params={{"page": f"{{number}}", "part": f"{{each}}"}})
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """
    What a process and its children took, and the most memory that any one of them held.
    """

    code: int
    seconds: float
    processor: float
    megabytes: float

    def __str__(self) -> str:
        times = f"{self.seconds:6.2f} s elapsed, {self.processor:6.2f} s of processor"
        return f"{times}, {self.megabytes:5.0f} MB at most, exit code {self.code}"


def contract(*, changed: bool) -> dict[str, object]:
    """
    What the notebook promises; *changed*, the text of a note has a least length.
    """
    text = {"type": "string"}
    note = {"type": "object", "properties": dict.fromkeys(("id", "text", "created"), text)}
    said = {"type": "object", "properties": {"text": text}, "required": ["text"]}
    if changed:
        said = {**said, "properties": {"text": {**text, "minLength": 20}}}
    one = {"200": {"description": "a note", "content": {"application/json": {"schema": note}}}}
    listed = {"type": "array", "items": note}
    every = {"200": {"description": "notes", "content": {"application/json": {"schema": listed}}}}
    query = [{"name": name, "in": "query", "schema": text} for name in ("page", "part")]
    body = {"required": True, "content": {"application/json": {"schema": said}}}
    return {
        "openapi": "3.0.3",
        "info": {"title": "Notebook", "version": "1"},
        "paths": {
            "/notes": {
                "get": {"parameters": query, "responses": every},
                "post": {"requestBody": body, "responses": one},
            },
            "/notes/{id}": {
                "get": {
                    "parameters": [{"name": "id", "in": "path", "required": True, "schema": text}],
                    "responses": one,
                }
            },
        },
    }


def recorded(folder: Path, *, others: int) -> Path:
    """
    A project with the cassettes of *others* tests, and of the few that a change will touch.
    """
    (folder / "tests").mkdir(parents=True)
    (folder / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    text = _TESTS.format(touched=_TOUCHED, others=others)
    (folder / "tests" / "test_notes.py").write_text(text, encoding="utf-8")
    for name, changed in (("old.json", False), ("new.json", True)):
        (folder / name).write_text(json.dumps(contract(changed=changed)), encoding="utf-8")
    done = spent(folder, "-m", "pytest", "-q", "--record-mode=rewrite", environment=_promising("old.json"))
    if done.code:
        raise SystemExit(f"the project could not be recorded: {done}")
    return folder


def spent(folder: Path, *command: str, environment: Mapping[str, str]) -> Spent:
    """
    Run a Python command in *folder*, with variables of its own.
    """
    began = perf_counter()
    with TemporaryDirectory(prefix="taketwo-benchmark-") as name:
        usage = Path(name, "usage.json")
        subprocess.run(
            [sys.executable, "-S", "-c", _STARTER, str(usage), sys.executable, *command],
            cwd=folder,
            env=_environment(environment),
            stdout=subprocess.DEVNULL,
            check=True,
        )
        seconds = perf_counter() - began
        code, processor, kibibytes = json.loads(usage.read_text(encoding="utf-8"))
    return Spent(code=code, seconds=seconds, processor=processor, megabytes=kibibytes / _KIBIBYTE)


def _promising(name: str) -> dict[str, str]:
    """
    The variables for a notebook whose contract is the file of that name.
    """
    return {"NOTEBOOK_CONTRACT": name}


def _environment(own: Mapping[str, str]) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("CI", "PYTEST_"))}
    return {**inherited, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **own}


def main(arguments: Sequence[str]) -> int:
    asked = _parser().parse_args(arguments)
    with TemporaryDirectory(prefix="taketwo-benchmark-") as name:
        many = recorded(Path(name, "many"), others=asked.cassettes - _TOUCHED)
        for words in ("first", "again"):
            done = spent(
                many, "-m", "taketwo", "impact", "--openapi", "new.json", environment=_promising("old.json")
            )
            say(f"impact over {asked.cassettes} cassettes, {words}: {done}")
        few = recorded(Path(name, "few"), others=0)
        some = recorded(Path(name, "some"), others=asked.suite - _TOUCHED)
        for what, folder in ((f"{_TOUCHED} of {_TOUCHED}", few), (f"{_TOUCHED} of {asked.suite}", some)):
            done = spent(folder, "-m", "taketwo", "refresh", "--check", environment=_promising("new.json"))
            say(f"a change that touches {what} cassettes: {done}")
        done = spent(some, "-m", "taketwo", "refresh", "--check", "--all", environment=_promising("old.json"))
        say(f"all {asked.suite} recorded again: {done}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.refreshing", description=__doc__)
    parser.add_argument("--cassettes", type=int, default=1000, help="for impact; 1000 unless told")
    parser.add_argument("--suite", type=int, default=200, help="for a refresh; 200 unless told")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

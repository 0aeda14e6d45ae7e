"""
``python -m tests.benchmarks.shards``: a refresh of a large suite, and the same in parts on several machines.

The machines are clones of one repository. Each part is recorded in a clone of its own, one after the other,
so that the times are those of machines that do nothing else; one more clone merges them. What the merge
leaves in its work tree, its report and its exit code have to be those of the one refresh, to the byte.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.benchmarks.processes import say
from tests.benchmarks.refreshing import ROOT, Spent, contract, spent

_SERVICES: Final = ("books", "desk", "shop")
_TESTS_OF_A_MODULE: Final = 50
_REPORT: Final = "report.md"

_SERVICE: Final = """
[tool.taketwo.services.{name}]
command = ["sh", "service.sh", "{name}", "{{port}}"]
health = "/health"
reset = "/reset"
contract = {{ openapi = "/openapi.json" }}
environment = {{ {name}_url = "{{url}}" }}
"""
_START: Final = f"""\
NOTEBOOK_CONTRACT=old.json
if [ "$1" = desk ]; then NOTEBOOK_FIELD=$MEMBER; NOTEBOOK_CONTRACT=$PROMISED; fi
export NOTEBOOK_FIELD NOTEBOOK_CONTRACT
exec {sys.executable} {ROOT / "tests" / "toolkit" / "notebook.py"} "$2"
"""
_OPTIONS: Final = """
[tool.pytest.ini_options]
addopts = ["--import-mode=importlib", "-p", "recording", "-p", "taketwo"]
"""
# Between 2 and 6 requests.
_TESTS: Final = """
import os

import httpx
import pytest


@pytest.mark.vcr
@pytest.mark.parametrize("number", range({tests}))
def test_notes(number):
    # A context of TLS, which is not needed here, would take longer than all else.
    with httpx.Client(base_url=os.environ["{service}_url"], trust_env=False, verify=False) as client:
        for part in range(1 + (number * 7 + {module}) % 3):
            note = client.post("/notes", json={{"text": f"note {{number}} {{part}}"}}).json()
            assert client.get(f"/notes/{{note['id']}}").json()["created"]
"""
# The services as they are recorded, and as they are when that is done again: one names a member differently,
# and its contract has changed.
_BEFORE: Final = {"MEMBER": "text", "PROMISED": "old.json"}
_AFTER: Final = {"MEMBER": "words", "PROMISED": "new.json"}


def main(arguments: Sequence[str]) -> int:
    asked = _parser().parse_args(arguments)
    with TemporaryDirectory(prefix="taketwo-benchmark-") as name:
        origin = _recorded(Path(name, "origin"), asked.tests)
        return 0 if _compared(origin, Path(name), asked.parts) else 1


def _compared(origin: Path, folder: Path, count: int) -> bool:
    whole = _clone(origin, folder / "whole")
    once = _refresh(whole, "--all", "--markdown", _REPORT)
    say(f"one refresh: {once}")
    parts = [folder / f"part{number}" for number in range(1, count + 1)]
    took: list[float] = []
    for number, part in enumerate(parts, 1):
        machine = _clone(origin, folder / f"machine{number}")
        done = _refresh(machine, "--all", "--check", "--shard", f"{number}/{count}", "--pending", str(part))
        took.append(done.seconds)
        tests = json.loads((part / "shard.json").read_text(encoding="utf-8"))["ended"]
        say(f"part {number}: {done}, {len(tests)} tests")
    merging = _clone(origin, folder / "merging")
    merged = spent(
        merging, "-m", "taketwo", "merge", *map(str, parts), "--markdown", _REPORT, environment=_AFTER
    )
    say(f"merge: {merged}")
    say(f"the longest part takes {max(took) / (sum(took) / count):.2f} times the mean")
    say(f"the longest part and the merge: {once.seconds / (max(took) + merged.seconds):.2f} times as soon")
    left, joined = _files(whole), _files(merging)
    differing = sorted(name for name in left | joined if left.get(name) != joined.get(name))
    say(f"{len(left)} files, of which {len(differing)} differ: {differing[:5]}")
    say(f"exit codes {once.code} and {merged.code}")
    return not differing and once.code == merged.code


def _recorded(folder: Path, tests: int) -> Path:
    """
    A repository with the cassettes of so many tests.
    """
    (folder / "tests").mkdir(parents=True)
    services = "".join(_SERVICE.format(name=name) for name in _SERVICES)
    (folder / "pyproject.toml").write_text(services + _OPTIONS, encoding="utf-8")
    (folder / "service.sh").write_text(_START, encoding="utf-8")
    for number, first in enumerate(range(0, tests, _TESTS_OF_A_MODULE)):
        few = min(_TESTS_OF_A_MODULE, tests - first)
        text = _TESTS.format(tests=few, module=number, service=_SERVICES[number % len(_SERVICES)])
        (folder / "tests" / f"test_{number:03}.py").write_text(text, encoding="utf-8")
    for name, changed in (("old.json", False), ("new.json", True)):
        (folder / name).write_text(json.dumps(contract(changed=changed)), encoding="utf-8")
    _git(folder, "init", "-q")
    done = spent(folder, "-m", "pytest", "-q", "--record-mode=rewrite", environment=_BEFORE)
    if done.code:
        raise SystemExit(f"the suite could not be recorded: {done}")
    say(f"{tests} tests recorded: {done}")
    (folder / ".gitignore").write_text("__pycache__\n.pytest_cache\n.taketwo\n", encoding="utf-8")
    _git(folder, "add", ".")
    _git(folder, "commit", "-q", "-m", "Record the suite")
    return folder


def _clone(origin: Path, folder: Path) -> Path:
    _git(origin, "clone", "-q", str(origin), str(folder))
    return folder


def _refresh(folder: Path, *arguments: str) -> Spent:
    return spent(folder, "-m", "taketwo", "refresh", *arguments, environment=_AFTER)


def _files(folder: Path) -> dict[str, str]:
    """
    All that a refresh leaves, with its hash.
    """
    files = [folder / _REPORT, *(file for file in (folder / "cassettes").rglob("*") if file.is_file())]
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in files
        if ".taketwo" not in file.parts
    }


def _git(folder: Path, *arguments: str) -> None:
    own = ("-c", "user.name=n", "-c", "user.email=n@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *own, *arguments], cwd=folder, check=True)  # noqa: S607 - the machine's own


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.shards", description=__doc__)
    parser.add_argument("--tests", type=int, default=2000, help="of the suite; 2000 unless told")
    parser.add_argument("--parts", type=int, default=5, help="of the refresh; 5 unless told")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""
``python -m tests.benchmarks.many``: what 100, 1,000 and 10,000 cassettes take, in processor time and memory.

Commands over a project with a service and its contract, and the same suite of three requests a test collected
and replayed with taketwo and with the other recorders that are installed. ``--html FILE`` draws it.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.benchmarks.client_styles import OURS, STYLES, Recorder, recorders_of, suite_files
from tests.benchmarks.page import plot
from tests.benchmarks.refreshing import PYPROJECT, ROOT, Spent, spent
from tests.benchmarks.suites import write_files
from tests.benchmarks.tables import aligned

_TESTS_OF_A_MODULE: Final = 50
_FIRST: Final = "0-0"  # the test that is recorded; all others have its cassette, with their own number in it
_COLOURS: Final = ("#1f6feb", "#d1242f", "#e0823d", "#8250df", "#bf3989", "#1a7f37", "#0a7ea4", "#9a6700")
_HEAD: Final = """
import os

import httpx
import pytest


@pytest.fixture
def notes(vcr):
    with httpx.Client(base_url=os.environ["NOTEBOOK_URL"], trust_env=False) as client:
        yield client
"""
_TEST: Final = """

@pytest.mark.vcr
def test_{number}(notes):
    note = notes.post("/notes", json={{"text": "note {name}"}}).json()
    assert notes.get(f"/notes/{{note['id']}}").json()["text"] == "note {name}"
    notes.get("/notes", params={{"page": "{name}"}})
"""

Cells = dict[str, dict[int, Spent]]


def main(arguments: Sequence[str]) -> int:
    asked = _parser().parse_args(arguments)
    found: Cells = {}
    for size in asked.sizes:
        for name, done in measured(size):
            sys.stderr.write(f"{size} cassettes, {name}: {done}\n")
            found.setdefault(name, {})[size] = done
    sys.stdout.write(f"{table(found)}\n")
    if asked.html is not None:
        asked.html.write_text(page(found), encoding="utf-8")
    return 0


def measured(size: int) -> Iterator[tuple[str, Spent]]:
    """
    Everything with so many cassettes, each with its name; one that fails is an error.
    """
    with TemporaryDirectory(prefix="taketwo-benchmark-") as name:
        project = _project(Path(name, "commands"), size)
        commands = {
            "list": ("-m", "taketwo", "list"),
            "coverage": ("-m", "taketwo", "coverage"),
            "scan": ("-m", "taketwo", "scan"),
            "refresh --check": ("-m", "taketwo", "refresh", "--check"),
        }
        for label, command in commands.items():
            yield label, _done(project, *command)
        for accepted in project.glob("cassettes/test_*/*.yaml"):
            changed = accepted.read_text(encoding="utf-8").replace("note ", "other note ")
            accepted.with_name(f"{accepted.name}.new").write_text(changed, encoding="utf-8")
        yield "report --html", _done(project, "-m", "taketwo", "report", "--html", "report.html", allowed=1)
        style = next(one for one in STYLES if one.name == "httpx")
        for recorder in recorders_of(style):
            if recorder.module:
                suite = Path(name, recorder.module)
                write_files(suite, suite_files(style, recorder, size, own_client=False))
                yield from _suite(suite, recorder)


def _suite(folder: Path, recorder: Recorder) -> Iterator[tuple[str, Spent]]:
    plugins = [part for plugin in recorder.plugins for part in ("-p", plugin)]
    pytest = ("-m", "pytest", "-q", *plugins)
    yield f"collect, {recorder.name}", _done(folder, *pytest, "--collect-only")
    if recorder is OURS:  # the others keep nothing of their first run
        yield f"replay first, {recorder.name}", _done(folder, *pytest)
    yield f"replay, {recorder.name}", _done(folder, *pytest)


def _done(folder: Path, *command: str, allowed: int = 0) -> Spent:
    own = {"PYTHONPATH": str(ROOT), "TAKETWO_CACHE": str(folder / "cache")}
    done = spent(folder, *command, environment=own)
    if done.code > allowed:
        raise SystemExit(f"{' '.join(command)} failed in {folder}: {done}")
    return done


def _project(folder: Path, size: int) -> Path:
    files = {"pyproject.toml": PYPROJECT}
    for module in range(0, size, _TESTS_OF_A_MODULE):
        numbers = range(min(_TESTS_OF_A_MODULE, size - module))
        tests = (
            _TEST.format(number=number, name=f"{module // _TESTS_OF_A_MODULE}-{number}") for number in numbers
        )
        files[f"tests/{_module(module)}.py"] = "".join([_HEAD, *tests])
    write_files(folder, files)
    _done(folder, "-m", "pytest", "-q", "--record-mode=rewrite", f"tests/{_module(0)}.py::test_0")
    text = (folder / "cassettes" / _module(0) / "test_0.yaml").read_text(encoding="utf-8")
    for module in range(0, size, _TESTS_OF_A_MODULE):
        for number in range(min(_TESTS_OF_A_MODULE, size - module)):
            own = re.sub(rf"\b{_FIRST}\b", f"{module // _TESTS_OF_A_MODULE}-{number}", text)
            own = own.replace(f"tests/{_module(0)}.py::test_0", f"tests/{_module(module)}.py::test_{number}")
            write_files(folder, {f"cassettes/{_module(module)}/test_{number}.yaml": own})
    return folder


def _module(first: int) -> str:
    return f"test_{first // _TESTS_OF_A_MODULE:03}"


def table(found: Mapping[str, Mapping[int, Spent]]) -> str:
    """
    Seconds of processor time and megabytes, by the number of cassettes.
    """
    sizes = sorted({size for by_size in found.values() for size in by_size})
    rows = [
        (
            name,
            *(
                f"{by_size[size].processor:.1f} s {by_size[size].megabytes:.0f} MB" if size in by_size else ""
                for size in sizes
            ),
        )
        for name, by_size in found.items()
    ]
    return aligned([("", *(f"{size:,}" for size in sizes)), *rows])


def page(found: Mapping[str, Mapping[int, Spent]]) -> str:
    """
    The growth of time and of memory, drawn.
    """
    sides: Mapping[str, Callable[[Spent], float]] = {
        "s": lambda one: one.processor,
        "MB": lambda one: one.megabytes,
    }
    drawn = []
    for unit, of in sides.items():
        for title, names in _plots(found).items():
            lines = {name: [(size, of(one)) for size, one in sorted(found[name].items())] for name in names}
            colours = dict(zip(names, _COLOURS, strict=False))
            drawn.append(f"<h2>{title}: {unit}</h2>{plot(lines, colours, unit=unit)}")
    style = "svg text{font:12px system-ui,sans-serif}body{font:15px system-ui,sans-serif}"
    head = f"<meta charset='utf-8'><title>Many cassettes</title><style>{style}</style>"
    return f"<!doctype html><html lang='en'><head>{head}</head><body>{''.join(drawn)}</body></html>\n"


def _plots(found: Mapping[str, object]) -> dict[str, list[str]]:
    suites = [name for name in found if ", " in name]
    return {"commands": [name for name in found if name not in suites], "a suite": suites}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.many", description=__doc__)
    sizes = [100, 1000, 10_000]
    parser.add_argument("--sizes", type=int, nargs="+", default=sizes, metavar="N", help="of the suites")
    parser.add_argument("--html", type=Path, metavar="FILE", help="draw it")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

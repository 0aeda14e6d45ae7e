"""
The page for newcomers names functions that exist, and a replay and a recording enter them in that order.
"""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path

import taketwo.errors
from tests.toolkit.conftest import Project

HOME = Path(taketwo.errors.__file__).parent
PAGE = HOME / "docs" / "architecture.md"
_STEP = re.compile(r"`([a-z_/]+)\.py:([A-Za-z_.]+)`")

# Notes each function of the toolkit when it is entered for the first time.
PROFILE = """
import json
import sys

import pytest

import taketwo.errors

HOME = taketwo.errors.__file__.removesuffix("errors.py")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item):
    entered = {}

    def note(frame, event, _):
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(HOME):
            entered.setdefault(f"{code.co_filename.removeprefix(HOME)}:{code.co_qualname}")

    sys.setprofile(note)
    try:
        return (yield)
    finally:
        sys.setprofile(None)
        with open("entered.json", "w", encoding="utf-8") as file:
            json.dump(list(entered), file)
"""
ASKS = """
@pytest.mark.vcr
def test_asked():
    get("/notes")
"""


def test_every_function_on_the_page_exists() -> None:
    for module, name in [*steps("A replayed request"), *steps("A recording"), *steps("A contract change")]:
        assert callable(found(module, name)), f"{module}.py:{name}"


def test_a_request_is_replayed_and_recorded_in_the_order_of_the_page(project: Project) -> None:
    project.test(ASKS)
    project.write("conftest.py", PROFILE)

    recorded = profile(project, "--record-mode=rewrite")
    profile(project)  # finds that the cassette fits its contract, and compiles it
    replayed = profile(project)

    assert walked(steps("A recording"), recorded) == steps("A recording")
    assert walked(steps("A replayed request"), replayed) == steps("A replayed request")


def profile(project: Project, *arguments: str) -> list[str]:
    """
    The functions that a run of the one test enters, by the first time.
    """
    assert project.pytest(*arguments).tail == "1 passed"
    entered: list[str] = json.loads((project.root / "entered.json").read_text(encoding="utf-8"))
    return entered


def steps(heading: str) -> list[tuple[str, str]]:
    """
    What the list below *heading* walks through.
    """
    _, _, below = PAGE.read_text(encoding="utf-8").partition(f"\n## {heading}\n")
    listed = _STEP.findall(below.partition("\n## ")[0])
    assert listed
    return listed


def walked(wanted: list[tuple[str, str]], entered: list[str]) -> list[tuple[str, str]]:
    """
    Those of the *wanted* steps that were entered, in the order of the first time.
    """
    places = {name: place for place, name in enumerate(entered)}
    reached = [step for step in wanted if f"{step[0]}.py:{step[1]}" in places]
    return sorted(reached, key=lambda step: places[f"{step[0]}.py:{step[1]}"])


def found(module: str, name: str) -> object:
    value: object = importlib.import_module(f"taketwo.{module.replace('/', '.')}")
    for part in name.split("."):
        value = getattr(value, part)
    return value

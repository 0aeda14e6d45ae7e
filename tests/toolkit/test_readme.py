"""
What the README shows can be typed and pasted.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from taketwo.cli.main import SUMMARIES
from taketwo.config.project import parse_config

README = Path(__file__).parents[2] / "README.md"
TEXT = README.read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, flags=re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("block", blocks("yaml"))
def test_yaml_can_be_read(block: str) -> None:
    assert yaml.safe_load(block)


@pytest.mark.parametrize("block", blocks("toml"))
def test_toml_can_be_read_and_means_something(block: str) -> None:
    document = tomllib.loads(block)

    if "tool" in document:
        parse_config(document["tool"]["taketwo"], root=README.parent)


def test_jobs_say_on_what_they_run() -> None:
    github, gitlab = (yaml.safe_load(block) for block in blocks("yaml") if "refresh_cassettes" in block)

    assert github["jobs"]["check"]["runs-on"] == "ubuntu-latest"
    assert any("refresh_cassettes.py --check" in line for line in gitlab["recordings"]["script"])


def test_the_pythons_that_are_promised_are_those_that_are_tried() -> None:
    project = tomllib.loads((README.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    workflow = yaml.safe_load((README.parent / ".github/workflows/tests.yml").read_text(encoding="utf-8"))
    tried = workflow["jobs"]["run"]["strategy"]["matrix"]["python"]

    promised = [name.rpartition(" ")[2] for name in project["classifiers"] if "Python :: 3." in name]
    assert promised == tried
    assert project["requires-python"] == f">={tried[0]}"
    assert f"Python {tried[0]} to {tried[-1]}" in TEXT


def test_the_workflow_runs_what_a_developer_runs() -> None:
    workflow = yaml.safe_load((README.parent / ".github/workflows/tests.yml").read_text(encoding="utf-8"))

    assert workflow["jobs"]["run"]["steps"][-1] == {"run": ".ci/run"}


def test_every_command_is_told() -> None:
    told = TEXT[TEXT.index("## Commands") : TEXT.index("## Words")]

    assert [name for name in SUMMARIES if f"`{name}" not in told and f"taketwo {name}" not in told] == []

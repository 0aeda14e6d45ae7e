"""
What the README and the page on CI promise is what the project does.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import yaml

README = Path(__file__).parents[2] / "README.md"
TEXT = README.read_text(encoding="utf-8")


def test_jobs_name_the_machine_that_they_run_on() -> None:
    page = (README.parent / "tools/taketwo/docs/ci.md").read_text(encoding="utf-8")
    found = re.findall(r"^```yaml\n(.*?)^```$", page, flags=re.DOTALL | re.MULTILINE)
    github, gitlab = (yaml.safe_load(block) for block in found if "taketwo refresh --check" in block)

    assert github["jobs"]["check"]["runs-on"] == "ubuntu-latest"
    assert any("taketwo refresh --check" in line for line in gitlab["recordings"]["script"])


def test_the_pythons_that_are_promised_are_those_that_are_tried() -> None:
    project = tomllib.loads((README.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    workflow = yaml.safe_load((README.parent / ".github/workflows/tests.yml").read_text(encoding="utf-8"))
    matrix = workflow["jobs"]["run"]["strategy"]["matrix"]
    tried = sorted({*matrix["python"], *(job["python"] for job in matrix["include"])})

    promised = [name.rpartition(" ")[2] for name in project["classifiers"] if "Python :: 3." in name]
    assert promised == tried
    assert project["requires-python"] == f">={tried[0]}"
    assert f"Python {tried[0]} to {tried[-1]}" in TEXT


def test_the_workflow_runs_what_a_developer_runs() -> None:
    workflow = yaml.safe_load((README.parent / ".github/workflows/tests.yml").read_text(encoding="utf-8"))

    assert workflow["jobs"]["run"]["steps"][-1] == {"run": ".ci/run"}

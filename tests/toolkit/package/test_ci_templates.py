"""
What users include in their CI runs what the documentation shows.
"""

from __future__ import annotations

from pathlib import Path

import yaml

ROOT = Path(__file__).parents[3]


def test_the_component_of_gitlab_and_the_action_of_github_run_the_same() -> None:
    inputs, job = yaml.safe_load_all((ROOT / "templates/replay.yml").read_text(encoding="utf-8"))
    action = yaml.safe_load((ROOT / ".github/actions/replay/action.yml").read_text(encoding="utf-8"))

    ours = [line.partition(" $")[0] for line in job["replay recorded tests"]["script"]]
    theirs = [step["run"].partition(" $")[0] for step in action["runs"]["steps"]]
    assert [line.replace(" --junit-xml=replay.xml", "") for line in ours] == theirs
    assert {"install", "tests"} == set(inputs["spec"]["inputs"]) & set(action["inputs"])

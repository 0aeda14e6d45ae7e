"""
The bot's suite against a stand-in for the original Mesh, configured as the README of Mesh says.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

REPOSITORY: Final = Path(__file__).parents[2]
SUITE: Final = ("tests/integration", "--ignore-glob=*chorus*", "-q", "-p", "no:cacheprovider")
COMMAND: Final = re.compile(r'^command = \["env", .*$', re.MULTILINE)
STAND_IN: Final = 'command = ["python", "-m", "tests.servers.original_mesh", "--port", "{port}"]'


def test_the_suite_is_recorded_from_the_original_but_for_what_is_marked(tmp_path: Path) -> None:
    """
    What fails there is exactly what ``needs_mesh`` marks, and what passes is replayed afterwards.
    """
    laid_out(tmp_path)
    marked = names(run(tmp_path, "--collect-only", "-m", "needs_mesh").stdout)

    recorded = run(tmp_path, "--record-mode=rewrite", "--junitxml=recorded.xml")
    replayed = run(tmp_path, "--record-mode=none", "-m", "not needs_mesh")

    outcomes = read_outcomes(tmp_path / "recorded.xml")
    failed = sorted(name for name, passed in outcomes.items() if not passed)
    assert failed == sorted(marked), recorded.stdout
    assert replayed.returncode == 0, replayed.stdout
    assert len(outcomes) - len(failed) > len(failed) > 0


def laid_out(project: Path) -> None:
    """
    The project under the configuration that Mesh's README has for the original, with another command.
    """
    for name in ("bot", "tests", "tools"):
        (project / name).symlink_to(REPOSITORY / name)
    ours = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
    readme = (REPOSITORY / "tools/mesh_inmemory/README.md").read_text(encoding="utf-8")
    block = next(each for each in re.findall(r"```toml\n(.*?)```", readme, re.DOTALL) if "npm" in each)
    theirs, replaced = COMMAND.subn(STAND_IN, block)
    assert replaced == 1
    before, ours_of_mesh = ours.split("[tool.taketwo.services.mesh]\n")
    after = ours_of_mesh[ours_of_mesh.index("[tool.taketwo.services.chorus]") :]
    (project / "pyproject.toml").write_text(f"{before}{theirs}\n{after}", encoding="utf-8")


def run(project: Path, *options: str) -> subprocess.CompletedProcess[str]:
    given = {name: value for name, value in os.environ.items() if not name.startswith(("MESH_", "POSTGRES_"))}
    # Who runs in CI keeps the cassettes as they are, and here are none.
    given.pop("CI", None)
    return subprocess.run(
        [sys.executable, "-m", "pytest", *SUITE, *options],
        cwd=project,
        env=given,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )


def names(collected: str) -> set[str]:
    """
    The tests of a module by their names, which are those of the report too.
    """
    listed = re.findall(r"^tests/integration/(\w+)\.py::(.+)$", collected, re.MULTILINE)
    return {f"{module}::{name}" for module, name in listed}


def read_outcomes(report: Path) -> dict[str, bool]:
    """
    Whether each test passed.
    """
    cases = ET.parse(report).iter("testcase")  # noqa: S314 - written by pytest
    return {
        f"{case.get('classname', '').rpartition('.')[2]}::{case.get('name')}": case.find("failure") is None
        for case in cases
    }

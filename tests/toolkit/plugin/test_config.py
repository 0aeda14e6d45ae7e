"""
Mistakes in the configuration are reported before the first test.
"""

from __future__ import annotations

from tests.toolkit.conftest import Project

SETTINGS = "[pytest]\nasyncio_default_fixture_loop_scope = function\n"


def test_every_mistake_is_reported_by_a_run_without_cassettes(project: Project) -> None:
    project.write("pyproject.toml", '[tool.taketwo]\ntests = 1\ncasettes = "here"\n')
    project.write("tests/test_plain.py", "def test_plain():\n    pass\n")

    run = project.pytest()

    assert run.code == 4
    assert "pyproject.toml cannot be used:" in run.output
    assert "tool.taketwo.tests: " in run.output
    assert "casettes" in run.output


def test_a_file_that_is_no_toml_is_told_before_any_test(project: Project) -> None:
    project.write("settings/pytest.ini", SETTINGS)  # else pytest itself says it first
    file = project.write("pyproject.toml", "[tool.taketwo]\ntests =\n")

    run = project.pytest("-c", "settings/pytest.ini")

    assert run.code == 4
    assert run.output.strip() == f"ERROR: {file} cannot be read: Invalid value (at line 2, column 8)"


def test_nor_is_one_of_another_encoding_taken_for_one_that_says_nothing(project: Project) -> None:
    project.write("settings/pytest.ini", SETTINGS)
    (project.root / "pyproject.toml").write_bytes(b"[tool.taketwo]\ntests = '\xff'\n")

    run = project.pytest("-c", "settings/pytest.ini")

    assert run.code == 4
    assert "pyproject.toml cannot be read: 'utf-8' codec can't decode" in run.output

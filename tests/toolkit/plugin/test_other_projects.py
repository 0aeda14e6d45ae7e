"""
One run has one project: tests of another one are refused before any is run.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from taketwo.plugin.collected.other_projects import refuse_other_projects

pytest_plugins = ("pytester",)

MARKED = "import pytest\n@pytest.mark.vcr\ndef test_it():\n    pass\n"


@pytest.fixture
def projects(pytester: pytest.Pytester) -> Path:
    """
    Two projects beside each other, and a folder of tests without one.
    """
    for name in ("a", "b", "none"):
        tests = pytester.mkdir(name) / "tests"
        tests.mkdir()
        (tests / f"test_{name}.py").write_text(MARKED, encoding="utf-8")
    for name in ("a", "b"):
        (pytester.path / name / "pyproject.toml").write_text("[tool.taketwo]\n", encoding="utf-8")
    return pytester.path


def collected(pytester: pytest.Pytester, *folders: str) -> list[pytest.Item]:
    items, _ = pytester.inline_genitems("--import-mode=importlib", "-p", "no:randomly", *folders)
    return items


def test_a_test_of_another_project_is_named_with_the_command_that_runs_it(
    pytester: pytest.Pytester, projects: Path
) -> None:
    items = [item for name in ("a", "b") for item in collected(pytester, f"{name}/tests")]

    with pytest.raises(pytest.UsageError) as raised:
        refuse_other_projects(projects / "a", items)

    other = projects / "b"
    tests = other / "tests"
    assert str(raised.value) == (
        f"{tests} belongs to the project in {other}, which has a [tool.taketwo] of its own; "
        f"this run uses that of {projects / 'a'}\n"
        f"run the tests of each project by themselves, for instance: pytest --rootdir={other} {tests}"
    )


def test_tests_outside_that_no_project_has_are_left_alone(pytester: pytest.Pytester, projects: Path) -> None:
    items = [item for name in ("a", "none") for item in collected(pytester, f"{name}/tests")]

    refuse_other_projects(projects / "a", items)


def test_a_project_below_the_one_in_use_is_part_of_it(pytester: pytest.Pytester, projects: Path) -> None:
    (projects / "pyproject.toml").write_text("[tool.taketwo]\n", encoding="utf-8")

    refuse_other_projects(projects, collected(pytester, "a/tests"))


def test_the_project_may_be_reached_by_a_link(pytester: pytest.Pytester, projects: Path) -> None:
    (projects / "link").symlink_to(projects / "a")

    refuse_other_projects(projects / "link", collected(pytester, "a/tests"))


def test_tests_without_a_cassette_may_be_of_any_project(pytester: pytest.Pytester, projects: Path) -> None:
    (projects / "b" / "tests" / "test_b.py").write_text("def test_it():\n    pass\n", encoding="utf-8")

    refuse_other_projects(projects / "a", collected(pytester, "b/tests"))


def test_a_run_with_two_projects_ends_before_any_test(pytester: pytest.Pytester, projects: Path) -> None:
    result = pytester.runpytest_subprocess("--import-mode=importlib", "a/tests", "b/tests")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(f"ERROR: {projects}/*/tests belongs to the project in {projects}/*")

"""
What holds for every command: its help, its mistakes, its end.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

from taketwo import __version__
from taketwo.cassette.text.writer import dump_cassette
from taketwo.cli.main import SUMMARIES
from tests.toolkit.cli.conftest import MADE, made, taketwo
from tests.toolkit.conftest import Project


def test_every_command_is_listed_with_one_line(project: Project) -> None:
    run = taketwo(project, "--help")

    width = max(map(len, SUMMARIES)) + 2
    lines = [f"    {name:<{width}}{summary}" for name, summary in SUMMARIES.items()]
    assert (run.code, run.errors) == (0, "")
    assert run.output.partition("  COMMAND\n")[2].split("\n\n")[0].splitlines() == lines


def test_the_release_is_shown(project: Project) -> None:
    run = taketwo(project, "--version")

    assert (run.code, run.output) == (0, f"taketwo {__version__}\n")


def test_without_a_command_nothing_could_run(project: Project) -> None:
    run = taketwo(project)

    assert (run.code, run.output) == (3, "")
    assert run.errors == taketwo(project, "--help").output


@pytest.mark.parametrize("command", SUMMARIES)
def test_the_help_of_a_command_stands_alone(project: Project, command: str) -> None:
    run = taketwo(project, command, "--help", environment={"COLUMNS": "110"})

    assert (run.code, run.errors) == (0, "")
    assert run.output.startswith(f"usage: taketwo {command} [-h]")
    assert f"\nexamples:\n  taketwo {command}" in run.output
    assert "\nexit codes:\n  0  " in run.output
    assert run.output.splitlines()[-1].startswith("  3  could not run")
    assert [line for line in run.output.splitlines() if len(line) > 110] == []


def test_an_unknown_command_is_told_with_the_nearest(project: Project) -> None:
    commands = ", ".join(SUMMARIES)

    near, far = taketwo(project, "lst"), taketwo(project, "xyzzy")

    assert (near.code, near.errors) == (
        3,
        f"taketwo: there is no command 'lst'; did you mean list?\nthe commands are: {commands}\n",
    )
    assert far.errors == f"taketwo: there is no command 'xyzzy'\nthe commands are: {commands}\n"


def test_a_mistake_in_the_arguments_is_no_result(project: Project) -> None:
    run = taketwo(project, "list", "--jsn")

    assert (run.code, run.output) == (3, "")
    assert run.errors.splitlines()[-2:] == [
        "taketwo list: unrecognized arguments: --jsn",
        "try: taketwo list --help",
    ]


def test_outside_of_a_project_a_command_says_what_is_missing(project: Project) -> None:
    (project.root / "pyproject.toml").unlink()

    run = taketwo(project, "list")

    assert (run.code, run.errors) == (
        3,
        (
            f"error: no pyproject.toml with a [tool.taketwo] in {project.root} or above it; "
            "run this in the project, or write the table: taketwo init\n"
        ),
    )


def test_when_nobody_reads_any_more_a_command_ends_quietly(kept: Project) -> None:
    """
    ``taketwo show … | head`` is no failure.
    """
    kept.write(MADE, dump_cassette(made("one\n" * 100_000)))
    command = [sys.executable, "-m", "taketwo", "show", MADE]
    with subprocess.Popen(
        command, cwd=kept.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=kept.environment()
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read()

    assert (first.decode(), errors, process.returncode) == (f"{MADE}\n", b"", 141)

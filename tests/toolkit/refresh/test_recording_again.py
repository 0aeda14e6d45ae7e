"""
What is recorded again, and what is said about it.
"""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from tests.toolkit.conftest import REFRESH, Project, Run
from tests.toolkit.refresh.conftest import TESTS

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder that is not on the disk of the project

CLEAN, TO_REVIEW, BREAKING, COULD_NOT_RUN = 0, 1, 2, 3

DRIFT = """\
no contract explains (4 changes):
  breaking   GET http://notebook.test/notes  response.json[].text: is gone: "one"
    seen in 1 cassette  (cause fd47d0)
  breaking   POST http://notebook.test/notes  response.json.text: is gone: "one"
    seen in 1 cassette  (cause 075624)
  safe       GET http://notebook.test/notes  response.json[].body: is new: "one"
    seen in 1 cassette  (cause 725e50)
  safe       POST http://notebook.test/notes  response.json.body: is new: "one"
    seen in 1 cassette  (cause 06b421)
cassettes/test_notes/test_made.yaml: 4 differences
  1. POST http://notebook.test/notes
    - response.json.text: "one"  (breaking)
    + response.json.body: "one"  (safe)
  2. GET http://notebook.test/notes
    - response.json[0].text: "one"  (breaking)
    + response.json[0].body: "one"  (safe)
2 tests recorded again: 1 changed, 1 unchanged
unexplained: recordings changed or tests fail, and no change of a contract explains it
"""
NEXT = (
    "accept: python tools/refresh_cassettes.py --accept    "
    "reject: python tools/refresh_cassettes.py --reject    "
    "one by one: python tools/refresh_cassettes.py --review\n"
)
BY_CAUSE = (
    "by cause: python tools/refresh_cassettes.py --accept --cause fd47d0    (or 075624, 725e50, 06b421)\n"
)
DESCRIBED = """\
the contract of notebook changed (2 changes):
  safe       response-media-type-added  GET /notes 200 body: media type application/json was added: \
a reader that does not ask for it does not get it
    touches 2  (cause 82efc1)
  safe       operation-added  DELETE /notes: DELETE /notes was added: no request goes to it yet
    touches no cassette  (cause 144d4d)
recorded under the changed contract; requests and responses are unchanged:
  cassettes/test_notes/test_made.yaml
  cassettes/test_notes/test_none.yaml
2 tests recorded again: 2 renewed
not exercised: a contract changed, and no recording
"""


def code_and_output(run: Run) -> tuple[int, str]:
    return run.code, run.output


def test_a_first_refresh_records_everything_and_a_second_one_changes_nothing(project: Project) -> None:
    project.test(TESTS)

    first = project.refresh("--all")
    files = project.files()
    second = project.refresh("--all")

    assert code_and_output(first) == (
        CLEAN,
        (
            "the contract of notebook had no lock\n"
            "recorded for the first time:\n"
            "  cassettes/test_notes/test_made.yaml\n"
            "  cassettes/test_notes/test_none.yaml\n"
            "2 tests recorded again: 2 new\n"
        ),
    )
    assert code_and_output(second) == (CLEAN, "2 tests recorded again: 2 unchanged\n")
    assert project.files() == files
    assert sorted(files) == [
        "contracts/notebook.openapi.json",
        "test_notes/test_made.yaml",
        "test_notes/test_none.yaml",
    ]
    assert project.pytest().tail == "3 passed"


def test_a_refresh_writes_what_a_recording_writes(recorded: Project) -> None:
    files = recorded.files()

    run = recorded.refresh("--all")

    assert code_and_output(run) == (CLEAN, "2 tests recorded again: 2 unchanged\n")
    assert recorded.files() == files
    assert recorded.alive(within=0) == []


def test_progress_goes_to_standard_error_and_nothing_is_coloured(recorded: Project) -> None:
    run = recorded.refresh("--all", environment={"NO_COLOR": ""})

    told = run.errors.splitlines()
    assert (told[0], told[2], told[3]) == (
        "starting notebook",
        "the contract of notebook is that of its lock",
        "recording 2 tests",
    )
    assert told[1].startswith("notebook is healthy at http://127.0.0.1:")
    assert sorted(told[4:]) == [
        "  recorded tests/test_notes.py::test_made",
        "  recorded tests/test_notes.py::test_none",
    ]
    assert "\x1b" not in run.output + run.errors


def test_an_unchanged_contract_asks_for_nothing(recorded: Project) -> None:
    run = recorded.refresh()

    assert code_and_output(run) == (CLEAN, "nothing was recorded again\n")
    assert "recording" not in run.errors


def test_changed_behaviour_waits_beside_what_is_accepted(recorded: Project) -> None:
    files = recorded.files()

    run = recorded.refresh("--all", environment={"NOTEBOOK_FIELD": "body"})

    pending = recorded.files()
    assert code_and_output(run) == (BREAKING, DRIFT + NEXT + BY_CAUSE)
    assert pending.keys() - files.keys() == {"test_notes/test_made.yaml.new"}
    assert {name: pending[name] for name in files} == files
    assert recorded.pytest().tail == "3 passed"


def test_a_pending_take_goes_when_the_service_is_as_it_was(recorded: Project) -> None:
    files = recorded.files()
    recorded.refresh("--all", environment={"NOTEBOOK_FIELD": "body"})

    run = recorded.refresh("--all")

    assert run.code == CLEAN
    assert recorded.files() == files


def test_a_changed_contract_names_its_changes_and_retakes_what_it_touches(
    recorded: Project, contract: dict[str, str]
) -> None:
    files = recorded.files()

    run = recorded.refresh(environment=contract)

    assert code_and_output(run) == (TO_REVIEW, DESCRIBED + NEXT)
    assert recorded.files().keys() - files.keys() == {
        "contracts/notebook.openapi.json.new",
        "test_notes/test_made.yaml.new",
        "test_notes/test_none.yaml.new",
    }


def test_a_test_that_fails_is_told_first_and_keeps_its_cassette(recorded: Project) -> None:
    files = recorded.files()
    failing = TESTS.replace('assert c.get("/notes").json() == [made]', "assert made is None")
    recorded.test(failing.replace("test_none", "test_renamed"))

    run = recorded.refresh("--all")

    first, test, *_ = run.output.splitlines()
    assert (run.code, first, test) == (
        BREAKING,
        "1 test no longer passes:",
        "  tests/test_notes.py::test_made",
    )
    assert run.output.endswith(
        "  their cassettes stay as they are\n"
        "recorded for the first time:\n"
        "  cassettes/test_notes/test_renamed.yaml\n"
        "no test uses:\n"
        "  cassettes/test_notes/test_none.yaml\n"
        "2 tests recorded again: 1 failed, 1 new\n"
        "unexplained: recordings changed or tests fail, and no change of a contract explains it\n"
    )
    after = recorded.files()
    assert {name: after[name] for name in files} == files


@pytest.mark.parametrize(
    ("selection", "folder"),
    [
        (["--all", "-k", "none"], "."),
        (["tests/test_notes.py::test_none"], "."),
        (["test_notes.py::test_none"], "tests"),
        (["../cassettes/test_notes/test_none.yaml"], "tests"),
    ],
)
def test_a_selection_is_all_that_is_recorded(recorded: Project, selection: list[str], folder: str) -> None:
    run = recorded.refresh(*selection, folder=folder)

    assert code_and_output(run) == (CLEAN, "1 test recorded again: 1 unchanged\n")


def test_a_folder_of_cassettes_stands_for_their_tests(recorded: Project) -> None:
    run = recorded.refresh("cassettes/test_notes")

    assert code_and_output(run) == (CLEAN, "2 tests recorded again: 2 unchanged\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-k", "nothing"], "error: no test that has a cassette is selected; nothing was recorded\n"),
        (["cassettes/test_notes/gone.yaml"], "error: there is no cassette cassettes/test_notes/gone.yaml; "),
        (["tests/gone.py"], "ERROR: file or directory not found: tests/gone.py\n"),
        (["--al"], "refresh_cassettes.py: unrecognized arguments: --al\n"),
        (["--check", "--accept"], "argument --accept: not allowed with argument --check\n"),
        (["--accept", "tests"], "error: no pending recording is at tests; none waits\n"),
    ],
)
def test_what_cannot_be_run_says_why(recorded: Project, arguments: list[str], words: str) -> None:
    run = recorded.refresh(*arguments)

    assert (run.code, run.output) == (COULD_NOT_RUN, "")
    assert words in run.errors
    assert "Traceback" not in run.errors


def test_a_service_that_does_not_start_ends_the_refresh(recorded: Project) -> None:
    settings = recorded.root / "pyproject.toml"
    settings.write_text(settings.read_text().replace('"/health"', '"/nowhere"\nstartup = 0.3'))
    tree = recorded.files()

    run = recorded.refresh("--all")

    assert (run.code, run.output) == (COULD_NOT_RUN, "")
    assert "/nowhere did not answer 2xx within 0.3 s" in run.errors
    assert (recorded.files(), recorded.alive(within=0)) == (tree, [])


def test_without_a_project_there_is_nothing_to_refresh(project: Project) -> None:
    (project.root / "pyproject.toml").unlink()

    run = project.refresh()

    assert run.code == COULD_NOT_RUN
    assert run.errors == (
        f"error: no pyproject.toml with a [tool.taketwo] in {project.root} or above it; "
        "run this in the project, or write the table: taketwo init\n"
    )


def test_the_help_stands_alone(project: Project) -> None:
    (project.root / "pyproject.toml").unlink()

    run = project.refresh("--help")

    assert run.code == CLEAN
    assert all(f"  {code}  " in run.output for code in range(4))
    assert all(option in run.output for option in ("--all", "--check", "--accept", "--reject", "-k"))


@pytest.mark.skipif(not MEMORY.is_dir(), reason="no second file system here")
def test_takes_may_wait_on_another_file_system(recorded: Project) -> None:
    """
    A rename does not cross from one to the other.
    """
    other = {"TMPDIR": str(MEMORY)}

    run = recorded.refresh("--all", environment={"NOTEBOOK_FIELD": "body", **other})

    assert code_and_output(run) == (BREAKING, DRIFT + NEXT + BY_CAUSE)


def test_ctrl_c_changes_nothing(recorded: Project) -> None:
    files = recorded.files()
    slow = """
        @pytest.mark.vcr
        @pytest.mark.parametrize("number", range(4))
        def test_slow(number):
            get("/slow/1000")
        """
    recorded.test(slow, "tests/test_slow.py")
    changed = {"NOTEBOOK_FIELD": "body"}
    process = recorded.start(str(REFRESH), "--all", environment=changed)
    assert process.stdout is not None
    while "recorded" not in process.stdout.readline():
        time.sleep(0)

    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=20)

    assert process.returncode == 130
    assert (
        output.splitlines()[-1] == "interrupted; no cassette was lost; to finish, run the same command again"
    )
    assert recorded.files() == files
    assert recorded.alive(within=6) == []


def test_a_cassette_that_cannot_be_read_is_not_replaced_without_a_review(recorded: Project) -> None:
    cassette = recorded.cassette("test_none")
    cassette.write_text("taketwo: 1\nwhat is left of it", encoding="utf-8")
    damaged = cassette.read_bytes()

    run = recorded.refresh("--all")

    assert run.code == TO_REVIEW
    assert run.output.startswith("a recording waits beside a cassette that cannot be read:\n")
    assert cassette.read_bytes() == damaged
    assert recorded.refresh("--accept").output == "accepted cassettes/test_notes/test_none.yaml\n"
    assert recorded.refresh("--all").code == CLEAN


def test_a_test_that_sends_nothing_is_no_failure(project: Project) -> None:
    project.test("""
        @pytest.mark.vcr
        def test_asks():
            assert get("/notes").json() == []


        @pytest.mark.vcr
        def test_asks_nothing():
            assert client
        """)
    assert project.pytest("--record-mode=rewrite").code == 0

    run = project.refresh("--all")

    assert (run.code, "1 test recorded again: 1 unchanged" in run.output) == (0, True), run

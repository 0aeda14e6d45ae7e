"""
What a run says of cassettes at its end, and when it fails by them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.toolkit.conftest import PYPROJECT, Project

TESTS = """
@pytest.mark.vcr
@pytest.mark.parametrize("text", ["one", "two"])
def test_made(text):
    with client() as c:
        c.post("/notes", json={"text": text})


@pytest.mark.vcr
def test_none():
    get("/notes")
"""
LESS = TESTS.replace('["one", "two"]', '["one"]')
UNUSED = (
    "1 cassette that no test uses; to delete them: taketwo prune --yes\n"
    "  cassettes/test_notes/test_made[two].yaml\n"
)
BOTH = ["-n0", "-n2"]
OF_VCRPY = """\
interactions:
- request: {body: null, headers: {}, method: GET, uri: http://elsewhere.test/1}
  response: {body: {string: one}, headers: {}, status: {code: 200, message: OK}}
- request: {body: null, headers: {}, method: GET, uri: http://elsewhere.test/2}
  response: {body: {string: two}, headers: {}, status: {code: 200, message: OK}}
- request: {body: null, headers: {}, method: GET, uri: http://elsewhere.test/3}
  response: {body: {string: three}, headers: {}, status: {code: 200, message: OK}}
version: 1
"""


def asking(project: Project, setting: str) -> None:
    project.write("pyproject.toml", f"[tool.taketwo]\n{setting}\n{PYPROJECT}")


@pytest.fixture
def recorded(project: Project) -> Project:
    project.test(TESTS)
    assert project.pytest("--record-mode=rewrite").tail == "3 passed"
    return project


@pytest.mark.parametrize("workers", BOTH)
def test_a_cassette_that_no_test_uses_is_told_and_fails_a_run_that_asks_for_it(
    recorded: Project, workers: str
) -> None:
    recorded.test(LESS)

    told = recorded.pytest(workers)
    strict = recorded.pytest(workers, "--taketwo-strict")
    asking(recorded, 'unused = "fail"')
    failed = recorded.pytest(workers)

    assert (told.code, strict.code, failed.code) == (0, 1, 1)
    assert "\n" + UNUSED in told.output
    assert f"FAILED: {UNUSED}" in strict.output
    assert f"FAILED: {UNUSED}" in failed.output


@pytest.mark.parametrize(
    "part",
    [
        ["-k", "one"],
        ["tests/test_notes.py::test_none"],
        ["tests/test_notes.py"],
        ["-x"],
        ["--deselect", "tests/test_notes.py::test_none"],
        ["-m", "vcr", "-n2"],
    ],
)
def test_a_run_of_some_tests_judges_no_cassette(recorded: Project, part: list[str]) -> None:
    asking(recorded, 'unused = "fail"')
    recorded.test(LESS + ("\n\ndef test_failing():\n    assert False\n" if part == ["-x"] else ""))

    run = recorded.pytest(*part)

    assert "that no test uses" not in run.output
    assert run.code == (1 if part == ["-x"] else 0)


def test_what_was_not_collected_is_not_judged(recorded: Project) -> None:
    """
    A module that is skipped as a whole, one that pytest is not told of, one that does not import.
    """
    recorded.test("pytest.skip('not here', allow_module_level=True)\n" + TESTS)
    recorded.test(TESTS.replace("vcr", "skip('later')\n@pytest.mark.vcr", 1), "tests/test_skipped.py")
    recorded.write("cassettes/test_skipped/test_made[one].yaml", OF_VCRPY)

    skipped = recorded.pytest("--taketwo-strict", "--record-mode=once")
    recorded.test("import no_such_module\n", "tests/test_broken.py")
    broken = recorded.pytest("--taketwo-strict", "--continue-on-collection-errors")

    assert "that no test uses" not in skipped.output
    assert skipped.code == 0
    assert "that no test uses" not in broken.output


@pytest.mark.parametrize("workers", BOTH)
def test_tests_without_a_cassette_are_told_with_what_to_type(recorded: Project, workers: str) -> None:
    recorded.cassette("test_none").unlink()
    recorded.test(TESTS + "\n\n@pytest.mark.vcr\ndef test_silent():\n    pass\n")

    told = recorded.pytest(workers)
    strict = recorded.pytest(workers, "--taketwo-strict")

    line = "without a cassette; to record what is missing: pytest --record-mode=once\n"
    assert f"\n1 test {line}  tests/test_notes.py::test_none\n" in told.output
    assert f"FAILED: 1 test {line}  tests/test_notes.py::test_none\n" in strict.output


@pytest.mark.parametrize("workers", BOTH)
def test_what_none_of_those_who_play_a_cassette_of_vcrpy_plays_is_unplayed(
    project: Project, workers: str
) -> None:
    project.write("cassettes/test_notes/both.yaml", OF_VCRPY)
    project.test(
        """
        pytestmark = [pytest.mark.vcr, pytest.mark.default_cassette("both")]

        @pytest.mark.parametrize("number", ["1", "2"])
        def test_both(number):
            httpx.get(f"http://elsewhere.test/{number}", trust_env=False)
        """
    )

    run = project.pytest(workers)

    assert (
        "1 cassette with interactions that were never played\n  cassettes/test_notes/both.yaml: 1\n"
    ) in run.output


def test_a_wrong_word_is_refused_with_the_right_ones(recorded: Project) -> None:
    asking(recorded, 'unused = "error"')

    assert "tool.taketwo.unused: expected off, warn or fail, got a string" in recorded.pytest().output


def test_the_whole_is_told_from_any_folder(recorded: Project, tmp_path: Path) -> None:
    recorded.test(LESS)

    inside = recorded.pytest(str(recorded.root / "tests"))
    rooted = recorded.pytest(f"--rootdir={tmp_path}", "tests")

    assert UNUSED in inside.output
    assert UNUSED in rooted.output

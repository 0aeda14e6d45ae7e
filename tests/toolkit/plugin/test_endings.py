"""
A test that is skipped, or fails as expected, keeps its recording, and its replay ends the same way.
"""

from __future__ import annotations

import pytest

from tests.toolkit.conftest import Project

SEND = """
    with client() as c:
        c.post("/notes", json={"text": "sent"})
"""
MARKED = f"@pytest.mark.vcr\ndef test_one():{SEND}"
UNITTEST = """
from unittest import TestCase, expectedFailure


@pytest.mark.vcr
class TestNotes(TestCase):
"""
IN_FIXTURE = f"""
@pytest.fixture
def note():{SEND}    pytest.skip("there")


@pytest.mark.vcr
def test_one(note):
    pass
"""
EXPECTED = f"""{UNITTEST}
    @expectedFailure
    def test_one(self):
        get("/notes")
        self.assertEqual(1, 2)
"""
SKIPPED = f"""{UNITTEST}
    def test_one(self):
        get("/notes")
        self.skipTest("there")
"""
STRICT = f"@pytest.mark.xfail(strict=True, raises=KeyError)\n{MARKED}    {{}}['a']\n"
ENDINGS = {
    "skip": (f"{MARKED}    pytest.skip('halfway')\n", "1 skipped", "skipped"),
    "importorskip": (f"{MARKED}    pytest.importorskip('no_such_module')\n", "1 skipped", "skipped"),
    "skip in a fixture": (IN_FIXTURE, "1 skipped", "skipped"),
    "xfail()": (f"{MARKED}    pytest.xfail('there')\n", "1 xfailed", "xfailed"),
    "xfail": (
        f"@pytest.mark.xfail\n{MARKED}    assert False\n",
        "1 xfailed",
        "xfailed\n  raised: AssertionError",
    ),
    "strict xfail that raises": (STRICT, "1 xfailed", "xfailed\n  raised: KeyError"),
    "expectedFailure": (EXPECTED, "1 xfailed", "xfailed\n  raised: AssertionError"),
    "skipTest": (SKIPPED, "1 skipped", "skipped"),
}


@pytest.mark.parametrize("way", ENDINGS)
def test_the_recording_is_kept_and_the_replay_ends_the_same_way(project: Project, way: str) -> None:
    body, tail, head = ENDINGS[way]
    project.test(body)
    name = "TestNotes.test_one" if "TestNotes" in body else "test_one"

    recorded = project.pytest("--record-mode=rewrite")
    replayed = project.pytest("--record-mode=none")
    files = project.files()
    again = project.pytest("--record-mode=rewrite")

    assert (recorded.tail, replayed.tail, again.tail) == (tail, tail, tail), replayed.output
    assert f"ended:\n  outcome: {head}\nholds:\n  interactions: 1" in project.cassette(name).read_text()
    assert "1 cassette of a test that did not pass" in recorded.output
    assert "1 cassette recorded again, not one byte changed" in again.output
    assert project.files() == files


def test_a_test_that_is_skipped_before_it_sends_anything_gets_no_cassette(project: Project) -> None:
    project.test("@pytest.mark.vcr\ndef test_one():\n    pytest.skip('first')\n")

    recorded = project.pytest("--record-mode=rewrite")
    strict = project.pytest("--record-mode=none", "--taketwo-strict")

    assert (recorded.tail, recorded.code, strict.tail, strict.code) == ("1 skipped", 0, "1 skipped", 0)
    assert not project.cassette("test_one").exists()


def test_a_fixture_of_a_session_that_skips_after_a_request_skips_in_the_replay(project: Project) -> None:
    project.test(
        f"@pytest.fixture(scope='session')\ndef service():{SEND}    pytest.skip('too old')\n\n"
        "@pytest.mark.vcr\ndef test_one(service):\n    pass\n\n"
        "@pytest.mark.vcr\ndef test_two(service):\n    pass\n"
    )

    recorded = project.pytest("--record-mode=rewrite")
    replayed = project.pytest("--record-mode=none")

    assert (recorded.tail, replayed.tail) == ("2 skipped", "2 skipped"), replayed.output
    assert [name for name in project.files() if "contracts" not in name] == [
        "test_notes/fixtures/service.yaml"
    ]


XFAIL = "@pytest.mark.xfail\n@pytest.mark.vcr\ndef test_one():\n    {}\n"


def test_an_xfail_that_finds_no_recorded_answer_fails_and_says_so(project: Project) -> None:
    project.test(XFAIL.format("assert get('/notes').status_code == 404"))
    missing = project.pytest("--record-mode=none")
    assert project.pytest("--record-mode=rewrite").tail == "1 xfailed"
    project.test(XFAIL.format("get('/notes?page=2')"))

    changed = project.pytest("--record-mode=none")

    assert (missing.tail, changed.tail) == ("1 failed", "1 failed"), missing.output
    assert "the test failed as expected, but something it did found no answer" in missing.output
    assert "when it was recorded, the test failed as expected" in changed.output


def test_an_xfail_that_fails_with_another_error_than_recorded_says_so(project: Project) -> None:
    project.test(XFAIL.format("assert get('/notes').status_code == 404"))
    assert project.pytest("--record-mode=rewrite").tail == "1 xfailed"
    project.test(XFAIL.format("get('/notes').json()['nothing']"))

    run = project.pytest("--record-mode=none")

    assert run.tail == "1 failed"
    assert (
        "the test failed with TypeError; when cassettes/test_notes/test_one.yaml was recorded, it failed "
        "with AssertionError, as its xfail expects"
    ) in run.output


def test_an_xfail_that_expects_a_miss_by_name_is_left_alone(project: Project) -> None:
    project.test(
        "from taketwo.errors import CassetteNotFound\n"
        "@pytest.mark.xfail(raises=CassetteNotFound)\n@pytest.mark.vcr\ndef test_one():\n    get('/notes')\n"
    )

    assert project.pytest("--record-mode=none").tail == "1 xfailed"


def test_an_xfail_hides_no_secret_that_would_be_recorded(project: Project) -> None:
    project.test(
        "@pytest.mark.xfail\n@pytest.mark.vcr\ndef test_one():\n"
        "    with client() as c:\n        c.post('/leak')\n"
        "    assert False\n"
    )

    run = project.pytest("--record-mode=rewrite")

    assert "1 error" in run.tail, run.output
    assert "it still holds a secret" in run.output
    assert not project.cassette("test_one").exists()


def test_what_a_test_records_while_it_is_skipped_replaces_no_passing_test(project: Project) -> None:
    project.test("@pytest.mark.vcr\ndef test_one():\n    get('/notes')\n    get('/notes?page=2')\n")
    assert project.pytest("--record-mode=rewrite").tail == "1 passed"
    files = project.files()
    project.test("@pytest.mark.vcr\ndef test_one():\n    get('/notes')\n    pytest.skip('now')\n")

    run = project.pytest("--record-mode=rewrite")

    assert run.tail == "1 skipped"
    assert project.files() == files
    assert (
        "  cassettes/test_notes/test_one.yaml: its test was skipped, and had passed when the cassette was "
        "recorded; to record it as it ends now, delete the cassette"
    ) in run.output
    assert project.pytest("--record-mode=none").tail == "1 skipped"


def test_a_refresh_reviews_a_test_that_is_expected_to_fail(project: Project) -> None:
    project.test(XFAIL.format("assert get('/notes').status_code == 404"))
    assert project.pytest("--record-mode=rewrite").tail == "1 xfailed"
    project.test(XFAIL.format("assert get('/notes?page=2').status_code == 404"))

    run = project.refresh("--all")

    assert run.code == 1, run.output + run.errors
    assert project.cassette("test_one").with_suffix(".yaml.new").is_file()


@pytest.mark.parametrize("way", ["skip", "xfail", "expectedFailure"])
def test_a_refresh_and_a_second_run_with_once_leave_an_ended_test_as_it_is(
    project: Project, way: str
) -> None:
    body, tail, _ = ENDINGS[way]
    project.test(body)

    first = project.pytest("--record-mode=once")
    files = project.files()
    again = project.pytest("--record-mode=once")
    refreshed = project.refresh("--all")

    assert (first.tail, again.tail) == (tail, tail), again.output
    assert "recorded" not in again.output.replace("taketwo: records", "")
    assert (refreshed.code, refreshed.output) == (0, "1 test recorded again: 1 unchanged\n")
    assert project.files() == files

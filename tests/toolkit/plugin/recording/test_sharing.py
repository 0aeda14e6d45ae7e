"""
Tests that share one cassette: each has its part in it, and loses nothing to the others.
"""

from __future__ import annotations

import pytest

from tests.toolkit.conftest import Project

SHARED = """
pytestmark = [pytest.mark.vcr, pytest.mark.default_cassette("together")]


def note(text):
    with client() as c:
        made = c.post("/notes", json={"text": text}).json()
        assert c.get("/notes").json() == [made]
        assert c.get("/notes/" + made["id"]).json() == made


def test_first():
    note("first")


@pytest.mark.parametrize("text", ["one", "two"])
def test_second(text):
    note(text)


class TestThird:
    def test_third(self):
        note("third")
"""
SAID = b"RIFF" + bytes(range(256)) * 4
AUDIO = f"""
pytestmark = [pytest.mark.vcr, pytest.mark.default_cassette("together")]


@pytest.mark.parametrize("word", [b"a", b"b"])
def test_spoken(word):
    said = {SAID!r} + word
    with client() as c:
        assert c.post("/echo", content=said, headers={{"content-type": "audio/wav"}}).content == said
"""


def together(project: Project) -> str:
    return project.cassette("together").read_text()


def recorded(project: Project) -> dict[str, str]:
    project.test(SHARED)
    run = project.pytest("--record-mode=rewrite")
    assert run.tail == "4 passed", run.output
    return project.files()


def test_each_test_has_its_part_in_the_order_of_their_ids(project: Project) -> None:
    recorded(project)

    replayed = project.pytest("-p", "randomly", "-p", "no:cacheprovider")

    heads = [
        line for line in together(project).splitlines() if line.startswith(("taketwo", "- test", "  test"))
    ]
    assert heads == [
        "taketwo: 1",
        "- test: tests/test_notes.py::TestThird::test_third",
        "- test: tests/test_notes.py::test_first",
        "- test: tests/test_notes.py::test_second[one]",
        "- test: tests/test_notes.py::test_second[two]",
    ]
    assert replayed.tail == "4 passed"


def test_no_byte_depends_on_order_subset_or_workers(project: Project) -> None:
    files = recorded(project)
    places = [f"tests/test_notes.py::{name}" for name in ("test_second[two]", "TestThird", "test_first")]

    part = project.pytest("--record-mode=all", "-k", "second")
    assert (part.tail, project.files()) == ("2 passed, 2 deselected", files)
    project.cassette("together").unlink()
    first = project.pytest("--record-mode=rewrite", *places)
    rest = project.pytest("--record-mode=once", "-n2")

    assert (first.tail, rest.tail, project.files()) == ("3 passed", "4 passed", files)
    project.cassette("together").unlink()
    assert project.pytest("--record-mode=new_episodes", "-n2").tail == "4 passed"
    assert project.files() == files


def test_the_files_of_every_part_stay(project: Project) -> None:
    project.test(AUDIO)
    project.pytest("--record-mode=rewrite")

    again = project.pytest("--record-mode=rewrite", "-k", "spoken and b")

    folder = project.root / "cassettes/test_notes"
    assert sorted(path.read_bytes() for path in folder.glob("*.wav")) == [SAID + b"a", SAID + b"b"]
    assert (again.code, project.pytest().tail) == (0, "2 passed")


def test_a_test_that_has_no_part_plays_what_the_others_recorded(project: Project) -> None:
    project.test(
        """
        @pytest.mark.vcr
        def test_first():
            assert get("/notes").json() == []
        """
    )
    project.pytest("--record-mode=rewrite")
    project.test(
        """
        pytestmark = [pytest.mark.vcr, pytest.mark.default_cassette("test_first")]

        def test_first():
            assert get("/notes").json() == []

        def test_later():
            assert get("/notes").json() == []
        """
    )

    assert project.pytest().tail == "2 passed"
    assert project.pytest("--record-mode=once").tail == "2 passed"
    assert "- test: tests/test_notes.py::test_later\n" in project.cassette("test_first").read_text()


@pytest.mark.parametrize("selection", [[], ["-k", "renamed"], ["tests/test_notes.py::test_renamed"]])
def test_the_part_of_a_test_that_is_gone_goes_with_the_next_recording(
    project: Project, selection: list[str]
) -> None:
    recorded(project)
    project.test(SHARED.replace("def test_first", "def test_renamed"))

    project.pytest("--record-mode=rewrite", *selection)

    assert "::test_first" not in together(project)
    assert "::test_renamed" in together(project)
    assert project.pytest().tail == "4 passed"


def test_a_cassette_that_one_test_is_left_of_is_as_if_nobody_had_shared_it(project: Project) -> None:
    recorded(project)
    project.test(SHARED[: SHARED.index("@pytest.mark.parametrize")])

    project.pytest("--record-mode=rewrite")

    assert together(project).startswith("taketwo: 1\ntest: tests/test_notes.py::test_first\n")


def test_a_failing_test_keeps_its_part_and_the_others_get_theirs(project: Project) -> None:
    files = recorded(project)
    project.test(SHARED.replace('note("first")', 'note("changed")\n    assert False'))

    run = project.pytest("--record-mode=rewrite")

    assert (run.tail, project.files()) == ("1 failed, 3 passed", files)


def test_a_damaged_cassette_that_others_share_is_not_replaced(project: Project) -> None:
    recorded(project)
    path = project.cassette("together")
    damaged = path.read_text().replace("interactions: 3", "interactions: 4", 1)
    path.write_text(damaged)

    run = project.pytest("--record-mode=rewrite", "-k", "first")

    assert run.tail == "1 passed, 3 deselected, 1 error"
    assert "the header says 4 interactions but the file holds 3" in run.output
    assert path.read_text() == damaged


def test_a_refresh_tells_the_parts_apart_and_leaves_one_pending_take(project: Project) -> None:
    recorded(project)
    before = together(project)
    project.test(SHARED.replace('note("first")', 'note("changed")'))

    part = project.refresh("tests/test_notes.py::test_first")
    whole = project.refresh("--all")

    pending = project.cassette("together").with_suffix(".yaml.new").read_text()
    assert (part.code, whole.code, together(project)) == (1, 1, before)
    assert "\n1 test recorded again: 1 changed\n" in part.output
    assert "\n4 tests recorded again: 1 changed, 3 unchanged\n" in whole.output
    assert (pending.count("- test: "), pending.count("text: changed")) == (4, 4)
    assert project.run("-m", "taketwo", "accept").code == 0
    assert project.pytest().tail == "4 passed"
    assert project.refresh("--all").code == 0

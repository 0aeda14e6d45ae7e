"""
``taketwo prune``.
"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from taketwo.cassette.store.names import file_name
from taketwo.cassette.text.writer import dump_cassette
from tests.toolkit.cli.conftest import MADE, PAGE, made, taketwo
from tests.toolkit.conftest import Project

TESTS = """
@pytest.mark.vcr
def test_page():
    pass
"""


@pytest.fixture
def grown(kept: Project) -> Project:
    """
    The test of one of the two cassettes is gone.
    """
    kept.test(TESTS)
    return kept


def test_what_no_test_uses_is_listed_and_stays(grown: Project) -> None:
    files = grown.files()

    run = taketwo(grown, "prune")

    assert (run.code, run.errors) == (1, "")
    assert run.output == f"no test uses:\n  {MADE}\nto delete what no test uses: taketwo prune --yes\n"
    assert grown.files() == files


def test_it_is_deleted_when_that_is_said_with_the_take_that_waits(grown: Project) -> None:
    run = taketwo(grown, "prune", "--yes")
    again = taketwo(grown, "prune")

    assert (run.code, run.output) == (0, f"deleted, since no test used them:\n  {MADE}\n")
    assert list(grown.files()) == ["test_notes/test_page.yaml"]
    assert (again.code, again.output) == (0, "every cassette is used\n")


def test_a_script_gets_what_was_found(grown: Project) -> None:
    run = taketwo(grown, "prune", "--json")

    assert run.code == 1
    assert json.loads(run.output) == {
        "unused": [MADE],
        "deleted": False,
        "unsure": [],
        "nameless": [],
        "damaged": [],
    }


@pytest.mark.parametrize(
    ("options", "environment"),
    [("-k page", {}), ("", {"PYTEST_ADDOPTS": "-k page"})],
)
def test_a_selection_that_is_made_elsewhere_has_no_say(
    kept: Project, options: str, environment: dict[str, str]
) -> None:
    text = (kept.root / "pyproject.toml").read_text()
    selection = "".join(f'"{option}", ' for option in options.split())
    kept.write("pyproject.toml", text.replace('"--strict-markers",', f'"--strict-markers", {selection}'))
    kept.test(TESTS + TESTS.replace("test_page", "test_made"))

    run = taketwo(kept, "prune", environment=environment)

    assert (run.code, run.output, run.errors) == (0, "every cassette is used\n", "")


def test_prune_takes_no_paths(grown: Project) -> None:
    assert taketwo(grown, "prune", "cassettes/test_notes").code == 3


def test_a_cassette_that_moved_with_its_test_is_used(grown: Project) -> None:
    """
    It names the test that recorded it, and is found by its path.
    """
    grown.write("cassettes/test_pages/test_page.yaml", (grown.root / PAGE).read_text())
    grown.test(TESTS, "tests/test_pages.py")

    run = taketwo(grown, "prune", "--json")

    assert json.loads(run.output)["unused"] == [MADE]


def test_a_cassette_with_a_name_of_its_own_is_never_deleted(grown: Project) -> None:
    grown.write("cassettes/test_notes/shared.yaml", dump_cassette(made()))

    run = taketwo(grown, "prune", "--yes")

    assert run.output == (
        f"deleted, since no test used them:\n  {MADE}\n"
        "their tests are gone; delete those by hand that no other test names:\n"
        "  cassettes/test_notes/shared.yaml\n"
    )
    assert "test_notes/shared.yaml" in grown.files()


def test_classes_and_parameters_have_their_cassettes(kept: Project) -> None:
    for name in ("TestNotes.test_one", "TestNotes.test_two[a::b]"):
        test = f"tests/test_notes.py::{name.replace('.', '::')}"
        path = kept.root / "cassettes/test_notes" / f"{file_name(name)}.yaml"
        path.write_text(dump_cassette(replace(made(), test=test)), encoding="utf-8")
    kept.test(TESTS + TESTS.replace("test_page", "test_made"))

    run = taketwo(kept, "prune", "--json")

    assert json.loads(run.output)["unused"] == [
        "cassettes/test_notes/TestNotes.test_one.yaml",
        f"cassettes/test_notes/{file_name('TestNotes.test_two[a::b]')}.yaml",
    ]


def test_where_pytest_finds_nothing_nothing_is_judged(kept: Project) -> None:
    kept.write("tests/test_notes.py", "def test_made():\n    pass\n")

    run = taketwo(kept, "prune", "--yes")

    assert (run.code, run.output, run.errors) == (
        3,
        "",
        (
            "error: pytest finds no test that has a cassette in tests, so no cassette is judged; "
            "is [tool.taketwo] tests the folder of the tests?\n"
        ),
    )


def test_where_pytest_cannot_collect_nothing_is_deleted(grown: Project) -> None:
    grown.write("tests/test_broken.py", "import nothing_of_the_kind\n")
    files = grown.files()

    run = taketwo(grown, "prune", "--yes")

    assert run.code == 3
    assert run.errors.startswith("error: pytest cannot collect the tests (exit code 2); it printed:\n")
    assert grown.files() == files


def test_a_damaged_cassette_is_told_and_stays(grown: Project) -> None:
    (grown.root / f"{MADE}.new").unlink()
    grown.write(MADE, "taketwo: 1\ntaketwo: 1\n")

    run = taketwo(grown, "prune", "--yes")

    assert (run.code, run.output) == (
        1,
        (f"damaged, so their tests are unknown:\n  {MADE}, line 2: the key 'taketwo' appears twice\n"),
    )

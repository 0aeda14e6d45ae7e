"""
Fixtures of wider scope have cassettes of their own: recorded once, replayed whoever needs them first.
"""

from __future__ import annotations

import re

import pytest

from tests.toolkit.conftest import Project

SHARED = """
import os
import uuid
from unittest import TestCase

import httpx
import pytest


def ask(method, path, **options):
    with httpx.Client(base_url=os.environ["NOTEBOOK_URL"], trust_env=False) as c:
        return c.request(method, path, **options).json()


def write(text):
    return ask("POST", "/notes", json={"text": text})


@pytest.fixture(scope="session")
def opened():
    note = write("of the session")
    yield note
    assert ask("GET", f"/notes/{note['id']}")["text"] == "of the session"
"""
TESTS = """
import pytest
from conftest import TestCase, ask, write


@pytest.fixture(scope="module")
def page(opened):
    return write(f"of the module, after {opened['id']}")


@pytest.fixture(scope="module", params=["one", "two"])
def each(request):
    return write(request.param)


@pytest.mark.vcr
def test_a(page, opened):
    found = ask("GET", f"/notes/{page['id']}")
    assert found == page
    assert found["text"].endswith(opened["id"])


@pytest.mark.vcr
def test_each(each):
    mine = write(each["id"])
    assert mine["id"] != each["id"]
    assert mine["text"] == each["id"]


def test_plain(page):
    assert page["text"].startswith("of the module")


class TestInClass:
    @pytest.fixture(scope="class")
    @classmethod
    def of_class(cls):
        return write("of the class")

    @pytest.mark.vcr
    def test_b(self, of_class, page):
        assert ask("GET", f"/notes/{of_class['id']}") == of_class


@pytest.mark.vcr
class TestUnit(TestCase):
    @classmethod
    def setUpClass(cls):
        cls.note = write("of setUpClass")

    @classmethod
    def tearDownClass(cls):
        assert ask("GET", f"/notes/{cls.note['id']}") == cls.note

    def test_c(self):
        assert ask("GET", f"/notes/{self.note['id']}") == self.note


def setup_module():
    assert write("of setup_module")["text"] == "of setup_module"
"""
CASSETTES = {
    "fixtures/opened.teardown.yaml",
    "fixtures/opened.yaml",
    "test_shared/TestInClass.test_b.yaml",
    "test_shared/TestUnit.test_c.yaml",
    "test_shared/fixtures/TestInClass.of_class.yaml",
    "test_shared/fixtures/TestUnit.setUpClass.teardown.yaml",
    "test_shared/fixtures/TestUnit.setUpClass.yaml",
    "test_shared/fixtures/each[one].yaml",
    "test_shared/fixtures/each[two].yaml",
    "test_shared/fixtures/page.yaml",
    "test_shared/fixtures/setup_module.yaml",
    "test_shared/test_a.yaml",
    "test_shared/test_each[one].yaml",
    "test_shared/test_each[two].yaml",
}


@pytest.fixture
def shared(project: Project) -> Project:
    project.write("tests/conftest.py", SHARED)
    project.write("tests/test_shared.py", TESTS)
    text = (project.root / "pyproject.toml").read_text(encoding="utf-8")
    project.write("pyproject.toml", text.replace('  "--import-mode=importlib",\n', ""))
    return project


def cassettes(project: Project) -> dict[str, str]:
    return {name: text for name, text in project.files().items() if not name.startswith("contracts/")}


def test_they_are_recorded_once_and_replayed_in_any_order(shared: Project) -> None:
    recorded = shared.pytest("--record-mode=rewrite")
    first = cassettes(shared)
    replayed = shared.pytest("--record-mode=none")
    alone = shared.pytest("--record-mode=none", "tests/test_shared.py::TestInClass::test_b")
    plain = shared.pytest("--record-mode=none", "tests/test_shared.py::test_plain")

    assert recorded.tail == "6 passed", recorded.output
    assert set(first) == CASSETTES
    assert "14 cassettes recorded for the first time" in recorded.output
    assert replayed.tail == "6 passed", replayed.output
    assert (alone.tail, plain.tail) == ("1 passed", "1 passed"), plain.output


def test_recording_again_in_another_order_or_by_several_workers_changes_not_one_byte(shared: Project) -> None:
    assert shared.pytest("--record-mode=rewrite").code == 0
    before = cassettes(shared)

    backwards = shared.pytest(
        "--record-mode=rewrite",
        "tests/test_shared.py::TestUnit",
        "tests/test_shared.py::TestInClass",
        "tests/test_shared.py::test_plain",
        "tests/test_shared.py::test_each",
        "tests/test_shared.py::test_a",
    )
    after = cassettes(shared)
    workers = shared.pytest("--record-mode=rewrite", "-n2", "--dist=each", "--tx=2*popen")

    assert backwards.tail == "6 passed", backwards.output
    assert after == before
    assert workers.code == 0, workers.output
    assert cassettes(shared) == before


def test_a_refresh_records_them_and_leaves_what_differs_for_a_review(shared: Project) -> None:
    first = shared.refresh("--all")
    replayed = shared.pytest("--record-mode=none")
    again = shared.refresh("--all")
    page = (shared.root / "tests/test_shared.py").read_text(encoding="utf-8")
    shared.write("tests/test_shared.py", page.replace("of the module", "of a module"))
    named = shared.refresh("cassettes/test_shared/fixtures/page.yaml")
    pending = [name for name in shared.files() if name.endswith(".new")]
    accepted = shared.refresh("--accept")

    assert first.output.splitlines()[-1] == "5 tests and 9 cassettes of fixtures recorded again: 14 new"
    assert set(cassettes(shared)) == CASSETTES
    assert replayed.tail == "6 passed", replayed.output
    assert again.output == "5 tests and 9 cassettes of fixtures recorded again: 14 unchanged\n"
    assert "2 tests and 5 cassettes of fixtures recorded again: 2 changed, 5 unchanged" in named.output
    assert pending == ["test_shared/fixtures/page.yaml.new", "test_shared/test_a.yaml.new"]
    assert accepted.code == 0
    assert shared.pytest("--record-mode=none").tail == "6 passed"


def test_they_follow_a_fixture_that_is_renamed_and_are_unused_until_then(shared: Project) -> None:
    assert shared.pytest("--record-mode=rewrite").code == 0
    page = (shared.root / "tests/test_shared.py").read_text(encoding="utf-8")
    shared.write("tests/test_shared.py", re.sub(r"\bpage\b", "sheet", page))

    before = shared.run("-m", "taketwo", "prune")
    renamed = shared.run(
        "-m", "taketwo", "rename", "tests/test_shared.py::page", "tests/test_shared.py::sheet"
    )
    after = shared.run("-m", "taketwo", "prune")

    assert (before.code, before.output.splitlines()[:2]) == (
        1,
        ["no test uses:", "  cassettes/test_shared/fixtures/page.yaml"],
    )
    assert renamed.output == (
        "cassettes/test_shared/fixtures/page.yaml -> cassettes/test_shared/fixtures/sheet.yaml\n"
    )
    assert (after.code, after.output) == (0, "every cassette is used\n")
    assert shared.pytest("--record-mode=none").tail == "6 passed"


def test_the_cassette_of_a_fixture_that_sends_nothing_any_more_is_removed(shared: Project) -> None:
    assert shared.pytest("--record-mode=rewrite").code == 0
    page = (shared.root / "tests/test_shared.py").read_text(encoding="utf-8")
    shared.write("tests/test_shared.py", page.replace("return write(request.param)", "return {'id': 'none'}"))

    run = shared.pytest("--record-mode=rewrite", "tests/test_shared.py::test_each")

    assert not [name for name in shared.files() if "fixtures/each" in name], run.output


NEW = """

@pytest.mark.vcr
def test_new(page):
    assert ask("GET", f"/notes/{page['id']}") == page
"""


@pytest.mark.parametrize("mode", ["once", "new_episodes"])
def test_a_test_that_is_recorded_with_a_replayed_fixture_says_how_to_record_both(
    shared: Project, mode: str
) -> None:
    """
    The fixture's cassette stays as it is, byte by byte.
    """
    assert shared.pytest("--record-mode=once").tail == "6 passed"
    before = cassettes(shared)
    shared.write("tests/test_shared.py", TESTS + NEW)

    run = shared.pytest(f"--record-mode={mode}")
    both = shared.pytest("--record-mode=rewrite", "tests/test_shared.py::test_new")

    assert run.tail == "1 failed, 6 passed"
    assert (
        "while the test was recorded, these were replayed: "
        "cassettes/fixtures/opened.yaml, cassettes/test_shared/fixtures/page.yaml, "
        "cassettes/test_shared/fixtures/setup_module.yaml\n"
        "the services do not have what was created in them\n"
        "to record all of it: pytest --record-mode=rewrite tests/test_shared.py::test_new"
    ) in run.output
    assert both.tail == "1 passed"
    assert {name: text for name, text in cassettes(shared).items() if "test_new" not in name} == before

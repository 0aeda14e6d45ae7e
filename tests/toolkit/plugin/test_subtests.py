"""
A subtest that fails costs no cassette, although its test is reported as passed.
"""

from __future__ import annotations

import pytest

from tests.toolkit.conftest import Project

OF_UNITTEST = """
from unittest import TestCase


@pytest.mark.vcr
class TestNotes(TestCase):
    def test_parts(self):
        for text in ("one", "two"):
            with self.subTest(text=text):
                with client() as c:
                    assert c.post("/notes", json={"text": SAID + text}).json()["text"] != "new two"
"""
OF_PYTEST = """
@pytest.mark.vcr
def test_parts(subtests):
    for text in ("one", "two"):
        with subtests.test(text=text):
            with client() as c:
                assert c.post("/notes", json={"text": SAID + text}).json()["text"] != "new two"
"""


@pytest.mark.parametrize(
    ("tests", "name"), [(OF_UNITTEST, "TestNotes.test_parts"), (OF_PYTEST, "test_parts")]
)
def test_a_failing_subtest_keeps_the_accepted_cassette(project: Project, tests: str, name: str) -> None:
    if tests is OF_PYTEST and int(pytest.__version__.partition(".")[0]) < 9:
        pytest.skip("the fixture subtests came with pytest 9")
    project.test(f"SAID = 'old '\n{tests}")
    assert project.pytest("--record-mode=rewrite").code == 0
    before = project.cassette(name).read_text(encoding="utf-8")
    project.test(f"SAID = 'new '\n{tests}")

    run = project.pytest("--record-mode=rewrite")

    assert run.code == 1
    assert "1 cassette recorded, and not put in place" in run.output
    assert project.cassette(name).read_text(encoding="utf-8") == before

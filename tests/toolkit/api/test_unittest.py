"""
``taketwo.CassetteMixin``: a cassette for each test of unittest, run by whichever runner.
"""

from __future__ import annotations

import unittest
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

import httpx
import pytest

import taketwo
from tests.toolkit.api.conftest import Counter
from tests.toolkit.conftest import Project


def run(case: type[unittest.TestCase], name: str) -> unittest.TestResult:
    result = unittest.TestResult()
    case(name).run(result)
    return result


def make(folder: Path, url: str) -> type[taketwo.CassetteMixin]:
    class TestShop(taketwo.CassetteMixin):
        def cassette_path(self) -> Path:
            return folder / f"{self._testMethodName}.yaml"

        def setUp(self) -> None:
            with urlopen(f"{url}/login", timeout=10) as response:
                self.first = response.read().decode()

        def test_passes(self) -> None:
            assert self.first == "hello /login"

        def test_fails(self) -> None:
            self.fail("on purpose")

        def test_fails_in_part(self) -> None:
            with self.subTest("part"):
                self.fail("on purpose")

        def test_has_sound_parts(self) -> None:
            with self.subTest("part"):
                pass

        def test_hides_what_goes_wrong(self) -> None:
            with suppress(BaseException):
                urlopen(f"{url}/never", timeout=10)

    return TestShop


def test_setup_and_test_are_recorded_and_replayed(service: Counter, folder: Path) -> None:
    case = make(folder, service.url)

    results = [run(case, "test_passes") for _ in range(2)]

    assert [result.wasSuccessful() for result in results] == [True, True]
    assert service.asked == ["/login"]


@pytest.mark.parametrize("name", ["test_fails", "test_fails_in_part"])
def test_a_test_that_fails_writes_no_cassette(service: Counter, folder: Path, name: str) -> None:
    result = run(make(folder, service.url), name)

    assert (len(result.failures), len(result.errors)) == (1, 0)
    assert list(folder.glob("*.yaml")) == []


def test_parts_that_pass_write_one(service: Counter, folder: Path) -> None:
    assert run(make(folder, service.url), "test_has_sound_parts").wasSuccessful()
    assert (folder / "test_has_sound_parts.yaml").is_file()


def test_what_found_no_answer_is_an_error_of_the_test(service: Counter, folder: Path) -> None:
    case = make(folder, service.url)
    run(case, "test_passes")
    (folder / "test_passes.yaml").rename(folder / "test_hides_what_goes_wrong.yaml")

    result = run(case, "test_hides_what_goes_wrong")

    assert [error.rpartition("taketwo.errors.")[2].partition(":")[0] for _, error in result.errors] == [
        "NoMatch"
    ]
    assert service.asked == ["/login"]


def test_a_damaged_cassette_is_an_error_of_the_test(service: Counter, folder: Path) -> None:
    (folder / "test_passes.yaml").write_text("taketwo: nonsense\n")

    result = run(make(folder, service.url), "test_passes")

    assert (result.testsRun, len(result.errors)) == (1, 1)
    assert service.asked == []


def test_coroutines_have_one_too(service: Counter, folder: Path) -> None:
    class TestAsync(taketwo.CassetteMixin, unittest.IsolatedAsyncioTestCase):
        def cassette_path(self) -> Path:
            return folder / "async.yaml"

        async def test_asks(self) -> None:
            async with httpx.AsyncClient(trust_env=False) as client:
                assert (await client.get(f"{service.url}/a")).text == "hello /a"

    results = [run(TestAsync, "test_asks") for _ in range(2)]

    assert [result.errors + result.failures for result in results] == [[], []]
    assert service.asked == ["/a"]


CASE = """
import os
import unittest
from urllib.request import urlopen

import taketwo


class TestNotes(taketwo.CassetteMixin, unittest.TestCase):
    def test_lists(self):
        with urlopen(os.environ["NOTEBOOK_URL"] + "/notes") as response:
            assert response.status == 200
"""
PLAIN = """
[tool.taketwo]
cassettes = "cassettes"

[tool.pytest.ini_options]
filterwarnings = ["error"]
"""


def test_the_same_file_runs_under_unittest_and_under_pytest(project: Project, another: str) -> None:
    project.write("pyproject.toml", PLAIN)
    project.write("tests/test_shop.py", CASE)
    there, gone = {"NOTEBOOK_URL": another}, {"NOTEBOOK_URL": another, "TAKETWO_RECORD_MODE": "none"}

    recorded = project.pytest("--record-mode=rewrite", "-p", "no:asyncio", environment=there)
    replayed = project.run("-m", "unittest", "tests/test_shop.py", environment=gone)
    under_pytest = project.pytest("-p", "no:asyncio", environment=there)

    assert recorded.code == 0
    assert list(project.files()) == ["test_shop/TestNotes.test_lists.yaml"]
    assert (replayed.code, under_pytest.tail) == (0, "1 passed")
    assert "unused" not in under_pytest.output

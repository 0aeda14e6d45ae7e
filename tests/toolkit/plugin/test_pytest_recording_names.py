"""
What suites of pytest-recording say, and mean the same with us: the error of VCR.py, a marker that replays.
"""

from __future__ import annotations

from tests.toolkit.conftest import OF_PYTEST, Project

TESTS = """
from urllib.request import urlopen

import pytest
from vcr.errors import CannotOverwriteExistingCassetteException


@pytest.mark.vcr
def test_expects_the_error():
    with pytest.raises(CannotOverwriteExistingCassetteException):
        urlopen("http://shop.test/")


@pytest.mark.vcr(record_mode="none")
def test_replays_whatever_the_command_line_says():
    with pytest.raises(CannotOverwriteExistingCassetteException):
        urlopen("http://shop.test/")
"""


def test_names_of_pytest_recording_and_vcrpy_mean_what_they_mean_there(project: Project) -> None:
    project.write("pyproject.toml", f"[tool.taketwo]\n{OF_PYTEST}")
    project.write("tests/test_shop.py", TESTS)

    replayed = project.pytest()
    recorded = project.pytest("--record-mode=all", "-k", "replays")

    assert (replayed.tail, recorded.tail.partition(",")[0]) == ("2 passed", "1 passed")

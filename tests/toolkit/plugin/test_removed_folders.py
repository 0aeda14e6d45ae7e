"""
Folders that somebody removes while tests run.
"""

from __future__ import annotations

import pytest

from tests.toolkit.conftest import Project

TESTS = """
import os, shutil
import pytest

@pytest.mark.vcr
def test_first():
    assert get("/notes").status_code == 200

@pytest.mark.vcr
def test_second():
    assert get("/notes").status_code == 200
    if "REMOVES" in os.environ:
        shutil.rmtree(os.environ["REMOVES"])
    assert get("/notes").status_code == 200

@pytest.mark.vcr
def test_third():
    assert get("/notes").status_code == 200
"""


@pytest.mark.parametrize("folder", ["cassettes", "cassettes/.taketwo", "cassettes/test_notes"])
def test_a_recording_goes_on_without_a_folder_that_is_removed(folder: str, project: Project) -> None:
    project.test(TESTS)
    project.pytest("--record-mode=rewrite")

    again = project.pytest("--record-mode=rewrite", environment={"REMOVES": folder})

    assert (again.code, again.tail) == (0, "3 passed")
    assert project.cassette("test_second").is_file()
    assert project.cassette("test_third").is_file()
    assert project.cassette("test_first").is_file() is (folder == "cassettes/.taketwo")
    assert (project.root / "cassettes" / ".taketwo" / ".gitignore").is_file()


def test_a_replay_goes_on_with_the_cassette_that_is_open(project: Project) -> None:
    project.test(TESTS)
    project.pytest("--record-mode=rewrite")

    run = project.pytest("--record-mode=none", environment={"REMOVES": "cassettes"})

    assert run.tail == "1 failed, 2 passed"
    assert "there is no cassette cassettes/test_notes/test_third.yaml" in run.output


def test_a_recording_that_waits_in_a_removed_folder_is_missed(project: Project) -> None:
    project.test(
        """
        import shutil
        import pytest

        @pytest.fixture(scope="module")
        def removing():
            yield
            shutil.rmtree("cassettes/.taketwo")

        @pytest.mark.vcr
        def test_it(removing):
            assert get("/notes").status_code == 200
        """
    )

    run = project.pytest("--record-mode=rewrite")

    assert run.tail == "1 passed, 1 error"
    assert "test_it.yaml was not replaced: [Errno 2] No such file or directory" in run.output
    assert not project.cassette("test_it").exists()

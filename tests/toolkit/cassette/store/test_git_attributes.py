"""
The ``.gitattributes`` beside the cassettes, which keeps git from changing their bytes.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from taketwo.cassette.store.git_attributes import NAME, write_git_attributes


@pytest.fixture
def cassettes(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)  # noqa: S607 - whichever git there is
    folder = tmp_path / "cassettes"
    folder.mkdir()
    return folder


def attributes(file: Path) -> set[str]:
    """
    What git makes of the attributes of *file*.
    """
    told = subprocess.run(
        ["git", "check-attr", "text", "eol", "diff", "filter", "--", file.name],  # noqa: S607 - as above
        cwd=file.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    return {line.partition(": ")[2] for line in told.stdout.splitlines()}


def test_git_keeps_the_line_ends_of_cassettes_and_the_bytes_of_their_files(cassettes: Path) -> None:
    assert write_git_attributes(cassettes)

    assert {"text: set", "eol: lf"} <= attributes(cassettes / "test_a.yaml")
    assert {"text: unset", "diff: unset"} <= attributes(cassettes / "0123456789abcdef.wav")
    assert {"text: unset"} <= attributes(cassettes / "0123456789abcdef.bin")


def test_one_that_is_there_is_left_alone(cassettes: Path) -> None:
    (cassettes / NAME).write_text("* -text\n", encoding="utf-8")

    assert not write_git_attributes(cassettes)
    assert (cassettes / NAME).read_text(encoding="utf-8") == "* -text\n"


def test_what_the_project_keeps_in_git_lfs_is_left_to_it(cassettes: Path) -> None:
    (cassettes.parent / NAME).write_text("*.wav filter=lfs diff=lfs merge=lfs -text\n", encoding="utf-8")

    assert write_git_attributes(cassettes)

    assert {"filter: lfs", "diff: lfs"} <= attributes(cassettes / "0123456789abcdef.wav")


def test_a_folder_that_git_knows_nothing_of_gets_none(tmp_path: Path) -> None:
    assert not write_git_attributes(tmp_path)
    assert not (tmp_path / NAME).exists()

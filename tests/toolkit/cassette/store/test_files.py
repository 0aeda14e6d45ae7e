"""
Cassettes on the disk: their names, their reading, and that none is ever lost.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from taketwo.cassette.model import Cassette
from taketwo.cassette.store.names import file_name, find_cassettes, find_pending
from taketwo.cassette.store.read import read_cassette, read_text
from taketwo.cassette.store.staging import StagingDir, promote
from taketwo.cassette.text.writer import dump_cassette
from taketwo.errors import CassetteFormatError


@pytest.mark.parametrize(
    ("test", "name"),
    [
        ("test_a", "test_a"),
        ("Class.test_a[1-x y]", "Class.test_a[1-x y]"),
        ("test_ä[日本語-🎉]", "test_ä[日本語-🎉]"),
        ("test_a[a-b]", "test_a[a-b]"),
        ("test_a[a/b]", "test_a[a-b]-30c131a6"),
        ("test_a[a\\b]", "test_a[a-b]-30bdc037"),
        ("../../etc/passwd", "..-..-etc-passwd-3754d6cb"),
        ("a\x00b\n", "a-b--3a100994"),
        ("\ud800", "--91a681b9"),
    ],
)
def test_a_test_names_its_cassette(test: str, name: str) -> None:
    assert file_name(test) == name


def test_no_two_tests_share_a_name() -> None:
    signs = [
        "a",
        "-",
        "/",
        "\\",
        ":",
        "|",
        "?",
        "*",
        "<",
        ">",
        '"',
        "'",
        "%",
        "\x01",
        "ä",
        "\ud800",
        "\udc80",
    ]
    tests = {f"{first}{second}{third}" for first in signs for second in signs for third in signs}
    tests |= {file_name(test) for test in tests}
    tests |= {"x" * count for count in range(150, 300)}
    tests |= {"日" * count for count in range(50, 100)}

    names = {file_name(test) for test in tests}

    assert len(names) == len(tests)


@pytest.mark.parametrize("sign", ["x", "日", "🎉", "/"])
def test_a_name_is_never_longer_than_a_file_system_allows(sign: str) -> None:
    name = file_name(sign * 1000)

    assert len(f"{name}.yaml.new".encode()) <= 220


@pytest.mark.parametrize(
    "name", ["con", "NUL", "Aux", "prn", "com1", "LPT9", "com²", "conin$", "nul.x", "a.", "a "]
)
def test_no_name_is_one_that_windows_keeps_for_itself(name: str) -> None:
    safe, mark, digest = file_name(name).rpartition("-")

    assert (safe, mark, len(digest)) == (name, "-", 8)


@pytest.mark.parametrize("name", ["c", "cons", "com10", "null", "auxiliary", "test_con", ".con"])
def test_a_name_that_is_like_one_of_those_stays(name: str) -> None:
    assert file_name(name) == name


def test_a_cassette_that_is_not_there_is_none(tmp_path: Path) -> None:
    assert read_cassette(tmp_path / "a.yaml") is None


def test_a_cassette_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(dump_cassette(Cassette(test="a", seed=3)))

    assert read_cassette(path) == Cassette(test="a", seed=3)


def test_a_file_that_is_not_utf8_is_refused_with_the_byte(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"test: \xff")

    with pytest.raises(CassetteFormatError) as caught:
        read_text(path)

    assert str(caught.value) == f"{path}: byte 6 is not UTF-8"


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    with path.open("wb") as file:
        file.truncate(200 * 1024 * 1024 * 1024)

    with pytest.raises(CassetteFormatError) as caught:
        read_text(path)

    assert str(caught.value) == f"{path}: the file is larger than 64 MiB"


def test_a_folder_in_the_place_of_a_cassette_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.mkdir()

    with pytest.raises(CassetteFormatError) as caught:
        read_text(path)

    assert str(caught.value) == f"{path} cannot be read: Is a directory"


def test_accepted_and_pending_files_are_listed_apart(tmp_path: Path) -> None:
    """
    In the order of their paths, and not what lies in the staging folder; also below a folder of its name.
    """
    cassettes = tmp_path / ".taketwo" / "cassettes"
    names = [
        "b/two.yaml",
        "b/two.yaml.new",
        "a/one.yaml",
        "a/notes.txt",
        "contracts/mesh.yaml",
        "contracts/mesh.graphql.new",
        "inner/contracts/three.yaml",
        ".taketwo/run-1-x/four.yaml",
        ".taketwo/run-1-x/four.yaml.new",
    ]
    for name in names:
        (cassettes / name).parent.mkdir(parents=True, exist_ok=True)
        (cassettes / name).touch()

    found = [
        [str(path.relative_to(cassettes)) for path in find(cassettes)]
        for find in (find_cassettes, find_pending)
    ]

    assert found == [
        ["a/one.yaml", "b/two.yaml", "inner/contracts/three.yaml"],
        ["b/two.yaml.new", "contracts/mesh.graphql.new"],
    ]


def test_a_take_is_promoted_into_place(tmp_path: Path) -> None:
    staging = StagingDir(tmp_path)
    target = tmp_path / "deep" / "er" / "a.yaml"

    changed = promote(staging.stage("new\r\n🎉"), target)

    assert (changed, target.read_bytes()) == (True, "new\r\n🎉".encode())
    assert oct(target.stat().st_mode)[-3:] == "644"
    assert list(staging.folder.iterdir()) == []


def test_promotion_replaces_the_file_and_never_writes_into_it(tmp_path: Path) -> None:
    """
    Whoever has the old cassette open keeps reading the old one.
    """
    staging = StagingDir(tmp_path)
    target = tmp_path / "a.yaml"
    target.write_text("old")

    with target.open() as reader:
        changed = promote(staging.stage("new"), target)
        seen = reader.read()

    assert (changed, seen, target.read_text()) == (True, "old", "new")


def test_promotion_touches_nothing_when_nothing_differs(tmp_path: Path) -> None:
    staging = StagingDir(tmp_path)
    target = tmp_path / "a.yaml"
    target.write_text("same")
    os.utime(target, (1, 1))
    before = target.stat()

    changed = promote(staging.stage("same"), target)

    after = target.stat()
    assert (changed, after.st_ino, after.st_mtime) == (False, before.st_ino, 1)
    assert list(staging.folder.iterdir()) == []


def test_a_promotion_that_fails_leaves_the_old_cassette(tmp_path: Path) -> None:
    staging = StagingDir(tmp_path / "cassettes")
    (tmp_path / "cassettes" / "file").write_text("old")

    with pytest.raises(OSError, match="file"):
        promote(staging.stage("new"), tmp_path / "cassettes" / "file" / "a.yaml")

    assert (tmp_path / "cassettes" / "file").read_text() == "old"


def test_a_staging_folder_keeps_itself_out_of_version_control(tmp_path: Path) -> None:
    StagingDir(tmp_path)

    assert (tmp_path / ".taketwo" / ".gitignore").read_text() == "*\n"


def test_a_closed_staging_folder_leaves_no_folder_of_its_own(tmp_path: Path) -> None:
    staging, other = StagingDir(tmp_path), StagingDir(tmp_path)
    staging.stage("text")

    staging.close()

    assert [path.name for path in (tmp_path / ".taketwo").glob("run-*")] == [other.folder.name]


def test_what_dead_runs_left_is_swept_and_nothing_else(tmp_path: Path) -> None:
    dead = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    home = tmp_path / ".taketwo"
    for name in (f"run-{int(dead.stdout)}-x", f"run-{os.getppid()}-x", "run-x-y", "other"):
        (home / name).mkdir(parents=True)

    staging = StagingDir(tmp_path)

    kept = sorted(path.name for path in home.iterdir() if path.is_dir())
    assert kept == sorted(["other", f"run-{os.getppid()}-x", "run-x-y", staging.folder.name])

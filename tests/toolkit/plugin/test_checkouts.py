"""
Cassettes as a checkout leaves them: other line ends, a byte order mark, links, another folder to start from.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.toolkit.conftest import Project

TESTS = """
@pytest.mark.vcr
@pytest.mark.parametrize("number", [1, 2, 3])
def test_page(number):
    assert get(f"/notes?page={number}").status_code == 200
"""
CALLED = ("-c", "user.name=a", "-c", "user.email=a@example.test")


def git(folder: Path, *arguments: str) -> str:
    command = ["git", *CALLED, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def test_a_checkout_with_line_ends_of_windows_is_no_change(project: Project) -> None:
    project.test(TESTS)
    assert project.pytest("--record-mode=rewrite").code == 0
    written = {name: text.encode() for name, text in project.files().items()}
    for name, text in written.items():
        (project.root / "cassettes" / name).write_bytes(text.replace(b"\n", b"\r\n"))
    checkout = {name: text.replace(b"\n", b"\r\n") for name, text in written.items()}

    replayed = project.pytest("--record-mode=none")
    again = project.pytest("--record-mode=rewrite")
    refreshed = project.refresh("--all", "--check")

    assert (replayed.tail, again.tail) == ("3 passed", "3 passed"), replayed.output
    assert replayed.output.count("3 cassettes with CRLF line ends: read as without, and no change") == 1
    assert "3 cassettes recorded again, not one byte changed" in again.output
    assert refreshed.code == 0, refreshed.output
    assert {name: (project.root / "cassettes" / name).read_bytes() for name in checkout} == checkout


def test_a_byte_order_mark_is_read_over_and_named_once(project: Project) -> None:
    project.test(TESTS)
    assert project.pytest("--record-mode=rewrite").code == 0
    file = project.cassette("test_page[2]")
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())

    replayed = project.pytest("--record-mode=none")
    listed = project.run("-m", "taketwo", "list")
    again = project.pytest("--record-mode=rewrite")

    assert replayed.tail == "3 passed", replayed.output
    assert "1 cassette with a byte order mark: read as without, and no change" in replayed.output
    assert "  cassettes/test_notes/test_page[2].yaml\n" in replayed.output
    assert listed.code == 0, listed.output
    assert "3 cassettes recorded again, not one byte changed" in again.output


def test_a_first_recording_keeps_git_from_changing_cassettes(project: Project) -> None:
    project.test(TESTS)
    git(project.root, "init", "-q")
    assert project.pytest("--record-mode=rewrite").code == 0
    git(project.root, "add", ".")
    git(project.root, "commit", "-q", "-m", "recorded")
    clone = project.root.with_name("clone")

    git(project.root, "clone", "-q", "-c", "core.autocrlf=true", str(project.root), str(clone))

    assert (project.root / "cassettes" / ".gitattributes").is_file()
    assert Project(clone).files() == project.files()
    assert git(clone, "status", "--porcelain") == ""


def test_any_folder_link_or_order_finds_the_same_cassettes(project: Project) -> None:
    project.test(TESTS)
    assert project.pytest("--record-mode=rewrite").code == 0
    (project.root / "kept").mkdir()
    (project.root / "cassettes").rename(project.root / "kept" / "real")
    (project.root / "cassettes").symlink_to(project.root / "kept" / "real")
    link = project.root.with_name("link")
    link.symlink_to(project.root)
    files = project.files()

    linked = Project(link).pytest("--record-mode=none")
    recorded = Project(link).pytest("--record-mode=rewrite")
    below = Project(project.root / "tests").pytest("--record-mode=none", "test_notes.py")
    strict = project.pytest("--record-mode=none", "--import-mode=prepend", "--taketwo-strict")

    assert (linked.tail, below.tail, strict.tail) == ("3 passed", "3 passed", "3 passed"), linked.output
    assert "3 cassettes recorded again, not one byte changed" in recorded.output
    assert project.files() == files


def test_a_run_that_stops_early_or_skips_tests_calls_no_cassette_unused(project: Project) -> None:
    project.test(TESTS)
    assert project.pytest("--record-mode=rewrite").code == 0
    project.test(TESTS.replace("== 200", "== (404 if number == 1 else 200)"))
    strict = ("-m", "pytest", "-p", "no:randomly", "--record-mode=none", "--taketwo-strict")

    stopped = project.run(*strict, "--maxfail=1")
    last = project.run(*strict, "--lf")
    stepwise = project.run(*strict, "--sw")

    assert stopped.tail == "1 failed", stopped.output
    assert "1 failed" in last.tail
    assert "1 failed" in stepwise.tail
    assert "that no test uses" not in stopped.output + last.output + stepwise.output


def _committed(project: Project) -> dict[str, str]:
    project.test(TESTS)
    git(project.root, "init", "-q")
    assert project.pytest("--record-mode=rewrite").code == 0
    git(project.root, "add", ".")
    git(project.root, "commit", "-q", "-m", "recorded")
    return project.files()


def test_a_worktree_and_a_submodule_replay_and_record_to_their_own_cassettes(project: Project) -> None:
    files = _committed(project)
    tree, outer = project.root.with_name("tree"), project.root.with_name("outer")
    git(project.root, "worktree", "add", "-q", str(tree))
    outer.mkdir()
    git(outer, "init", "-q")
    git(outer, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(project.root), "inner")

    for checkout in (Project(tree), Project(outer / "inner")):
        assert checkout.pytest("--record-mode=none").tail == "3 passed"
        changed = TESTS.replace("page=", "other=")
        checkout.test(changed)
        recorded = checkout.pytest("--record-mode=rewrite")
        assert "3 cassettes recorded again, and changed" in recorded.output
        assert all("other" in text for name, text in checkout.files().items() if "test_page" in name)
        assert ".taketwo" not in git(checkout.root, "status", "--porcelain")
    from_outside = Project(outer).pytest("--record-mode=none", "inner/tests")

    assert from_outside.tail == "3 passed", from_outside.output
    assert project.files() == files


def test_a_sparse_checkout_without_the_cassettes_says_which_ones_are_missing(project: Project) -> None:
    _committed(project)
    clone = project.root.with_name("clone")
    git(project.root, "clone", "-q", str(project.root), str(clone))
    git(clone, "sparse-checkout", "set", "tests")

    missing = Project(clone).pytest("--record-mode=none")
    git(clone, "sparse-checkout", "disable")
    whole = Project(clone).pytest("--record-mode=none")

    assert missing.tail == "3 failed", missing.output
    assert "there is no cassette" in missing.output
    assert whole.tail == "3 passed"


LINKED = """
@pytest.mark.vcr
def test_one():
    get("/notes")
"""


def test_a_cassette_that_is_a_link_is_neither_shown_nor_written_through(project: Project) -> None:
    """
    A checkout of somebody else may have one that leads out of it.
    """
    private = project.root.with_name("private.yaml")
    private.write_text("api_key: k3y-of-somebody\n", encoding="utf-8")
    project.test(LINKED)
    link = project.cassette("test_one")
    link.parent.mkdir(parents=True)
    link.symlink_to(private)

    replayed = project.pytest("--record-mode=none")
    recorded = project.pytest("--record-mode=rewrite")

    assert (replayed.code, recorded.tail) == (1, "1 passed")
    assert "k3y-of-somebody" not in replayed.output + recorded.output
    assert private.read_text(encoding="utf-8") == "api_key: k3y-of-somebody\n"
    assert not link.is_symlink()

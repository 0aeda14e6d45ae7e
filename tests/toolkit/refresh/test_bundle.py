"""
Takes that a check has kept, brought to another machine.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from taketwo.cassette.text.writer import dump_cassette
from taketwo.cli.main import main
from tests.toolkit.cli.conftest import MADE, PAGE, made, taketwo
from tests.toolkit.conftest import Project, Run

OLD, NEW = dump_cassette(made()), dump_cassette(made("two"))


@pytest.fixture
def takes(project: Project, tmp_path: Path) -> Path:
    """
    What a check would have kept: a recording of one cassette, beside which nothing waits here.
    """
    project.write(MADE, OLD)
    return carried(tmp_path / "pending", {MADE: (OLD, NEW)})


Accept = Callable[..., Run]


@pytest.fixture
def accept(
    project: Project, takes: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Accept:
    """
    ``taketwo accept --from`` in this process: another one for each refusal would take long.
    """
    monkeypatch.chdir(project.root)

    def run(*paths: str) -> Run:
        code = main(["accept", "--from", str(takes), *paths])
        told = capsys.readouterr()
        return Run(code, told.out, told.err)

    return run


def carried(folder: Path, files: dict[str, tuple[str | None, str]]) -> Path:
    listed = []
    for path, (base, text) in files.items():
        file = folder / f"{path}.new"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        listed.append({"path": path, "base": base and _sha256(base), "sha256": _sha256(text)})
    (folder / "bundle.json").write_text(json.dumps({"taketwo_bundle": 1, "pending": listed}))
    return folder


def test_what_a_check_keeps_is_accepted_elsewhere(
    recorded: Project, contract: dict[str, str], tmp_path: Path
) -> None:
    """
    The way from CI to a developer, locks included; and nothing is left to do after it.
    """
    changed = {**contract, "NOTEBOOK_FIELD": "body"}
    tree = recorded.tree()

    check = recorded.refresh("--check", "--all", "--pending", str(tmp_path / "pending"), environment=changed)
    untouched = recorded.tree()
    accepted = taketwo(recorded, "accept", "--from", str(tmp_path / "pending"))
    again = recorded.refresh("--all", environment=changed)

    assert check.output.endswith(
        f"what would wait is in {tmp_path}/pending; to have it here: "
        f"taketwo accept --from {tmp_path}/pending\n"
    )
    assert (check.code, untouched) == (2, tree)
    names = ["contracts/notebook.openapi.json", "test_notes/test_made.yaml", "test_notes/test_none.yaml"]
    told = set(accepted.output.splitlines())
    assert told <= {f"accepted cassettes/{name}" for name in names}
    assert "accepted cassettes/test_notes/test_made.yaml" in told
    assert (again.code, again.output) == (0, "2 tests recorded again: 2 unchanged\n")
    assert taketwo(recorded, "undo").code == 0


def test_a_folder_of_something_else_is_not_emptied(recorded: Project, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/letter.txt").write_text("dear")

    run = recorded.refresh("--check", "--all", "--pending", str(tmp_path / "mine"))

    assert (run.code, run.errors) == (
        3,
        f"error: {tmp_path}/mine is not empty, and holds no recordings; name a new folder for them\n",
    )
    assert (tmp_path / "mine/letter.txt").read_text() == "dear"


def test_takes_go_with_a_check(recorded: Project) -> None:
    run = recorded.refresh("--pending", "pending")

    assert run.errors == (
        "error: --pending goes with --check; without it, what differs waits beside the cassettes\n"
    )


def test_what_fits_takes_the_cassettes_place(project: Project, accept: Accept) -> None:
    run = accept()

    assert (run.code, run.output) == (0, f"accepted {MADE}\n")
    assert (project.root / MADE).read_text() == NEW
    assert project.files().keys() == {"test_notes/test_made.yaml"}


def _edit(project: Project, _: Path) -> None:
    (project.root / MADE).write_text(dump_cassette(made("edited")))


def _delete(project: Project, _: Path) -> None:
    (project.root / MADE).unlink()


def _tamper(_: Project, takes: Path) -> None:
    (takes / f"{MADE}.new").write_text(dump_cassette(made("tampered")))


def _lose(_: Project, takes: Path) -> None:
    (takes / f"{MADE}.new").unlink()


def _link(project: Project, takes: Path) -> None:
    (takes / f"{MADE}.new").unlink()
    project.write("elsewhere", NEW)
    (takes / f"{MADE}.new").symlink_to(project.root / "elsewhere")


def _wait(project: Project, _: Path) -> None:
    project.write(f"{MADE}.new", dump_cassette(made("three")))


def _leak(_: Project, takes: Path) -> None:
    carried(takes, {MADE: (OLD, dump_cassette(made("k3y-of-the-notebook")))})


def _damage(_: Project, takes: Path) -> None:
    carried(takes, {MADE: (OLD, "taketwo: 1\nwhat is left of it")})


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (_edit, "the accepted one has changed since; have the same revision (git), or record again: "),
        (_delete, "the accepted one is not here; have the same revision (git), or record again: "),
        (_tamper, "its file is not as it was put there"),
        (_lose, "its file is not in the folder"),
        (_link, "its file is not in the folder"),
        (_wait, "another recording of it waits here already; accept or reject that first"),
        (_leak, "it holds the secret NOTEBOOK_KEY"),
        (_damage, "it cannot be read: "),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_changed(
    project: Project, takes: Path, accept: Accept, harm: Callable[[Project, Path], None], reason: str
) -> None:
    harm(project, takes)
    files = project.files()

    run = accept()

    assert (run.code, run.output) == (3, "")
    assert run.errors.startswith(f"error: nothing was taken from {takes}:\n  {MADE}: ")
    assert reason in run.errors
    assert "k3y-of" not in run.errors
    assert project.files() == files


@pytest.mark.parametrize(
    "path",
    [
        "../outside.yaml",
        "cassettes/../../outside.yaml",
        "/tmp/outside.yaml",  # noqa: S108 - it is what is refused
        "pyproject.toml",
        "cassettes/pyproject.toml",
        "tests/test_evil.yaml",
        "cassettes/.taketwo/x.yaml",
        "cassettes/contracts/other.openapi.json",
        "cassettes/contracts/evil.yaml",
        "cassettes/link/outside.yaml",
        "",
    ],
)
def test_nothing_gets_out_of_the_cassettes(
    project: Project, takes: Path, accept: Accept, tmp_path: Path, path: str
) -> None:
    (project.root / "cassettes/link").symlink_to(tmp_path)
    listed = [{"path": path, "base": None, "sha256": _sha256(NEW)}]
    (takes / "bundle.json").write_text(json.dumps({"taketwo_bundle": 1, "pending": listed}))
    tree = sorted(tmp_path.rglob("*"))

    run = accept()

    reason = "no cassette and no lock of this project can be there"
    assert (run.code, run.errors) == (3, f"error: nothing was taken from {takes}:\n  {path}: {reason}\n")
    assert sorted(tmp_path.rglob("*")) == tree


@pytest.mark.parametrize(
    "text", [None, "{", "[]", '{"taketwo_bundle": 2}', '{"taketwo_bundle": 1, "pending": [1]}']
)
def test_a_folder_that_holds_no_takes_says_so(takes: Path, accept: Accept, text: str | None) -> None:
    if text is None:
        shutil.rmtree(takes)
    else:
        (takes / "bundle.json").write_text(text)

    run = accept()

    assert (run.code, run.output) == (3, "")
    assert str(takes) in run.errors
    assert "Traceback" not in run.errors


def test_some_of_the_takes_are_taken_by_their_names(takes: Path, accept: Accept) -> None:
    """
    So one that does not fit is no obstacle to the others.
    """
    carried(takes, {MADE: (OLD, NEW), PAGE: (OLD, NEW)})

    all_of_them, one = accept(), accept(MADE)

    assert "; to take the others, name them:\n" in all_of_them.errors
    assert (one.code, one.output) == (0, f"accepted {MADE}\n")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

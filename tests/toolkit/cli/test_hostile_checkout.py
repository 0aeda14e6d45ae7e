"""
What a checkout of somebody else may hold: a journal that ``taketwo undo`` obeys, and characters that mislead.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from taketwo.cassette.model import Cassette, Interaction, StoredRequest, StoredResponse, TextBody
from taketwo.cassette.text.writer import dump_cassette
from tests.toolkit.cli.conftest import MADE, made, taketwo
from tests.toolkit.conftest import Project

JOURNAL = "cassettes/.taketwo/undo/journal.json"
CANNOT = "error: the last acceptance cannot be taken back:\n"
REORDERING = "\u202e\u2066\u200b\ufeff\U000e0041"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def everything(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".taketwo" not in path.parts
    }


def with_journal(project: Project, *entries: dict[str, str]) -> None:
    project.write(JOURNAL, json.dumps(entries))


@pytest.mark.parametrize(
    ("accepted", "pending", "named"),
    [
        ("../tool.sh", "../.git/hooks/pre-commit", "tool.sh: no cassette and no lock of this project"),
        ("../../outside.yaml", "../../outside.yaml.new", "../outside.yaml: no cassette and no lock"),
        ("../other/a.yaml", "../other/a.yaml.new", "other/a.yaml: no cassette and no lock"),
        (".taketwo/a.yaml", ".taketwo/a.yaml.new", "cassettes/.taketwo/a.yaml: no cassette and no lock"),
        ("test_notes/test_made.yaml", "../.git/hooks/pre-commit", ".git/hooks/pre-commit: no pending"),
        ("test_notes/test_made.yaml", "test_notes/other.yaml.new", "test_notes/other.yaml.new: no pending"),
        ("link/a.yaml", "link/a.yaml.new", "cassettes/link/a.yaml: no cassette and no lock"),
        ("test_notes/linked.yaml", "test_notes/linked.yaml.new", "linked.yaml: no cassette and no lock"),
    ],
)
def test_an_undo_restores_only_among_the_cassettes(
    kept: Project, accepted: str, pending: str, named: str
) -> None:
    """
    Wherever else a journal of somebody else points, nothing is moved and nothing is overwritten.
    """
    for name in ("tool.sh", "../outside.yaml", "other/a.yaml", "cassettes/.taketwo/a.yaml"):
        kept.write(name, "content\n")
    kept.write(".git/hooks/readme", "")
    (kept.root / "cassettes/link").symlink_to(kept.root / "other")
    (kept.root / "cassettes/test_notes/linked.yaml").symlink_to(kept.root / "tool.sh")
    source = kept.root / "cassettes" / accepted
    with_journal(kept, {"accepted": accepted, "pending": pending, "digest": sha256(source.read_bytes())})
    (kept.root / "cassettes/.taketwo/undo/0").write_bytes(gzip.compress(b"restored\n"))
    before = everything(kept.root)

    run = taketwo(kept, "undo")

    assert (run.code, run.output) == (3, "")
    assert run.errors.startswith(CANNOT)
    assert named in run.errors
    assert everything(kept.root) == before


@pytest.mark.parametrize(
    "journal",
    ["", "{", "[" * 100_000, "{}", "[1]", '[{"accepted": 1}]', '[{"accepted": "a", "pending": "b"}]', "\x00"],
)
def test_a_damaged_journal_is_a_clear_error(kept: Project, journal: str) -> None:
    kept.write(JOURNAL, journal)

    run = taketwo(kept, "undo")

    assert (run.code, run.errors) == (
        3,
        (
            f"error: {JOURNAL} is damaged: nothing can be taken back\n"
            "delete cassettes/.taketwo/undo; older cassettes are in version control\n"
        ),
    )


@pytest.mark.parametrize(
    "content",
    [b"no gzip", gzip.compress(b"cut short", mtime=0)[:-4], b""],
    ids=["no gzip", "cut short", "empty"],
)
def test_what_was_kept_and_is_damaged_is_not_put_back(kept: Project, content: bytes) -> None:
    taketwo(kept, "accept")
    (kept.root / "cassettes/.taketwo/undo/0").write_bytes(content)
    before = everything(kept.root)

    run = taketwo(kept, "undo")

    assert (run.code, run.errors) == (3, f"{CANNOT}  {MADE}: what was kept of it is damaged\n")
    assert everything(kept.root) == before


@pytest.mark.parametrize(
    ("link", "mistake"),
    [
        ("0", "what was kept of it is a link"),
        ("0.files", "what was kept of it is a link"),
        (
            "0.files/0123456789abcdef.bin",
            "0123456789abcdef.bin, which was kept with it, is not what its name",
        ),
    ],
)
def test_what_was_kept_is_no_link_to_a_file_elsewhere(kept: Project, link: str, mistake: str) -> None:
    """
    Else a private file of this machine would come among the cassettes, and be committed.
    """
    taketwo(kept, "accept")
    place = kept.root / "cassettes/.taketwo/undo" / link
    place.unlink(missing_ok=True)
    place.parent.mkdir(exist_ok=True)
    place.symlink_to(kept.root / "pyproject.toml")
    before = everything(kept.root)

    run = taketwo(kept, "undo")

    assert run.code == 3
    assert run.errors.startswith(f"{CANNOT}  {MADE}: {mistake}")
    assert everything(kept.root) == before


def test_the_folder_of_the_journal_is_no_link(kept: Project) -> None:
    kept.write("elsewhere/journal.json", "[]")
    (kept.root / "cassettes/.taketwo").mkdir()
    (kept.root / "cassettes/.taketwo/undo").symlink_to(kept.root / "elsewhere")

    run = taketwo(kept, "undo")

    assert (run.code, run.errors) == (
        3,
        "error: cassettes/.taketwo/undo is a link to elsewhere; nothing is taken back from there\n",
    )


def misleading(text: str) -> Cassette:
    message = f"{text}{REORDERING}\x1b[31m"
    return replace(
        made(),
        test=f"tests/test_notes.py::test_made[{REORDERING}\nforged: no secrets]",
        interactions=(
            Interaction(
                StoredRequest(
                    method="GET",
                    url=f"http://notebook.test/{REORDERING}",
                    headers=(("x-any", message),),
                    body=TextBody(message),
                ),
                StoredResponse(status=200, headers=(("x-any", message),), body=TextBody(message)),
            ),
        ),
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", MADE),
        ("show", MADE, "--json"),
        ("list",),
        ("list", "--json"),
        ("diff", MADE),
        ("diff", MADE, "--json"),
    ],
)
def test_a_terminal_gets_no_character_that_hides_or_reorders(
    kept: Project, arguments: tuple[str, ...]
) -> None:
    """
    They are shown as escapes, and the id of a test is one line whatever is in it.
    """
    kept.write(MADE, dump_cassette(misleading("one")))
    kept.write(f"{MADE}.new", dump_cassette(misleading("two")))

    run = taketwo(kept, *arguments)

    assert not set(run.output + run.errors) & set(f"{REORDERING}\x1b")
    assert "\\u202e" in run.output
    assert not [line for line in run.output.splitlines() if line.startswith("forged")]


def test_json_means_the_same_with_escapes(kept: Project) -> None:
    kept.write(MADE, dump_cassette(misleading("one")))

    listed = json.loads(taketwo(kept, "list", "--json").output)

    assert misleading("one").test in [one["test"] for one in listed]

"""
``taketwo accept``, ``taketwo reject``, ``taketwo undo``.
"""

from __future__ import annotations

import json
from dataclasses import replace

from taketwo.cassette.body.attachments import attachments
from taketwo.cassette.content import whole
from taketwo.cassette.model import BinaryBody, Interaction, StoredRequest, StoredResponse
from taketwo.cassette.text.writer import dump_cassette
from tests.toolkit.cli.conftest import MADE, PAGE, made, taketwo
from tests.toolkit.conftest import Project

PICTURE = StoredRequest(method="GET", url="http://notebook.test/picture")
OLD, NEW = dump_cassette(made()), dump_cassette(made("two"))


def test_what_waits_is_accepted(kept: Project) -> None:
    run = taketwo(kept, "accept")
    again = taketwo(kept, "accept")

    assert (run.code, run.output) == (0, f"accepted {MADE}\n")
    assert (kept.root / MADE).read_text() == NEW
    assert not (kept.root / f"{MADE}.new").exists()
    assert (again.code, again.output) == (0, "nothing is pending\n")


def test_what_waits_is_rejected(kept: Project) -> None:
    run = taketwo(kept, "reject", MADE)

    assert (run.code, run.output) == (0, f"rejected {MADE}.new\n")
    assert (kept.root / MADE).read_text() == OLD
    assert not (kept.root / f"{MADE}.new").exists()


def test_a_script_gets_the_names(kept: Project) -> None:
    run = taketwo(kept, "accept", "test_notes", "--json", folder="cassettes")

    assert json.loads(run.output) == {"accepted": ["test_notes/test_made.yaml"]}
    assert json.loads(taketwo(kept, "reject", "--json").output) == {"rejected": []}


def test_a_path_at_which_nothing_waits_is_told_with_what_does(kept: Project) -> None:
    run = taketwo(kept, "accept", PAGE)

    assert (run.code, run.errors) == (
        3,
        f"error: no pending recording is at {PAGE}; waiting are:\n  {MADE}\n",
    )


def test_an_acceptance_is_taken_back_and_its_take_waits_again(kept: Project) -> None:
    files = kept.files()
    taketwo(kept, "accept")

    run = taketwo(kept, "undo")
    again = taketwo(kept, "undo")

    assert (run.code, run.output) == (0, f"taken back {MADE}; its recording is pending again\n")
    assert kept.files() == files
    assert (again.code, again.output) == (0, "there is no acceptance to take back\n")
    assert taketwo(kept, "accept").output == f"accepted {MADE}\n"
    assert json.loads(taketwo(kept, "undo", "--json").output) == {"undone": [MADE]}


def test_an_acceptance_of_what_was_not_there_leaves_nothing_but_the_take(kept: Project) -> None:
    (kept.root / MADE).unlink()
    files = kept.files()
    taketwo(kept, "accept")

    taketwo(kept, "undo")

    assert kept.files() == files


def test_an_undo_brings_back_the_files_that_a_cassette_refers_to(kept: Project) -> None:
    for name, fill in ((MADE, b"\xfea"), (f"{MADE}.new", b"\xfeb")):
        response = StoredResponse(status=200, body=BinaryBody(fill * 5000))
        cassette = replace(made(), interactions=(Interaction(PICTURE, response),))
        kept.write(name, dump_cassette(cassette))
        for file, content in attachments(cassette).items():
            (kept.root / MADE).with_name(file).write_bytes(whole(content))
    before = _contents(kept)

    accepted, between, undone = taketwo(kept, "accept"), _contents(kept), taketwo(kept, "undo")

    assert (accepted.code, undone.code) == (0, 0)
    assert (len(before), len(between)) == (5, 3)
    assert _contents(kept) == before


def test_an_undo_loses_nothing_that_came_after(kept: Project) -> None:
    taketwo(kept, "accept")
    kept.write(f"{MADE}.new", "a newer recording\n")
    files = kept.files()

    newer = taketwo(kept, "undo")
    (kept.root / f"{MADE}.new").unlink()
    kept.write(MADE, "recorded again\n")
    changed = taketwo(kept, "undo")

    first = "error: the last acceptance cannot be taken back:\n"
    assert (newer.code, newer.errors) == (
        3,
        f"{first}  a newer recording of {MADE} waits; accept or reject that first\n",
    )
    assert (changed.code, changed.errors) == (
        3,
        f"{first}  {MADE} has changed since; to have the older one: version control\n",
    )
    assert kept.files() == {
        **{name: text for name, text in files.items() if not name.endswith(".new")},
        "test_notes/test_made.yaml": "recorded again\n",
    }


def test_an_undo_that_was_interrupted_goes_on(kept: Project) -> None:
    """
    Of several takes some may wait again already; those are left as they are.
    """
    kept.write(f"{PAGE}.new", "another page\n")
    files = kept.files()
    taketwo(kept, "accept")
    (kept.root / f"{MADE}.new").write_text(NEW)
    (kept.root / MADE).write_text(OLD)

    run = taketwo(kept, "undo")

    assert (run.code, run.output) == (0, f"taken back {PAGE}; its recording is pending again\n")
    assert kept.files() == files


def test_an_acceptance_that_was_interrupted_is_taken_back_as_far_as_it_went(kept: Project) -> None:
    kept.write(f"{PAGE}.new", "another page\n")
    files = kept.files()
    taketwo(kept, "accept")
    (kept.root / f"{PAGE}.new").write_text((kept.root / PAGE).read_text())
    (kept.root / PAGE).write_text(files["test_notes/test_page.yaml"])

    run = taketwo(kept, "undo")

    assert (run.code, run.output) == (0, f"taken back {MADE}; its recording is pending again\n")
    assert kept.files() == files


def _contents(project: Project) -> dict[str, bytes]:
    folder = project.root / "cassettes/test_notes"
    return {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith(".")}

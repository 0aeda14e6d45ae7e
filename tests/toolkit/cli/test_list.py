"""
``taketwo list``.
"""

from __future__ import annotations

import json

from tests.toolkit.cli.conftest import MADE, PAGE, taketwo
from tests.toolkit.conftest import Project


def test_every_cassette_has_a_line(kept: Project) -> None:
    sizes = {name: (kept.root / name).stat().st_size for name in (MADE, PAGE)}

    run = taketwo(kept, "list")

    assert (run.code, run.errors) == (0, "")
    assert run.output == (
        "interactions   size  services           cassette                             test\n"
        f"           2  {sizes[MADE]} B  notebook  pending  {MADE}  tests/test_notes.py::test_made\n"
        f"           2  {sizes[PAGE]} B  -                  {PAGE}  tests/test_notes.py::test_page\n"
        f"2 cassettes, 4 interactions, {sum(sizes.values()) / 1000:.1f} kB, 1 pending\n"
    )


def test_a_script_gets_them_as_json(kept: Project) -> None:
    size = (kept.root / MADE).stat().st_size

    run = taketwo(kept, "list", "../cassettes/test_notes/test_made.yaml", "--json", folder="cassettes")

    assert run.code == 0
    assert json.loads(run.output) == [
        {
            "cassette": "test_notes/test_made.yaml",
            "test": "tests/test_notes.py::test_made",
            "interactions": 2,
            "conversations": 0,
            "services": ["notebook"],
            "bytes": size,
            "pending": True,
            "damage": None,
        }
    ]


def test_a_damaged_cassette_is_listed_with_its_damage(kept: Project) -> None:
    kept.write(PAGE, "taketwo: 1\ntaketwo: 1\n")

    run = taketwo(kept, "list", "cassettes/test_notes")

    assert run.code == 1
    assert run.output.splitlines()[2:] == [
        f"           -   22 B  -         damaged  {PAGE}",
        f"{PAGE}, line 2: the key 'taketwo' appears twice",
        f"2 cassettes, 2 interactions, {((kept.root / MADE).stat().st_size + 22)} B, 1 pending, 1 damaged",
    ]


def test_a_take_that_is_all_there_is_is_listed(kept: Project) -> None:
    (kept.root / MADE).unlink()

    run = taketwo(kept, "list", "cassettes")

    assert run.output.splitlines()[1].split() == [
        "2",
        str((kept.root / f"{MADE}.new").stat().st_size),
        "B",
        "notebook",
        "pending",
        MADE,
        "tests/test_notes.py::test_made",
    ]


def test_a_folder_without_cassettes_says_how_to_have_some(project: Project) -> None:
    run = taketwo(project, "list")

    assert (run.code, run.output) == (
        0,
        "there are no cassettes; to record some: pytest --record-mode=rewrite\n",
    )


def test_a_path_at_which_nothing_is_is_told(kept: Project) -> None:
    run = taketwo(kept, "list", "cassettes/test_notes/test_mad.yaml")

    assert (run.code, run.errors) == (
        3,
        (
            f"error: there is no cassette cassettes/test_notes/test_mad.yaml; did you mean {MADE}?\n"
            "to see what there is: taketwo list\n"
        ),
    )

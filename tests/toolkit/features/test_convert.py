"""
``taketwo convert``: to and from the form of VCR.py.
"""

from __future__ import annotations

import json
from pathlib import Path

from taketwo.cassette.store.read import read_cassette
from taketwo.cassette.vcrpy.convert import same_exchanges
from tests.toolkit.cli.conftest import MADE, PAGE, taketwo
from tests.toolkit.conftest import Project

THEIRS = """\
interactions:
- request:
    body: '{"a": 1}'
    headers:
      authorization: [Bearer abcdef123456]
      content-type: [application/json]
    method: POST
    uri: http://a.test/notes?x=1
  response:
    body: {string: 'abcdef123456 and 11111111-aaaa-4bbb-8ccc-dddddddddddd'}
    headers: {content-type: [text/plain]}
    status: {code: 201, message: Created}
version: 1
"""


def play_the_same(one: Path, other: Path) -> bool:
    first, second = read_cassette(one), read_cassette(other)
    return first is not None and second is not None and same_exchanges(first, second)


def test_a_folder_is_mirrored_and_nothing_is_replaced_without_force(kept: Project) -> None:
    there = taketwo(kept, "convert", "cassettes", "--to", "vcrpy", "-o", "theirs")
    again = taketwo(kept, "convert", "cassettes", "--to", "vcrpy", "-o", "theirs")
    forced = taketwo(kept, "convert", "cassettes", "--to", "vcrpy", "-o", "theirs", "--force")

    assert (there.code, again.code, forced.code) == (0, 1, 0), there.output + there.errors
    assert there.output.splitlines() == [
        "cassettes/test_notes/test_made.yaml → theirs/test_notes/test_made.yaml",
        "cassettes/test_notes/test_page.yaml → theirs/test_notes/test_page.yaml",
    ]
    assert "is there already; name another with --output, or replace it with --force" in again.output
    for name in (MADE, PAGE):
        assert play_the_same(kept.root / name, kept.root / name.replace("cassettes", "theirs", 1))


def test_what_is_redacted_stays_so(kept: Project) -> None:
    taketwo(kept, "convert", MADE, "--to", "vcrpy", "-o", "made.yaml")

    assert "k3y-of-the-notebook" not in (kept.root / "made.yaml").read_text()
    assert "secret-NOTEBOOK_KEY" in (kept.root / "made.yaml").read_text()


def test_what_vcrpy_recorded_is_redacted_on_its_way(project: Project) -> None:
    project.write("theirs.yaml", THEIRS)

    run = taketwo(
        project, "convert", "theirs.yaml", "--to", "taketwo", "-o", "ours.yaml", "--test", "t.py::a"
    )

    text = (project.root / "ours.yaml").read_text()
    assert run.code == 0, run.output + run.errors
    assert "abcdef123456" not in text
    assert "authorization: Bearer <secret:authorization>" in text
    assert "text: <secret:authorization> and 11111111-aaaa-4bbb-8ccc-dddddddddddd" in text
    assert text.splitlines()[1] == "test: t.py::a"


def test_json_is_written_and_read_again(kept: Project) -> None:
    run = taketwo(kept, "convert", MADE, PAGE, "--to", "vcrpy-json", "-o", "theirs", "--json")

    told = json.loads(run.output)
    assert run.code == 1
    assert [one["problem"] for one in told] == [
        "",
        "it has a binary body, which VCR.py's JSON cannot hold; use --to vcrpy",
    ]
    assert json.loads((kept.root / "theirs/test_made.json").read_text())["version"] == 1
    assert play_the_same(kept.root / MADE, kept.root / "theirs/test_made.json")


def test_a_damaged_cassette_is_told_and_the_others_are_converted(kept: Project) -> None:
    kept.write("cassettes/test_notes/test_broken.yaml", "taketwo: [")

    run = taketwo(kept, "convert", "cassettes", "--to", "vcrpy", "-o", "theirs")

    assert run.code == 1
    assert "cassettes/test_notes/test_broken.yaml, line 2: " in run.output
    assert sorted(path.name for path in (kept.root / "theirs/test_notes").glob("*.yaml")) == [
        "test_made.yaml",
        "test_page.yaml",
    ]

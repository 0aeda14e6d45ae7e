"""
``taketwo convert``: to and from the form of VCR.py.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from taketwo.cassette.model import BinaryBody, Cassette, Interaction, StoredRequest, StoredResponse
from taketwo.cassette.store.names import file_name
from taketwo.cassette.store.read import read_cassette
from taketwo.cassette.text.writer import dump_cassette
from taketwo.cassette.vcrpy.convert import same_exchanges
from taketwo.cli.main import main
from tests.toolkit.cli.conftest import MADE, PAGE, PAGES, made, taketwo
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
        (
            "interaction 2 (GET http://notebook.test/picture) has a binary body, "
            "which VCR.py's JSON cannot hold; use --to vcrpy"
        ),
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


TORNADO = """\
interactions:
- request:
    body: null
    headers: {Accept: [a]}
    method: HEAD
    uri: http://a.test/
  response:
    body: {string: ''}
    headers:
    - [Content-Length, '1234']
    - [Set-Cookie, ['a=1', 'b=2']]
    status: {code: 200, message: OK}
version: 1
"""


def convert(*arguments: str) -> int:
    return main(["convert", *arguments])


def test_headers_as_pairs_and_the_length_of_a_head_answer_are_kept_on_both_ways(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("theirs.yaml").write_text(TORNADO)

    codes = (
        convert("theirs.yaml", "--to", "taketwo", "-o", "ours.yaml"),
        convert("ours.yaml", "--to", "vcrpy", "-o", "back.yaml"),
    )

    (back,) = yaml.safe_load(Path("back.yaml").read_text())["interactions"]
    assert codes == (0, 0)
    assert back["response"]["headers"] == {"content-length": ["1234"], "set-cookie": ["a=1", "b=2"]}


def test_a_har_file_has_what_is_played_and_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("made.yaml").write_text(dump_cassette(made()))

    code = convert("made.yaml", "--to", "har", "-o", "made.har")

    first, second = json.loads(Path("made.har").read_text())["log"]["entries"]
    assert code == 0
    assert play_the_same(Path("made.yaml"), Path("made.har"))
    assert (first["request"]["method"], first["request"]["url"]) == ("POST", "http://notebook.test/notes")
    assert json.loads(first["request"]["postData"]["text"]) == {"text": "one"}
    assert first["response"]["content"]["mimeType"] == "application/json"
    assert [pair["name"] for pair in second["request"]["queryString"]] == ["after", "q"]
    assert second["response"]["statusText"] == "Nowhere"


def test_binary_answers_are_base64_in_a_har_file_and_binary_requests_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("page.yaml").write_text(dump_cassette(PAGES))
    binary = StoredRequest(method="PUT", url="http://a.test/x", body=BinaryBody(b"\xff\xfe"))
    Path("put.yaml").write_text(
        dump_cassette(Cassette(test="", interactions=(Interaction(binary, StoredResponse(status=200)),)))
    )

    codes = convert("page.yaml", "--to", "har"), convert("put.yaml", "--to", "har")

    assert codes == (0, 1)
    assert play_the_same(Path("page.yaml"), Path("page.har"))
    assert "PUT http://a.test/x was sent with a binary body, which HAR cannot hold" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("test", "ours", "theirs"),
    [
        ("tests/test_a.py::test_x[/A]", file_name("test_x[/A]"), "test_x[-A]"),
        ("tests/test_a.py::TestIt::test_x[a:b]", file_name("TestIt.test_x[a:b]"), "TestIt.test_x[a-b]"),
        ("tests/test_a.py::test_x", "test_x", "test_x"),
        ("tests/test_a.py::test_x[/A]", "named", "named"),
    ],
)
def test_on_the_way_to_vcrpy_a_cassette_has_the_name_that_pytest_recording_looks_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, test: str, ours: str, theirs: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cassettes").mkdir()
    Path("cassettes", f"{ours}.yaml").write_text(dump_cassette(replace(made(), test=test)))

    convert("cassettes", "--to", "vcrpy", "-o", "back")

    assert [path.name for path in Path("back").rglob("*.yaml")] == [f"{theirs}.yaml"]


def test_what_was_converted_and_no_test_looks_for_is_named_and_never_offered_to_be_deleted(
    project: Project,
) -> None:
    project.test("@pytest.mark.vcr\ndef test_page():\n    pass\n")
    for name in ("test_page", "test_gone"):
        project.write(f"tests/cassettes/test_notes/{name}.yaml", TORNADO)

    converted = taketwo(project, "convert", "tests/cassettes", "--to", "taketwo", "-o", "cassettes")
    pruned = taketwo(project, "prune", "--yes")

    gone = "cassettes/test_notes/test_gone.yaml"
    assert (converted.code, pruned.code) == (0, 0), converted.errors + pruned.errors
    assert f"no test is known that looks for:\n  {gone}\n" in converted.output
    assert "test_page.yaml\n  " not in converted.output
    assert pruned.output == f"converted or VCR.py's, and no test is known that looks for it:\n  {gone}\n"
    assert (project.root / gone).is_file()

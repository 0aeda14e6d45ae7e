"""
No command tells a secret, also of cassettes that hold some: those of VCR.py, and those from before the secret
was known as one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from taketwo.cassette.model import (
    BinaryBody,
    Body,
    Cassette,
    Close,
    Closer,
    Conversation,
    Direction,
    Frame,
    Interaction,
    JsonBody,
    StoredRequest,
    StoredResponse,
    TextBody,
)
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.text.writer import dump_cassette
from tests.toolkit.cli.conftest import taketwo
from tests.toolkit.conftest import PYPROJECT, Project, Run
from tests.toolkit.encodings import ENCODED, SECRET, left_in

MADE = "cassettes/test_notes/test_made.yaml"
THEIRS = "cassettes/test_notes/test_theirs.yaml"
DAMAGED = "cassettes/test_notes/test_damaged.yaml"
BY_PLACE = "Zm9yLXlvdXItZXllcy1vbmx5"
REPORTS = {"markdown": "out.md", "json": "out.json", "junit": "out.xml", "html": "out.html"}
FILES = [f"--{name}={file}" for name, file in REPORTS.items()]

VCRPY = f"""
interactions:
- request:
    body: null
    headers:
      authorization: [Bearer {BY_PLACE}]
      x-any: [{json.dumps(SECRET)}]
    method: GET
    uri: http://notebook.test/notes
  response:
    body: {{string: {json.dumps(f"told {BY_PLACE} and {ENCODED['base64']}")}}}
    headers: {{}}
    status: {{code: 200, message: OK}}
version: 1
"""


def bodies(text: str) -> Iterator[Body]:
    yield JsonBody({"any": [text], text: 1})
    yield TextBody(f"before {text} after")
    yield BinaryBody(b"\x00\xff" + text.encode() + b"\x00")


def exchanges(text: str, note: str) -> Iterator[Interaction]:
    for body in bodies(text):
        yield Interaction(
            StoredRequest(
                method="POST",
                url=f"http://notebook.test/{text}",
                query=(("any", text),),
                headers=(("x-said", text), ("authorization", f"Bearer {BY_PLACE}")),
                body=body,
            ),
            StoredResponse(status=200, headers=(("x-told", text), ("x-note", note)), body=body),
        )


def talk(text: str, note: str) -> Conversation:
    half = len(text) // 2
    split = [Body(part) for Body in (TextBody, _binary, _json) for part in (text[:half], text[half:])]
    contents = [*bodies(text), *split, TextBody(note)]
    return Conversation(
        request=StoredRequest(method="GET", url=f"ws://notebook.test/{text}"),
        response=StoredResponse(status=101, headers=(("x-told", text),)),
        frames=tuple(
            Frame(direction=direction, at=0, body=body, is_binary=isinstance(body, BinaryBody))
            for direction in Direction
            for body in contents
        ),
        close=Close(code=4000, reason=text, by=Closer.SERVICE),
    )


def _binary(text: str) -> Body:
    return BinaryBody(text.encode())


def _json(text: str) -> Body:
    return JsonBody({"delta": text})


def holding(note: str) -> Cassette:
    """
    A cassette that was recorded before anybody knew what is secret in it.
    """
    return Cassette(
        test=f"tests/test_notes.py::test_made[{SECRET}]",
        interactions=tuple(item for text in ENCODED.values() for item in exchanges(text, note)),
        conversations=tuple(talk(text, note) for text in ENCODED.values()),
    )


@pytest.fixture
def known(project: Project) -> Project:
    """
    A project that knows by now what is secret.
    """
    project.write("pyproject.toml", PYPROJECT.replace("k3y-of-the-notebook", SECRET))
    project.write("encoded.json", json.dumps(ENCODED))
    return project


@pytest.fixture
def kept(known: Project) -> Project:
    """
    One of ours with a recording that waits beside it, one of VCR.py, and a damaged one.
    """
    text = dump_cassette(holding("one"))
    known.write(MADE, text)
    known.write(f"{MADE}.new", dump_cassette(holding("two")))
    known.write(THEIRS, VCRPY)
    known.write(DAMAGED, text.replace("  response:\n", f"  response:\n    {json.dumps(SECRET)}: 1\n", 1))
    return known


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("list",), 1),
        (("list", "--json"), 1),
        (("show", MADE, f"{MADE}.new", THEIRS), 0),
        (("show", MADE, THEIRS, "--json"), 0),
        (("show", MADE, "--conversation", "1"), 0),
        (("show", DAMAGED), 3),
        (("diff", MADE, "--json"), 1),
        (("diff", MADE, THEIRS), 1),
        (("diff", THEIRS, MADE, "--json"), 1),
        (("diff", MADE, DAMAGED), 3),
        (("scan",), 1),
        (("scan", "--json"), 1),
        (("review",), 3),
        (("report", "-v", "--github", *FILES), 1),
        (("prune",), 3),
        (("coverage",), 0),
        (("convert", DAMAGED, "--to", "vcrpy", "-o", "made.yaml"), 1),
        (("convert", MADE, THEIRS, "--to", "vcrpy", "-o", "made", "--json"), 1),
        (("accept", "--json", SECRET), 3),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_cassette_that_holds_a_secret_is_told_without_it(
    kept: Project, arguments: tuple[str, ...], code: int
) -> None:
    run = taketwo(kept, *arguments)

    assert traces(told(kept, run)) == []
    assert run.code == code, run


def test_a_test_whose_cassette_is_damaged_fails_without_the_secret(kept: Project) -> None:
    kept.test("""
        @pytest.mark.vcr
        def test_damaged():
            get("/notes")
        """)

    run = kept.pytest()

    assert "is not a known key" in run.output
    assert traces(run.output) == []


def test_what_is_shown_says_which_secret_stood_there(kept: Project) -> None:
    run = taketwo(kept, "show", MADE)

    assert "authorization: Bearer <secret:authorization>" in run.output
    assert "before <secret:NOTEBOOK_KEY> after" in run.output
    assert "before <secret:NOTEBOOK_KEY:hex> after" in run.output


def test_a_difference_beside_a_secret_is_still_told(kept: Project) -> None:
    kept.write("a.yaml", dump_cassette(replace(holding("one"), conversations=())))
    kept.write("b.yaml", dump_cassette(replace(holding("two"), conversations=())))

    run = taketwo(kept, "diff", "a.yaml", "b.yaml")

    assert run.output.count('"one" -> "two"') == 3 * len(ENCODED), run.output[:2000]


SUITE = """
import json
from pathlib import Path

ENCODED = json.loads(Path("encoded.json").read_text())


@pytest.mark.vcr
@pytest.mark.parametrize("name", ENCODED)
def test_table(name):
    said = ENCODED[name]
    with client() as c:
        c.post("/mirror", json={"any": [said], said: 1}, params={"any": said}, headers={"x-said": said})
        c.post("/mirror", content=f"before {said} after", auth=("me", said))
"""


def test_a_refresh_tells_no_secret_of_what_it_compares(known: Project) -> None:
    """
    The accepted cassettes hold it wherever a message can, the new recordings nowhere, and one test fails.
    """
    keep = "[tool.taketwo]\nkeep = ['authorization', 'cookie:told', '/.+/']"
    known.write("pyproject.toml", keep + PYPROJECT)
    known.test(SUITE)
    recorded = known.pytest("--record-mode=rewrite")
    assert recorded.tail == f"{len(ENCODED)} passed"
    assert left_in("\n".join(known.files().values()))
    known.write("pyproject.toml", PYPROJECT.replace("k3y-of-the-notebook", SECRET))
    known.test(SUITE + '        assert name != "hex", f"nothing is {said}"\n')

    run = known.refresh("--all", "-v", "--explain", "--github", *FILES)

    assert run.code == 2, run
    assert traces(told(known, run)) == []
    assert all((known.root / file).stat().st_size > 1000 for file in REPORTS.values())
    assert traces(told(known, taketwo(known, "review"), taketwo(known, "report", "-v", *FILES))) == []


def told(project: Project, *runs: Run) -> str:
    """
    Whatever was said, on the terminal and in reports.
    """
    printed = [part for run in runs for part in (run.output, run.errors)]
    files = (project.root / file for file in REPORTS.values())
    return "\n".join(
        [*printed, *(Path(file).read_text(encoding="utf-8") for file in files if file.is_file())]
    )


def traces(text: str) -> list[str]:
    """
    The encodings of the secret that are in *text*, and what a redactor finds in it.
    """
    found = Redactor({"KEY": SECRET, "PLACE": BY_PLACE}).spans(text)
    return [*left_in(text), *(text[max(start - 60, 0) : end] for start, end, _ in found)]

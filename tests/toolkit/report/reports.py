"""
Refreshes to tell of: a small one that has everything, and a large one.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import replace

from taketwo.cassette.model import (
    BinaryBody,
    Cassette,
    Interaction,
    JsonBody,
    JsonValue,
    StoredRequest,
    StoredResponse,
    TextBody,
)
from taketwo.compare.recordings import compare_cassettes
from taketwo.contract.changes import Change, Kind, Severity
from taketwo.contract.document import Contracts
from taketwo.features.coverage.render import Share, coverage_json
from taketwo.results import CassetteResult, Cause, ContractDiff, RefreshResult, Status

JSON = (("content-type", "application/json; charset=utf-8"),)
WAV = (("content-type", "audio/wav"),)
HTML = (("content-type", "text/html"),)


def change(rule: str, coordinate: str, sentence: str, severity: Severity) -> Change:
    return Change(id=rule, coordinate=coordinate, severity=severity, message=sentence, kind=Kind.GRAPHQL)


def contract_cause(identity: str, made: Change) -> Cause:
    return Cause(
        id=identity,
        severity=made.severity,
        coordinate=made.coordinate,
        sentence=made.message,
        service="mesh",
        changes=(made,),
    )


RENAMED = replace(
    contract_cause(
        "3fa2c1",
        change(
            "field-removed",
            "NotionModel.page_id",
            "it was removed: queries that select it fail",
            Severity.BREAKING,
        ),
    ),
    cassettes=("cassettes/test_pages/test_made.yaml", "cassettes/test_pages/test_listed.yaml"),
    explained=("cassettes/test_pages/test_made.yaml",),
    failing=("tests/test_pages.py::test_listed",),
)
NARROWED = contract_cause(
    "90bd77",
    change(
        "enum-value-added",
        "Notes.colour",
        "'green' was added: readers meet a new value",
        Severity.DANGEROUS,
    ),
)
LOUDER = Cause(
    id="b0c4d5",
    coordinate="POST http://chorus.test/speech  response.file",
    sentence="was another sound",
    severity=Severity.DANGEROUS,
    cassettes=("cassettes/test_speech/test_spoken.yaml",),
    explained=("cassettes/test_speech/test_spoken.yaml",),
)


def exchange(
    method: str, url: str, answer: JsonValue, *, status: int = 200, sent: JsonValue = None
) -> Interaction:
    body = JsonBody(sent) if sent is not None else None
    return Interaction(
        StoredRequest(method=method, url=url, headers=JSON if body else (), body=body),
        StoredResponse(status=status, headers=JSON, body=JsonBody(answer)),
    )


def tone(seconds: float, *, loud: float = 0.5, rate: int = 8000) -> bytes:
    """
    A wav file with something to see in it.
    """
    count = int(seconds * rate)
    samples = (
        int(32767 * loud * math.sin(2 * math.pi * 220 * index / rate) * abs(math.sin(index / rate * 7)))
        for index in range(count)
    )
    data = b"".join(struct.pack("<h", sample) for sample in samples)
    head = struct.pack("<HHIIHH", 1, 1, rate, rate * 2, 2, 16)
    chunks = b"fmt " + struct.pack("<I", len(head)) + head + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WAVE" + chunks


def spoken(sound: bytes) -> Cassette:
    return Cassette(
        test="tests/test_speech.py::test_spoken",
        interactions=(
            Interaction(
                StoredRequest(
                    method="POST",
                    url="http://chorus.test/speech",
                    headers=JSON,
                    body=JsonBody({"text": "Good morning.", "voice": "af_heart"}),
                ),
                StoredResponse(status=200, headers=WAV, body=BinaryBody(sound)),
            ),
        ),
    )


def pages(name: str, *, rows: int = 3, page: str = "<h1>Pong</h1>\n<p>Play.</p>\n") -> Cassette:
    """
    A page is made, listed and read; *name* is what its id is called.
    """
    listed: list[JsonValue] = [
        {name: f"<uuid:{row}>", "title": f"Page {row}", "tags": ["game", "small"], "public": row % 2 == 0}
        for row in range(1, rows + 1)
    ]
    address = "http://mesh.test/api/content/HtmlGeneration"
    return Cassette(
        test="tests/test_pages.py::test_made",
        interactions=(
            exchange("POST", address, {"success": True, "data": {name: "<uuid:1>"}}, sent={"title": "Pong"}),
            exchange("GET", address, {"success": True, "data": listed, "total": rows}),
            Interaction(
                StoredRequest(method="GET", url=f"{address}/<uuid:1>/page", query=(("as", "html"),)),
                StoredResponse(status=200, headers=HTML, body=TextBody(page)),
            ),
            exchange("GET", "http://mesh.test/api/me", {"name": "Ada"}),
        ),
    )


def case(
    cassette: str, before: Cassette, after: Cassette, *causes: str, is_explained: bool = True
) -> CassetteResult:
    return CassetteResult(
        test=before.test,
        cassette=cassette,
        status=Status.CHANGED,
        causes=causes,
        differences=tuple(
            replace(one, causes=causes, is_explained=is_explained) for one in compare_cassettes(before, after)
        ),
        before=before,
        after=after,
    )


MADE = case(
    "cassettes/test_pages/test_made.yaml",
    pages("page_id"),
    pages("pageId", page="<h1>Pong!</h1>\n<p>Play.</p>\n<p>Again.</p>\n"),
    RENAMED.id,
)
SPOKEN = case(
    "cassettes/test_speech/test_spoken.yaml",
    spoken(tone(1.2)),
    spoken(tone(1.5, loud=0.8)),
    LOUDER.id,
    is_explained=False,
)
FAILING = CassetteResult(
    test="tests/test_pages.py::test_listed",
    cassette="cassettes/test_pages/test_listed.yaml",
    status=Status.FAILED,
    is_failure_explained=True,
    causes=(RENAMED.id,),
    message=(
        "tests/test_pages.py:12: in test_listed\n    assert pages[0][\"page_id\"]\nE   KeyError: 'page_id'\n"
    ),
)
ME = CassetteResult(
    test="tests/test_me.py::test_me", cassette="cassettes/test_me/test_me.yaml", status=Status.UNCHANGED
)
DRIFTLESS = CassetteResult(
    test="tests/test_me.py::test_same", cassette="cassettes/test_me/test_same.yaml", status=Status.RENEWED
)
FIRST = CassetteResult(
    test="tests/test_me.py::test_first",
    cassette="cassettes/test_me/test_first.yaml",
    status=Status.NEW,
    after=Cassette(test="tests/test_me.py::test_first", interactions=pages("pageId").interactions[-1:]),
)


def unlocked(*services: str) -> tuple[ContractDiff, ...]:
    """
    Services that had no lock.
    """
    return tuple(
        ContractDiff(service=name, live=Contracts(service="mesh"), changes=(), is_locked=False)
        for name in services
    )


WHOLE = RefreshResult(
    command="refresh",
    written=True,
    causes=(LOUDER, RENAMED, NARROWED),
    cassette_results=(FAILING, MADE, SPOKEN, FIRST, ME),
    orphans=("cassettes/test_old/test_gone.yaml",),
    coverage=coverage_json(
        [
            Share(service="mesh", kind="graphql", what="field", total=8, left=("Query.notes", "Note.colour")),
            Share(service="mesh", kind="openapi", what="operation", total=4, left=()),
        ]
    ),
)


def many(count: int, *, rows: int = 12) -> RefreshResult:
    """
    One change that explains *count* cassettes.
    """
    before, after = pages("page_id", rows=rows), pages("pageId", rows=rows)
    names = [f"cassettes/test_pages/test_made[{number:04}].yaml" for number in range(count)]
    one = case(names[0], before, after, RENAMED.id)
    results: Sequence[CassetteResult] = [
        replace(one, cassette=name, test=f"tests/test_pages.py::test_made[{number:04}]")
        for number, name in enumerate(names)
    ]
    cause = replace(RENAMED, cassettes=tuple(names), explained=tuple(names), failing=())
    return RefreshResult(command="refresh", written=True, causes=(cause,), cassette_results=tuple(results))

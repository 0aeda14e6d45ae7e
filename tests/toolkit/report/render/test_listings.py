"""
What the everyday commands say, as lines.
"""

from __future__ import annotations

from taketwo.cassette.model import (
    BinaryBody,
    Body,
    Cassette,
    Interaction,
    JsonBody,
    Pairs,
    StoredRequest,
    StoredResponse,
    TextBody,
)
from taketwo.cassette.secrets.scan import Finding
from taketwo.contract.changes import Severity
from taketwo.features.prune.render import Pruned, prune_lines
from taketwo.features.scan.render import ScannedFile, scan_lines
from taketwo.report.render.cassette import cassette_parts
from taketwo.report.render.diff import diff_lines
from taketwo.report.render.list import Listed, list_lines
from taketwo.report.text import Code, Line, readable_size
from taketwo.results import Difference, DifferenceKind
from tests.toolkit.locations import location


def test_a_list_has_aligned_columns_and_a_sum() -> None:
    small = Listed(
        cassette="a.yaml", test="t.py::a", interactions=1, services=("mesh",), size=999, pending=False
    )
    large = Listed(
        cassette="long.yaml", test="t.py::b", interactions=12, services=(), size=1_500_000, pending=True
    )

    assert list_lines([small, large]) == [
        Line("interactions    size  services           cassette   test", "dim"),
        Line("           1   999 B  mesh               a.yaml     t.py::a"),
        Line("          12  1.5 MB  -         pending  long.yaml  t.py::b", "yellow"),
        Line("2 cassettes, 13 interactions, 1.5 MB, 1 pending", "bold"),
    ]


def test_without_anything_that_waits_there_is_no_column_for_it() -> None:
    one = Listed(cassette="a.yaml", test="t", interactions=1, services=("mesh",), size=1, pending=False)

    assert [line.text for line in list_lines([one])] == [
        "interactions  size  services  cassette  test",
        "           1   1 B  mesh      a.yaml    t",
        "1 cassette, 1 interaction, 1 B",
    ]


def test_sizes_read_as_people_write_them() -> None:
    assert [readable_size(size) for size in (0, 999, 1000, 999_949, 1_000_000)] == [
        "0 B",
        "999 B",
        "1.0 kB",
        "999.9 kB",
        "1.0 MB",
    ]


def test_bodies_are_told_with_their_language() -> None:
    bodies: list[tuple[Body, Pairs, Line | Code]] = [
        (JsonBody({"ä": 1}), (), Code('{\n  "ä": 1\n}', "json")),
        (TextBody("<p>\n"), (("Content-Type", "text/html; charset=utf-8"),), Code("<p>", "html")),
        (TextBody("a"), (("content-type", "text/plain"),), Code("a", "")),
        (BinaryBody(b"12"), (), Line("(binary, 2 B)", "dim")),
    ]
    for body, headers, expected in bodies:
        interaction = Interaction(
            StoredRequest(method="GET", url="/"), StoredResponse(status=200, headers=headers, body=body)
        )

        parts = cassette_parts("one.yaml", Cassette(test="t", interactions=(interaction,)))

        assert parts[-1] == expected


def test_an_unusual_status_has_no_reason_and_a_bad_one_is_red() -> None:
    interaction = Interaction(StoredRequest(method="GET", url="/"), StoredResponse(status=599))

    parts = cassette_parts("one.yaml", Cassette(test="t", interactions=(interaction,)))

    assert parts[-1] == Line("HTTP 599", "bold red")


def test_a_comparison_tells_every_difference() -> None:
    differences = [
        Difference(
            kind=DifferenceKind.CHANGED,
            location=location(f"1. GET /  response.json[{number}]"),
            before=1,
            after=2,
            severity=Severity.DANGEROUS,
        )
        for number in range(30)
    ]

    lines = diff_lines("a", "b", differences, same_bytes=False)

    assert lines[0] == Line("a -> b: 30 differences", "bold")
    assert lines[-1] == Line("    ~ response.json[29]: 1 -> 2  (dangerous)", "yellow")
    assert len(lines) == 32


def test_findings_come_before_damages_and_the_sum() -> None:
    files = [
        ScannedFile(file="a", damage="a, line 1: so"),
        ScannedFile(file="b", findings=(Finding(2, "", "KEY"), Finding(3, "request uri", "token"))),
    ]

    assert [line.text for line in scan_lines(files)] == [
        "b:2: KEY",
        "b:3: token in request uri",
        "damaged: a, line 1: so",
        "2 secrets in 1 of 2 files",
        "record those again (pytest --record-mode=rewrite); a secret that was committed is to be changed",
    ]


def test_what_is_unused_is_told_with_what_to_type() -> None:
    pruned = Pruned(unused=("a",), unsure=("b",), damaged=("c: so",))

    assert [line.text for line in prune_lines(pruned)] == [
        "no test uses:",
        "  a",
        "their tests are gone; delete those by hand that no other test names:",
        "  b",
        "damaged, so their tests are unknown:",
        "  c: so",
        "to delete what no test uses: taketwo prune --yes",
    ]

"""
Two values as lines beside each other.
"""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest

from taketwo.cassette.model import JsonValue
from taketwo.compare.side_by_side import Row, aligned_json, aligned_text, one_sided, visible
from taketwo.results import DifferenceKind

SIGNS = {None: " ", DifferenceKind.CHANGED: "~", DifferenceKind.REMOVED: "-", DifferenceKind.ADDED: "+"}


def drawn(rows: Iterable[Row]) -> list[str]:
    return [f"{SIGNS[row.kind]} {(row.before or ''):24}|{row.after or ''}".rstrip() for row in rows]


def test_values_stand_beside_each_other_member_by_member() -> None:
    before: JsonValue = {
        "id": "<uuid:1>",
        "page_id": 1,
        "tags": ["a", "b", "c"],
        "my key": None,
        "deep": {"x": 1},
    }
    after: JsonValue = {
        "id": "<uuid:1>",
        "pageId": 1,
        "tags": ["a", "c"],
        "my key": False,
        "deep": {"x": 2, "y": []},
    }

    assert drawn(aligned_json(before, after)) == [
        "  {                       |{",
        '    id: "<uuid:1>"        |  id: "<uuid:1>"',
        "-   page_id: 1            |",
        "+                         |  pageId: 1",
        "    tags: [               |  tags: [",
        '      "a"                 |    "a"',
        '-     "b"                 |',
        '      "c"                 |    "c"',
        "    ]                     |  ]",
        '~   "my key": null        |  "my key": false',
        "    deep: {               |  deep: {",
        "~     x: 1                |    x: 2",
        "+                         |    y: []",
        "    }                     |  }",
        "  }                       |}",
    ]


def test_a_text_of_several_lines_is_compared_line_by_line_wherever_it_stands() -> None:
    assert drawn(aligned_json({"html": "<p>\none\n</p>"}, {"html": "<p>\ntwo\nmore\n</p>"})) == [
        "  {                       |{",
        '    html: """             |  html: """',
        "      <p>                 |    <p>",
        "~     one                 |    two",
        "+                         |    more",
        "      </p>                |    </p>",
        '    """                   |  """',
        "  }                       |}",
    ]
    assert drawn(aligned_text("a\nb", "a\nc")) == [
        "  a                       |a",
        "~ b                       |c",
    ]


def test_values_of_other_types_are_told_whole() -> None:
    assert drawn(aligned_json([1, {"a": 1}], {"a": 1})) == [
        "~ [                       |{",
        "~   1                     |  a: 1",
        "~   {                     |}",
        "-     a: 1                |",
        "-   }                     |",
        "- ]                       |",
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\tb\n", "a\tb\n"),
        ("\x1b[31m", "\\u001b[31m"),
        ("\u202egpj.exe", "\\u202egpj.exe"),
        ("\ud800", "\\ud800"),
        ("\x00\x7f\x9b", "\\u0000\\u007f\\u009b"),
        ("ä\u4e2d\U0001f600", "ä\u4e2d\U0001f600"),
    ],
)
def test_what_nobody_could_see_is_shown_by_its_code(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_each_side_holds_every_line_of_its_value() -> None:
    """
    Whatever differs: nothing is left out of either side, and what is said to be the same is.
    """
    source = random.Random(7)  # noqa: S311 - values for a test
    for _ in range(300):
        before, after = _value(source, 3), _value(source, 3)

        rows = list(aligned_json(before, after))

        assert all(row.before == row.after for row in rows if row.kind is None)
        assert _words(row.before for row in rows) == _words(
            row.before for row in one_sided(before, DifferenceKind.REMOVED)
        )
        assert _words(row.after for row in rows) == _words(
            row.after for row in one_sided(after, DifferenceKind.ADDED)
        )


def test_long_lists_are_aligned_without_taking_long() -> None:
    before: list[JsonValue] = [{"n": number, "same": "x"} for number in range(20_000)]
    after: list[JsonValue] = [*before[:9_000], {"n": -1}, *before[9_001:]]

    rows = [row for row in aligned_json(before, after) if row.kind is not None]

    assert [(row.before, row.after) for row in rows] == [
        ("    n: 9000", "    n: -1"),
        ('    same: "x"', None),
    ]


def _words(lines: Iterable[str | None]) -> list[str]:
    """
    Without brackets: an empty object is one line, and two beside an object that holds something.
    """
    told = (line.strip().rstrip('{}[]"') for line in lines if line is not None)
    return sorted(line for line in told if line)


def _value(source: random.Random, depth: int) -> JsonValue:
    kind = source.randrange(6 if depth else 4)
    if kind == 4:
        return {source.choice("abcd"): _value(source, depth - 1) for _ in range(source.randrange(4))}
    if kind == 5:
        return [_value(source, depth - 1) for _ in range(source.randrange(4))]
    return source.choice([None, True, 1, 1.0, "x", "y", "one\ntwo", "one\nthree", ""])

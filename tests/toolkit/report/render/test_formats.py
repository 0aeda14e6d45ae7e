"""
A refresh for machines: JSON, JUnit, the annotations of GitHub.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from importlib.resources import files
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from taketwo.report.render.github import annotation_lines, muted
from taketwo.report.render.json import refresh_json
from taketwo.report.render.junit import refresh_junit
from taketwo.report.render.markdown import refresh_comment, refresh_markdown
from taketwo.results import CassetteResult, RefreshResult, Status
from tests.toolkit.report.hostile import hostile_story
from tests.toolkit.report.reports import DRIFTLESS, FAILING, FIRST, MADE, ME, RENAMED, WHOLE, many, unlocked

SCHEMA = json.loads((files("taketwo.report") / "render" / "refresh.schema.json").read_text(encoding="utf-8"))
ERROR = RefreshResult(command="refresh", error="mesh did not start\nsee its log")

JUNIT = """\
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="taketwo" tests="3" failures="2" errors="0" skipped="0">
  <testsuite name="taketwo refresh" tests="3" failures="2" errors="0" skipped="0">
    <testcase classname="contract.mesh" name="field-removed NotionModel.page_id" time="0">
      <failure type="breaking" message="breaking: it was removed: queries that select it fail">breaking: \
it was removed: queries that select it fail
explains 1 cassette, 1 test no longer passes with it, touches 1 more
cassettes/test_pages/test_made.yaml
cassettes/test_pages/test_listed.yaml</failure>
    </testcase>
    <testcase classname="tests.test_pages" name="test_listed" time="0" file="tests/test_pages.py">
      <failure type="no longer passes" message="tests/test_pages.py:12: in test_listed">\
tests/test_pages.py:12: in test_listed
    assert pages[0]["page_id"]
E   KeyError: 'page_id'</failure>
    </testcase>
    <testcase classname="tests.test_me" name="test_me" time="0" file="tests/test_me.py" />
  </testsuite>
</testsuites>
"""


@pytest.mark.parametrize(
    "report", [WHOLE, ERROR, RefreshResult(command="refresh", written=True), many(3), hostile_story()]
)
def test_json_is_of_its_schema(report: RefreshResult) -> None:
    told = json.loads(json.dumps(refresh_json(report)))

    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(told, SCHEMA)


def test_the_schema_describes_every_member() -> None:
    told = refresh_json(WHOLE)

    assert isinstance(told, Mapping)
    assert list(told) == list(SCHEMA["properties"])
    assert told["counts"] == {"failed": 1, "changed": 2, "renewed": 0, "new": 1, "unchanged": 1}


def test_junit_has_a_case_for_each_change_and_each_test() -> None:
    assert refresh_junit(replace(WHOLE, causes=(RENAMED,), cassette_results=(FAILING, ME))) == JUNIT


@pytest.mark.parametrize(
    ("report", "failures"),
    [
        (RefreshResult(command="refresh", written=True, cassette_results=(ME,)), 0),
        (RefreshResult(command="refresh", written=True, cassette_results=(FIRST,)), 0),
        (RefreshResult(command="refresh", cassette_results=(FIRST,), written=False), 1),
        (RefreshResult(command="refresh", contract_diffs=unlocked("mesh"), written=False), 1),
        (RefreshResult(command="refresh", written=True, contract_diffs=unlocked("mesh")), 0),
        (RefreshResult(command="refresh", written=True, cassette_results=(MADE,)), 1),
        (RefreshResult(command="refresh", written=True, cassette_results=(DRIFTLESS,), causes=(RENAMED,)), 1),
    ],
)
def test_junit_fails_exactly_when_the_refresh_does(report: RefreshResult, failures: int) -> None:
    suites = ET.fromstring(refresh_junit(report))  # noqa: S314 - our own document

    assert suites.get("failures") == str(failures)
    assert bool(failures) is bool(report.exit_code)


def test_junit_tells_an_error_when_nothing_could_run() -> None:
    suites = ET.fromstring(refresh_junit(ERROR))  # noqa: S314 - our own document

    assert (suites.get("errors"), suites.get("tests")) == ("1", "1")
    assert [error.text for error in suites.iter("error")] == ["mesh did not start\nsee its log"]


def test_junit_of_anything_is_xml() -> None:
    text = refresh_junit(hostile_story())

    suites = ET.fromstring(text)  # noqa: S314 - our own document
    assert {one.tag for one in suites.iter()} == {"testsuites", "testsuite", "testcase", "failure"}
    assert text.encode("utf-8")


def test_annotations_stand_beside_what_they_are_about() -> None:
    assert annotation_lines(WHOLE) == [
        (
            "::error file=tests/test_pages.py,line=12,title=a test no longer passes::"
            "tests/test_pages.py::test_listed%0AKeyError: 'page_id'"
        ),
        (
            "::error title=breaking%3A NotionModel.page_id::it was removed: queries that select it fail%0A"
            "explains 1 cassette, 1 test no longer passes with it, touches 1 more"
        ),
        annotation_lines(replace(WHOLE, causes=(), cassette_results=(MADE,)))[0],
        (
            "::warning title=dangerous%3A POST http%3A//chorus.test/speech  response.file::"
            "was another sound%0Aseen in 1 cassette"
        ),
        annotation_lines(replace(WHOLE, causes=(), cassette_results=WHOLE.cassette_results[2:3]))[0],
        (
            "::notice title=dangerous%3A Notes.colour::'green' was added: readers meet a new value%0A"
            "touches no cassette"
        ),
    ]


def test_no_more_annotations_are_made_than_are_shown() -> None:
    separate = [replace(one, causes=(f"{n:06x}",)) for n, one in enumerate(many(100).cassette_results)]

    lines = annotation_lines(replace(many(100), causes=(), cassette_results=tuple(separate)))

    assert len(lines) == 10
    assert lines[-1] == (
        "::error title=taketwo%3A 91 more::they are in the report and in the summary of the job"
    )


def test_tests_that_fail_in_one_line_share_an_annotation_that_says_the_error() -> None:
    """
    Not the last line of what was printed: that may be the service's.
    """
    failed = [
        CassetteResult(
            test=f"tests/test_a.py::test_made[{number}]",
            cassette=f"cassettes/test_a/test_made[{number}].yaml",
            status=Status.FAILED,
            message=f"tests/test_a.py:{line}: in test_made\n    assert note['text']\n"
            f"E   KeyError: 'text'\nE   and more of it\nservice shop, last lines:\nGET /notes/{number} 200",
        )
        for number, line in enumerate([*[8] * 13, 9])
    ]

    many, one = annotation_lines(replace(WHOLE, causes=(), cassette_results=tuple(failed)))

    assert many.startswith(
        "::error file=tests/test_a.py,line=8,title=13 tests no longer pass::"
        "tests/test_a.py::test_made[0]%0AKeyError: 'text'%0Ain the same line:%0Atests/test_a.py::"
    )
    assert many.endswith("%0Atests/test_a.py::test_made[10]%0Aand 2 more")
    assert one == (
        "::error file=tests/test_a.py,line=9,title=a test no longer passes::"
        "tests/test_a.py::test_made[13]%0AKeyError: 'text'"
    )


def test_cassettes_that_differ_for_one_cause_share_an_annotation() -> None:
    _, line = annotation_lines(many(13))

    assert line.startswith("::error file=cassettes/test_pages/test_made[0000].yaml,title=")
    assert "and 12 cassettes more for the same causes" in line
    assert line.endswith("%0Acassettes/test_pages/test_made[0010].yaml%0Aand 2 more")


def test_a_comment_is_the_markdown_behind_a_mark() -> None:
    text = refresh_comment(WHOLE)

    assert text == f"<!-- taketwo -->\n{refresh_markdown(WHOLE)}"
    assert len(refresh_comment(many(2_000)).encode()) <= 65_536


def test_nothing_that_was_said_is_a_command() -> None:
    """
    Each annotation is one line of one level, and between two lines the runner obeys nothing.
    """
    lines = annotation_lines(hostile_story())

    assert all(re.fullmatch(r"::(error|warning|notice) [^\r\n]+", line) for line in lines)
    begin, end = muted("::stop-commands::guess")
    assert (begin, end) == (f"::stop-commands::{begin[17:]}", f"::{begin[17:]}::")
    assert len(begin[17:]) == 32

"""
What a refresh found, as the lines of a terminal.
"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from taketwo.cassette.model import JsonValue
from taketwo.contract.changes import Change, Severity
from taketwo.contract.changes import Kind as ContractKind
from taketwo.report.render.terminal import change_lines, difference_lines, refresh_lines
from taketwo.report.text import Line
from taketwo.results import CassetteResult, Cause, Difference, DifferenceKind, RefreshResult, Status
from tests.toolkit.locations import location
from tests.toolkit.report.reports import SPOKEN, WHOLE, contract_cause, many, unlocked

BREAKING, DANGEROUS, SAFE = Severity.BREAKING, Severity.DANGEROUS, Severity.SAFE

CHANGE = Change(
    id="field-removed",
    coordinate="Notes.title",
    severity=BREAKING,
    message="is gone",
    kind=ContractKind.DEFINITIONS,
)


def difference(
    kind: DifferenceKind,
    place: str,
    before: JsonValue = None,
    after: JsonValue = None,
    severity: Severity = SAFE,
) -> Difference:
    at = location(place)
    return Difference(kind=kind, location=at, before=before, after=after, severity=severity)


CAUSE = replace(
    contract_cause("0a1b2c", CHANGE),
    cassettes=("d.yaml", "e.yaml"),
    explained=("d.yaml",),
    failing=("a.py::test_f",),
)
DRIFT = difference(DifferenceKind.CHANGED, "1. GET /  response.status", 200, 201, BREAKING)


def case(
    status: str, cassette: str = "c.yaml", *, message: str = "", differences: tuple[Difference, ...] = ()
) -> CassetteResult:
    return CassetteResult(
        test=f"a.py::{cassette}",
        cassette=cassette,
        status=Status(status),
        message=message,
        differences=differences,
    )


def report(*cases: CassetteResult, causes: tuple[Cause, ...] = (), written: bool = True) -> RefreshResult:
    return RefreshResult(command="refresh", cassette_results=cases, causes=causes, written=written)


def test_drifts_stand_below_their_interaction() -> None:
    differences = [
        difference(DifferenceKind.CHANGED, "1. GET http://a.test/  response.json.a", 1, "ä", BREAKING),
        difference(DifferenceKind.ADDED, "1. GET http://a.test/  response.json.b", None, {"c": [None]}),
        difference(DifferenceKind.REMOVED, "1. GET http://a.test/  response.headers.x", "1", None, DANGEROUS),
        difference(DifferenceKind.REMOVED, "2. GET http://a.test/2", {"request": {}}, None, DANGEROUS),
        difference(DifferenceKind.ADDED, "3. GET http://a.test/3", None, {"request": {}}, DANGEROUS),
        difference(DifferenceKind.CHANGED, "head  test", "a", "b"),
    ]

    assert difference_lines(differences) == [
        Line("  1. GET http://a.test/", "bold"),
        Line('    ~ response.json.a: 1 -> "ä"  (breaking)', "bold red"),
        Line('    + response.json.b: {"c": [null]}  (safe)', "green"),
        Line('    - response.headers.x: "1"  (dangerous)', "yellow"),
        Line("  2. GET http://a.test/2", "bold"),
        Line("    - the whole interaction  (dangerous)", "yellow"),
        Line("  3. GET http://a.test/3", "bold"),
        Line("    + the whole interaction  (dangerous)", "yellow"),
        Line("  head", "bold"),
        Line('    ~ test: "a" -> "b"  (safe)', "green"),
    ]


def test_long_values_and_long_lists_are_cut() -> None:
    differences = [
        difference(DifferenceKind.CHANGED, f"1. GET /  a{number}", "x" * 300, 1) for number in range(23)
    ]

    lines = difference_lines(differences)

    assert lines[1] == Line(f'    ~ a0: "{"x" * 199}… -> 1  (safe)', "green")
    assert lines[-1] == Line("  and 3 more")
    assert len(lines) == 22


def test_a_change_is_one_line() -> None:
    assert change_lines([CHANGE]) == [
        Line("  breaking   field-removed  Notes.title: is gone", "bold red"),
    ]


def test_nothing_found_is_nothing_recorded() -> None:
    assert refresh_lines(report()) == [Line("nothing was recorded again")]


def test_what_is_worst_is_told_first_and_what_to_type_last() -> None:
    page, changed = "<h1>Pong</h1>\n<p>Play.</p>\n", "<h1>Pong!</h1>\n<p>Play.</p>\n<p>Again.</p>\n"

    assert [line.text for line in refresh_lines(WHOLE)] == [
        "1 test no longer passes:",
        "  tests/test_pages.py::test_listed",
        "    tests/test_pages.py:12: in test_listed",
        '        assert pages[0]["page_id"]',
        "    E   KeyError: 'page_id'",
        "  their cassettes stay as they are",
        "no contract explains (1 change):",
        "  dangerous  POST http://chorus.test/speech  response.file: was another sound",
        "    seen in 1 cassette  (cause b0c4d5)",
        "the contract of mesh changed (2 changes):",
        "  breaking   field-removed  NotionModel.page_id: it was removed: queries that select it fail",
        "    explains 1 cassette, 1 test no longer passes with it, touches 1 more  (cause 3fa2c1)",
        "  dangerous  enum-value-added  Notes.colour: 'green' was added: readers meet a new value",
        "    touches no cassette  (cause 90bd77)",
        "cassettes/test_pages/test_made.yaml: 9 differences",
        "  1. POST http://mesh.test/api/content/HtmlGeneration",
        '    - response.json.data.page_id: "<uuid:1>"  (breaking)',
        '    + response.json.data.pageId: "<uuid:1>"  (safe)',
        "  2. GET http://mesh.test/api/content/HtmlGeneration",
        '    - response.json.data[0].page_id: "<uuid:1>"  (breaking)',
        '    + response.json.data[0].pageId: "<uuid:1>"  (safe)',
        '    - response.json.data[1].page_id: "<uuid:2>"  (breaking)',
        '    + response.json.data[1].pageId: "<uuid:2>"  (safe)',
        '    - response.json.data[2].page_id: "<uuid:3>"  (breaking)',
        '    + response.json.data[2].pageId: "<uuid:3>"  (safe)',
        "  3. GET http://mesh.test/api/content/HtmlGeneration/<uuid:1>/page",
        f"    ~ response.text: {json.dumps(page)} -> {json.dumps(changed)}  (dangerous)",
        "cassettes/test_speech/test_spoken.yaml: 1 difference",
        *(line.text for line in difference_lines(SPOKEN.differences)),
        "recorded for the first time:",
        "  cassettes/test_me/test_first.yaml",
        "no test uses:",
        "  cassettes/test_old/test_gone.yaml",
        "5 tests recorded again: 1 failed, 2 changed, 1 new, 1 unchanged",
        "unexplained: recordings changed or tests fail, and no change of a contract explains it",
        "accept: refresh --accept    reject: refresh --reject    one by one: refresh --review",
        "by cause: refresh --accept --cause b0c4d5    (or 3fa2c1)",
    ]


def test_of_what_one_cause_explains_one_example_is_shown() -> None:
    """
    One change, forty cassettes, one decision; who wants to see each asks for it.
    """
    short, whole = refresh_lines(many(8, rows=1)), refresh_lines(many(8, rows=1), verbose=True)

    names = ", ".join(f"cassettes/test_pages/test_made[{number:04}].yaml" for number in range(1, 6))
    more = f"  7 cassettes more with the same cause (-v shows what differs): {names} and 2 more"
    assert [line.text for line in short if "cassettes" in line.text][:3] == [
        "    explains 8 cassettes  (cause 3fa2c1)",
        "cassettes/test_pages/test_made[0000].yaml: 4 differences",
        more,
    ]
    assert sum(": 4 differences" in line.text for line in whole) == 8


def test_of_the_changes_that_touch_nothing_the_first_are_shown() -> None:
    idle = tuple(
        replace(CAUSE, id=str(number), cassettes=(), explained=(), failing=()) for number in range(9)
    )
    told = report(causes=(*idle, CAUSE))

    assert Line("  and 4 more that touch no cassette (-v shows them)", "dim") in refresh_lines(told)
    assert len(refresh_lines(told, verbose=True)) - len(refresh_lines(told)) == 7


@pytest.mark.parametrize("status", ["changed", "renewed"])
def test_a_check_says_how_to_accept_what_it_found(status: str) -> None:
    told = report(case(status), written=False)

    assert refresh_lines(told)[-1] == Line("nothing was written; to review and accept: refresh")


def test_what_a_check_kept_is_told_with_how_to_have_it() -> None:
    told = replace(report(case("changed"), written=False), pending="build/takes")

    assert refresh_lines(told)[-1] == Line(
        "what would wait is in build/takes; to have it here: taketwo accept --from build/takes"
    )


def test_a_changed_contract_waits_for_a_review_also_when_no_cassette_does() -> None:
    told = report(causes=(replace(CAUSE, cassettes=(), explained=(), failing=()),))

    assert refresh_lines(told)[1:] == [
        Line("  breaking   field-removed  Notes.title: is gone", "bold red"),
        Line("    touches no cassette  (cause 0a1b2c)", "dim"),
        Line("nothing was recorded again"),
        Line("not exercised: a contract changed, and no recording", "yellow"),
        Line("accept: refresh --accept    reject: refresh --reject    one by one: refresh --review"),
    ]


def test_a_first_lock_is_not_a_change() -> None:
    told = replace(report(), contract_diffs=unlocked("mesh"))

    assert refresh_lines(told) == [
        Line("the contract of mesh had no lock", "yellow"),
        Line("nothing was recorded again"),
    ]


def test_what_a_replay_would_refuse_is_said_with_the_choice() -> None:
    what = "mesh: GET /a 200 body.b: it is required, and missing"
    told = replace(report(case("new")), contradictions={what: ("a.py::test_a", "a.py::test_b")})

    assert [line.text for line in refresh_lines(told)][:4] == [
        "what was recorded contradicts the contract of its service, and a replay refuses it:",
        f"  {what}  (2 tests)",
        "report it to the authors of the service, or have replays accept it, in [tool.taketwo.contract]:",
        '  warn = ["PLACE", …] for these places, or check = "warn" for all of them',
    ]
    assert told.exit_code == 1


def test_a_clean_refresh_ends_with_its_count() -> None:
    assert refresh_lines(report(case("unchanged"))) == [Line("1 test recorded again: 1 unchanged", "bold")]


def test_of_a_long_failure_the_end_is_shown() -> None:
    failed = case("failed", message="\n".join(map(str, range(30))))
    told = report(failed, replace(failed, message=""))

    lines, all_lines = refresh_lines(told), refresh_lines(told, verbose=True)

    assert lines[0] == Line("2 tests no longer pass:", "bold red")
    assert [line.text.strip() for line in lines[2:22]] == [str(number) for number in range(10, 30)]
    assert len(all_lines) - len(lines) == 10


def test_a_take_beside_a_damaged_cassette_is_told_with_the_damage() -> None:
    told = report(case("changed", message="c.yaml, line 3: it is cut\nmend it"))

    assert refresh_lines(told)[:3] == [
        Line("a recording waits beside a cassette that cannot be read:", "bold red"),
        Line("  c.yaml, line 3: it is cut"),
        Line("  mend it"),
    ]

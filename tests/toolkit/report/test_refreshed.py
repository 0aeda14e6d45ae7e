"""
What a refresh found, as the lines of a terminal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pytest

from taketwo.cassette import JsonValue
from taketwo.compare import Drift, Kind
from taketwo.contract import Change
from taketwo.contract import Kind as ContractKind
from taketwo.report import Line, Story, change_lines, drift_lines, refresh_lines
from taketwo.severity import Severity

BREAKING, DANGEROUS, SAFE = Severity.BREAKING, Severity.DANGEROUS, Severity.SAFE

CHANGE = Change(
    id="field-removed",
    coordinate="Notes.title",
    severity=BREAKING,
    message="is gone",
    kind=ContractKind.DEFINITIONS,
)


@dataclass(frozen=True, slots=True)
class Retake:
    test: str
    cassette: str
    drifts: tuple[Drift, ...] = ()
    message: str = ""


def drift(
    kind: Kind, place: str, before: JsonValue = None, after: JsonValue = None, severity: Severity = SAFE
) -> Drift:
    return Drift(kind=kind, place=place, before=before, after=after, severity=severity)


def story(
    *,
    changes: Mapping[str, Sequence[Change]] | None = None,
    unlocked: Sequence[str] = (),
    retakes: Mapping[str, Sequence[Retake]] | None = None,
    orphans: Sequence[str] = (),
    written: bool = True,
) -> Story:
    return Story(
        changes=changes or {},
        unlocked=unlocked,
        retakes=retakes or {},
        orphans=orphans,
        command="refresh",
        written=written,
    )


def test_drifts_stand_below_their_interaction() -> None:
    drifts = [
        drift(Kind.CHANGED, "1. GET http://a.test/  response.json.a", 1, "ä", BREAKING),
        drift(Kind.ADDED, "1. GET http://a.test/  response.json.b", None, {"c": [None]}),
        drift(Kind.REMOVED, "1. GET http://a.test/  response.headers.x", "1", None, DANGEROUS),
        drift(Kind.REMOVED, "2. GET http://a.test/2", {"request": {}}, None, DANGEROUS),
        drift(Kind.ADDED, "3. GET http://a.test/3", None, {"request": {}}, DANGEROUS),
        drift(Kind.CHANGED, "head  test", "a", "b"),
    ]

    assert drift_lines(drifts) == [
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
    drifts = [drift(Kind.CHANGED, f"1. GET /  a{number}", "x" * 300, 1) for number in range(23)]

    lines = drift_lines(drifts)

    assert lines[1] == Line(f'    ~ a0: "{"x" * 199}… -> 1  (safe)', "green")
    assert lines[-1] == Line("  and 3 more")
    assert len(lines) == 22


def test_a_change_is_one_line() -> None:
    assert change_lines([CHANGE]) == [
        Line("  breaking   field-removed  Notes.title: is gone", "bold red"),
    ]


def test_nothing_found_is_nothing_recorded() -> None:
    assert refresh_lines(story()) == [Line("nothing was recorded again")]


def test_what_is_worst_is_told_first_and_what_to_type_last() -> None:
    told = story(
        changes={"mesh": [CHANGE], "chorus": [], "extra": []},
        unlocked=["extra"],
        retakes={
            "failed": [Retake("a.py::test_f", "cassettes/f.yaml", message="\nassert 1 == 2\n +  where\n\n")],
            "drifted": [
                Retake(
                    "a.py::test_d",
                    "cassettes/d.yaml",
                    drifts=(drift(Kind.CHANGED, "1. GET /  response.status", 200, 201, BREAKING),),
                )
            ],
            "new": [Retake("a.py::test_n", "cassettes/n.yaml")],
            "renewed": [Retake("a.py::test_r", "cassettes/r.yaml")],
            "unchanged": [
                Retake("a.py::test_u", "cassettes/u.yaml"),
                Retake("a.py::test_v", "cassettes/v.yaml"),
            ],
        },
        orphans=["cassettes/o.yaml"],
    )

    assert refresh_lines(told) == [
        Line("1 test no longer passes:", "bold red"),
        Line("  a.py::test_f", "red"),
        Line("    assert 1 == 2", "dim"),
        Line("     +  where", "dim"),
        Line("  their cassettes stay as they are"),
        Line("the contract of extra had no lock", "yellow"),
        Line("the contract of mesh changed (1 change):", "bold"),
        Line("  breaking   field-removed  Notes.title: is gone", "bold red"),
        Line("cassettes/d.yaml: 1 difference", "bold"),
        Line("  1. GET /", "bold"),
        Line("    ~ response.status: 200 -> 201  (breaking)", "bold red"),
        Line("recorded for the first time:", "green"),
        Line("  cassettes/n.yaml"),
        Line("recorded under the changed contract; nothing that was said differs:"),
        Line("  cassettes/r.yaml"),
        Line("no test uses:", "yellow"),
        Line("  cassettes/o.yaml"),
        Line("6 tests recorded again: 1 drifted, 1 failed, 1 new, 1 renewed, 2 unchanged", "bold"),
        Line("explained: the contract changed, and so did what was said", "yellow"),
        Line("accept: refresh --accept    reject: refresh --reject"),
    ]


@pytest.mark.parametrize("status", ["drifted", "renewed"])
def test_a_check_says_how_to_accept_what_it_found(status: str) -> None:
    told = story(retakes={status: [Retake("t", "c")]}, written=False)

    assert refresh_lines(told)[-1] == Line("nothing was written; to review and accept: refresh")


def test_a_changed_contract_waits_for_a_review_also_when_no_cassette_does() -> None:
    told = story(changes={"mesh": [CHANGE]})

    assert refresh_lines(told)[1:] == [
        Line("  breaking   field-removed  Notes.title: is gone", "bold red"),
        Line("nothing was recorded again"),
        Line("not exercised by what was recorded: the contract changed, and nothing that was said", "yellow"),
        Line("accept: refresh --accept    reject: refresh --reject"),
    ]


def test_a_first_lock_is_not_a_change() -> None:
    told = story(changes={"mesh": [CHANGE]}, unlocked=["mesh"])

    assert refresh_lines(told) == [
        Line("the contract of mesh had no lock", "yellow"),
        Line("nothing was recorded again"),
    ]


def test_a_clean_refresh_ends_with_its_count() -> None:
    told = story(retakes={"unchanged": [Retake("t", "c")], "failed": []})

    assert refresh_lines(told) == [Line("1 test recorded again: 1 unchanged", "bold")]


def test_of_a_long_failure_the_end_is_shown() -> None:
    failed = Retake("t", "c", message="\n".join(map(str, range(30))))
    told = story(retakes={"failed": [failed, replace(failed, message="")]})

    lines = refresh_lines(told)

    assert lines[0] == Line("2 tests no longer pass:", "bold red")
    assert [line.text.strip() for line in lines[2:22]] == [str(number) for number in range(10, 30)]


@pytest.mark.parametrize(("status", "expected"), [("drifted", True), ("failed", False)])
def test_what_is_said_otherwise_under_the_same_contract_is_undocumented(status: str, expected: bool) -> None:  # noqa: FBT001 - a parameter of the test
    told = story(changes={"mesh": []}, retakes={status: [Retake("t", "c")]})

    verdict = Line("undocumented: what was said changed, and the contract did not", "bold red")
    assert (verdict in refresh_lines(told)) is expected


def test_a_take_beside_a_damaged_cassette_is_told_with_the_damage() -> None:
    told = story(retakes={"drifted": [Retake("t", "c.yaml", message="c.yaml, line 3: it is cut\nmend it")]})

    assert refresh_lines(told)[:3] == [
        Line("a take waits beside a cassette that cannot be read:", "bold red"),
        Line("  c.yaml, line 3: it is cut"),
        Line("  mend it"),
    ]

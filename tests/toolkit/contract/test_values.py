"""
Severities and changes as values.
"""

from __future__ import annotations

from taketwo.contract.changes import Change, Kind, Severity, in_order


def change(coordinate: str, change_id: str, severity: Severity) -> Change:
    return Change(id=change_id, coordinate=coordinate, severity=severity, message="…", kind=Kind.GRAPHQL)


def test_the_worse_severity_is_the_greater_one() -> None:
    assert sorted(Severity) == [Severity.SAFE, Severity.DANGEROUS, Severity.BREAKING]
    assert max(Severity.DANGEROUS, Severity.BREAKING, Severity.SAFE) is Severity.BREAKING


def test_a_severity_is_read_from_its_word() -> None:
    assert [Severity("breaking"), Severity("dangerous"), Severity("safe")] == sorted(Severity, reverse=True)


def test_changes_come_breaking_first_then_by_coordinate_then_by_id_and_each_once() -> None:
    safe = change("A.a", "field-added", Severity.SAFE)
    second = change("B.b", "field-removed", Severity.BREAKING)
    first = change("B.b", "argument-removed", Severity.BREAKING)
    dangerous = change("A.a", "argument-added", Severity.DANGEROUS)

    assert in_order([safe, second, dangerous, first, safe]) == (first, second, dangerous, safe)


def test_a_change_reads_as_a_line() -> None:
    text = str(
        Change(
            id="field-removed",
            coordinate="Note.title",
            severity=Severity.BREAKING,
            message="the field is gone",
            kind=Kind.GRAPHQL,
        )
    )

    assert text == "breaking  field-removed  Note.title  the field is gone"

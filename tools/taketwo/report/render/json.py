"""
A refresh as JSON, in the form that ``refresh.schema.json`` beside this module describes.
"""

from __future__ import annotations

from typing import Final

from taketwo.cassette.model import JsonValue
from taketwo.report.render.diff import difference_json
from taketwo.report.result_text import headline, worst_first
from taketwo.results import CassetteResult, Cause, RefreshResult

#: Raised when something goes or changes its meaning; what is new does not raise it.
VERSION: Final = 1


def refresh_json(report: RefreshResult) -> JsonValue:
    return {
        "taketwo_refresh": VERSION,
        "headline": headline(report),
        "verdict": report.verdict.value,
        "exit_code": report.exit_code,
        "error": report.error or None,
        "command": report.command,
        "written": report.written,
        "pending": report.pending or None,
        "counts": {status.value: len(report.of(status)) for status in worst_first()},
        "causes": [_cause(cause) for cause in report.causes],
        "cassettes": [_case(case) for case in report.cassette_results],
        "contradictions": [
            {"what": what, "tests": list(tests)} for what, tests in report.contradictions.items()
        ],
        "unlocked": list(report.unlocked),
        "orphans": list(report.orphans),
        "coverage": report.coverage,
    }


def _cause(cause: Cause) -> JsonValue:
    return {
        "id": cause.id,
        "kind": "contract" if cause.is_contract_change else "behaviour",
        "rule": cause.rule or None,
        "service": cause.service or None,
        "coordinate": cause.coordinate,
        "sentence": cause.sentence,
        "severity": cause.severity.value,
        "promised": cause.promised.value if cause.promised else None,
        "cassettes": list(cause.cassettes),
        "unread": list(cause.unread),
        "explained": list(cause.explained),
        "failing": list(cause.failing),
    }


def _case(case: CassetteResult) -> JsonValue:
    return {
        "cassette": case.cassette,
        "test": case.test,
        "status": case.status.value,
        "verdict": case.verdict.value,
        "severity": case.severity.value if case.severity else None,
        "causes": list(case.causes),
        "message": case.message or None,
        "differences": [difference_json(difference) for difference in case.differences],
    }

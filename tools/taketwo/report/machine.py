"""
A refresh as JSON, in the form that ``refresh.schema.json`` beside this module describes.
"""

from __future__ import annotations

from typing import Final

from taketwo.cassette import JsonValue
from taketwo.report.compared import drift_json
from taketwo.report.story import STATUSES, Case, Cause, Story

#: Raised when something goes or changes its meaning; what is new does not raise it.
VERSION: Final = 1


def refresh_json(story: Story) -> JsonValue:
    return {
        "taketwo_refresh": VERSION,
        "headline": story.headline,
        "verdict": story.verdict,
        "exit_code": story.exit_code,
        "error": story.error or None,
        "command": story.command,
        "written": story.written,
        "takes": story.takes or None,
        "counts": {status: len(story.of(status)) for status in STATUSES},
        "causes": [_cause(cause) for cause in story.causes],
        "cassettes": [_case(case) for case in story.cases],
        "unlocked": list(story.unlocked),
        "orphans": list(story.orphans),
        "coverage": story.coverage,
    }


def _cause(cause: Cause) -> JsonValue:
    return {
        "id": cause.id,
        "kind": "contract" if cause.is_documented else "behaviour",
        "rule": cause.rule or None,
        "service": cause.service or None,
        "coordinate": cause.coordinate,
        "sentence": cause.sentence,
        "severity": cause.severity.value,
        "cassettes": list(cause.cassettes),
        "explained": list(cause.explained),
        "failing": list(cause.failing),
    }


def _case(case: Case) -> JsonValue:
    return {
        "cassette": case.cassette,
        "test": case.test,
        "status": case.status,
        "verdict": case.verdict,
        "severity": case.severity.value if case.severity else None,
        "causes": list(case.causes),
        "message": case.message or None,
        "drifts": [drift_json(drift) for drift in case.drifts],
    }

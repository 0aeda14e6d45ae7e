"""
Which usage a change touches.

A change of something touches whoever uses it. What is new touches those who use what it was added to, if it
can show in their recordings: a new field that nobody could have asked for cannot.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from taketwo.contract.changes import Change, Kind
from taketwo.usage.notes import Notes
from taketwo.usage.usage import Usage

# No request and no answer shows these.
_UNSEEN: Final = frozenset(
    {
        "component-added",
        "component-removed",
        "contract-added",
        "definition-added",
        "definition-indexer-added",
        "directive-added",
        "directive-argument-added",
        "directive-location-added",
        "directive-repeatable-added",
        "documentation-changed",
        "field-added",
        "operation-added",
        "operation-id-changed",
        "request-body-media-type-added",
        "request-path-parameter-renamed",
        "response-error-status-added",
        "response-media-type-added",
        "security-scheme-added",
        "type-added",
    }
)
# A request says none of these until somebody writes one that does.
_UNSAID: Final = re.compile(r"request-.*(property-added|enum-value-added)")
# These matter where a document has nothing.
_FOR_THE_SILENT: Final = re.compile(r".*-(default-(added|changed|removed)|became-required)")
# GraphQL has one id for any other type of an input; one that may no longer be null matters to the silent too.
_INPUT_RETYPED: Final = re.compile(r"(argument|directive-argument|input-field)-type-changed")
_NOW_REQUIRED: Final = "! and was "
#: These matter to all who use what something was added to.
ADDED_TO: Final = re.compile(
    r".*property-added(-as-required)?"
    r"|request-(required-)?(body|parameter)-added"
    r"|response-(header|success-status)-added"
    r"|(required-)?(directive-)?argument-added"
    r"|(required-)?input-field-added"
    r"|enum-value-added"
)
# These concern a type, and matter to all who use a part of it.
_OF_WHOLE_TYPES: Final = re.compile(r"(type|schema|input-one-of|union-member)-.*")
_SCHEMES: Final = "#/components/securitySchemes/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """
    What was touched and omitted of one kind of contract.
    """

    touched: Collection[str]
    omitted: Collection[str]


def touches(change: Change, usage: Usage) -> bool:
    """
    Whether *change* touches anything that the cassette uses.
    """
    used = Touched(
        touched=usage.touched.get(change.kind, {}).keys(), omitted=usage.omitted.get(change.kind, frozenset())
    )
    return not usage.is_empty and _touches(change, used)


def comes_to_touch(change: Change, before: Usage, after: Usage) -> bool:
    """
    Whether *change* describes what the cassette used already, *before* it was described.
    """
    coordinate = change.coordinate
    return (
        change.id.endswith("-added")
        and coordinate in after.touched.get(change.kind, {})
        and (coordinate not in before.touched.get(change.kind, {}) or change.id in _UNSEEN)
    )


def touches_notes(change: Change, noted: Iterable[Notes]) -> bool:
    """
    Whether *change* touches anything that one interaction uses.
    """
    return any(
        _touches(change, Touched(touched=notes.touched, omitted=notes.omitted))
        for notes in noted
        if notes.kind is change.kind
    )


def _touches(change: Change, used: Touched) -> bool:
    coordinate = change.coordinate.partition("#")[0]
    if change.id in _UNSEEN or _UNSAID.fullmatch(change.id):
        return False
    if not coordinate:
        return _touches_document(change, used)
    if _FOR_THE_SILENT.fullmatch(change.id):
        return coordinate in used.omitted
    if ADDED_TO.fullmatch(change.id):
        return parent_of(coordinate) in used.touched
    if change.kind is Kind.GRAPHQL and _OF_WHOLE_TYPES.fullmatch(change.id):
        return any(one == coordinate or one.startswith(f"{coordinate}.") for one in used.touched)
    is_required = _INPUT_RETYPED.fullmatch(change.id) and _NOW_REQUIRED in change.message
    return coordinate in used.touched or bool(is_required and coordinate in used.omitted)


def _touches_document(change: Change, used: Touched) -> bool:
    """
    A change of the whole document may matter to every operation.
    """
    place = change.coordinate
    if place.startswith(_SCHEMES):
        return place in used.touched
    if place.startswith(("#/components/", "#/webhooks")):
        # What refers to a part tells of it; of this one nothing does. Nobody sends a webhook to the service.
        return False
    if place.startswith("#/paths/"):
        path = place.split("/")[2].replace("~1", "/").replace("~0", "~")
        return any(coordinate.partition(" ")[2] == path for coordinate in used.touched)
    return True


def parent_of(coordinate: str) -> str:
    """
    What a coordinate belongs to: the field of an argument, the object of a property, the operation of a
    parameter.
    """
    if coordinate.endswith(":)"):
        return coordinate[: coordinate.rindex("(")]
    head, space, last = coordinate.rpartition(" ")
    stem = re.sub(r"(\[\]|\.[^.\[\]]+)\Z", "", last)
    if stem in {"", last, "path", "query", "header", "cookie"}:
        return head
    return f"{head}{space}{stem}"

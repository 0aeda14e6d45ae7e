"""
Each kind of change of a JSON Schema, seen from both sides: content is written and read.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from taketwo.contract.canonical import Json, JsonObject
from taketwo.contract.changes import Kind
from taketwo.contract.comparing import changes_between
from taketwo.contract.document import Contract
from tests.toolkit.contract.cases import Case, told

TEXT: JsonObject = {"type": "string"}
WHOLE: JsonObject = {"type": "integer"}


def contract(schema: JsonObject) -> Contract:
    return Contract.from_document({"T": schema}, service="mesh", kind=Kind.DEFINITIONS)


def record(required: Sequence[str] = (), /, **properties: Json) -> JsonObject:
    return {"type": "object", "properties": properties, "required": [*required]}


CASES: dict[str, Case[JsonObject]] = {
    "property removed": Case(
        before=record(a=TEXT, b={"type": "integer"}),
        after=record(a=TEXT),
        told="""
            breaking property-removed T.b
              property b was removed
              a reader finds it missing
        """,
    ),
    "property renamed": Case(
        before=record(a=TEXT, pageId={"type": "string", "format": "uuid"}),
        after=record(a=TEXT, page_id={"type": "string", "format": "uuid"}),
        told="""
            breaking property-removed T.pageId
              property pageId was removed, perhaps renamed to page_id
              a reader finds it missing
            safe property-added T.page_id
              property page_id was added
              no request sends it yet
        """,
    ),
    "property removed from a closed object": Case(
        before={**record(a=TEXT, b=TEXT), "additionalProperties": False},
        after={**record(a=TEXT), "additionalProperties": False},
        told="""
            breaking property-removed-and-refused T.b
              property b was removed
              a request with it is refused
        """,
    ),
    "properties added": Case(
        before=record(a=TEXT),
        after=record(["b"], a=TEXT, b=TEXT, c=TEXT),
        told="""
            breaking property-added-as-required T.b
              property b was added
              a request without it is refused
            safe property-added T.c
              property c was added
              no request sends it yet
        """,
    ),
    "required": Case(
        before=record(["a", "c"], a=TEXT, b=TEXT),
        after=record(["b"], a=TEXT, b=TEXT),
        told="""
            breaking property-became-optional T.a
              property a is no longer required
              a reader may find it missing
            breaking property-became-required T.b
              property b is required
              a request without it is refused
            breaking property-became-optional T.c
              property c is no longer required
              a reader may find it missing
        """,
    ),
    "types": Case(
        before=record(a=TEXT, b={"type": "number"}, c={"type": "integer"}, d=TEXT),
        after=record(a={"type": "integer"}, b={"type": "integer"}, c={"type": ["integer", "string"]}, d={}),
        told="""
            breaking property-type-changed T.a
              the type is integer and was string
              a value that was right may be refused
            breaking property-type-narrowed T.b
              the type is integer and was number
              a value that was right may be refused
            breaking property-type-widened T.c
              the type is integer or string and was integer
              a reader may get a value of another type
            breaking property-type-widened T.d
              the type is any and was string
              a reader may get a value of another type
        """,
    ),
    "null, in each way it is written": Case(
        before=record(a=TEXT, b={"type": ["string", "null"]}, c={"anyOf": [TEXT, {"type": "null"}]}),
        after=record(a={"type": "string", "nullable": True}, b=TEXT, c={"oneOf": [{"type": "null"}, TEXT]}),
        told="""
            breaking property-became-nullable T.a
              it may be null
              a reader may get null
            breaking property-became-not-nullable T.b
              it may no longer be null
              null is refused
        """,
    ),
    "null removed": Case(
        before=record(a={"type": "string", "nullable": True}),
        after=record(a=TEXT),
        told="""
            breaking property-became-not-nullable T.a
              it may no longer be null
              null is refused
        """,
    ),
    "enum values": Case(
        before=record(a={"enum": ["x", "y"]}, b={"type": "string"}, c={"enum": [1]}),
        after=record(a={"enum": ["x", "z"]}, b={"type": "string", "enum": ["x"]}, c={}),
        told="""
            breaking property-enum-value-removed T.a
              value "y" was removed, perhaps renamed to "z"
              a value that was right may be refused
            breaking property-enum-added T.b
              only these values are left: "x"
              a value that was right may be refused
            dangerous property-enum-value-added T.a
              value "z" was added
              a reader may get a value it does not know
            dangerous property-enum-removed T.c
              there are other values than 1
              a reader may get a value it does not know
        """,
    ),
    "const, format, pattern": Case(
        before=record(
            a={"const": 1}, b={"type": "string", "format": "date"}, c={"pattern": "a"}, d={"const": 1}, e=TEXT
        ),
        after=record(
            a={"const": True},
            b={"type": "string", "format": "date-time"},
            c={"pattern": "b"},
            d={},
            e={"type": "string", "format": "uuid", "pattern": "x"},
        ),
        told="""
            breaking property-const-changed T.a
              the const is true and was 1
              a value that was right may be refused
            breaking property-format-changed T.b
              the format is "date-time" and was "date"
              a value that was right may be refused
            breaking property-format-added T.e
              the format is "uuid"
              a value that was right may be refused
            breaking property-pattern-added T.e
              the pattern is "x"
              a value that was right may be refused
            dangerous property-pattern-changed T.c
              the pattern is "b" and was "a"
              a value that was right may be refused
            dangerous property-const-removed T.d
              the const 1 is gone
              a reader may get a value it does not know
        """,
    ),
    "limits": Case(
        before=record(
            a={"maxLength": 5},
            b={"minimum": 1},
            c={"maxItems": 3},
            d={"uniqueItems": False},
            e={"multipleOf": 2},
            f={"exclusiveMinimum": 1},
        ),
        after=record(
            a={"maxLength": 4},
            b={"minimum": 0},
            c={},
            d={"uniqueItems": True},
            e={"multipleOf": 3},
            f={"exclusiveMinimum": True},
        ),
        told="""
            breaking property-max-length-decreased T.a
              maxLength is 4 and was 5
              a value that was right may be refused
            breaking property-unique-items-added T.d
              uniqueItems is true
              a value that was right may be refused
            breaking property-multiple-of-changed T.e
              multipleOf is 3 and was 2
              a value that was right may be refused
            dangerous property-minimum-decreased T.b
              minimum is 0 and was 1
              a reader may get a value it does not know
            dangerous property-max-items-removed T.c
              maxItems 3 is gone
              a reader may get a value it does not know
            dangerous contract-changed T.f#/exclusiveMinimum
              /exclusiveMinimum changed
              what that does to requests and answers is not known
        """,
    ),
    "defaults": Case(
        before=record(a={"default": 1}, b={}, c={"default": 1}),
        after=record(a={"default": 2}, b={"default": [1]}, c={}),
        told="""
            dangerous property-default-changed T.a
              the default is 2 and was 1
              a request without it asks for another thing
            dangerous property-default-added T.b
              the default is [1]
              a request without it asks for another thing
            dangerous property-default-removed T.c
              the default 1 is gone
              a request without it asks for another thing
        """,
    ),
    "other properties": Case(
        before=record(
            a={"type": "object"}, b={"additionalProperties": False}, c={"additionalProperties": TEXT}
        ),
        after=record(
            a={"type": "object", "additionalProperties": False},
            b={},
            c={"additionalProperties": {"type": "integer"}},
        ),
        told="""
            breaking property-additional-properties-forbidden T.a
              no other properties are allowed any more
              a value that was right may be refused
            breaking property-type-changed T.c.*
              the type is integer and was string
              a value that was right may be refused
            safe property-additional-properties-allowed T.b
              other properties are allowed now
              every value that was right still is
        """,
    ),
    "items": Case(
        before=record(a={"type": "array", "items": TEXT}, b={"type": "array"}),
        after=record(a={"type": "array", "items": record(x=TEXT)}, b={"type": "array", "items": TEXT}),
        told="""
            breaking property-type-changed T.a[]
              the type is object and was string
              a value that was right may be refused
            breaking property-type-narrowed T.b[]
              the type is string and was any
              a value that was right may be refused
        """,
    ),
    "alternatives": Case(
        before=record(
            a={"oneOf": [{"title": "A"}, {"title": "B"}]},
            b={"anyOf": [TEXT]},
            c={"oneOf": [TEXT, {"type": "integer"}]},
        ),
        after=record(
            a={"oneOf": [{"title": "A"}]},
            b={"anyOf": [TEXT, {"type": "integer"}]},
            c={"oneOf": [TEXT, {"type": "boolean"}]},
        ),
        told="""
            breaking property-one-of-removed T.a
              B is no longer one of oneOf
              a value that was right may be refused
            breaking property-type-widened T.b
              the type is integer or string and was string
              a reader may get a value of another type
            breaking property-type-changed T.c
              the type is boolean or string and was integer or string
              a value that was right may be refused
        """,
    ),
    "an alternative beside null and beside nothing": Case(
        before={
            "$defs": {"A": record(x=TEXT), "B": record(y=TEXT)},
            "properties": {
                "a": {"anyOf": [{"$ref": "#/$defs/A"}, {"type": "null"}]},
                "b": {"$ref": "#/$defs/A"},
            },
        },
        after={
            "$defs": {"A": record(x=TEXT), "B": record(y=TEXT)},
            "properties": {
                "a": {"anyOf": [{"$ref": "#/$defs/A"}, {"$ref": "#/$defs/B"}, {"type": "null"}]},
                "b": {"oneOf": [{"$ref": "#/$defs/A"}, {"$ref": "#/$defs/B"}]},
            },
        },
        told="""
            dangerous property-any-of-added T.a
              B is a new one of anyOf
              a reader may get a value it does not know
            dangerous property-one-of-added T.b
              B is a new one of oneOf
              a reader may get a value it does not know
        """,
    ),
    "allOf is merged": Case(
        before={"allOf": [record(a=TEXT), record(["b"], b=TEXT)]},
        after=record(["a", "b"], a=TEXT, b=TEXT),
        told="""
            breaking property-became-required T.a
              property a is required
              a request without it is refused
        """,
    ),
    "allOf that cannot be merged": Case(
        before={"allOf": [{"pattern": "a"}, {"pattern": "b"}]},
        after={"allOf": [{"pattern": "a"}, {"pattern": "b"}, {"pattern": "c"}]},
        told="""
            breaking definition-all-of-added T
              {"pattern":"c"} is a new one of allOf
              a value that was right may be refused
        """,
    ),
    "flags": Case(
        before=record(a=TEXT, b={"type": "string", "readOnly": True}, c=TEXT),
        after=record(
            a={"type": "string", "deprecated": True}, b=TEXT, c={"type": "string", "writeOnly": True}
        ),
        told="""
            breaking property-became-write-only T.c
              it is now writeOnly
              a reader finds it missing
            safe property-deprecated T.a
              it is now deprecated
              it still works
            safe property-no-longer-read-only T.b
              it is no longer readOnly
              it still works
        """,
    ),
    "documentation, once": Case(
        before={"description": "a", "properties": {"x": {"title": "a"}}},
        after={"description": "b", "properties": {"x": {"title": "b", "examples": [1]}}},
        told="""
            safe documentation-changed T
              T is described differently
              no request and no answer shows it
        """,
    ),
    "what no rule knows": Case(
        before=record(
            a={"not": TEXT}, b={"x-index": 1}, c={"type": "string", "discriminator": {"propertyName": "k"}}
        ),
        after=record(
            a={"not": {"type": "integer"}}, b={}, c={"type": "string", "discriminator": {"propertyName": "l"}}
        ),
        told="""
            dangerous contract-changed T.a#/not/type
              /not/type changed
              what that does to requests and answers is not known
            dangerous contract-changed T.c#/discriminator/propertyName
              /discriminator/propertyName changed
              what that does to requests and answers is not known
        """,
    ),
    "a change behind a reference": Case(
        before={"$defs": {"T": {"type": "array", "items": TEXT}}, "properties": {"a": {"$ref": "#/$defs/T"}}},
        after={
            "$defs": {"T": {"type": "array", "items": {"type": "integer"}}},
            "properties": {"a": {"$ref": "#/$defs/T"}},
        },
        told="""
            breaking property-type-changed T.a[]
              the type is integer and was string
              a value that was right may be refused
        """,
    ),
    "a schema within itself": Case(
        before={"$defs": {"N": {"properties": {"n": {"$ref": "#/$defs/N"}, "v": TEXT}}}, "$ref": "#/$defs/N"},
        after={
            "$defs": {"N": {"properties": {"n": {"$ref": "#/$defs/N"}, "v": {"type": "integer"}}}},
            "$ref": "#/$defs/N",
        },
        told="""
            breaking property-type-changed T.v
              the type is integer and was string
              a value that was right may be refused
        """,
    ),
    "a schema within itself, as a part of another": Case(
        before={"properties": {"v": TEXT}, "additionalProperties": {"allOf": [{"$ref": "#"}]}},
        after={"properties": {"v": WHOLE}, "additionalProperties": {"allOf": [{"$ref": "#"}]}},
        told="""
            breaking property-type-changed T.*.v
              the type is integer and was string
              a value that was right may be refused
            breaking property-type-changed T.v
              the type is integer and was string
              a value that was right may be refused
        """,
    ),
    "what nothing refers to": Case(
        before={"$defs": {"A": TEXT, "B": TEXT}},
        after={"$defs": {"A": {"type": "integer"}, "C": {"type": "boolean"}}},
        told="""
            dangerous contract-changed T#/$defs/A/type
              /$defs/A/type changed
              what that does to requests and answers is not known
            safe component-removed T#/$defs/B
              B was removed
              nothing refers to it
            safe component-added T#/$defs/C
              C was added
              nothing refers to it
        """,
    ),
    "the same, written in another way": Case(
        before={"allOf": [TEXT]},
        after=TEXT,
        told="",
    ),
    "nothing is allowed": Case(
        before=record(a=TEXT, b=True),
        after=record(a=False, b={}),
        told="""
            breaking property-type-changed T.a
              the type is nothing and was string
              a value that was right may be refused
        """,
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_each_kind_of_change_is_told_with_its_coordinate(case: Case[JsonObject]) -> None:
    changes = changes_between(contract(case.before), contract(case.after))

    assert told(changes) == case.expected()


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_schema_does_not_differ_from_itself(case: Case[JsonObject]) -> None:
    assert changes_between(contract(case.before), contract(case.before)) == ()
    assert changes_between(contract(case.after), contract(case.after)) == ()


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_changed_one_way_changed_the_other_way_too(case: Case[JsonObject]) -> None:
    changes = changes_between(contract(case.after), contract(case.before))

    assert bool(changes) == bool(case.told)

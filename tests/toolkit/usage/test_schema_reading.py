"""
Values read by the JSON Schema that describes them: properties by pattern, tuples, and those of one direction.
"""

from __future__ import annotations

from taketwo.cassette.model import JsonValue
from taketwo.contract.canonical import Json, JsonObject
from taketwo.contract.changes import Kind
from taketwo.contract.schema.rules import Direction
from taketwo.usage.notes import Notes
from taketwo.usage.schema_reading import SchemaReader

TEXT: JsonObject = {"type": "string"}
WHOLE: JsonObject = {"type": "integer"}


def read(value: JsonValue, schema: JsonObject, direction: Direction = Direction.ANSWER) -> Notes:
    notes = Notes(kind=Kind.OPENAPI)
    SchemaReader(root=schema).read(value, schema, "body", notes, direction)
    return notes


def test_a_property_that_a_pattern_describes_is_no_other_one() -> None:
    schema: JsonObject = {"patternProperties": {"^x-": TEXT}, "additionalProperties": False}

    notes = read({"x-a": "1", "b": "2"}, schema)

    assert [str(one) for one in notes.mistakes] == ["body.b: there is no such property"]
    assert "body.*" in notes.touched


def test_a_property_is_read_by_its_pattern() -> None:
    notes = read({"x-a": 1}, {"patternProperties": {"^x-": TEXT}})

    assert [str(one) for one in notes.mistakes] == ["body.*: it is integer, and the contract says string"]


def test_the_items_of_a_tuple_are_read_by_their_places() -> None:
    schema: JsonObject = {"prefixItems": [TEXT, WHOLE], "items": {"type": "boolean"}}

    assert read(["a", 1, True], schema).mistakes == []
    assert [str(one) for one in read([1, 1, "b"], schema).mistakes] == [
        "body[]: it is integer, and the contract says string",
        "body[]: it is string, and the contract says boolean",
    ]


def test_what_only_goes_the_other_way_is_not_missing_also_by_reference() -> None:
    described: Json = {"id": {"$ref": "#/$defs/Id"}}
    schema: JsonObject = {
        "type": "object",
        "properties": described,
        "required": ["id"],
        "$defs": {"Id": {"type": "string", "readOnly": True}},
    }

    assert read({}, schema, Direction.REQUEST).mistakes == []
    assert [one.coordinate for one in read({}, schema).mistakes] == ["body.id"]

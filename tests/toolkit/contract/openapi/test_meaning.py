"""
Documents that promise the same are no change, however each is written.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import yaml

from taketwo.contract.canonical import Json, JsonObject
from taketwo.contract.changes import Kind
from taketwo.contract.comparing import changes_between
from taketwo.contract.document import Contract

TEXT: JsonObject = {"type": "string"}
WHOLE: JsonObject = {"type": "integer"}
NULL: JsonObject = {"type": "null"}


def contract(document: JsonObject) -> Contract:
    return Contract.from_document(document, service="mesh", kind=Kind.OPENAPI)


def found(before: JsonObject, after: JsonObject) -> list[str]:
    return [
        f"{change.severity.value} {change.id} {change.coordinate}"
        for change in changes_between(contract(before), contract(after))
    ]


def record(required: Sequence[str] = (), /, **properties: Json) -> JsonObject:
    return {"type": "object", "properties": properties, "required": [*required]}


def ref(name: str, shelf: str = "schemas") -> JsonObject:
    return {"$ref": f"#/components/{shelf}/{name}"}


def speaking(
    schema: Json, /, *, version: str = "3.1.0", components: JsonObject | None = None, **more: Json
) -> JsonObject:
    """
    A document in which *schema* is sent and answered.
    """
    content: JsonObject = {"content": {"application/json": {"schema": schema}}}
    operation: JsonObject = {"requestBody": content, "responses": {"200": content}, **more}
    return {"openapi": version, "paths": {"/n": {"post": operation}}, "components": components or {}}


def schemas(**named: Json) -> JsonObject:
    return {"schemas": named}


def listing(
    parameters: Json = None, *, of_path: Json = None, components: JsonObject | None = None
) -> JsonObject:
    own: JsonObject = {"responses": {"200": {"description": "ok"}}}
    path: JsonObject = {"get": {**own, **({"parameters": parameters} if parameters else {})}}
    item: JsonObject = {**path, **({"parameters": of_path} if of_path else {})}
    return {"openapi": "3.1.0", "paths": {"/n": item}, "components": components or {}}


def answering(answers: JsonObject) -> JsonObject:
    return {"openapi": "3.1.0", "paths": {"/n": {"get": {"responses": answers}}}}


def asking(*parameters: Json) -> JsonObject:
    return {"parameters": [*parameters], "responses": {"200": {"description": "ok"}}}


def form(**properties: Json) -> JsonObject:
    """
    A document in which a form is sent, each of its properties written in its own way.
    """
    encoding: JsonObject = {name: {"style": "deepObject", "explode": True} for name in properties}
    content: JsonObject = {
        "application/x-www-form-urlencoded": {"schema": record(**properties), "encoding": encoding}
    }
    operation: JsonObject = {"requestBody": {"content": content}, "responses": {"200": {"description": "ok"}}}
    return {"openapi": "3.1.0", "paths": {"/n": {"post": operation}}}


def media(name: str, schema: Json) -> JsonObject:
    return {"content": {name: {"schema": schema}}}


QUERY: JsonObject = {"name": "q", "in": "query", "schema": TEXT}
BEARER: JsonObject = {"type": "http", "scheme": "bearer"}
TREE: JsonObject = record(["of"], of={"type": "array", "items": ref("Tree")})
WOOD: JsonObject = record(["of"], of={"type": "array", "items": ref("Wood")})
CARD: JsonObject = record(["kind"], kind={"const": "card"})
BANK: JsonObject = record(["kind"], kind={"const": "bank"})

SAME: dict[str, tuple[JsonObject, JsonObject]] = {
    "a component renamed": (
        speaking(ref("A"), components=schemas(A=record(["a"], a=TEXT))),
        speaking(ref("B"), components=schemas(B=record(["a"], a=TEXT))),
    ),
    "a component within itself renamed": (
        speaking(ref("Tree"), components=schemas(Tree=TREE)),
        speaking(ref("Wood"), components=schemas(Wood=WOOD)),
    ),
    "components that refer to each other renamed": (
        speaking(ref("A"), components=schemas(A=record(b=ref("B"), x=TEXT), B=record(a=ref("A"), y=WHOLE))),
        speaking(ref("C"), components=schemas(D=record(a=ref("C"), y=WHOLE), C=record(b=ref("D"), x=TEXT))),
    ),
    "a schema unrolled once": (
        speaking(ref("Tree"), components=schemas(Tree=TREE)),
        speaking(TREE, components=schemas(Tree=TREE)),
    ),
    "inline and by reference": (
        speaking(record(a=record(b=TEXT))),
        speaking(record(a=ref("A")), components=schemas(A=record(b=TEXT))),
    ),
    "allOf written flat": (
        speaking({"allOf": [record(["a"], a=TEXT), record(b=WHOLE)]}),
        speaking(record(["a"], a=TEXT, b=WHOLE)),
    ),
    "allOf of references written flat": (
        speaking(
            {"allOf": [ref("A"), {"properties": {"b": WHOLE}}]}, components=schemas(A=record(["a"], a=TEXT))
        ),
        speaking(record(["a"], a=TEXT, b=WHOLE)),
    ),
    "allOf that narrows a property": (
        speaking({"allOf": [record(a=TEXT), record(a={"type": "string", "maxLength": 3})]}),
        speaking(record(a={"type": "string", "maxLength": 3})),
    ),
    "allOf around one reference": (
        speaking(record(a={"allOf": [ref("A")]}), components=schemas(A=record(b=TEXT))),
        speaking(record(a=ref("A")), components=schemas(A=record(b=TEXT))),
    ),
    "the parts of allOf in another order": (
        speaking({"allOf": [{"pattern": "a"}, {"pattern": "b"}]}),
        speaking({"allOf": [{"pattern": "b"}, {"pattern": "a"}]}),
    ),
    "null of 3.0 and of 3.1": (
        speaking(record(a={"type": "string", "nullable": True}), version="3.0.3"),
        speaking(record(a={"type": ["string", "null"]})),
    ),
    "null as an alternative": (
        speaking(
            record(a={"allOf": [ref("A")], "nullable": True}),
            version="3.0.3",
            components=schemas(A=record(b=TEXT)),
        ),
        speaking(record(a={"anyOf": [ref("A"), NULL]}), components=schemas(A=record(b=TEXT))),
    ),
    "null in oneOf and in anyOf": (
        speaking(record(a={"oneOf": [NULL, TEXT]})),
        speaking(record(a={"anyOf": [TEXT, NULL]})),
    ),
    "exclusive limits of 3.0 and of 3.1": (
        speaking(
            {
                "type": "integer",
                "minimum": 0,
                "exclusiveMinimum": True,
                "maximum": 9,
                "exclusiveMaximum": False,
            },
            version="3.0.3",
        ),
        speaking({"type": "integer", "exclusiveMinimum": 0, "maximum": 9}),
    ),
    "const and an enum of one": (
        speaking(record(a={"type": "string", "const": "x"})),
        speaking(record(a={"enum": ["x"]})),
    ),
    "types as alternatives": (
        speaking(record(a={"anyOf": [TEXT, WHOLE]})),
        speaking(record(a={"type": ["integer", "string"]})),
    ),
    "one alternative": (speaking({"oneOf": [record(a=TEXT)]}), speaking(record(a=TEXT))),
    "alternatives in another order": (
        speaking({"oneOf": [record(["a"], a=TEXT), record(["b"], b=TEXT)]}),
        speaking({"oneOf": [record(["b"], b=TEXT), record(["a"], a=TEXT)]}),
    ),
    "alternatives of a discriminator renamed": (
        speaking(
            {"oneOf": [ref("A"), ref("B")], "discriminator": {"propertyName": "kind"}},
            components=schemas(A=CARD, B=BANK),
        ),
        speaking(
            {
                "oneOf": [ref("Bank"), ref("Card")],
                "discriminator": {
                    "propertyName": "kind",
                },
            },
            components=schemas(Card=CARD, Bank=BANK),
        ),
    ),
    "alternatives of a discriminator that have alternatives renamed": (
        speaking(
            {"anyOf": [ref("A"), ref("C")], "discriminator": {"propertyName": "kind"}},
            components=schemas(A={"oneOf": [CARD, BANK]}, C=record(["kind"], kind={"enum": ["cash"]})),
        ),
        speaking(
            {"anyOf": [ref("X"), ref("Y")], "discriminator": {"propertyName": "kind"}},
            components=schemas(X={"oneOf": [BANK, CARD]}, Y=record(["kind"], kind={"enum": ["cash"]})),
        ),
    ),
    "what is usual said": (
        speaking(record(a=TEXT)),
        speaking(
            {
                **record(a={"type": "string", "minLength": 0, "deprecated": False, "readOnly": False}),
                "additionalProperties": True,
                "minProperties": 0,
            }
        ),
    ),
    "vendor extensions": (
        {**speaking(record(a=TEXT)), "x-webhooks": {"a": 1}},
        {**speaking(record(a={**TEXT, "x-go-name": "A"})), "x-github": {"category": "notes"}},
    ),
    "a parameter by reference": (
        listing([QUERY]),
        listing([ref("Q", "parameters")], components={"parameters": {"Q": QUERY}}),
    ),
    "a parameter at its path": (listing([QUERY]), listing(of_path=[QUERY])),
    "a header in another case": (
        listing([{"name": "X-Id", "in": "header", "schema": TEXT}]),
        listing([{"name": "x-id", "in": "header", "schema": TEXT}]),
    ),
    "the usual style of a parameter": (
        listing([QUERY]),
        listing([{**QUERY, "style": "form", "explode": True, "required": False}]),
    ),
    "a header of an answer in another case": (
        answering({"200": {"headers": {"X-Rate": {"schema": TEXT}}}}),
        answering({"200": {"headers": {"x-rate": {"schema": TEXT}}}}),
    ),
    "an answer by reference": (
        answering({"200": media("application/json", TEXT)}),
        {
            **answering({"200": ref("Ok", "responses")}),
            "components": {"responses": {"Ok": media("application/json", TEXT)}},
        },
    ),
    "a charset": (
        answering({"200": media("application/json", TEXT)}),
        answering({"200": media("Application/JSON; charset=utf-8", TEXT)}),
    ),
    "another parameter of a media type": (
        answering({"200": media("application/json", TEXT)}),
        answering({"200": media("application/json;odata=minimal", TEXT)}),
    ),
    "a range become one status": (
        answering({"2XX": media("application/json", TEXT)}),
        answering({"200": media("application/json", TEXT)}),
    ),
    "a range in another case": (
        answering({"4xx": media("application/json", TEXT)}),
        answering({"4XX": media("application/json", TEXT)}),
    ),
    "a callback by reference": (
        speaking(TEXT, callbacks={"done": {"{$url}": {"post": media("application/json", record(a=TEXT))}}}),
        speaking(
            TEXT,
            callbacks={"done": {"{$url}": {"post": media("application/json", ref("Done"))}}},
            components=schemas(Done=record(a=TEXT)),
        ),
    ),
    "components that nothing refers to renamed": (
        {**listing(), "components": schemas(A=record(b=ref("B")), B=TEXT, Tree=TREE)},
        {**listing(), "components": schemas(C=record(b=ref("D")), D=TEXT, Wood=WOOD)},
    ),
    "the default server": (listing(), {**listing(), "servers": [{"url": "/"}]}),
    "values as alternatives": (
        speaking(record(a={"type": "string", "enum": ["x", "y"]})),
        speaking(record(a={"oneOf": [{"const": "y", "title": "Y"}, {"enum": ["x"]}], "type": "string"})),
    ),
    "a value twice": (speaking({"enum": ["x", "y"]}), speaking({"enum": ["x", "y", "x"]})),
    "null as a value": (speaking(record(a={"const": None})), speaking(record(a=NULL))),
    "nothing but null among the values": (speaking(record(a={"enum": [None]})), speaking(record(a=NULL))),
    "a schema by its anchor": (
        speaking(record(a=ref("Text")), components=schemas(Text={"$anchor": "text", **TEXT})),
        speaking(record(a={"$ref": "#text"}), components=schemas(Text={"$anchor": "text", **TEXT})),
    ),
    "bytes in base64, of 3.0 and 3.1": (
        speaking(record(a={"type": "string", "format": "byte"}), version="3.0.3"),
        speaking(record(a={"type": "string", "contentEncoding": "base64"})),
    ),
    "bytes, of 3.0 and 3.1": (
        answering({"200": media("image/png", {"type": "string", "format": "binary"})}),
        answering({"200": {"content": {"image/png": {}}}}),
    ),
    "an empty value that is not allowed": (listing([QUERY]), listing([{**QUERY, "allowEmptyValue": False}])),
    "unevaluated properties without a composition": (
        speaking({**record(a=TEXT), "additionalProperties": False}),
        speaking({**record(a=TEXT), "unevaluatedProperties": False}),
    ),
    "a media type by reference": (
        answering({"200": media("application/json", TEXT)}),
        {
            **answering({"200": {"content": {"application/json": ref("Text", "mediaTypes")}}}),
            "components": {"mediaTypes": {"Text": {"schema": TEXT}}},
        },
    ),
    "the usual format of a number": (speaking({**WHOLE, "format": "int64"}), speaking(WHOLE)),
    "a limit that every listed value keeps": (
        speaking({**TEXT, "enum": ["a", "b"], "maxLength": 9}),
        speaking({**TEXT, "enum": ["a", "b"]}),
    ),
    "a security scheme renamed": (
        {**listing(components={"securitySchemes": {"key": BEARER}}), "security": [{"key": []}]},
        {**listing(components={"securitySchemes": {"token": BEARER}}), "security": [{"token": []}]},
    ),
}


@pytest.mark.parametrize(("before", "after"), SAME.values(), ids=SAME)
def test_what_promises_the_same_is_no_change(before: JsonObject, after: JsonObject) -> None:
    assert found(before, after) == []


@pytest.mark.parametrize("name", [name for name in SAME if name != "a range become one status"])
def test_what_promises_the_same_is_no_change_the_other_way_round(name: str) -> None:
    before, after = SAME[name]

    assert found(after, before) == []


ONE_OF_TWO: JsonObject = {"type": "object", "properties": {"a": TEXT, "b": TEXT}}

OTHER: dict[str, tuple[JsonObject, JsonObject, list[str]]] = {
    "behind a renamed component": (
        speaking(record(a=ref("A")), components=schemas(A=record(["x"], x=TEXT))),
        speaking(record(a=ref("B")), components=schemas(B=record([], x=TEXT))),
        [
            "breaking response-property-became-optional POST /n 200 body.a.x",
            "safe request-property-became-optional POST /n body.a.x",
        ],
    ),
    "deep in a schema within itself": (
        speaking(ref("Tree"), components=schemas(Tree={**TREE, "maxProperties": 4})),
        speaking(ref("Wood"), components=schemas(Wood={**WOOD, "maxProperties": 3})),
        [
            "breaking request-body-max-properties-decreased POST /n body",
            "safe response-body-max-properties-decreased POST /n 200 body",
        ],
    ),
    "a discriminator that names its schemas": (
        speaking(
            {"oneOf": [ref("A"), ref("B")], "discriminator": {"propertyName": "kind"}},
            components=schemas(A=record(["kind"], kind=TEXT), B=record(["kind"], kind=TEXT, b=TEXT)),
        ),
        speaking(
            {"oneOf": [ref("A"), ref("C")], "discriminator": {"propertyName": "kind"}},
            components=schemas(A=record(["kind"], kind=TEXT), C=record(["kind"], kind=TEXT, b=TEXT)),
        ),
        [
            "dangerous contract-changed POST /n 200 body",
            "dangerous contract-changed POST /n body",
        ],
    ),
    "a status become a range": (
        answering({"200": media("application/json", TEXT)}),
        answering({"2XX": media("application/json", TEXT)}),
        ["dangerous response-success-status-added GET /n 2XX"],
    ),
    "a range become one status with another body": (
        answering({"2XX": media("application/json", TEXT)}),
        answering({"200": media("application/json", WHOLE)}),
        ["breaking response-body-type-changed GET /n 2XX body"],
    ),
    "a default of a parameter lost when it becomes required": (
        listing([{**QUERY, "schema": {"type": "string", "default": "a"}}]),
        listing([{**QUERY, "required": True}]),
        [
            "breaking request-parameter-became-required GET /n query.q",
            "dangerous request-parameter-default-removed GET /n query.q",
        ],
    ),
    "an object become several with fewer required members": (
        answering({"200": media("application/json", record(["a", "b"], a=TEXT, b=TEXT))}),
        answering(
            {
                "200": media(
                    "application/json",
                    {
                        "oneOf": [
                            record(["a"], a=TEXT, b=TEXT),
                            record(["a", "b", "c"], a=TEXT, b=TEXT, c=TEXT),
                        ]
                    },
                )
            }
        ),
        [
            "breaking response-property-became-optional GET /n 200 body.b",
            "dangerous response-body-one-of-added GET /n 200 body",
            "dangerous response-body-one-of-added GET /n 200 body",
        ],
    ),
    "an item of a tuple": (
        answering({"200": media("application/json", {"prefixItems": [TEXT, record(a=TEXT)]})}),
        answering({"200": media("application/json", {"prefixItems": [TEXT, record(b=TEXT)]})}),
        [
            "breaking response-property-removed GET /n 200 body[].a",
            "safe response-property-added GET /n 200 body[].b",
        ],
    ),
    "a tuple become shorter": (
        answering({"200": media("application/json", {"prefixItems": [TEXT, WHOLE], "items": TEXT})}),
        answering({"200": media("application/json", {"prefixItems": [TEXT], "items": TEXT})}),
        ["breaking response-property-type-changed GET /n 200 body[]"],
    ),
    "properties by a pattern": (
        speaking({"patternProperties": {"^x": TEXT}}),
        speaking({"patternProperties": {"^x": WHOLE}}),
        [
            "breaking request-property-type-changed POST /n body.*",
            "breaking response-property-type-changed POST /n 200 body.*",
        ],
    ),
    "a method that has no key of its own": (
        {"openapi": "3.2.0", "paths": {"/n": {"additionalOperations": {"COPY": asking(QUERY)}}}},
        {"openapi": "3.2.0", "paths": {"/n": {"additionalOperations": {"COPY": asking()}}}},
        ["breaking request-parameter-removed COPY /n query.q"],
    ),
    "credentials that are no longer asked for": (
        {**listing(components={"securitySchemes": {"key": BEARER}}), "security": [{"key": []}]},
        listing(components={"securitySchemes": {"key": BEARER}}),
        ["safe operation-security-optional GET /n"],
    ),
    "one of several left": (
        answering(
            {"200": media("application/json", {"oneOf": [record(["a"], a=TEXT), record(["b"], b=TEXT)]})}
        ),
        answering({"200": media("application/json", record(["a"], a=TEXT))}),
        ["safe response-body-one-of-removed GET /n 200 body"],
    ),
    "one required property become one of two": (
        speaking(record(["a"], a=TEXT)),
        speaking({**ONE_OF_TWO, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}),
        [
            "breaking response-property-became-optional POST /n 200 body.a",
            "safe request-property-added POST /n body.b",
            "safe request-property-became-optional POST /n body.a",
            "safe response-property-added POST /n 200 body.b",
        ],
    ),
    "one of two properties required from now on": (
        speaking(ONE_OF_TWO),
        speaking({**ONE_OF_TWO, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}),
        [
            "breaking request-body-one-of-names-required POST /n body",
            "safe response-body-one-of-names-required POST /n 200 body",
        ],
    ),
    "exactly one of two, where both were sent before": (
        speaking({**ONE_OF_TWO, "required": ["a"]}),
        speaking({**ONE_OF_TWO, "required": ["a"], "oneOf": [{"required": ["a"]}, {"required": ["b"]}]}),
        [
            "breaking request-body-one-of-names-required POST /n body",
            "safe response-body-one-of-names-required POST /n 200 body",
        ],
    ),
    "one of two properties no longer required": (
        speaking({**ONE_OF_TWO, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}),
        speaking(ONE_OF_TWO),
        [
            "breaking response-body-one-of-names-no-longer-required POST /n 200 body",
            "safe request-body-one-of-names-no-longer-required POST /n body",
        ],
    ),
    "alternatives beside the properties of all": (
        speaking(record(["a"], a=TEXT)),
        speaking({**record(["a"], a=TEXT), "oneOf": [record(b=TEXT), record(c=TEXT)]}),
        [
            "dangerous contract-changed POST /n 200 body#/oneOf",
            "dangerous contract-changed POST /n body#/oneOf",
        ],
    ),
    "a whole number that has fewer bits": (
        speaking(WHOLE),
        speaking({**WHOLE, "format": "int32"}),
        [
            "breaking request-body-format-added POST /n body",
            "safe response-body-format-added POST /n 200 body",
        ],
    ),
    "a limit become a list of values within it": (
        speaking({**TEXT, "maxLength": 9}),
        speaking({**TEXT, "enum": ["a", "b"]}),
        [
            "breaking request-body-enum-added POST /n body",
            "safe response-body-enum-added POST /n 200 body",
        ],
    ),
    "a limit become a list with a value beyond it": (
        speaking({**TEXT, "maxLength": 1}),
        speaking({**TEXT, "enum": ["a", "bb"]}),
        [
            "breaking request-body-enum-added POST /n body",
            "dangerous response-body-max-length-removed POST /n 200 body",
            "safe request-body-max-length-removed POST /n body",
            "safe response-body-enum-added POST /n 200 body",
        ],
    ),
    "a property with an encoding of its own": (
        form(a=TEXT),
        form(a=TEXT, b=TEXT),
        ["safe request-property-added POST /n body.b"],
    ),
}


@pytest.mark.parametrize(("before", "after", "changes"), OTHER.values(), ids=OTHER)
def test_what_promises_something_else_is_found_behind_another_spelling(
    before: JsonObject, after: JsonObject, changes: list[str]
) -> None:
    assert sorted(found(before, after)) == sorted(changes)


READ_ONLY: JsonObject = {"type": "string", "readOnly": True}
WRITE_ONLY: JsonObject = {"type": "string", "writeOnly": True}
DIRECTIONS: dict[str, tuple[JsonObject, JsonObject, list[str]]] = {
    "a required one only for answers added": (
        record(["a"], a=TEXT),
        record(["a", "id"], a=TEXT, id=READ_ONLY),
        ["safe response-property-added-as-required POST /n 200 body.id"],
    ),
    "one only for answers removed": (
        record(["id"], id=READ_ONLY),
        record(),
        ["breaking response-property-removed POST /n 200 body.id"],
    ),
    "one only for requests removed": (
        record(["pw"], pw=WRITE_ONLY),
        record(),
        ["dangerous request-property-removed POST /n body.pw"],
    ),
    "one only for answers becomes required": (
        record(id=READ_ONLY),
        record(["id"], id=READ_ONLY),
        ["safe response-property-became-required POST /n 200 body.id"],
    ),
    "required in requests from now on": (
        record(["id"], id=READ_ONLY),
        record(["id"], id=TEXT),
        [
            "breaking request-property-became-required POST /n body.id",
            "safe request-property-no-longer-read-only POST /n body.id",
            "safe response-property-no-longer-read-only POST /n 200 body.id",
        ],
    ),
}


@pytest.mark.parametrize(("before", "after", "changes"), DIRECTIONS.values(), ids=DIRECTIONS)
def test_a_property_of_one_direction_is_judged_in_it_alone(
    before: JsonObject, after: JsonObject, changes: list[str]
) -> None:
    assert sorted(found(speaking(before), speaking(after))) == sorted(changes)


def test_a_parameter_renamed_among_others_is_recognised() -> None:
    before = listing([QUERY, {"name": "limit", "in": "query", "schema": WHOLE}])
    after = listing([{**QUERY, "name": "text"}, {"name": "count", "in": "query", "schema": WHOLE}])

    messages = [change.message for change in changes_between(contract(before), contract(after))]

    assert [message.partition(":")[0] for message in messages if "removed" in message] == [
        "query parameter limit was removed, perhaps renamed to query.count",
        "query parameter q was removed, perhaps renamed to query.text",
    ]


def test_a_document_in_yaml_is_the_one_in_json() -> None:
    document = speaking(record(["a"], a={"enum": ["no", "on", "2026-01-01", "1.0"]}, b={"default": 1.5}))

    in_yaml = Contract.parse(yaml.safe_dump(document), service="mesh", kind=Kind.OPENAPI)

    assert in_yaml == contract(document)


def test_yaml_is_read_with_the_types_of_json() -> None:
    text = "openapi: 3.0.1\npaths: {}\nx-a: {1: no, b: 2026-01-01, c: 1e3, d: ~, e: 0x10, f: true}\n"

    document = Contract.parse(text, service="mesh", kind=Kind.OPENAPI).document()

    assert document["x-a"] == {"1": "no", "b": "2026-01-01", "c": 1000, "d": None, "e": 16, "f": True}

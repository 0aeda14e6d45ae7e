"""
Every permitted answer validates against the lock: of any schema, by any value that fits it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taketwo.cassette.model import Cassette, Interaction, JsonBody, JsonValue, StoredRequest, StoredResponse
from taketwo.config.services import ContractPaths, ServiceConfig
from taketwo.contract.canonical import Json
from taketwo.contract.changes import Kind
from taketwo.contract.document import Contract, Contracts
from taketwo.features.survive.candidates import ChangeKind
from taketwo.features.survive.permitted import permitted_answers
from taketwo.usage.messages import json_of
from taketwo.usage.usage import UsageReader

pytestmark = pytest.mark.slow

JSON = (("content-type", "application/json"),)
Described = tuple[dict[str, Any], JsonValue]
"""A schema, and a value that fits it."""

_words = st.text("abcxyz", max_size=8)
_times = st.datetimes(min_value=datetime(2000, 1, 1)).map(lambda moment: f"{moment.isoformat()}Z")  # noqa: DTZ001 - a Z follows


@st.composite
def _texts(draw: st.DrawFn) -> Described:
    value = draw(_words)
    schema: dict[str, Any] = {"type": "string"}
    if draw(st.booleans()):
        schema["minLength"] = draw(st.integers(0, len(value)))
    if draw(st.booleans()):
        schema["maxLength"] = draw(st.integers(len(value), 20))
    return schema, value


@st.composite
def _numbers(draw: st.DrawFn) -> Described:
    kind = draw(st.sampled_from(["integer", "number"]))
    value = draw(st.integers(-50, 50))
    schema: dict[str, Any] = {"type": kind}
    if draw(st.booleans()):
        schema["minimum"] = draw(st.integers(-100, value))
    elif draw(st.booleans()):
        schema["exclusiveMinimum"] = draw(st.integers(-100, value - 1))
    if draw(st.booleans()):
        schema["maximum"] = draw(st.integers(value, 100))
    elif draw(st.booleans()):
        schema["exclusiveMaximum"] = draw(st.integers(value + 1, 100))
    factors = [each for each in (2, 5, 7) if value % each == 0]
    if factors:
        schema["multipleOf"] = draw(st.sampled_from(factors))
    return schema, value


@st.composite
def _enums(draw: st.DrawFn) -> Described:
    members = draw(st.lists(_words.filter(bool), min_size=1, max_size=4, unique=True))
    return {"enum": members}, draw(st.sampled_from(members))


_leaves = st.one_of(
    _texts(),
    _numbers(),
    _enums(),
    st.booleans().map(lambda value: ({"type": "boolean"}, value)),
    _times.map(lambda value: ({"type": "string", "format": "date-time"}, value)),
    _words.map(lambda value: ({"const": value}, value)),
)


@st.composite
def _lists(draw: st.DrawFn, inner: st.SearchStrategy[Described]) -> Described:
    schema, value = draw(inner)
    items = [value] * draw(st.integers(0, 3))
    found: dict[str, Any] = {"type": "array", "items": schema}
    if draw(st.booleans()):
        found["minItems"] = draw(st.integers(0, len(items)))
    if draw(st.booleans()):
        found["maxItems"] = draw(st.integers(len(items), 6))
    return found, cast("JsonValue", items)


@st.composite
def _objects(draw: st.DrawFn, inner: st.SearchStrategy[Described]) -> Described:
    members = draw(st.dictionaries(st.sampled_from("abcde"), inner, min_size=1, max_size=4))
    required = draw(st.sets(st.sampled_from(sorted(members))))
    absent = draw(st.sets(st.sampled_from(sorted(members)))) - required
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: each for name, (each, _) in members.items()},
        "required": sorted(required),
    }
    if draw(st.booleans()):
        schema["additionalProperties"] = draw(st.sampled_from([True, False, {"type": "integer"}]))
    return schema, {name: value for name, (_, value) in members.items() if name not in absent}


@st.composite
def _nullable(draw: st.DrawFn, inner: st.SearchStrategy[Described]) -> Described:
    schema, value = draw(inner)
    return {"anyOf": [schema, {"type": "null"}]}, draw(st.sampled_from([value, None]))


_any = st.recursive(
    _leaves, lambda inner: st.one_of(_lists(inner), _objects(inner), _nullable(inner)), max_leaves=8
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(_objects(_any))
def test_every_permitted_answer_fits_the_schema(described: Described) -> None:
    schema, value = described
    jsonschema.validate(value, schema)
    cassette = Cassette(
        test="",
        interactions=(
            Interaction(
                StoredRequest(method="GET", url="http://shop.test/orders"),
                StoredResponse(status=200, headers=JSON, body=JsonBody(value)),
            ),
        ),
    )

    answers = permitted_answers(cassette, [_reader(schema)])

    for one in answers:
        changed = json_of(one.apply(cassette).interactions[0].response.body)
        assert changed != value, one.title
        if one.kind is not ChangeKind.FUTURE:
            jsonschema.validate(changed, schema)


def _reader(schema: dict[str, Any]) -> UsageReader:
    content = {"application/json": {"schema": schema}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "shop", "version": "1"},
        "paths": {"/orders": {"get": {"responses": {"200": {"description": "all", "content": content}}}}},
    }
    service = ServiceConfig(
        name="shop", command=("s",), url="http://shop.test", contract=ContractPaths(openapi="/openapi.json")
    )
    contract = Contract.from_document(cast("Json", document), service="shop", kind=Kind.OPENAPI)
    return UsageReader(service, Contracts(service="shop", documents=(contract,)))

"""
Vendor extensions are compared where the project asks for it, and nowhere else.
"""

from __future__ import annotations

import pytest

from taketwo.config.contract import ContractConfig
from taketwo.contract.canonical import Json, JsonObject
from taketwo.contract.changes import Kind
from taketwo.contract.document import Contract
from taketwo.refresh.known_changes import known_changes


def contract(*, limit: Json = 5, team: Json = "a", named: Json = "string", at: Json = 1) -> Contract:
    parameter: JsonObject = {"name": "q", "in": "query", "x-team": team, "schema": {"type": "string"}}
    schema: JsonObject = {"properties": {"x-named": {"type": named}}, "example": {"x-team": "a"}}
    content: JsonObject = {"application/json": {"schema": schema}}
    operation: JsonObject = {
        "x-rate-limit": limit,
        "parameters": [parameter],
        "responses": {"200": {"description": "ok", "content": content}},
    }
    document: JsonObject = {"openapi": "3.1.0", "x-order": at, "paths": {"/n": {"get": operation}}}
    return Contract.from_document(document, service="s", kind=Kind.OPENAPI)


def changes(new: Contract, *names: str) -> list[str]:
    found = known_changes(contract(), new, ContractConfig(extensions=names))
    return [f"{one.severity.value} {one.id} {one.coordinate}" for one in found]


def test_extensions_are_left_out_by_default() -> None:
    assert changes(contract(limit=9, team="b", at=2)) == []


def test_all_extensions_are_compared_by_their_places() -> None:
    assert changes(contract(limit=9, team="b", at=2), "*") == [
        "dangerous extension-changed #/x-order",
        "dangerous extension-changed GET /n#/parameters/query.q/x-team",
        "dangerous extension-changed GET /n#/x-rate-limit",
    ]


def test_only_those_of_these_names_are_compared() -> None:
    assert changes(contract(limit=9, team="b", at=2), "x-rate-*") == [
        "dangerous extension-changed GET /n#/x-rate-limit"
    ]


def test_a_property_whose_name_looks_like_an_extension_is_none() -> None:
    assert changes(contract(named="integer"), "*") == [
        "breaking response-property-type-changed GET /n 200 body.x-named"
    ]


def test_a_message_has_both_values() -> None:
    (change,) = known_changes(contract(), contract(limit=9), ContractConfig(extensions=("*",)))

    assert change.message == (
        "extension x-rate-limit: it is 9 and was 5: what that does to requests and answers is not known"
    )


@pytest.mark.parametrize(("severity", "found"), [("off", 0), ("safe", 1)])
def test_a_rule_gives_a_change_of_an_extension_another_severity(severity: str, found: int) -> None:
    config = ContractConfig(extensions=("*",), rules={"extension-changed": severity})

    assert [one.severity.value for one in known_changes(contract(), contract(limit=9), config)] == (
        [severity] * found
    )

"""
Contracts asked of a service, through a function that stands for the network.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from graphql import build_schema, graphql_sync

from taketwo.config.services import ContractPaths
from taketwo.contract.changes import Kind
from taketwo.contract.document import Contract, Contracts
from taketwo.contract.fetching import fetch_contracts
from taketwo.errors import ContractError

SDL = 'type Query { note(id: ID, old: Int @deprecated(reason: "no use")): String @deprecated }'
OPENAPI = {"openapi": "3.0.1", "paths": {"/health": {"get": {"responses": {"200": {"description": "ok"}}}}}}
NOTES = {"name": "Notes", "dataModel": {"block": "Notes", "jsonSchema": {"type": "object"}}}
ALL = ContractPaths(graphql="/graphql", openapi="/docs.json", definitions="/definitions")


@dataclass(kw_only=True)
class FakeService:
    """
    Answers by path; GraphQL for real, unless an answer is given.
    """

    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    refuses: str = ""
    calls: list[tuple[str, str]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)

    def __call__(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        self.calls.append((method, path))
        self.headers.append(headers)
        if path in self.answers:
            return self.answers[path]
        assert body is not None
        query = json.loads(body)["query"]
        if self.refuses and self.refuses in query:
            return 400, json.dumps({"errors": [{"message": f"unknown {self.refuses}"}]}).encode()
        return 200, json.dumps(graphql_sync(build_schema(SDL), query).formatted).encode()


def answer(value: object, status: int = 200) -> tuple[int, bytes]:
    return status, json.dumps(value).encode()


def message_of(service: FakeService, paths: ContractPaths, headers: Mapping[str, str] | None = None) -> str:
    with pytest.raises(ContractError) as caught:
        fetch_contracts(service, service="mesh", paths=paths, headers=headers)
    return str(caught.value)


def test_every_contract_that_has_a_path_is_fetched() -> None:
    service = FakeService(answers={"/docs.json": answer(OPENAPI), "/definitions": answer({"Notes": NOTES})})

    fetched = fetch_contracts(service, service="mesh", paths=ALL)

    assert service.calls == [("POST", "/graphql"), ("GET", "/docs.json"), ("GET", "/definitions")]
    assert fetched == Contracts(
        service="mesh",
        documents=(
            Contract.parse(SDL, service="mesh", kind=Kind.GRAPHQL),
            Contract.parse(json.dumps(OPENAPI), service="mesh", kind=Kind.OPENAPI),
            Contract.parse(json.dumps({"Notes": NOTES}), service="mesh", kind=Kind.DEFINITIONS),
        ),
    )


def test_a_service_without_contracts_is_asked_nothing() -> None:
    service = FakeService()

    assert fetch_contracts(service, service="mesh", paths=ContractPaths()) == Contracts(service="mesh")
    assert service.calls == []


def test_the_given_headers_go_with_every_request() -> None:
    service = FakeService(answers={"/docs.json": answer(OPENAPI)})

    fetch_contracts(
        service,
        service="mesh",
        paths=ContractPaths(graphql="/graphql", openapi="/docs.json"),
        headers={"x-mesh-secret": "s3cret"},
    )

    assert service.headers == [
        {"x-mesh-secret": "s3cret", "accept": "application/json", "content-type": "application/json"},
        {"x-mesh-secret": "s3cret", "accept": "application/json"},
    ]


@pytest.mark.parametrize("unknown", ["isOneOf", "inputFields(includeDeprecated", "isRepeatable"])
def test_a_server_that_knows_less_is_asked_for_less(unknown: str) -> None:
    service = FakeService(refuses=unknown)

    fetched = fetch_contracts(service, service="mesh", paths=ContractPaths(graphql="/graphql"))

    assert fetched.of(Kind.GRAPHQL) is not None
    assert len(service.calls) <= 4


def test_definitions_are_read_from_their_envelope_too() -> None:
    paths = ContractPaths(definitions="/definitions")
    plain = FakeService(answers={"/definitions": answer({"Notes": NOTES})})
    wrapped = FakeService(answers={"/definitions": answer({"success": True, "data": {"Notes": NOTES}})})

    assert fetch_contracts(plain, service="mesh", paths=paths) == fetch_contracts(
        wrapped, service="mesh", paths=paths
    )


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (401, "the service wants another secret: see that the table's headers give the right one"),
        (404, "there is nothing at this path: correct it"),
        (500, "see what the service's own output says about it"),
    ],
)
def test_an_answer_that_is_not_200_names_the_call_and_what_to_do(status: int, advice: str) -> None:
    service = FakeService(answers={"/docs.json": answer({"error": "no"}, status)})

    assert message_of(service, ContractPaths(openapi="/docs.json")) == (
        f"cannot fetch the openapi contract of mesh: GET /docs.json gave status {status}\n"
        f"{advice}; it is set in [tool.taketwo.services.mesh], contract.openapi"
    )


def test_an_answer_that_is_not_json_is_refused() -> None:
    service = FakeService(answers={"/docs.json": (200, b"<html>"), "/graphql": (200, b"")})

    assert message_of(service, ContractPaths(openapi="/docs.json")) == (
        "cannot fetch the openapi contract of mesh: GET /docs.json gave "
        "an answer that is neither JSON nor YAML (6 bytes)\n"
        "see that the path is the contract's, not a page's; "
        "it is set in [tool.taketwo.services.mesh], contract.openapi"
    )
    assert "POST /graphql gave an empty answer\n" in message_of(service, ContractPaths(graphql="/graphql"))


def test_introspection_that_is_switched_off_is_said_so() -> None:
    off = answer({"errors": [{"message": "GraphQL introspection is not allowed"}]}, 400)
    service = FakeService(answers={"/graphql": off})

    assert message_of(service, ContractPaths(graphql="/graphql")) == (
        "cannot fetch the graphql contract of mesh: "
        "POST /graphql gave GraphQL errors: GraphQL introspection is not allowed\n"
        "introspection may be switched off: switch it on where the tests' service runs; "
        "it is set in [tool.taketwo.services.mesh], contract.graphql"
    )


def test_an_answer_without_a_schema_is_refused() -> None:
    service = FakeService(answers={"/graphql": answer({"data": {"__schema": None}})})

    assert "gave an answer without a schema\n" in message_of(service, ContractPaths(graphql="/graphql"))


def test_a_document_of_another_kind_is_refused() -> None:
    service = FakeService(answers={"/docs.json": answer({"swagger": "2.0"}), "/definitions": answer([1])})

    assert (
        "GET /docs.json gave something else (this is not an OpenAPI 3 document: it says version '2.0'; "
        "convert it, with swagger2openapi for example)"
    ) in message_of(service, ContractPaths(openapi="/docs.json"))
    assert "GET /definitions gave something else (the document is not a JSON object)" in (
        message_of(service, ContractPaths(definitions="/definitions"))
    )


def test_no_message_holds_the_value_of_a_header() -> None:
    repeated = answer({"errors": [{"message": "bad secret s3cret"}]}, 400)
    service = FakeService(answers={"/graphql": repeated})

    text = message_of(service, ContractPaths(graphql="/graphql"), {"x-mesh-secret": "s3cret"})

    assert "bad secret …\n" in text
    assert "s3cret" not in text

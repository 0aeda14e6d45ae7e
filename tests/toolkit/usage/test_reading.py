"""
What an interaction touches, and where a contract contradicts it, for each kind of contract.
"""

from __future__ import annotations

from typing import cast

from taketwo.cassette.model import (
    Cassette,
    Conversation,
    Interaction,
    JsonBody,
    JsonValue,
    StoredRequest,
    StoredResponse,
)
from taketwo.config.services import ContractPaths, ServiceConfig
from taketwo.contract.canonical import Json
from taketwo.contract.changes import Kind
from taketwo.contract.document import Contract, Contracts
from taketwo.usage.usage import Usage, UsageReader

SDL = """
interface Node { id: ID! }
type Note implements Node { id: ID! text(max: Int = 3): String! state: State }
type Picture implements Node { id: ID! url: String }
enum State { OPEN CLOSED }
input Where { state: State text: String not: Where }
type Query { notes(where: Where, first: Int = 10): [Note!]! nodes: [Node!]! }
"""
OPENAPI: JsonValue = {
    "openapi": "3.0.3",
    "info": {"title": "s", "version": "1"},
    "servers": [{"url": "/v1"}],
    "paths": {
        "/notes/{id}": {
            "get": {
                "parameters": [
                    {"in": "path", "name": "id", "required": True, "schema": {"type": "string"}},
                    {"in": "query", "name": "limit", "schema": {"type": "integer", "maximum": 9}},
                ],
                "responses": {
                    "200": {
                        "description": "",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Note"}}},
                    }
                },
            }
        }
    },
    "components": {
        "schemas": {
            "Note": {
                "type": "object",
                "required": ["id"],
                "properties": {
                    "id": {"type": "string", "format": "uuid"},
                    "tags": {"type": "array", "items": {"type": "string"}},
                    "parent": {"$ref": "#/components/schemas/Note"},
                },
            }
        }
    },
}
DEFINITIONS: JsonValue = {
    "Card": {"dataModel": {"jsonSchema": {"type": "object", "properties": {"title": {"type": "string"}}}}}
}


def usage(kind: Kind, *interactions: Interaction) -> Usage:
    service = ServiceConfig(
        name="s", command=("s",), url="http://s.test", contract=ContractPaths(graphql="/graphql")
    )
    if kind is Kind.GRAPHQL:
        contract = Contract.parse(SDL, service="s", kind=kind)
    else:
        document = cast("Json", OPENAPI if kind is Kind.OPENAPI else DEFINITIONS)
        contract = Contract.from_document(document, service="s", kind=kind)
    reader = UsageReader(service, Contracts(service="s", documents=(contract,)))
    return reader.usage(Cassette(test="t", interactions=interactions))


def said(used: Usage) -> tuple[list[str], list[str]]:
    touched = [one for coordinates in used.touched.values() for one in coordinates]
    return sorted(touched), [str(mistake) for _, mistake in used.mistakes]


def asked(
    query: str, data: JsonValue, *, variables: JsonValue = None, errors: JsonValue = None
) -> Interaction:
    answer: JsonValue = {"data": data, "errors": errors} if errors else {"data": data}
    sent: JsonValue = {"query": query, "variables": variables}
    return got("http://s.test/graphql", answer, method="POST", sent=sent)


def got(
    url: str,
    answer: JsonValue,
    *,
    method: str = "GET",
    sent: JsonValue = None,
    status: int = 200,
    query: tuple[tuple[str, str], ...] = (),
) -> Interaction:
    body = None if sent is None else JsonBody(sent)
    headers = (("content-type", "application/json"),)
    return Interaction(
        StoredRequest(method=method, url=url, query=query, headers=headers, body=body),
        StoredResponse(status=status, headers=headers, body=JsonBody(answer)),
    )


def test_a_query_touches_fields_inputs_and_the_enum_values_of_variables_and_answers() -> None:
    used = usage(
        Kind.GRAPHQL,
        asked(
            "query($where: Where) { notes(where: $where) { state } }",
            {"notes": [{"state": "CLOSED"}]},
            variables={"where": {"state": "OPEN"}},
        ),
    )

    assert said(used) == (
        [
            *("Note", "Note.state", "Query", "Query.notes", "Query.notes(where:)"),
            *("State", "State.CLOSED", "State.OPEN", "Where", "Where.state", "schema.query"),
        ],
        [],
    )
    assert used.omitted[Kind.GRAPHQL] == {"Query.notes(first:)", "Where.not", "Where.text"}


def test_a_field_of_an_interface_touches_the_types_that_answered() -> None:
    query = "{ nodes { __typename id ... on Picture { url } } }"

    touched, mistakes = said(
        usage(Kind.GRAPHQL, asked(query, {"nodes": [{"__typename": "Note", "id": "1"}]}))
    )

    assert {"Node.id", "Note.id", "Picture.url"} <= {*touched}
    assert "Picture.id" not in touched
    assert mistakes == []


def test_an_argument_that_nobody_knows_is_a_mistake_at_that_argument() -> None:
    """
    Of a field as of a directive: a change of the contract has the same coordinate.
    """
    query = "{ notes(last: 3) { id @skip(if: false, unless: true) } }"

    _, mistakes = said(usage(Kind.GRAPHQL, asked(query, {"notes": []})))

    assert mistakes == [
        "Query.notes(last:): Unknown argument 'last' on field 'Query.notes'.",
        "@skip(unless:): Unknown argument 'unless' on directive '@skip'.",
    ]


def test_an_answer_is_held_to_what_was_asked_for() -> None:
    data: JsonValue = {"notes": [{"text": None, "state": "LOST", "more": 1}]}

    _, mistakes = said(usage(Kind.GRAPHQL, asked("{ notes { text state id } }", data)))

    assert mistakes == [
        "Note.text: it is null, and the contract says String!",
        "Note.state: it is 'LOST', which is no value of State",
        "Note.id: it was asked for, and is missing from the answer",
        "Note.more: the answer has it, and nobody asked for it",
    ]


def test_a_query_that_was_refused_may_be_wrong() -> None:
    refused = asked("{ notes { nothing } }", None, errors=[{"message": "no"}])

    assert said(usage(Kind.GRAPHQL, refused))[1] == []
    assert said(usage(Kind.GRAPHQL, asked("{ notes { nothing } }", {"notes": []})))[1] == [
        "Note.nothing: Cannot query field 'nothing' on type 'Note'."
    ]


def test_an_operation_is_found_below_its_server_and_its_answer_read_through_references() -> None:
    answer: JsonValue = {"id": "<uuid:1>", "tags": ["a"], "parent": {"id": "x"}}

    used = usage(Kind.OPENAPI, got("http://s.test/v1/notes/7", answer, query=(("limit", "10"),)))

    at = "GET /notes/{id}"
    assert said(used) == (
        [
            *(at, f"{at} 200", f"{at} 200 body", f"{at} 200 body.id", f"{at} 200 body.parent"),
            *(f"{at} 200 body.parent.id", f"{at} 200 body.tags", f"{at} 200 body.tags[]"),
            *(f"{at} path.id", f"{at} query.limit"),
        ],
        [
            f"{at} query.limit: it is 10, and maximum is 9",
            f'{at} 200 body.parent.id: "x" has not the format uuid',
        ],
    )


def test_what_no_contract_describes_is_nobodys_mistake_when_it_was_not_found() -> None:
    assert said(usage(Kind.OPENAPI, got("http://s.test/v1/none", {}, status=404))) == ([], [])
    assert said(usage(Kind.OPENAPI, got("http://s.test/v1/none", {})))[1] == [
        "GET /none: the contract has no such operation"
    ]


def test_a_path_names_a_definition_and_its_content_is_found_in_the_bodies() -> None:
    answer: JsonValue = {"success": True, "data": [{"title": 1, "other": 2}]}

    used = usage(Kind.DEFINITIONS, got("http://s.test/content/Card", answer))

    assert said(used) == (
        ["Card", "Card.title"],
        ["Card.title: it is integer, and the contract says string"],
    )


def test_a_websocket_touches_the_operation_of_its_path() -> None:
    service = ServiceConfig(name="s", command=("s",), url="http://s.test", contract=ContractPaths())
    contract = Contract.from_document(cast("Json", OPENAPI), service="s", kind=Kind.OPENAPI)
    reader = UsageReader(service, Contracts(service="s", documents=(contract,)))
    opened = StoredRequest(method="GET", url="ws://s.test/v1/notes/7", query=(("limit", "3"),))
    spoken = Conversation(request=opened, response=StoredResponse(status=101))

    used = reader.usage(Cassette(test="t", conversations=(spoken,)))

    assert not used.is_empty
    assert said(used) == (["GET /notes/{id}", "GET /notes/{id} path.id", "GET /notes/{id} query.limit"], [])

"""
One text for each contract, however it was ordered and formatted.
"""

from __future__ import annotations

import random
from textwrap import dedent

import pytest
from graphql import build_schema, get_introspection_query, graphql_sync

from taketwo.contract.changes import Kind
from taketwo.contract.document import Contract, Contracts
from taketwo.errors import ContractError

SDL = '''
    """Notes and more"""
    type Query { note(where: Filter = {title: "a", limit: 1}, id: ID!): Note  all: [Note!]! }
    type Note { title: String, id: ID! @deprecated(reason: "use key") }
    input Filter { title: String, limit: Int = 5 }
    enum Mode { WORK PERSONAL }
'''

SHUFFLED_SDL = '''
    enum Mode { PERSONAL, WORK }
    input Filter { limit: Int = 5 title: String }
    type Note { id: ID! @deprecated(reason: "use key")
                title: String }
    """Notes and more"""
    type Query { all: [Note!]!
                 note(id: ID!, where: Filter = {limit: 1, title: "a"}): Note }
'''


def graphql(text: str) -> Contract:
    return Contract.parse(text, service="mesh", kind=Kind.GRAPHQL)


def openapi(**members: object) -> Contract:
    document = {"openapi": "3.0.1", "paths": {}, **members}
    return Contract.from_document(document, service="mesh", kind=Kind.OPENAPI)  # type: ignore[arg-type]


def definitions(**by_name: object) -> Contract:
    return Contract.from_document(dict(by_name), service="mesh", kind=Kind.DEFINITIONS)  # type: ignore[arg-type]


def test_a_graphql_contract_is_sdl_in_alphabetical_order() -> None:
    contract = graphql(
        'type Query { b: Int  "first" a(y: Int, x: F = {b: 1, a: 2}): Int } input F { b: Int a: Int }'
    )

    assert [line.strip() for line in contract.text.splitlines()] == [
        "input F {",
        "a: Int",
        "b: Int",
        "}",
        "",
        "type Query {",
        '"""first"""',
        "a(x: F = {a: 2, b: 1}, y: Int): Int",
        "b: Int",
        "}",
    ]


def test_order_and_formatting_of_sdl_mean_nothing() -> None:
    assert graphql(SDL) == graphql(SHUFFLED_SDL)


def test_a_graphql_contract_is_the_same_from_introspection_and_from_a_file() -> None:
    answer = graphql_sync(build_schema(SDL), get_introspection_query(input_value_deprecation=True))

    contract = Contract.from_introspection(answer.data, service="mesh")

    assert contract == graphql(SDL)


def test_reading_a_canonical_text_gives_it_again() -> None:
    once = graphql(SDL)

    assert graphql(once.text) == once


def test_an_openapi_contract_is_json_with_sorted_keys() -> None:
    assert openapi(info={"version": "1", "title": "é"}).text == dedent("""\
        {
          "info": {
            "title": "é",
            "version": "1"
          },
          "openapi": "3.0.1",
          "paths": {}
        }
        """)


def test_the_order_of_what_is_a_set_means_nothing() -> None:
    schema = {"required": ["b", "a"], "enum": [2, "x", 1], "type": ["string", "null"]}
    turned = {"type": ["null", "string"], "enum": [1, 2, "x"], "required": ["a", "b"]}

    assert openapi(components={"schemas": {"A": schema}}) == openapi(components={"schemas": {"A": turned}})


def test_the_order_of_data_counts() -> None:
    one = openapi(components={"schemas": {"A": {"default": {"required": [2, 1]}}}})
    other = openapi(components={"schemas": {"A": {"default": {"required": [1, 2]}}}})

    assert one != other


def test_a_property_may_be_named_like_a_keyword() -> None:
    schema = {"properties": {"default": {"enum": ["b", "a"]}, "enum": {"type": "string"}}}

    assert definitions(Notes=schema).document()["Notes"] == {
        "properties": {"default": {"enum": ["a", "b"]}, "enum": {"type": "string"}}
    }


def test_one_number_is_written_in_one_way() -> None:
    texts = ('{"N": {"maximum": 1.0, "minimum": 0.5}}', '{"N":{"minimum":5e-1,"maximum":1}}')

    one, other = (Contract.parse(text, service="mesh", kind=Kind.DEFINITIONS) for text in texts)

    assert one == other


@pytest.mark.parametrize("host", ["http://localhost:4711", "http://127.0.0.1", "https://[::1]:9"])
def test_the_port_of_the_day_is_no_part_of_the_contract(host: str) -> None:
    assert openapi(servers=[{"url": host + "/api"}]).document()["servers"] == [{"url": "/api"}]


def test_a_public_server_is_part_of_the_contract() -> None:
    servers = [{"url": "https://mesh.example/api"}]

    assert openapi(servers=servers).document()["servers"] == servers


def test_ids_that_the_server_minted_are_left_out_of_definitions() -> None:
    model = {"indexer": ["b", "a"], "jsonSchema": {"properties": {"_id": {"type": "string"}}}}

    assert definitions(Notes={"_id": "d18a5e09", "name": "Notes", "dataModel": model}).document() == {
        "Notes": {
            "dataModel": {
                "indexer": ["a", "b"],
                "jsonSchema": {"properties": {"_id": {"type": "string"}}},
            },
            "name": "Notes",
        }
    }


@pytest.mark.parametrize("seed", range(5))
def test_no_order_of_keys_changes_the_text(seed: int) -> None:
    members = [(name, {"type": "string", "maxLength": n}) for n, name in enumerate("abcdefgh")]
    shuffled = random.Random(seed).sample(members, k=len(members))  # noqa: S311 - no secret

    assert definitions(T={"properties": dict(shuffled)}) == definitions(T={"properties": dict(members)})


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        (
            Kind.GRAPHQL,
            "type Query {",
            "this is not a GraphQL schema: Syntax Error: Expected Name, found <EOF>.",
        ),
        (Kind.GRAPHQL, b"\xff", "this is not UTF-8: 'utf-8' codec can't decode byte 0xff"),
        (Kind.OPENAPI, "{openapi: 3.0.1}", "this is not JSON: Expecting property name"),
        (Kind.OPENAPI, "openapi: [", "this is neither JSON nor YAML: while parsing a flow"),
        (Kind.OPENAPI, "a: &a [*a]", "this is neither JSON nor YAML: it is nested too deep to be read"),
        (
            Kind.OPENAPI,
            "openapi: .nan\nb: !!python/name:os.system",
            "this is neither JSON nor YAML: could not",
        ),
        (Kind.OPENAPI, '{"openapi": NaN}', "this is not JSON: NaN is not JSON"),
        (Kind.OPENAPI, '{"a": "\\ud800"}', "this is not JSON: 'utf-8' codec can't encode character"),
        (Kind.OPENAPI, "[" * 100_000, "this is not JSON: it is nested too deep to be read"),
        (Kind.OPENAPI, "[]", "the document is not a JSON object"),
        (Kind.OPENAPI, "{}", "this is not an OpenAPI 3 document: it names no version"),
        (
            Kind.OPENAPI,
            '{"swagger": "2.0"}',
            "this is not an OpenAPI 3 document: it says version '2.0'; convert it, with swagger2openapi",
        ),
        (Kind.OPENAPI, '{"openapi": "3.0.1", "paths": []}', "this is not an OpenAPI 3 document: its paths"),
        (Kind.DEFINITIONS, '{"b": 1, "a": [], "c": {}}', "these definitions are not JSON objects: a, b"),
    ],
)
def test_what_is_not_a_contract_of_its_kind_is_refused(kind: Kind, text: str | bytes, message: str) -> None:
    with pytest.raises(ContractError) as caught:
        Contract.parse(text, service="mesh", kind=kind)

    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("service", ["", "../mesh", "a/b", ".hidden"])
def test_a_service_whose_name_is_no_file_name_is_refused(service: str) -> None:
    with pytest.raises(ContractError):
        Contracts(service=service)


def test_each_kind_has_its_file_name() -> None:
    contracts = (graphql("type Query { a: Int }"), openapi(), definitions())

    assert [contract.file_name for contract in contracts] == [
        "mesh.graphql",
        "mesh.openapi.json",
        "mesh.definitions.json",
    ]


def test_the_contracts_of_a_service_are_the_same_in_any_order() -> None:
    documents = (openapi(), definitions(), graphql("type Query { a: Int }"))

    forth = Contracts(service="mesh", documents=documents)
    back = Contracts(service="mesh", documents=documents[::-1])

    assert (forth, forth.hash) == (back, back.hash)
    assert forth.of(Kind.OPENAPI) == openapi()
    assert Contracts(service="mesh").of(Kind.OPENAPI) is None


def test_the_hash_changes_with_every_part() -> None:
    whole = Contracts(service="mesh", documents=(openapi(), definitions()))
    other = Contracts(service="mesh", documents=(openapi(), definitions(A={})))
    less = Contracts(service="mesh", documents=(openapi(),))

    assert len({whole.hash, other.hash, less.hash}) == 3
    assert len(whole.hash) == 12


def test_a_service_has_one_contract_of_each_kind_and_none_of_another_service() -> None:
    with pytest.raises(ValueError, match="at most one"):
        Contracts(service="mesh", documents=(openapi(), openapi(info={})))
    with pytest.raises(ValueError, match="not all contracts of chorus"):
        Contracts(service="chorus", documents=(openapi(),))


def test_a_schema_and_a_document_are_not_taken_for_each_other() -> None:
    with pytest.raises(TypeError):
        openapi().schema()
    with pytest.raises(TypeError):
        graphql("type Query { a: Int }").document()

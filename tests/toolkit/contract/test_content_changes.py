"""
Each kind of change of a content definition, beside those of its schema.
"""

from __future__ import annotations

import pytest

from taketwo.contract.canonical import Json, JsonObject
from taketwo.contract.changes import Change, Kind, Severity
from taketwo.contract.comparing import changes_between, service_changes
from taketwo.contract.document import Contract, Contracts
from tests.toolkit.contract.cases import Case, told

TITLE: JsonObject = {"type": "object", "properties": {"title": {"type": "string"}}}


def contract(definitions: JsonObject) -> Contract:
    return Contract.from_document(definitions, service="mesh", kind=Kind.DEFINITIONS)


def notes(schema: Json = TITLE, /, **model: Json) -> JsonObject:
    return {"Notes": definition(schema, **model)}


def definition(schema: Json = TITLE, /, **model: Json) -> JsonObject:
    return {"name": "Notes", "dataModel": {"block": "Notes", "jsonSchema": schema, **model}}


CASES: dict[str, Case[JsonObject]] = {
    "types": Case(
        before={"Gone": definition(), "Kept": {}},
        after={"Kept": {}, "Come": {"dataModel": {"jsonSchema": {}}}},
        told="""
            breaking definition-removed Gone
              type Gone was removed
              content of this type is refused
            safe definition-added Come
              type Come was added
              no request names it yet
        """,
    ),
    "type renamed": Case(
        before={"Memos": definition()},
        after=notes(),
        told="""
            breaking definition-removed Memos
              type Memos was removed, perhaps renamed to Notes
              content of this type is refused
            safe definition-added Notes
              type Notes was added
              no request names it yet
        """,
    ),
    "the schema in its envelope": Case(
        before=notes(),
        after=notes({"type": "object", "properties": {"title": {"type": "string", "maxLength": 9}}}),
        told="""
            breaking property-max-length-added Notes.title
              maxLength is 9
              a value that was right may be refused
        """,
    ),
    "indexer": Case(
        before=notes(indexer=["title", "sourceFile.type"]),
        after=notes(indexer=["mode", "title"]),
        told="""
            breaking definition-indexer-removed Notes.sourceFile.type
              sourceFile.type is no longer indexed
              a filter on it finds nothing
            safe definition-indexer-added Notes.mode
              mode is indexed
              more can be asked for than before
        """,
    ),
    "parent": Case(
        before=notes(parent={"type": "field", "field": "userId"}),
        after=notes(parent={"type": "field", "field": "tenantId"}),
        told="""
            breaking definition-parent-changed Notes
              the parent is {"field":"tenantId","type":"field"} and was {"field":"userId","type":"field"}
              content is found under another parent
        """,
    ),
    "what no rule knows": Case(
        before={"Notes": {**definition(), "uiConfig": {"card": {"field": "a"}}, "access": {}}},
        after={"Notes": {**definition(), "uiConfig": {"card": {"field": "b"}}}},
        told="""
            dangerous contract-changed Notes#/access
              /access changed
              what that does to requests and answers is not known
            dangerous contract-changed Notes#/uiConfig/card/field
              /uiConfig/card/field changed
              what that does to requests and answers is not known
        """,
    ),
    "descriptions, once for each type": Case(
        before={"Notes": {**definition({"description": "a"}), "description": "a"}},
        after={"Notes": {**definition({"description": "b"}), "description": "b"}},
        told="""
            safe documentation-changed Notes
              Notes is described differently
              no request and no answer shows it
        """,
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_each_kind_of_change_is_told_with_its_coordinate(case: Case[JsonObject]) -> None:
    changes = changes_between(contract(case.before), contract(case.after))

    assert told(changes) == case.expected()


def test_an_id_that_the_server_minted_is_no_change() -> None:
    stored: JsonObject = {"Notes": {**definition(), "_id": "d18a5e09"}}

    assert changes_between(contract(notes()), contract(stored)) == ()


def test_contracts_of_different_kinds_are_not_compared() -> None:
    openapi = Contract.from_document({"openapi": "3.1.0"}, service="mesh", kind=Kind.OPENAPI)

    with pytest.raises(ValueError, match="kind openapi cannot be compared with one of kind definitions"):
        changes_between(openapi, contract({}))


def test_the_changes_of_a_service_are_those_of_all_its_contracts() -> None:
    openapi = Contract.from_document({"openapi": "3.1.0"}, service="mesh", kind=Kind.OPENAPI)
    graphql = Contract.parse("type Query { a: Int }", service="mesh", kind=Kind.GRAPHQL)
    old = Contracts(service="mesh", documents=(contract(notes()), openapi))
    new = Contracts(service="mesh", documents=(contract({}), graphql))

    assert service_changes(old, old) == ()
    assert service_changes(old, new) == (
        Change(
            id="contract-removed",
            coordinate="#",
            severity=Severity.BREAKING,
            message="the openapi contract of mesh is no longer there",
            kind=Kind.OPENAPI,
        ),
        Change(
            id="definition-removed",
            coordinate="Notes",
            severity=Severity.BREAKING,
            message="type Notes was removed: content of this type is refused",
            kind=Kind.DEFINITIONS,
        ),
        Change(
            id="contract-added",
            coordinate="#",
            severity=Severity.SAFE,
            message="the graphql contract of mesh is there for the first time",
            kind=Kind.GRAPHQL,
        ),
    )

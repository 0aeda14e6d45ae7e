"""
Which change of a contract explains a difference, each rule by itself and in this process.

The same rules are tried with real services in ``test_verdicts.py`` and ``tests/refresh``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import pytest

from taketwo.cassette.model import Cassette, Interaction, JsonBody, JsonValue, StoredRequest, StoredResponse
from taketwo.compare.recordings import compare_cassettes
from taketwo.config.contract import Check, ContractConfig
from taketwo.config.services import ContractPaths, ServiceConfig
from taketwo.contract.canonical import Json
from taketwo.contract.changes import Kind, Severity
from taketwo.contract.comparing import service_changes
from taketwo.contract.document import Contract, Contracts
from taketwo.refresh.answer_reading import ServiceContracts
from taketwo.refresh.attribution import attribute
from taketwo.refresh.failures import is_shown_in
from taketwo.results import Difference, DifferenceKind
from taketwo.usage.usage import UsageReader
from taketwo.usage.validate import found_while_recording
from tests.toolkit.locations import location

SERVICE = ServiceConfig(
    name="s", command=("s",), url="http://s.test", contract=ContractPaths(graphql="/graphql")
)
SDL = """
type Query { notes(first: Int = 10, order: Order = ASC): [Note!]!  search: Found }
type Mutation { create(input: NoteInput!): Note! }
type Note { id: ID! text: String state: State author: Person }
type Person { name: String! }
type Page { title: String }
union Found = Note | Page
enum State { OPEN CLOSED }
enum Order { ASC DESC }
input NoteInput { text: String! state: State = OPEN }
"""
HEADERS = (("content-type", "application/json"),)


def graphql(text: str) -> Contract:
    return Contract.parse(text, service="s", kind=Kind.GRAPHQL)


def openapi(properties: JsonValue, *, status: str = "200") -> Contract:
    schema: JsonValue = {"type": "object", "properties": properties}
    answer: JsonValue = {"description": "", "content": {"application/json": {"schema": schema}}}
    document: JsonValue = {
        "openapi": "3.0.3",
        "info": {"title": "s", "version": "1"},
        "paths": {
            "/a": {"get": {"responses": {status: answer}}},
            "/b": {"get": {"responses": {"200": answer}}},
        },
    }
    return Contract.from_document(cast("Json", document), service="s", kind=Kind.OPENAPI)


def services(old: Contract, new: Contract) -> list[ServiceContracts]:
    both = [Contracts(service="s", documents=(one,)) for one in (old, new)]
    readers = [UsageReader(SERVICE, one) for one in both]
    return [ServiceContracts(old=readers[0], new=readers[1], changes=service_changes(*both))]


def explained(
    contracts: tuple[Contract, Contract], before: Sequence[Interaction], after: Sequence[Interaction]
) -> dict[str, list[str]]:
    """
    The rules that explain each difference, by where that is.
    """
    old, new = (Cassette(test="t", interactions=tuple(side)) for side in (before, after))
    differences = compare_cassettes(old, new)
    reasons = attribute(old, new, differences, services(*contracts))
    return {
        f"{one.location.interaction or 0}  {one.location.inside}".strip(): sorted(
            {change.id for _, change in own}
        )
        for one, own in zip(differences, reasons, strict=True)
    }


def asked(query: str, answer: JsonValue, *, variables: JsonValue = None, status: int = 200) -> Interaction:
    sent: JsonValue = {"query": query, "variables": variables}
    return Interaction(
        StoredRequest(method="POST", url="http://s.test/graphql", headers=HEADERS, body=JsonBody(sent)),
        StoredResponse(status=status, headers=HEADERS, body=JsonBody(answer)),
    )


def got(path: str, answer: JsonValue, *, status: int = 200) -> Interaction:
    return Interaction(
        StoredRequest(method="GET", url=f"http://s.test{path}"),
        StoredResponse(status=status, headers=HEADERS, body=JsonBody(answer)),
    )


def notes(*found: JsonValue) -> JsonValue:
    return {"data": {"notes": list(found)}}


NOTES = "{ notes { text state } }"
REFUSED: JsonValue = {"errors": [{"message": "Cannot query field 'text' on type 'Note'."}]}
TEXT: JsonValue = {"type": "string"}
STATE: JsonValue = {"type": "string", "enum": ["open", "closed"]}


@dataclass(frozen=True, slots=True)
class Case:
    sdl: str
    before: Interaction
    after: Interaction
    explained: dict[str, list[str]]


CASES = {
    "the very member that is new": Case(
        SDL.replace("OPEN CLOSED", "OPEN CLOSED LOST"),
        asked(NOTES, notes({"text": "a", "state": "OPEN"})),
        asked(NOTES, notes({"text": "a", "state": "LOST"})),
        {"0  response.json.data.notes[0].state": ["enum-value-added"]},
    ),
    "another member than the new one": Case(
        SDL.replace("OPEN CLOSED", "OPEN CLOSED LOST"),
        asked(NOTES, notes({"text": "a", "state": "OPEN"})),
        asked(NOTES, notes({"text": "a", "state": "CLOSED"})),
        {"0  response.json.data.notes[0].state": []},
    ),
    "a removed field, and so a refusal": Case(
        SDL.replace("text: String state: State author", "state: State author"),
        asked(NOTES, notes({"text": "a", "state": "OPEN"})),
        asked(NOTES, REFUSED, status=400),
        {
            "0  response.status": ["field-removed"],
            "0  response.json.data": ["field-removed"],
            "0  response.json.errors": ["field-removed"],
        },
    ),
    "a removed field that nobody asked for, and a refusal": Case(
        SDL.replace(" author: Person", ""),
        asked(NOTES, notes({"text": "a", "state": "OPEN"})),
        asked(NOTES, REFUSED),
        {"0  response.json.data": [], "0  response.json.errors": []},
    ),
    "a removed type and its fields": Case(
        SDL.replace("type Person { name: String! }", "").replace(" author: Person", ""),
        asked("{ notes { author { name } } }", notes({"author": {"name": "Ada"}})),
        asked("{ notes { author { name } } }", REFUSED),
        {
            "0  response.json.data": ["field-removed", "type-removed"],
            "0  response.json.errors": ["field-removed", "type-removed"],
        },
    ),
    "a service that is out of order is no refusal": Case(
        SDL.replace("text: String state: State author", "state: State author"),
        asked(NOTES, {"error": "a"}),
        asked(NOTES, {"error": "b"}, status=500),
        {"0  response.status": [], "0  response.json.error": []},
    ),
    "a default that makes a list shorter": Case(
        SDL.replace("first: Int = 10", "first: Int = 1"),
        asked(NOTES, notes({"text": "a", "state": "OPEN"}, {"text": "b", "state": "OPEN"})),
        asked(NOTES, notes({"text": "a", "state": "OPEN"})),
        {"0  response.json.data.notes[1]": ["argument-default-changed"]},
    ),
    "a default that the query overrides": Case(
        SDL.replace("first: Int = 10", "first: Int = 1"),
        asked("{ notes(first: 5) { text } }", notes({"text": "a"}, {"text": "b"})),
        asked("{ notes(first: 5) { text } }", notes({"text": "a"})),
        {"0  response.json.data.notes[1]": []},
    ),
    "a default that sorts a list": Case(
        SDL.replace("order: Order = ASC", "order: Order = DESC"),
        asked(NOTES, notes({"text": "a", "state": "OPEN"}, {"text": "b", "state": "OPEN"})),
        asked(NOTES, notes({"text": "b", "state": "OPEN"}, {"text": "a", "state": "OPEN"})),
        {
            "0  response.json.data.notes[0]": ["argument-default-changed"],
            "0  response.json.data.notes[1]": ["argument-default-changed"],
        },
    ),
    "an input's default that now appears": Case(
        SDL.replace("state: State = OPEN", "state: State = CLOSED"),
        asked(
            "mutation($in: NoteInput!) { create(input: $in) { state } }",
            {"data": {"create": {"state": "OPEN"}}},
            variables={"in": {"text": "a"}},
        ),
        asked(
            "mutation($in: NoteInput!) { create(input: $in) { state } }",
            {"data": {"create": {"state": "CLOSED"}}},
            variables={"in": {"text": "a"}},
        ),
        {"0  response.json.data.create.state": ["input-field-default-changed"]},
    ),
    "a new required input": Case(
        SDL.replace("input NoteInput { text", "input NoteInput { tag: String! text"),
        asked(
            "mutation($in: NoteInput!) { create(input: $in) { text } }",
            {"data": {"create": {"text": "a"}}},
            variables={"in": {"text": "a"}},
        ),
        asked(
            "mutation($in: NoteInput!) { create(input: $in) { text } }",
            REFUSED,
            variables={"in": {"text": "a"}},
        ),
        {
            "0  response.json.data": ["required-input-field-added"],
            "0  response.json.errors": ["required-input-field-added"],
        },
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_graphql_change_explains_what_it_shows(case: Case) -> None:
    assert explained((graphql(SDL), graphql(case.sdl)), [case.before], [case.after]) == case.explained


def test_an_explained_value_explains_the_same_value_later() -> None:
    """
    The second operation does not have the new member in its own contract: the value comes from the first.
    """
    old, new = (
        openapi({"state": STATE}),
        openapi({"state": {"type": "string", "enum": ["open", "closed", "lost"]}}),
    )

    found = explained(
        (old, new),
        [got("/a", {"state": "open"}), got("/b", {"list": [{"state": "open"}], "size": 1})],
        [got("/a", {"state": "lost"}), got("/b", {"list": [{"state": "lost"}], "size": 2})],
    )

    assert found == {
        "0  response.json.state": ["response-property-enum-value-added"],
        "1  response.json.list[0].state": ["response-property-enum-value-added"],
        "1  response.json.size": [],
    }


def test_what_comes_before_an_explained_value_does_not_derive_from_it() -> None:
    old, new = (
        openapi({"state": STATE}),
        openapi({"state": {"type": "string", "enum": ["open", "closed", "lost"]}}),
    )

    found = explained(
        (old, new),
        [got("/b", {"list": [{"state": "open"}]}), got("/a", {"state": "open"})],
        [got("/b", {"list": [{"state": "lost"}]}), got("/a", {"state": "lost"})],
    )

    assert found["0  response.json.list[0].state"] == []


def test_a_list_misses_what_an_explained_refusal_did_not_create() -> None:
    new = SDL.replace("input NoteInput { text", "input NoteInput { tag: String! text")
    create = "mutation($in: NoteInput!) { create(input: $in) { id } }"
    given: JsonValue = {"in": {"text": "a"}}
    before = [
        asked(create, {"data": {"create": {"id": "1"}}}, variables=given),
        asked("{ notes { id text } }", notes({"id": "1", "text": "a"}, {"id": "2", "text": "b"})),
    ]
    after = [asked(create, REFUSED, variables=given), asked("{ notes { id text } }", notes())]

    found = explained((graphql(SDL), graphql(new)), before, after)

    assert found["1  response.json.data.notes[0]"] == ["required-input-field-added"]
    # Nobody knows why the other one is gone.
    assert found["1  response.json.data.notes[1]"] == []


@pytest.mark.parametrize(
    ("name", "before", "after", "explains"),
    [
        ("total", 3, 2, True),
        ("noteCount", 3, 2, True),
        ("total_results", 12, 11, True),
        ("total", 3, 1, False),
        ("total", 2, 3, False),
        ("price", 3, 2, False),
        ("total", "three", "two", False),
    ],
)
def test_the_count_of_a_list_follows_the_items_that_came_and_went(
    name: str,
    before: JsonValue,
    after: JsonValue,
    explains: bool,  # noqa: FBT001 - a column of the table
) -> None:
    new = SDL.replace("input NoteInput { text", "input NoteInput { tag: String! text")
    given: JsonValue = {"in": {"text": "a"}}
    create = "mutation($in: NoteInput!) { create(input: $in) { id } }"
    made, kept = {"id": "1", "text": "a"}, {"id": "2", "text": "b"}
    old = [
        asked(create, {"data": {"create": {"id": "1"}}}, variables=given),
        got("/a", {"found": [made, kept], "paging": {name: before}}),
    ]
    now = [
        asked(create, REFUSED, variables=given),
        got("/a", {"found": [kept], "paging": {name: after}}),
    ]

    found = explained((graphql(SDL), graphql(new)), old, now)

    assert found["1  response.json.found[0]"] == ["required-input-field-added"]
    assert found[f"1  response.json.paging.{name}"] == (["required-input-field-added"] if explains else [])


def test_placeholders_that_move_follow_what_is_new() -> None:
    old, new = openapi({"id": TEXT}), openapi({"id": TEXT, "key": TEXT})
    before = [got("/a", {"id": "<uuid:1>"}), got("/b", {"id": "<uuid:2>", "at": "<time:1>"})]
    after = [
        got("/a", {"key": "<uuid:1>", "id": "<uuid:2>"}),
        got("/b", {"id": "<uuid:3>", "at": "<time:2>"}),
    ]

    assert explained((old, new), before, after) == {
        "0  response.json.id": ["response-property-added"],
        "0  response.json.key": ["response-property-added"],
        "1  response.json.id": ["response-property-added"],
        # No time is new.
        "1  response.json.at": [],
    }


def test_without_a_changed_contract_nothing_is_explained() -> None:
    same = openapi({"state": STATE})

    assert explained((same, same), [got("/a", {"state": "open"})], [got("/a", {"state": "closed"})]) == {
        "0  response.json.state": []
    }


@pytest.mark.parametrize(
    ("message", "shows"),
    [
        ("tests/a.py:3: in test\n    assert made['note'] == 1\nE   KeyError: 'note'", True),
        ("tests/a.py:3: in test\n    assert made['other'] == 1\nE   KeyError: 'other'", False),
        ("tests/a.py:3: in test\n    assert x == y\nE   AssertionError: assert 'new' == 'old'", True),
        ("tests/a.py:3: in test\n    assert x == y\nE   assert 3 == 4", False),
        ("service s, last lines:\nnote is gone", False),
    ],
)
def test_a_failure_shows_what_its_error_names(message: str, shows: bool) -> None:  # noqa: FBT001
    difference = Difference(
        kind=DifferenceKind.CHANGED,
        location=location("1. GET http://s.test/a  response.json.note"),
        before="old",
        after="new",
        severity=Severity.DANGEROUS,
    )

    assert is_shown_in(message, difference) is shows


@pytest.mark.parametrize(
    ("config", "count"),
    [
        (ContractConfig(), 1),
        (ContractConfig(check=Check.WARN), 1),
        (ContractConfig(check=Check.OFF), 0),
        (ContractConfig(warn=("GET /a 200 body.state",)), 0),
        (ContractConfig(warn=("* body*.state",)), 0),
        (ContractConfig(warn=("GET /b *",)), 1),
    ],
)
def test_what_a_contract_contradicts_is_found_once_unless_it_is_allowed(
    config: ContractConfig, count: int
) -> None:
    contract = openapi({"state": STATE})
    reader = UsageReader(SERVICE, Contracts(service="s", documents=(contract,)))
    recording = Cassette(test="t", interactions=(got("/a", {"state": "lost"}), got("/a", {"state": "lost"})))

    assert len(found_while_recording(recording, [reader], config)) == count

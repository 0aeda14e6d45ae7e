"""
Filters of the REST API: each operator at each place.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.servers.conftest import Mesh

U1, U2 = (f"aaaaaaaa-0000-4000-8000-00000000000{n}" for n in (1, 2))
ROWS: list[dict[str, Any]] = [
    {
        "name": "Alpha",
        "price": 10,
        "on": True,
        "tags": ["red", "big"],
        "meta": {"color": "red", "w": 1},
        "owner": U1,
    },
    {
        "name": "Beta",
        "price": 20.5,
        "on": False,
        "tags": ["blue"],
        "meta": {"color": "blue", "w": 2},
        "owner": U1,
    },
    {"name": "alphabet", "price": 5, "on": None, "tags": [], "meta": {"color": "Green"}, "owner": U2},
    {"name": "100%_O'B\\", "price": "10", "shared": {"r1": "Notes"}},
]
IDS = {row["name"][0]: f"c0000000-0000-4000-8000-00000000000{n}" for n, row in enumerate(ROWS)}
INDEX = ["name", "price", "on", "tags", "meta", "meta.color", "shared"]

CASES: list[tuple[dict[str, Any], str]] = [
    # fields of the content
    ({}, "ABa1"),
    ({"name": "Alpha"}, "A"),
    ({"name": {"eq": "Alpha"}}, "A"),
    ({"name": {"equals": "Alpha"}}, "A"),
    ({"name": {"ne": "Alpha"}}, "Ba1"),
    ({"price": 10}, "A"),
    ({"price": {"eq": "10"}}, "1"),
    ({"on": False}, "B"),
    ({"on": None}, "a1"),
    ({"on": {"ne": None}}, "AB"),
    ({"on": {"ne": True}}, "Ba"),
    ({"name": {"in": ["Alpha", "Beta", 5]}}, "AB"),
    ({"name": {"in": []}}, ""),
    ({"on": {"in": [True, None]}}, "Aa1"),
    ({"name": {"nin": ["Alpha", "Beta"]}}, "a1"),
    ({"price": {"lt": 10}}, "a"),
    ({"price": {"lte": 10}}, "Aa"),
    ({"price": {"gt": 10}}, "B"),
    ({"price": {"gte": 10}}, "AB"),
    ({"price": {"gt": "1"}}, "1"),
    ({"price": {"between": [5, 10]}}, "Aa"),
    ({"price": {"gt": 5, "lt": 20}}, "A"),
    ({"name": {"contains": "ALPHA"}}, "Aa"),
    ({"name": {"contains": "%"}}, "1"),
    ({"name": {"contains": "_o"}}, "1"),
    ({"name": {"contains": "\\"}}, "1"),
    ({"name": {"startsWith": "al"}}, "Aa"),
    ({"name": {"endsWith": "A"}}, "AB"),
    ({"name": {"like": "_lpha%"}}, "Aa"),
    ({"name": {"like": "B%"}}, "B"),
    ({"meta": {"contains": {"w": 2}}}, "B"),
    ({"meta": {"containedBy": {"color": "Green", "w": 9}}}, "a"),
    ({"tags": ["blue"]}, "B"),
    ({"tags": {"has": "red"}}, "A"),
    ({"tags": {"hasSome": ["big", "blue"]}}, "AB"),
    ({"tags": {"hasSome": []}}, ""),
    ({"tags": {"hasEvery": ["big", "red"]}}, "A"),
    ({"tags": {"hasNone": ["red"]}}, "Ba1"),
    ({"shared": {"hasKey": "r1"}}, "1"),
    ({"shared": {"hasAnyKeys": ["r1", "zz"]}}, "1"),
    ({"meta": {"hasAllKeys": ["color", "w"]}}, "AB"),
    ({"price": {"typed": {"number": {"gte": 10}}}}, "AB"),
    ({"price": {"typed": {"string": {"eq": "10"}}}}, "1"),
    ({"price": {"typed": {"isNull": True}}}, ""),
    ({"on": {"typed": {"isNull": True}}}, "a1"),
    ({"on": {"typed": {"isNull": False, "boolean": {"ne": True}}}}, "B"),
    ({"name": {"or": [{"startsWith": "b"}, {"eq": "Alpha"}]}}, "AB"),
    ({"name": {"or": [{"and": [{"startsWith": "a"}, {"endsWith": "t"}]}, {"eq": "Beta"}]}}, "Ba"),
    ({"page_id": {"or": [{"eq": IDS["A"]}, {"eq": IDS["B"]}]}}, "AB"),
    ({"price": {"and": [{"gt": 5}, {"lt": 20}]}}, "A"),
    # paths
    ({"meta.color": "red"}, "A"),
    ({"meta.w": {"gte": 1}}, "AB"),
    ({"tags.0": "red"}, "A"),
    ({"meta.none.deeper": 1}, ""),
    ({"no such field": "x"}, ""),
    # columns
    ({"page_id": IDS["A"]}, "A"),
    ({"page_id": IDS["A"].upper()}, "A"),
    ({"page_id": {"in": [IDS["A"], IDS["B"], "junk"]}}, "AB"),
    ({"page_id": {"ne": IDS["A"]}}, "Ba1"),
    ({"page_id": {"nin": [IDS["A"], IDS["B"]]}}, "a1"),
    ({"page_id": {"endsWith": "0001"}}, "B"),
    ({"page_id": {"gt": IDS["B"]}}, "a1"),
    ({"page_id": "junk"}, ""),
    ({"page_id": {"eq": {"a": 1}}}, ""),
    ({"parent_id": {"eq": U1}}, "AB"),
    ({"parent_id": {"eq": None}}, "1"),
    ({"parent_id": {"ne": U1}}, "a"),
    ({"parent_id": "any"}, "ABa1"),
    ({"type": {"startsWith": "th"}}, "ABa1"),
    ({"type": "Other"}, ""),
    ({"order": None}, "ABa1"),
    ({"order": {"gt": 0}}, ""),
    ({"content": {"contains": {"name": "Beta"}}}, "B"),
    # the index
    ({"indexer": {"path": "name", "equals": "Alpha"}}, "A"),
    ({"indexer": {"path": "name", "eq": "Alpha"}}, "A"),
    ({"indexer": {"path": "name", "ne": "Alpha"}}, "Ba1"),
    ({"indexer": {"path": "name", "contains": "alpha"}}, "Aa"),
    ({"indexer": {"path": "on", "equals": False}}, "B"),
    ({"indexer": {"path": "on", "equals": None}}, "a1"),
    ({"indexer": {"path": "price", "equals": 20.5}}, "B"),
    ({"indexer": {"path": "tags", "equals": ["big"]}}, "A"),
    ({"indexer": {"path": "tags", "has": "blue"}}, "B"),
    ({"indexer": {"path": "tags", "hasSome": ["big", "blue"]}}, "AB"),
    ({"indexer": {"path": "tags", "hasEvery": ["red", "big"]}}, "A"),
    ({"indexer": {"path": "tags", "hasNone": ["red"]}}, "Ba1"),
    ({"indexer": {"path": "tags", "containedBy": ["red", "big", "x"]}}, "Aa"),
    ({"indexer": {"path": "shared", "hasKey": "r1"}}, "1"),
    ({"indexer": {"path": "meta", "hasAnyKeys": ["w"]}}, "AB"),
    ({"indexer": {"path": "meta.color", "equals": "red"}}, "A"),
    ({"indexer": {"path": "shared.r1", "equals": "Notes"}}, ""),
    ({"indexer": {"path": "shared.r1", "equals": "Notes", "typed": {"string": {"eq": "Notes"}}}}, ""),
    ({"indexer": {"path": "name", "equals": "O'Brien' OR '1'='1"}}, ""),
    # logic
    ({"OR": [{"name": "Alpha"}, {"name": "Beta"}]}, "AB"),
    ({"or": [{"name": "Alpha"}, {"price": {"lt": 6}}]}, "Aa"),
    ({"AND": [{"price": {"gt": 5}}, {"price": {"lt": 20}}]}, "A"),
    ({"and": [{"or": [{"name": "Alpha"}, {"name": "Beta"}]}, {"on": False}]}, "B"),
    ({"OR": [{"AND": [{"name": "Alpha"}, {"on": True}]}, {"meta.color": "Green"}]}, "Aa"),
    ({"OR": [{"name": "Alpha", "on": False}]}, ""),
    ({"OR": [{"name": "Alpha"}], "price": 10}, "A"),
]


@pytest.fixture
def things(mesh: Mesh) -> Mesh:
    mesh.register("Thing", indexer=INDEX, parent={"type": "field", "field": "owner"})
    for row in ROWS:
        mesh.create("Thing", {"_id": IDS[row["name"][0]], **row})
    return mesh


def test_filters_do_what_they_say(things: Mesh) -> None:
    found = {
        json.dumps(where): "".join(
            row["name"][0] for row in things.page("Thing", where=json.dumps(where))["data"]
        )
        for where, _ in CASES
    }

    assert found == {json.dumps(where): names for where, names in CASES}


def test_a_page_id_beside_a_where_holds_unless_the_where_names_one(things: Mesh) -> None:
    def names(where: str) -> str:
        return "".join(row["name"][0] for row in things.page("Thing", page_id=IDS["A"], where=where)["data"])

    assert (names(""), names('{"on":false}'), names(json.dumps({"page_id": IDS["B"]}))) == ("A", "", "B")


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("null", "where must be a JSON object"),
        ("[]", "where must be a JSON object"),
        ('{"OR":[]}', "OR must be non-empty array"),
        ('{"and":{}}', "and must be non-empty array"),
        ('{"OR":["x"]}', "OR entries must be objects"),
        ('{"NOT":{"name":"x"}}', "Invalid operators for field NOT"),
        ('{"name":{"regex":"x"}}', "Invalid operators for field name"),
        ('{"name":{}}', "Invalid operators for field name"),
        ('{"price":{"between":[1]}}', "Invalid operators for field price"),
        ('{"price":{"between":5}}', "Invalid operators for field price"),
        ('{"page_id":{"or":["a"]}}', "Invalid operators for field page_id"),
        ('{"page_id":{"and":["a"]}}', "Invalid operators for field page_id"),
        ('{"page_id":{"or":[{"eq":"a"},null]}}', "Invalid operators for field page_id"),
        ('{"page_id":{"or":[{"foo":"a"}]}}', "Invalid operators for field page_id"),
        ('{"page_id":{"or":[{}]}}', "Invalid operators for field page_id"),
        ('{"page_id":{"or":[]}}', "Invalid operators for field page_id"),
        ('{"page_id":{"or":{"eq":"a"}}}', "Invalid operators for field page_id"),
        ('{"meta.color":{"in":"x"}}', "Invalid operators for field meta.color"),
        ('{"name":{"nin":"x"}}', "Invalid operators for field name"),
        ('{"name":{"like":5}}', "Invalid operators for field name"),
        ('{"name":{"startsWith":null}}', "Invalid operators for field name"),
        ('{"name":{"hasSome":"x"}}', "Invalid operators for field name"),
        ('{"name":{"hasAnyKeys":[5]}}', "Invalid operators for field name"),
        ('{"name":{"typed":{"number":{"eq":"x"}}}}', "Invalid operators for field name"),
        ('{"name":{"typed":{"number":{"eq":true}}}}', "Invalid operators for field name"),
        ('{"name":{"typed":{"isNull":1}}}', "Invalid operators for field name"),
        ('{"AND":[{"name":{"in":"x"}}]}', "Invalid operators for field name"),
        ('{"indexer":5}', "indexer must be object"),
        ('{"indexer":{}}', "indexer.path required"),
        ('{"indexer":{"path":"a"}}', "indexer requires an operator"),
        ('{"indexer":{"path":"a","like":"x"}}', "indexer.like not supported"),
        ('{"indexer":{"path":"a","hasSome":"x"}}', "hasSome needs an array"),
    ],
)
def test_a_filter_that_means_nothing_is_refused(mesh: Mesh, where: str, message: str) -> None:
    answer = mesh.http.get("/api/content/User", params={"where": where})

    assert answer.status_code == 400
    assert answer.json()["error"] == {"message": message, "code": "BAD_WHERE"}


@pytest.mark.parametrize(
    ("where", "details"),
    [
        ("{'a':1}", "Expected property name or '}' in JSON at position 1"),
        ('{"a":1,}', "Expected double-quoted property name in JSON at position 7"),
        ("{", "Expected property name or '}' in JSON at position 1"),
        ('{"a"', "Expected ':' after property name in JSON at position 4"),
        ('{"a":1', "Expected ',' or '}' after property value in JSON at position 6"),
        ('{"a":[1', "Expected ',' or ']' after array element in JSON at position 7"),
        ('{"a":"b', "Unterminated string in JSON at position 7"),
        ("{} x", "Unexpected non-whitespace character after JSON at position 3"),
        ("page_id=x", "Unexpected token 'p', \"page_id=x\" is not valid JSON"),
        ('{"a":', "Unexpected end of JSON input"),
        ('{"a":NaN}', 'Unexpected token \'N\', "{"a":NaN}" is not valid JSON'),
        ('{"a":[1,]}', 'Unexpected token \']\', "{"a":[1,]}" is not valid JSON'),
        ("undefined", '"undefined" is not valid JSON'),
    ],
)
def test_json_mistakes_are_told_as_v8_tells_them(mesh: Mesh, where: str, details: str) -> None:
    answer = mesh.http.get("/api/content/User", params={"where": where})

    assert answer.json()["error"] == {
        "message": "Invalid where JSON",
        "code": "BAD_WHERE",
        "details": details,
    }

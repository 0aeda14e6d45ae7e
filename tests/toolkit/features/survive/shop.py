"""
A service by its contracts, what was recorded of it, and two clients of it: one with thirteen faults, and one
without. Nothing of it is started.
"""

from __future__ import annotations

from pathlib import Path
from typing import cast

from taketwo.cassette.model import Cassette, Interaction, JsonBody, JsonValue, StoredRequest, StoredResponse
from taketwo.cassette.text.writer import dump_cassette
from taketwo.contract.canonical import Json
from taketwo.contract.changes import Kind
from taketwo.contract.document import Contract, Contracts
from taketwo.contract.locks import write_locks
from tests.toolkit.conftest import OF_PYTEST, Project

JSON = (("content-type", "application/json"),)
URL = "http://shop.test"
QUERY = "query One($id: ID!) { order(id: $id) { id buyer { name city } lines { title price } } }"

SDL = """
type Query { order(id: ID!): Order }
type Order { id: ID!  buyer: Buyer  lines: [Line!]! }
type Buyer { name: String!  city: String }
type Line { title: String!  price: Float }
"""
ORDER: JsonValue = {
    "type": "object",
    "required": ["id", "status", "kind", "lines", "count", "placed", "buyer", "discount"],
    "properties": {
        "id": {"type": "string"},
        "status": {"enum": ["open", "paid", "gone"]},
        "kind": {"enum": ["gift", "own"]},
        "lines": {"type": "array", "items": {"type": "string"}},
        "count": {"type": "integer", "minimum": 0, "maximum": 100},
        "placed": {"type": "string", "format": "date-time"},
        "buyer": {"type": "string"},
        "discount": {"type": ["integer", "null"]},
        "note": {"type": "string"},
    },
}
OPENAPI: JsonValue = {
    "openapi": "3.1.0",
    "info": {"title": "shop", "version": "1"},
    "paths": {
        "/orders/{id}": {
            "get": {
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
                ],
                "responses": {
                    "200": {
                        "description": "it",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}},
                    },
                    "404": {
                        "description": "none",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "required": ["detail"],
                                    "properties": {"detail": {"type": "string"}},
                                }
                            }
                        },
                    },
                    "503": {
                        "description": "busy",
                        "headers": {"retry-after": {"schema": {"type": "integer", "minimum": 1}}},
                        "content": {"text/plain": {"schema": {"type": "string"}}},
                    },
                },
            }
        }
    },
    "components": {"schemas": {"Order": ORDER}},
}

ORDER_1: JsonValue = {
    "id": "1",
    "status": "open",
    "kind": "gift",
    "lines": ["bread", "butter"],
    "count": 2,
    "placed": "2026-01-01T00:00:00Z",
    "buyer": "ada",
    "discount": 5,
    "note": "by noon",
}
DATA: JsonValue = {
    "data": {
        "order": {
            "id": "1",
            "buyer": {"name": "ada", "city": "London"},
            "lines": [{"title": "bread", "price": 2.5}, {"title": "butter", "price": 3.5}],
        }
    }
}

PYPROJECT = f"""
[tool.taketwo.services.shop]
command = ["true", "{{port}}"]
contract = {{ graphql = "/graphql", openapi = "/openapi.json" }}
environment = {{ SHOP_URL = "{{url}}" }}
{OF_PYTEST}
pythonpath = ["."]
"""

_COMMON = """
import enum
import os
from dataclasses import dataclass
from datetime import datetime

import httpx

QUERY = "query One($id: ID!) { order(id: $id) { id buyer { name city } lines { title price } } }"
LABELS = {"open": "to be paid", "paid": "on its way"}


class ShopError(Exception):
    pass


class Kind(enum.Enum):
    GIFT = "gift"
    OWN = "own"


@dataclass
class Order:
    id: str
    status: str
    kind: str
    lines: list
    count: int
    placed: str
    buyer: str
    discount: int
    note: str = ""


def asked():
    return httpx.get(os.environ["SHOP_URL"] + "/orders/1", trust_env=False)


def queried():
    sent = {"query": QUERY, "variables": {"id": "1"}}
    return httpx.post(os.environ["SHOP_URL"] + "/graphql", json=sent, trust_env=False)
"""

FAULTY = f"""{_COMMON}

def order():
    response = asked()
    if response.status_code == 404:
        raise ShopError("no such order")
    if response.status_code == 503 and not SHOWS_REASON:
        raise ShopError("busy")
    return response.json()


SHOWS_REASON = False


def reason():
    global SHOWS_REASON
    SHOWS_REASON = True
    try:
        return order()
    finally:
        SHOWS_REASON = False


def twice_the_discount():
    return order()["discount"] * 2


def note():
    return order()["note"].upper()


def label():
    return LABELS[order()["status"]]


def kind():
    return Kind(order()["kind"])


def first_line():
    return order()["lines"][0]


def share():
    return 100 / order()["count"]


def initial():
    return order()["buyer"][0]


def placed():
    return datetime.strptime(order()["placed"], "%Y-%m-%dT%H:%M:%SZ")


def whole():
    return Order(**order())


def city():
    body = queried().json()
    if body["data"] is None or body["data"]["order"] is None:
        raise ShopError("no order")
    found = body["data"]["order"]
    return found["buyer"]["city"].upper() if found["buyer"] is not None else ""


def titles():
    body = queried().json()
    return [line["title"] for line in body["data"]["order"]["lines"]]


def sum_of_prices():
    body = queried().json()
    if body.get("errors") or body["data"]["order"] is None:
        raise ShopError("no order")
    return sum(line["price"] for line in body["data"]["order"]["lines"])
"""

CORRECT = f"""{_COMMON}

def order():
    response = asked()
    if response.is_error:
        raise ShopError(response.text)
    return response.json()


def reason():
    return order()


def twice_the_discount():
    return (order()["discount"] or 0) * 2


def note():
    return order().get("note", "").upper()


def label():
    return LABELS.get(order()["status"], "in some state")


def kind():
    try:
        return Kind(order()["kind"])
    except ValueError:
        raise ShopError("a kind that is not known") from None


def first_line():
    lines = order()["lines"]
    return lines[0] if lines else "nothing"


def share():
    return 100 / (order()["count"] or 1)


def initial():
    return order()["buyer"][:1]


def placed():
    return datetime.fromisoformat(order()["placed"])


def whole():
    known = {{key: value for key, value in order().items() if key in Order.__dataclass_fields__}}
    return Order(**known)


def _order():
    response = queried()
    response.raise_for_status()
    body = response.json()
    if body.get("errors") or body["data"] is None or body["data"]["order"] is None:
        raise ShopError("no order")
    return body["data"]["order"]


def city():
    buyer = _order()["buyer"]
    return (buyer["city"] or "").upper() if buyer else ""


def titles():
    return [line["title"] for line in _order()["lines"]]


def sum_of_prices():
    return sum(line["price"] or 0 for line in _order()["lines"])
"""

TESTS = """
import pytest

import client

pytestmark = pytest.mark.vcr


def test_reason():
    assert client.reason()["id"] == "1"


def test_twice_the_discount():
    assert client.twice_the_discount() == 10


def test_note():
    assert client.note() == "BY NOON"


def test_label():
    assert client.label() == "to be paid"


def test_kind():
    assert client.kind() is client.Kind.GIFT


def test_first_line():
    assert client.first_line() == "bread"


def test_share():
    assert client.share() == 50


def test_initial():
    assert client.initial() == "a"


def test_placed():
    assert client.placed().year == 2026


def test_whole():
    assert client.whole().buyer == "ada"


def test_city():
    assert client.city() == "LONDON"


def test_titles():
    assert client.titles() == ["bread", "butter"]


def test_sum_of_prices():
    assert client.sum_of_prices() == 6


def test_that_fails_by_itself_with_other_answers():
    order = client.asked().json()
    assert order["note"][0] + order["lines"][0][0] + order["buyer"][0] == "bba"
"""

_OF_GRAPHQL = ("test_city", "test_titles", "test_sum_of_prices")


def interaction(*, graphql: bool) -> Interaction:
    if graphql:
        body = JsonBody({"query": QUERY, "variables": {"id": "1"}})
        request = StoredRequest(method="POST", url=f"{URL}/graphql", headers=JSON, body=body)
        return Interaction(request, StoredResponse(status=200, headers=JSON, body=JsonBody(DATA)))
    request = StoredRequest(method="GET", url=f"{URL}/orders/1")
    return Interaction(request, StoredResponse(status=200, headers=JSON, body=JsonBody(ORDER_1)))


def contracts() -> Contracts:
    return Contracts(
        service="shop",
        documents=(
            Contract.parse(SDL, service="shop", kind=Kind.GRAPHQL),
            Contract.from_document(cast("Json", OPENAPI), service="shop", kind=Kind.OPENAPI),
        ),
    )


def shop_project(root: Path, client: str) -> Project:
    """
    A project with *client*, its tests, their cassettes, and the locks.
    """
    project = Project(root)
    project.write("pyproject.toml", PYPROJECT)
    project.write("client.py", client)
    project.write("tests/test_shop.py", TESTS)
    names = [line[4:-3] for line in TESTS.splitlines() if line.startswith("def test")]
    for name in names:
        cassette = Cassette(
            test=f"tests/test_shop.py::{name}", interactions=(interaction(graphql=name in _OF_GRAPHQL),)
        )
        project.write(f"cassettes/test_shop/{name}.yaml", dump_cassette(cassette))
    write_locks(root / "cassettes" / "contracts", contracts())
    return project

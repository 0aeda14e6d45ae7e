"""
What a suite needs of a service, exported by the consumer, and judged in the provider's project.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from taketwo.cassette.store.source_digest import source_digest
from taketwo.cli.main import main
from taketwo.contract.changes import Kind
from taketwo.contract.document import Contract, Contracts
from taketwo.contract.locks import write_locks
from taketwo.contract.read_locks import UnreadLock, write_unread

PYPROJECT = """
[tool.taketwo.services.shop]
command = ["python", "shop.py", "{port}"]
contract = { openapi = "/openapi.json" }
secrets = { SHOP_KEY = "key-of-the-shop" }
"""
TEST = "tests/test_products.py::test_names"
CASSETTE = f"""\
taketwo: 1
test: {TEST}
services:
  shop: "1-000000000000"
seed: 7
time: "2026-01-01T00:00:00Z"
holds:
  interactions: 3
interactions:
- request:
    method: POST
    url: http://shop.test/products
    headers:
      authorization: <secret:authorization>
      content-type: application/json
    json:
      name: Pizza
  response:
    status: 201
    headers:
      content-type: application/json
    json:
      id: <uuid:1>
      name: Pizza
      price: 9.5
- request:
    method: GET
    url: http://shop.test/products/<uuid:1>
    query:
      like: <uuid:1>
  response:
    status: 200
    headers:
      content-type: application/json; charset=utf-8
    json:
      id: <uuid:1>
      name: Pizza
      price: 9.5
- request:
    method: GET
    url: http://shop.test/products/none
  response:
    status: 401
    headers:
      content-type: application/json
    json: {{}}
"""
UNREAD = ("POST /products 201 body.price", "GET /products/{id} 200 body.price")
Json = dict[str, Any]


def product(**properties: Json) -> Json:
    return {"type": "object", "properties": properties, "required": [*properties]}


TEXT: Json = {"type": "string"}
PRICE: Json = {"type": "number"}
PRODUCT = product(id=TEXT, name=TEXT, price=PRICE)


def document(shown: Json, *, price_required: bool = False) -> Json:
    content = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Product"}}}}
    sent = product(name=TEXT, **({"price": PRICE} if price_required else {}))
    identity = {"name": "id", "in": "path", "required": True, "schema": TEXT}
    like = {"name": "like", "in": "query", "schema": TEXT}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "1"},
        "paths": {
            "/products": {
                "post": {
                    "requestBody": {"content": {"application/json": {"schema": sent}}},
                    "responses": {"201": {"description": "made", **content}},
                }
            },
            "/products/{id}": {
                "get": {
                    "parameters": [identity, like],
                    "responses": {"200": {"description": "it", **content}, "401": {"description": "no"}},
                }
            },
        },
        "components": {"schemas": {"Product": shown}},
    }


@dataclass(frozen=True, slots=True)
class Workshop:
    """
    A provider's folder, and next to it the projects of its consumers.
    """

    root: Path
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def consumer(self, name: str, *, unread: Sequence[str] = UNREAD) -> None:
        """
        Record a consumer whose test reads all but *unread*, and export what it needs.
        """
        project = self.root / name
        (project / "tests").mkdir(parents=True)
        (project / "tests/test_products.py").write_text("def test_names(): ...\n", encoding="utf-8")
        (project / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
        cassette = project / "cassettes/test_products/test_names.yaml"
        cassette.parent.mkdir(parents=True)
        cassette.write_text(CASSETTE, encoding="utf-8")
        lock = Contract.from_document(document(PRODUCT), service="shop", kind=Kind.OPENAPI)
        locks = project / "cassettes/contracts"
        write_locks(locks, Contracts(service="shop", documents=(lock,)))
        known = UnreadLock(
            source=source_digest(project, TEST), unread={Kind.OPENAPI: frozenset(unread)} if unread else {}
        )
        write_unread(locks, "shop", {TEST: known})
        exported = self.run(project, "contract", "export", "--out", str(self.root / "provider" / name))
        assert exported[0] == 0, exported[1]

    def can_i_change(self, new: Json, *options: str) -> tuple[int, str]:
        provider = self.root / "provider"
        (provider / "new.json").write_text(json.dumps(new), encoding="utf-8")
        return self.run(provider, "can-i-change", "new.json", "--consumers", ".", *options)

    def run(self, folder: Path, *arguments: str) -> tuple[int, str]:
        folder.mkdir(parents=True, exist_ok=True)
        self.monkeypatch.chdir(folder)
        code = main(arguments)
        captured = self.capsys.readouterr()
        return code, captured.out + captured.err

    def exported(self, name: str, file: str) -> Json:
        found: Json = json.loads((self.root / "provider" / name / file).read_text(encoding="utf-8"))
        return found


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Workshop:
    monkeypatch.setenv("COLUMNS", "200")
    return Workshop(tmp_path, monkeypatch, capsys)


def test_a_property_that_no_consumer_reads_may_go(workshop: Workshop) -> None:
    workshop.consumer("web")

    code, text = workshop.can_i_change(document(product(id=TEXT, name=TEXT)))

    assert code == 1
    assert "web (1 test):" in text
    assert "1 cassette holds it, none reads it (breaking where it is read)" in text
    assert text.splitlines()[-1] == "yes: it breaks none of 1 consumer"


def test_a_property_that_one_consumer_reads_may_not_go(workshop: Workshop) -> None:
    workshop.consumer("web")
    workshop.consumer("app", unread=())

    code, text = workshop.can_i_change(document(product(id=TEXT, name=TEXT)))

    assert code == 2
    assert text.index("app (1 test):") < text.index("web (1 test):")
    assert text.splitlines()[-1] == "no: it would break 1 of 2 consumers"


def test_a_property_that_all_read_may_not_go(workshop: Workshop) -> None:
    workshop.consumer("web")

    code, text = workshop.can_i_change(document(product(id=TEXT, price=PRICE)))

    assert code == 2
    assert (
        "breaking   response-property-removed  POST /products 201 body.name" in text or "and 1 more" in text
    )
    assert text.splitlines()[-1] == "no: it would break 1 of 1 consumer"


def test_what_a_consumer_does_not_send_may_not_become_required(workshop: Workshop) -> None:
    workshop.consumer("web")

    code, text = workshop.can_i_change(document(PRODUCT, price_required=True))

    assert code == 2
    assert "1. POST http://shop.test/products  POST /products body.price: it is required, and missing" in text


def test_what_no_consumer_uses_is_free(workshop: Workshop) -> None:
    workshop.consumer("web")
    new = document(PRODUCT)
    new["paths"]["/orders"] = {"get": {"responses": {"200": {"description": "all"}}}}

    code, text = workshop.can_i_change(new)

    assert code == 0
    assert text.splitlines()[-1] == "yes: it breaks none of 1 consumer"


def test_the_verdict_is_there_for_scripts(workshop: Workshop) -> None:
    workshop.consumer("app", unread=())
    workshop.consumer("web")

    _, text = workshop.can_i_change(document(product(id=TEXT, name=TEXT)), "--json")

    found = json.loads(text)
    assert (found["service"], found["exit_code"]) == ("shop", 2)
    assert [(one["consumer"], one["exit_code"]) for one in found["consumers"]] == [("app", 2), ("web", 1)]
    assert [one["changes"][0]["unread"] for one in found["consumers"]] == [
        [],
        ["cassettes/test_products/test_names.yaml"],
    ]


def test_an_export_tells_what_is_sent_and_read(workshop: Workshop) -> None:
    workshop.consumer("web")

    (test,) = workshop.exported("web", "shop.consumer.json")["tests"]

    assert test["test"] == TEST
    assert test["unread"] == {"openapi": sorted(UNREAD)}
    assert "POST /products body.name" in test["reads"]["openapi"]
    assert not {*UNREAD} & {*test["reads"]["openapi"]}


def test_a_pact_asks_for_what_is_read_alone(workshop: Workshop) -> None:
    workshop.consumer("web")

    made, asked = workshop.exported("web", "shop.pact.json")["interactions"]

    assert [*made["response"]["body"]["content"]] == ["id", "name"]
    assert made["response"]["matchingRules"]["body"] == {
        "$": {"combine": "AND", "matchers": [{"match": "type"}]}
    }
    assert [*asked["response"]["body"]["content"]] == ["id", "name"]
    assert asked["response"]["headers"] == {"content-type": ["application/json"]}


def test_a_pact_says_what_an_earlier_answer_gives(workshop: Workshop) -> None:
    workshop.consumer("web")

    pact = workshop.exported("web", "shop.pact.json")

    asked = pact["interactions"][1]
    assert asked["providerStates"][0]["params"] == {"test": TEST, "requests": 1}
    expression = {"type": "ProviderState", "dataType": "STRING"}
    assert asked["request"]["generators"] == {
        "path": {**expression, "expression": "/products/${uuid_1}"},
        "query": {"like": {**expression, "expression": "${uuid_1}"}},
    }
    assert pact["metadata"]["taketwo"]["tests"][TEST][0]["gives"] == {"uuid_1": "$.id"}
    assert "<uuid" not in json.dumps(pact["interactions"])


def test_no_credential_and_no_refused_request_is_in_a_pact(workshop: Workshop) -> None:
    workshop.consumer("web")

    pact = workshop.exported("web", "shop.pact.json")

    assert "authorization" not in json.dumps(pact)
    assert [one["response"]["status"] for one in pact["interactions"]] == [201, 200]


def test_exporting_again_changes_no_byte(workshop: Workshop) -> None:
    workshop.consumer("web")
    files = [path for path in (workshop.root / "provider/web").iterdir() if path.is_file()]
    before = {path.name: path.read_bytes() for path in files}

    workshop.run(workshop.root / "web", "contract", "export", "--out", str(workshop.root / "provider/web"))

    assert {path.name: path.read_bytes() for path in files} == before
    assert sorted(before) == ["shop.consumer.json", "shop.openapi.json", "shop.pact.json"]


WRONG: dict[str, tuple[Callable[[Path], object], str]] = {
    "no export": (
        lambda folder: (folder / "web/shop.consumer.json").unlink(),
        "holds no export of a consumer (*.consumer.json)",
    ),
    "another version": (
        lambda folder: (folder / "web/shop.consumer.json").write_text('{"taketwo-consumer": 2}'),
        "expected taketwo-consumer 1, got 2",
    ),
    "a damaged export": (
        lambda folder: (folder / "web/shop.consumer.json").write_text('{"taketwo-consumer": 1}'),
        "it is damaged (KeyError: 'consumer')",
    ),
    "no lock": (
        lambda folder: (folder / "web/shop.openapi.json").unlink(),
        "no export holds a contract of kind openapi; they are of shop",
    ),
}


@pytest.mark.parametrize(("spoil", "message"), WRONG.values(), ids=WRONG)
def test_an_export_that_cannot_be_used_is_no_yes(
    workshop: Workshop, spoil: Callable[[Path], object], message: str
) -> None:
    workshop.consumer("web")
    spoil(workshop.root / "provider")

    code, text = workshop.can_i_change(document(PRODUCT))

    assert code == 3
    assert message in text


def test_a_service_that_nothing_was_sent_to_is_named(workshop: Workshop) -> None:
    project = workshop.root / "empty"
    project.mkdir()
    (project / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")

    code, text = workshop.run(project, "contract", "export", "--service", "shop")

    assert code == 3
    assert "no cassette holds a request to shop" in text

"""
Recorded requests sent to a service that lives: what is followed, left out, compared and reported.
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from taketwo.cassette.model import JsonBody, JsonValue, LiveRequest, StoredRequest, StoredResponse
from taketwo.cli.main import main
from taketwo.errors import ServiceError
from taketwo.features.verify.live_service import LiveService
from taketwo.features.verify.shapes import shape_differences
from taketwo.features.verify.writes import is_write
from taketwo.services.process import free_port

PYPROJECT = """
[tool.taketwo.services.shop]
command = ["python", "shop.py", "{port}"]
reset = "/reset"
secrets = { SHOP_KEY = "key-of-the-shop" }
"""
CASSETTE = """\
taketwo: 1
test: tests/test_shop.py::test_orders
services:
  shop: "1-000000000000"
seed: 7
time: "2026-01-01T00:00:00Z"
holds:
  interactions: {count}
interactions:
"""
LIST = """\
- request:
    method: GET
    url: http://shop.test/orders
  response:
    status: 200
    headers:
      content-type: application/json
    json:
    - id: <uuid:1>
      item: pear
      count: 1
"""
ONE = """\
- request:
    method: GET
    url: http://shop.test/orders/<uuid:1>
  response:
    status: 200
    headers:
      content-type: application/json
    json:
      id: <uuid:1>
      item: pear
      count: 1
"""
MADE = """\
- request:
    method: POST
    url: http://shop.test/orders
    headers:
      content-type: application/json
    json:
      item: pear
  response:
    status: 201
    headers:
      content-type: application/json
    json:
      id: <uuid:1>
      item: pear
      count: 1
"""
OPENAPI: JsonValue = {
    "openapi": "3.0.3",
    "info": {"title": "Shop", "version": "1"},
    "paths": {
        "/orders": {
            "get": {
                "responses": {
                    "200": {
                        "description": "all",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "array",
                                    "items": {
                                        "type": "object",
                                        "required": ["id"],
                                        "properties": {
                                            "id": {"type": "string"},
                                            "item": {"type": "string"},
                                            "count": {"type": "integer"},
                                        },
                                    },
                                }
                            }
                        },
                    }
                }
            }
        }
    },
}

Order = dict[str, JsonValue]


@dataclass(slots=True)
class Shop:
    """
    A shop that lives; what a test changes in it is what is different from the recording.
    """

    url: str = ""
    orders: list[Order] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    refusals: list[tuple[int, Mapping[str, str]]] = field(default_factory=list)
    change: Callable[[Order], Order] = dict

    def order(self, item: str) -> Order:
        made: Order = {"id": str(uuid.uuid4()), "item": item, "count": 1}
        self.orders.append(made)
        return made


@pytest.fixture
def shop() -> Iterator[Shop]:
    shop = Shop()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shop.asked.append(f"GET {self.path}")
            shop.keys.append(self.headers.get("x-key", ""))
            if shop.refusals:
                status, headers = shop.refusals.pop(0)
                self._send(status, {"error": "busy"}, headers)
            elif self.path == "/orders":
                self._send(200, [shop.change(order) for order in shop.orders])
            else:
                found = [order for order in shop.orders if self.path.endswith(str(order["id"]))]
                self._send(200, shop.change(found[0])) if found else self._send(404, {"error": "no such"})

        def do_POST(self) -> None:
            shop.asked.append(f"POST {self.path}")
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            if self.path == "/reset":
                shop.orders.clear()
                self._send(200, {})
            else:
                self._send(201, shop.change(shop.order(json.loads(body)["item"])))

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            pass

        def _send(self, status: int, value: JsonValue, headers: Mapping[str, str] | None = None) -> None:
            content = json.dumps(value).encode()
            self.send_response(status)
            for name, text in {"content-type": "application/json", **(headers or {})}.items():
                self.send_header(name, text)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        shop.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield shop
        server.shutdown()
        thread.join()


@dataclass(frozen=True, slots=True)
class Verify:
    """
    A project with one cassette, and the command in it.
    """

    root: Path
    shop: Shop
    capsys: pytest.CaptureFixture[str]

    def record(self, *interactions: str) -> None:
        cassette = self.root / "cassettes" / "test_shop" / "test_orders.yaml"
        cassette.parent.mkdir(parents=True, exist_ok=True)
        head = CASSETTE.format(count=len(interactions))
        cassette.write_text(head + "".join(interactions), encoding="utf-8")

    def __call__(self, *arguments: str, url: str = "") -> tuple[int, str]:
        code = main(["verify", "--against", url or self.shop.url, "--rate", "0", *arguments])
        captured = self.capsys.readouterr()
        return code, captured.out + captured.err


@pytest.fixture
def verify(
    tmp_path: Path, shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Verify:
    (tmp_path / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SHOP_KEY", raising=False)
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    return Verify(tmp_path, shop, capsys)


def test_an_id_of_an_answer_is_sent_back_in_the_next_request(verify: Verify) -> None:
    order = verify.shop.order("plum")
    verify.record(LIST, ONE)

    code, said = verify()

    assert verify.shop.asked == ["GET /orders", f"GET /orders/{order['id']}"]
    assert (code, "2 requests of 1 cassette" in said) == (0, True), said


def test_what_may_change_something_is_not_sent_nor_what_needs_its_answer(verify: Verify) -> None:
    verify.shop.order("plum")
    verify.record(LIST.replace("<uuid:1>", "<uuid:2>"), MADE, ONE)

    code, said = verify("-v")

    assert code == 0, said
    assert verify.shop.asked == ["GET /orders"]
    assert "POST http://shop.test/orders of cassettes/test_shop/test_orders.yaml: it may change" in said
    assert "it needs what POST http://shop.test/orders answers" in said


def test_with_writes_the_service_is_reset_and_everything_is_sent_in_order(verify: Verify) -> None:
    verify.shop.order("left over")
    verify.record(MADE, ONE, LIST)

    code, said = verify("--writes", "--compare", "exact")

    made = verify.shop.orders[0]["id"]
    assert verify.shop.asked == ["POST /reset", "POST /orders", f"GET /orders/{made}", "GET /orders"]
    assert code == 0, said


@pytest.mark.parametrize("compare", ["shape", "exact"])
def test_a_member_that_is_gone_is_breaking(verify: Verify, compare: str) -> None:
    verify.shop.order("pear")
    verify.shop.change = lambda order: {name: value for name, value in order.items() if name != "count"}
    verify.record(LIST)

    code, said = verify("--compare", compare)

    assert code == 2, said
    assert "- response.json[0].count: 1  (breaking)" in said


def test_a_member_that_is_new_is_to_be_looked_at(verify: Verify) -> None:
    verify.shop.order("plum")
    verify.shop.change = lambda order: {**order, "colour": "blue"}
    verify.record(LIST)

    code, said = verify()

    assert (code, '+ response.json[0].colour: "blue"  (safe)' in said) == (1, True), said


def test_another_type_is_breaking(verify: Verify) -> None:
    verify.shop.order("plum")
    verify.shop.change = lambda order: {**order, "count": "many"}
    verify.record(LIST)

    code, said = verify()

    assert (code, '~ response.json[0].count: 1 -> "many"  (breaking)' in said) == (2, True), said


def test_another_value_counts_only_where_everything_is_compared(verify: Verify) -> None:
    verify.shop.order("plum")
    verify.record(LIST)

    assert verify()[0] == 0
    code, said = verify("--compare", "exact")

    assert code == 1, said
    assert '~ response.json[0].item: "pear" -> "plum"' in said
    assert "uuid" not in said


def test_other_numbers_of_items_are_the_same_shape(verify: Verify) -> None:
    for item in ("plum", "fig", "date"):
        verify.shop.order(item)
    verify.record(LIST)

    assert verify()[0] == 0


def test_what_the_lock_does_not_allow_is_found(verify: Verify) -> None:
    locks = verify.root / "cassettes" / "contracts"
    locks.mkdir(parents=True)
    (locks / "shop.openapi.json").write_text(json.dumps(OPENAPI), encoding="utf-8")
    verify.shop.order("plum")
    verify.shop.change = lambda order: {**order, "count": "many", "colour": "blue"}
    verify.record(LIST)

    code, said = verify("--compare", "contract")

    assert code == 2, said
    assert "response.contract" in said
    assert "count" in said
    assert "colour" not in said


def _lock(verify: Verify, *, count: Mapping[str, JsonValue]) -> None:
    """
    A lock in which an order may have a *count* of that schema; the shop does not show it itself.
    """
    text = PYPROJECT.replace("secrets =", "contract = { openapi = '/openapi.json' }\nsecrets =")
    (verify.root / "pyproject.toml").write_text(text, encoding="utf-8")
    locks = verify.root / "cassettes" / "contracts"
    locks.mkdir(parents=True)
    lock = json.dumps(OPENAPI).replace('{"type": "integer"}', json.dumps(count))
    (locks / "shop.openapi.json").write_text(lock, encoding="utf-8")


@pytest.mark.parametrize(
    ("count", "live", "code"),
    [
        ({"type": "integer"}, {}, 0),
        ({"type": ["integer", "null"]}, {"count": None}, 0),
        ({"type": ["integer", "string"]}, {"count": "one"}, 0),
        ({"type": "integer"}, {"count": None}, 2),
        ({"type": "integer"}, {"count": 1, "unknown": 1}, 1),
    ],
)
def test_other_data_that_the_lock_permits_are_no_difference_of_shape(
    verify: Verify, count: Mapping[str, JsonValue], live: Order, code: int
) -> None:
    """
    Nor is it hidden: ``-v`` shows each of them.
    """
    _lock(verify, count=count)
    verify.shop.order("pear")
    verify.shop.change = lambda order: {**{name: order[name] for name in ("id", "item")}, **live}
    verify.record(LIST)

    found, said = verify("-v")

    assert found == code, said
    assert ("permitted by the lock: 1 difference of other data" in said) is (code == 0)
    assert ("response.json[0].count" in said) is (code in {0, 2})


def test_members_of_a_map_are_data(verify: Verify) -> None:
    _lock(verify, count={"type": "object", "additionalProperties": True})
    verify.shop.order("pear")
    verify.shop.change = lambda order: {**order, "count": {"large": 1}}
    verify.record(LIST.replace("count: 1", "count:\n        small: 1"))

    code, said = verify()

    assert code == 0, said
    assert "permitted by the lock: 2 differences of other data (-v shows them)" in said


def test_a_contract_that_the_service_does_not_show_is_not_compared(verify: Verify) -> None:
    _lock(verify, count={"type": "integer"})
    verify.shop.order("pear")
    verify.record(LIST)

    code, said = verify()

    assert code == 0, said
    assert "the contract is not compared: cannot fetch the openapi contract of shop" in said


def test_without_a_write_what_it_made_need_not_be_there(verify: Verify) -> None:
    """
    An id that the client itself chose is in both requests, and no live answer gives it.
    """
    made = MADE.replace("url: http://shop.test/orders", "url: http://shop.test/orders/7")
    verify.record(made, ONE.replace("<uuid:1>", "7"), LIST.replace("<uuid:1>", "<uuid:2>"))

    code, said = verify("-v")

    assert code == 0, said
    assert verify.shop.asked == ["GET /orders/7", "GET /orders"]
    assert (
        "not compared: GET http://shop.test/orders/7 of cassettes/test_shop/test_orders.yaml: it asks" in said
    )
    assert "it asks for what POST http://shop.test/orders/7 changes, which was not sent" in said


def test_what_no_write_of_the_recording_made_has_to_be_there(verify: Verify) -> None:
    elsewhere = MADE.replace("http://shop.test/orders", "http://shop.test/customers")
    verify.record(elsewhere, ONE.replace("<uuid:1>", "7"))

    code, said = verify()

    assert code == 2, said
    assert "2. GET http://shop.test/orders/7" in said, "the number that it has in the cassette"
    assert "response.status: 200 -> 404  (breaking)" in said


def test_a_service_that_refuses_everything_was_not_verified(verify: Verify) -> None:
    verify.shop.refusals += [(401, {}), (401, {})]
    verify.record(LIST, LIST)

    code, said = verify("--header", "x-key: expired-key")

    assert code == 3, said
    assert "refused all 2 requests; the first: GET http://shop.test/orders gave status 401" in said
    assert "see whether the credentials are right" in said
    assert "expired-key" not in said


def test_one_refusal_is_a_difference(verify: Verify) -> None:
    verify.shop.refusals += [(403, {})]
    verify.record(LIST, LIST)

    code, said = verify()

    assert code == 2, said
    assert "response.status: 200 -> 403  (breaking)" in said


def test_the_comparison_with_a_contract_needs_a_lock(verify: Verify) -> None:
    verify.record(LIST)

    code, said = verify("--compare", "contract")

    assert (code, "shop has no lock" in said) == (3, True), said


def test_an_answer_that_was_refused_is_not_asked_for_again(verify: Verify) -> None:
    verify.record(LIST.replace("status: 200", "status: 401"))

    code, said = verify()

    assert (code, verify.shop.asked) == (3, [])
    assert "1 request: it was refused when it was recorded" in said


KEY = """\
    headers:
      x-key: <secret:SHOP_KEY>
"""


def test_a_secret_is_sent_and_never_shown(verify: Verify, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_KEY", "live-key-of-the-shop")
    verify.shop.order("live-key-of-the-shop")
    verify.record(LIST.replace("  response:", f"{KEY}  response:"))

    code, said = verify("--compare", "exact", "--json", "-")

    assert verify.shop.keys == ["live-key-of-the-shop"]
    assert code == 1, said
    assert "live-key-of-the-shop" not in said


def test_a_secret_without_a_value_is_asked_for(verify: Verify) -> None:
    verify.record(LIST.replace("  response:", f"{KEY.replace('SHOP_KEY', 'x-other')}  response:"))

    code, said = verify()

    assert (code, verify.shop.asked) == (3, [])
    assert "needs the secret x-other: give the header that sends it with --header, or in the headers" in said


def test_a_header_may_be_given_in_the_place_of_the_recorded_one(verify: Verify) -> None:
    verify.shop.order("plum")
    verify.record(LIST.replace("  response:", f"{KEY.replace('SHOP_KEY', 'x-other')}  response:"))

    code, said = verify("--header", "X-Key: typed-by-hand")

    assert (code, verify.shop.keys) == (0, ["typed-by-hand"]), said


def test_where_nothing_listens_the_command_could_not_run(verify: Verify) -> None:
    verify.record(LIST)
    nowhere = f"http://127.0.0.1:{free_port()}"

    code, said = verify(url=nowhere)

    assert code == 3
    assert f"GET {nowhere}/orders: connection refused\nstart the service, or give the address" in said


@pytest.mark.parametrize("url", ["shop.example", "ftp://shop.example", "http://shop.example:port"])
def test_what_is_no_address_is_refused(verify: Verify, url: str) -> None:
    verify.record(LIST)

    code, said = verify(url=url)

    assert (code, f"--against {url}: expected is an address like" in said) == (3, True), said


def test_another_recorded_address_can_be_verified(verify: Verify) -> None:
    verify.shop.order("plum")
    verify.record(LIST, LIST.replace("http://shop.test", "https://api.example.com"))

    code, said = verify()
    assert (code, "were recorded from shop, https://api.example.com; say which" in said) == (3, True), said

    code, said = verify("--service", "https://api.example.com")
    assert (code, verify.shop.asked) == (0, ["GET /orders"]), said


def test_a_service_that_is_busy_is_asked_again_when_it_says(shop: Shop) -> None:
    shop.refusals = [(429, {"retry-after": "7"}), (503, {"retry-after": "2"})]
    waited: list[float] = []
    live = LiveService(rate=0, timeout=5.0, sleep=waited.append)

    answer = live.ask(LiveRequest(method="GET", url=f"{shop.url}/orders"))

    assert (answer.status, waited) == (200, [7, 2])


def test_a_service_that_stays_busy_is_an_error(shop: Shop) -> None:
    shop.refusals = [(429, {"retry-after": "1"})] * 9
    live = LiveService(rate=0, timeout=5.0, sleep=lambda _: None)

    with pytest.raises(ServiceError, match="429, and asks to wait 1 s; ask it less often with --rate"):
        live.ask(LiveRequest(method="GET", url=f"{shop.url}/orders"))


def test_requests_keep_the_distance_that_the_rate_gives(shop: Shop) -> None:
    waited: list[float] = []
    live = LiveService(rate=4, timeout=5.0, sleep=waited.append, clock=lambda: 100.0)

    for _ in range(3):
        live.ask(LiveRequest(method="GET", url=f"{shop.url}/orders"))

    assert waited == [0.25, 0.5]


@pytest.mark.parametrize(
    ("document", "writes"),
    [
        ("{ notes { id } }", False),
        ("query Q($a: Int = 1, $b: In = {x: 1}) @cached { notes(first: $a) { id } }", False),
        ("fragment F on Note { id } query Q { notes { ...F } }", False),
        ('# mutation {}\nquery Q { notes(text: "mutation { x }") { id } }', False),
        ('query Q { a(text: """mutation { x }""") }', False),
        ("mutation { drop }", True),
        ("query Q { a } mutation M { b }", True),
        ("subscription { a }", True),
        ("", True),
    ],
)
def test_only_queries_of_graphql_change_nothing(document: str, writes: bool) -> None:  # noqa: FBT001 - a case
    body = JsonBody({"query": document})

    assert is_write(StoredRequest(method="POST", url="http://shop.test/graphql", body=body)) is writes


def test_a_batch_with_one_mutation_changes_something() -> None:
    body = JsonBody([{"query": "{ a }"}, {"query": "mutation { b }"}])

    assert is_write(StoredRequest(method="POST", url="http://shop.test/graphql", body=body))


@pytest.mark.parametrize(
    ("recorded", "live", "found"),
    [
        ({"a": 1}, {"a": 2.5}, []),
        ({"a": None}, {"a": {"b": 1}}, []),
        ({"a": 1}, {"a": None}, ["changed json.a"]),
        ([{"a": 1}, {"b": 1}], [{"a": 1}, {}], []),
        ([{"a": 1}, {"a": 1, "b": 1}], [{"b": 1}, {"b": 2}], ["removed json[0].a"]),
        ([], [{"a": 1}], []),
        ([1, "x"], ["y", 2, True], ["changed json[2]"]),
        ({"a": [1]}, {"a": []}, []),
        ({"a": True}, {"a": 1}, ["changed json.a"]),
        ({"n": "<counter:1>"}, {"n": 5}, []),
    ],
)
def test_shapes_are_members_and_types(recorded: JsonValue, live: JsonValue, found: list[str]) -> None:
    old, new = (StoredResponse(status=200, body=JsonBody(value)) for value in (recorded, live))

    differences = [
        f"{one.kind.value} {one.path.removeprefix('response.')}" for one in shape_differences(old, new)
    ]

    assert differences == found

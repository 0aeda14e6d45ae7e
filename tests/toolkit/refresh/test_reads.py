"""
Severity looks at what the tests read of the answers; what nobody can know counts as read.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from taketwo.cassette.store.source_digest import source_digest
from taketwo.contract.changes import Change, Kind, Severity
from taketwo.contract.read_locks import UnreadLock, read_unread, write_unread
from taketwo.plugin.reads.observed import ObservedReads
from taketwo.usage.reads import Reads, is_unnoticed
from tests.toolkit.conftest import Project
from tests.toolkit.refresh.conftest import environment

READS = "contracts/catalogue.reads.json"
ITEM = '{"name": "a", "price": 1, "owner": {"id": 1, "mail": "x"}, "tags": [{"id": 1, "text": "b"}]}'


class Response:
    """
    An answer as a client has it: its module is that of a client.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    def json(self) -> Any:  # noqa: ANN401 - any JSON
        return eval("json.loads(text)", {"__name__": "httpx", "json": json, "text": self.text})  # noqa: S307 - ours


READERS: dict[str, tuple[Callable[[Any], object], set[str]]] = {
    "an item": (lambda item: item["name"], {"name"}),
    "get": (lambda item: item.get("name"), {"name"}),
    "whether it is there": (lambda item: "price" in item, {"price"}),
    "of an object inside": (lambda item: item["owner"]["id"], {"owner", "owner.id"}),
    "of each in a list": (
        lambda item: [one["id"] for one in item["tags"]],
        {"tags", "tags.0", "tags.0.id"},
    ),
    "nothing but the truth": (bool, set()),
    "the names": (set, {"name", "price", "owner", "tags"}),
    "how many there are": (len, {"name", "price", "owner", "tags"}),
    "all by equality": (lambda item: item == {}, {"*"}),
    "all by inequality": (lambda item: item != {}, {"*"}),
    "an object inside as a text": (lambda item: str(item["owner"]), {"owner", "owner.id", "owner.mail"}),
    "a copy": (lambda item: item.copy(), {"*"}),
    "a union": (lambda item: item | {"more": 1}, {"*"}),
    "as arguments": (
        lambda item: dict(**item),
        {"name", "price", "owner", "tags"},
    ),
    "as JSON": (json.dumps, {"*"}),
    "a list from the end": (lambda item: list(reversed(item["tags"])), {"tags", "tags.0"}),
}
PATHS = ("name", "price", "owner", "owner.id", "owner.mail", "tags", "tags.0", "tags.0.id", "tags.0.text")


@pytest.mark.parametrize(("read", "expected"), READERS.values(), ids=READERS)
def test_what_is_taken_out_of_an_answer_is_read(read: Callable[[Any], object], expected: set[str]) -> None:
    observed = ObservedReads()

    with observed.watching():
        read(Response(ITEM).json())

    assert _read(observed) == (set(PATHS) if expected == {"*"} else expected)


def test_an_answer_that_nobody_parses_in_sight_is_read() -> None:
    observed = ObservedReads()

    with observed.watching():
        json.loads(ITEM)
        Response(ITEM).json()

    assert _read(observed) == set(PATHS)


def test_an_answer_that_a_library_in_c_gets_is_read() -> None:
    pydantic = pytest.importorskip("pydantic")
    adapter = pydantic.TypeAdapter(dict[str, object])
    observed = ObservedReads()

    with observed.watching():
        adapter.validate_python(Response(ITEM).json())

    assert _read(observed) == set(PATHS)


def test_an_answer_in_another_form_than_the_cassette_holds_is_read() -> None:
    observed = ObservedReads()

    with observed.watching():
        assert Response(ITEM).json()["name"] == "a"

    assert observed.is_read(ITEM.encode(), {"name": "a"}, ("price",))


def _read(observed: ObservedReads) -> set[str]:
    stored = json.loads(ITEM)
    steps = {path: tuple(int(step) if step.isdigit() else step for step in path.split(".")) for path in PATHS}
    return {path for path, each in steps.items() if observed.is_read(ITEM.encode(), stored, each)}


@pytest.mark.parametrize(
    ("change_id", "coordinate", "unnoticed"),
    [
        ("response-property-removed", "GET /a 200 body.price", True),
        ("response-property-type-changed", "GET /a 200 body.price", True),
        ("response-property-removed", "GET /a 200 body.name", False),
        ("request-property-removed", "GET /a 200 body.price", False),
        ("contract-changed", "GET /a 200 body.price#/x", False),
    ],
)
def test_only_a_change_of_an_answer_goes_unnoticed(
    change_id: str,
    coordinate: str,
    unnoticed: bool,  # noqa: FBT001 - a column of the table
) -> None:
    lock = UnreadLock(source="s", unread={Kind.OPENAPI: frozenset({"GET /a 200 body.price"})})
    change = Change(
        id=change_id, coordinate=coordinate, severity=Severity.BREAKING, message="", kind=Kind.OPENAPI
    )

    assert is_unnoticed(change, lock) is unnoticed
    assert not is_unnoticed(change, None)


def test_a_pending_recording_adds_to_what_is_known_of_the_accepted_one() -> None:
    earlier = UnreadLock(source="s", unread={Kind.OPENAPI: frozenset({"old", "now read"})})
    reads = Reads(read={Kind.OPENAPI: frozenset({"now read"})}, unread={Kind.OPENAPI: frozenset({"new"})})

    assert reads.lock("s", earlier).unread == {Kind.OPENAPI: frozenset({"old", "new"})}
    assert reads.lock("other source", earlier).unread == {Kind.OPENAPI: frozenset({"new"})}
    assert Reads.from_json(reads.as_json()) == reads


def test_the_file_says_the_same_in_any_order_and_goes_when_it_says_nothing(tmp_path: Path) -> None:
    one, two = (UnreadLock(source="s", unread={Kind.OPENAPI: frozenset({name})}) for name in ("a", "b"))
    write_unread(tmp_path / "1", "shop", {"t::one": one})
    write_unread(tmp_path / "1", "shop", {"t::two": two})
    write_unread(tmp_path / "2", "shop", {"t::two": two, "t::one": one})
    texts = [(tmp_path / folder / "shop.reads.json").read_bytes() for folder in "12"]

    found = read_unread(tmp_path / "1", "shop")
    write_unread(tmp_path / "1", "shop", {}, is_gone=lambda _: True)

    assert (texts[0], found) == (texts[1], {"t::one": one, "t::two": two})
    assert not (tmp_path / "1/shop.reads.json").exists()


def test_another_source_of_a_test_has_another_digest(tmp_path: Path) -> None:
    module = tmp_path / "tests/test_a.py"
    module.parent.mkdir()
    module.write_bytes(b"a\n")
    first = source_digest(tmp_path, "tests/test_a.py::test_one")
    module.write_bytes(b"a\r\n")

    assert source_digest(tmp_path, "tests/test_a.py::test_one[1]") == first
    (tmp_path / "conftest.py").write_bytes(b"b\n")
    assert source_digest(tmp_path, "tests/test_a.py::test_one") != first
    assert source_digest(tmp_path, "tests/test_b.py::test_one") == ""


def test_what_no_test_reads_may_go(catalogue: Project) -> None:
    """
    The price is read by no test of a made item, the author by one; recorded again, nothing is another byte.
    """
    before = catalogue.files()

    again = catalogue.pytest("--record-mode=rewrite")
    lost = catalogue.refresh("--check", "--all", "--json", "-", environment=environment("price-optional", ""))
    told = json.loads(lost.output)
    cause = next(one for one in told["causes"] if one["rule"])
    unread = json.loads(before[READS])["tests/test_items.py::test_made"]["openapi"]

    assert (again.tail, catalogue.files()) == ("6 passed", before)
    assert "POST /items 201 body.price" in unread
    assert "POST /items 201 body.id" not in unread
    assert (cause["promised"], bool(cause["unread"])) == ("breaking", True)
    made = next(one for one in told["cassettes"] if one["cassette"].endswith("test_author.yaml"))
    assert [one["severity"] for one in made["differences"] if one["kind"] == "removed"] == ["safe"]


def test_an_edited_test_may_read_anything(catalogue: Project) -> None:
    module = catalogue.root / "tests/test_items.py"
    module.write_text(module.read_text(encoding="utf-8") + "\n# another source\n", encoding="utf-8")

    lost = catalogue.refresh("--check", "--all", "--json", "-", environment=environment("price-optional", ""))
    told = json.loads(lost.output)

    assert [one["unread"] for one in told["causes"] if one["rule"]] == [[]]

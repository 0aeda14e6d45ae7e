"""
What is said of real changes of a contract and of real bugs beside them: explained or not, by which cause.

The service and its bugs are those of ``catalogue.py``. It runs in this process, is asked over HTTP as it was
and as it is, and what it answered is recorded, compared, explained and decided on; the commands that do the
same are tried in ``test_locks.py``.
"""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from taketwo.cassette.base_urls import BaseUrls
from taketwo.cassette.model import Cassette, Exchange, LiveRequest, LiveResponse
from taketwo.cassette.record import make_cassette_after
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.text.writer import dump_cassette
from taketwo.cassette.volatile.detect import Detector
from taketwo.config.services import ContractPaths, ServiceConfig
from taketwo.contract.changes import Kind
from taketwo.contract.comparing import service_changes
from taketwo.contract.document import Contract, Contracts
from taketwo.refresh.answer_reading import ServiceContracts
from taketwo.refresh.decision import decision_on
from taketwo.refresh.explain import Explanation, causes_of, compare_failed, compare_recordings, explain_all
from taketwo.refresh.inventory import StoredCassette
from taketwo.results import CassetteResult, ContractDiff, Location, RefreshResult, Status
from taketwo.usage.usage import UsageReader, usages_of
from tests.toolkit.refresh import catalogue

CLEAN, TO_REVIEW, BREAKING = 0, 1, 2
URL = "http://catalogue.test"
SERVICE = ServiceConfig(
    name="catalogue", command=("catalogue",), url=URL, contract=ContractPaths(openapi="/openapi.json")
)


@dataclass(slots=True)
class Client:
    """
    Asks the service, and keeps what was exchanged.
    """

    port: int
    exchanges: list[Exchange] = field(default_factory=list)

    def ask(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - any JSON
        sent = b"" if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json"} if sent else {}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, sent or None, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        kept = tuple(
            (name, value) for name, value in answer.getheaders() if name.lower() not in _OF_THE_SERVER
        )
        number = 2 * len(self.exchanges)
        self.exchanges.append(
            Exchange(
                request=LiveRequest(
                    method=method, url=f"{URL}{path}", headers=tuple(headers.items()), body=sent
                ),
                response=LiveResponse(status=answer.status, headers=kept, body=content),
                issued=number,
                answered=number + 1,
            )
        )
        return json.loads(content) if content[:1] in {b"{", b"["} else None

    def post(self, **draft: str) -> Any:  # noqa: ANN401 - any JSON
        return self.ask("POST", "/items", draft)


_OF_THE_SERVER = {"server", "date", "content-length"}


# None of these asserts anything that a change touches, but the last two.


def made(client: Client) -> None:
    item = client.post(title="first")
    client.ask("GET", f"/items/{item.get('id')}")


def listed(client: Client) -> None:
    client.post(title="a")
    client.post(title="b", status="live")
    client.ask("GET", "/items")


def deleted(client: Client) -> None:
    item = client.post(title="x")
    client.ask("DELETE", f"/items/{item.get('id')}")


def motd(client: Client) -> None:
    client.ask("GET", "/motd")


def author(client: Client) -> None:
    item = client.post(title="y")
    assert item["author"] == "Ada"


def live(client: Client) -> None:
    item = client.post(title="z")
    assert item["status"] == "draft"


TESTS: Mapping[str, Callable[[Client], None]] = {
    "made": made,
    "listed": listed,
    "deleted": deleted,
    "motd": motd,
    "author": author,
    "live": live,
}


@dataclass(frozen=True, slots=True)
class Scenario:
    """
    What is switched on, and what has to be said of it.

    * ``explained`` are the names of the values that are explained, ``unexplained`` those that are not
    * ``rules`` are the changes that something is due to
    * ``left`` are the cassettes that the acceptance of all ``rules`` leaves
    * ``failing`` are the tests that fail, and whether that is explained
    """

    changes: str = ""
    bugs: str = ""
    code: int = BREAKING
    explained: str = ""
    unexplained: str = ""
    rules: str = ""
    left: str = ""
    failing: dict[str, bool] = field(default_factory=dict)


EVERYWHERE = "author deleted listed live made"
ADDED, REMOVED = "response-property-added", "response-property-removed"
RENAMED = "response-property-added-as-required response-property-removed"
STATUSES = "response-success-status-added response-success-status-removed"
LIVE = {"live": False}

SCENARIOS = {
    "nothing": Scenario(code=CLEAN),
    "a property is new": Scenario("note-added", code=TO_REVIEW, explained="note", rules=ADDED),
    "a property is new, and a value is wrong": Scenario(
        "note-added",
        "always-live",
        explained="note",
        unexplained="status",
        rules=ADDED,
        left="author deleted listed made",
        failing=LIVE,
    ),
    "a property is new, and an unknown one comes": Scenario(
        "note-added",
        "colour-leaks",
        code=TO_REVIEW,
        explained="note",
        unexplained="colour",
        rules=ADDED,
        left=EVERYWHERE,
    ),
    "a property is new, and another one is gone": Scenario(
        "note-added",
        "price-lost",
        explained="note",
        unexplained="price",
        rules=ADDED,
        left=EVERYWHERE,
    ),
    "an id is new, and the numbers of the others move": Scenario(
        "revision-added", code=TO_REVIEW, explained="id revision url", rules=ADDED
    ),
    "the numbers move, and a value is wrong": Scenario(
        "revision-added",
        "price-doubled",
        code=TO_REVIEW,
        explained="id revision url",
        unexplained="price",
        rules=ADDED,
        left=EVERYWHERE,
    ),
    "a property is removed": Scenario(
        "author-removed", explained="author", rules=REMOVED, failing={"author": True}
    ),
    "a property is removed, and a value is wrong": Scenario(
        "author-removed",
        "price-doubled",
        explained="author",
        unexplained="price",
        rules=REMOVED,
        left="deleted listed live made",
        failing={"author": True},
    ),
    "a property has another type": Scenario(
        "author-object", explained="author", rules="response-property-type-changed", failing={"author": True}
    ),
    "a property is renamed": Scenario("title-renamed", explained="name title", rules=RENAMED),
    "a property is renamed, and a value is wrong": Scenario(
        "title-renamed",
        "always-live",
        explained="name title",
        unexplained="status",
        rules=RENAMED,
        left="author deleted listed made",
        failing=LIVE,
    ),
    "an enum has a new member, which appears": Scenario(
        "archived-added",
        explained="status",
        rules="response-property-enum-value-added",
        failing={"live": True},
    ),
    "an enum has a new member, which nothing shows": Scenario("archived-unseen", code=TO_REVIEW),
    "an enum has a new member, and a known one is wrong": Scenario(
        "archived-unseen", "always-live", unexplained="status", failing=LIVE
    ),
    "an enum loses the member that was there": Scenario(
        "draft-removed",
        explained="status",
        rules="response-property-enum-value-removed",
        failing={"live": True},
    ),
    "an enum loses a member, and another value is wrong": Scenario(
        "draft-removed",
        "price-doubled",
        explained="status",
        unexplained="price",
        rules="response-property-enum-value-removed",
        left="author deleted listed made",
        failing={"live": True},
    ),
    "a number becomes a text": Scenario(
        "price-text", explained="price", rules="response-property-type-changed"
    ),
    "a value becomes null, as it may": Scenario(
        "price-nullable", explained="price", rules="response-property-became-nullable"
    ),
    "a value may become null, and another one is wrong": Scenario(
        "price-nullable",
        "always-live",
        explained="price",
        unexplained="status",
        rules="response-property-became-nullable",
        left="author deleted listed made",
        failing=LIVE,
    ),
    "a property becomes optional, and is not there": Scenario(
        "price-optional", explained="price", rules="response-property-became-optional"
    ),
    "another status": Scenario("created-200", explained="status", rules=STATUSES),
    "another status, and a value is wrong": Scenario(
        "created-200",
        "price-doubled",
        explained="status",
        unexplained="price",
        rules=STATUSES,
        left=EVERYWHERE,
    ),
    "another status that no contract has": Scenario(bugs="answers-200", unexplained="status"),
    "a default cuts a list": Scenario(
        "limit-default", explained="json", rules="request-parameter-default-changed"
    ),
    "a list is empty": Scenario(bugs="empty-list", unexplained="json"),
    "a default is the value that now appears": Scenario(
        "status-default",
        explained="status",
        rules="request-property-default-changed",
        failing={"live": True},
    ),
    "an operation is removed": Scenario(
        "delete-removed", explained="headers json status", rules="operation-removed"
    ),
    "credentials are required": Scenario(
        "key-required", explained="error status text", rules="operation-security-required"
    ),
    "credentials are required, and something else is wrong": Scenario(
        "key-required",
        "always-live",
        explained="error status text",
        unexplained="status",
        rules="operation-security-required",
        left="",
        failing=LIVE,
    ),
    "another media type": Scenario(
        "motd-text",
        explained="content-type json text",
        rules="response-media-type-added response-media-type-removed",
    ),
    "a header is removed": Scenario(
        "total-removed", code=TO_REVIEW, explained="x-total", rules="response-header-removed"
    ),
    "a header is lost": Scenario(bugs="total-lost", code=TO_REVIEW, unexplained="x-total"),
    "a header is new": Scenario(
        "pages-added", code=TO_REVIEW, explained="x-pages", rules="response-header-added"
    ),
    "a value is wrong": Scenario(bugs="motd-bye", code=TO_REVIEW, unexplained="text"),
    "an answer that is too long is cut": Scenario(
        "title-trimmed", code=TO_REVIEW, explained="title", rules="response-property-max-length-added"
    ),
    "an answer is cut, and its price is wrong": Scenario(
        "title-trimmed",
        "price-doubled",
        code=TO_REVIEW,
        explained="title",
        unexplained="price",
        rules="response-property-max-length-added",
        left="made",
    ),
    "an answer has another form, as its pattern says": Scenario(
        "title-in-capitals", code=TO_REVIEW, explained="title", rules="response-property-pattern-added"
    ),
    "a number has a least value": Scenario(
        "price-at-least", code=TO_REVIEW, explained="price", rules="response-property-minimum-added"
    ),
    "a whole number becomes any number": Scenario(
        "price-number", explained="price", rules="response-property-type-widened", code=TO_REVIEW
    ),
    "an enum becomes its only member": Scenario(
        "status-const",
        explained="status",
        rules="response-property-enum-value-removed",
        failing={"live": True},
    ),
    "an enum becomes any text": Scenario(
        "status-open", explained="status", rules="response-property-enum-removed", failing={"live": True}
    ),
    "a text becomes one of two types": Scenario(
        "author-either", explained="author", rules="response-property-type-widened", failing={"author": True}
    ),
    "a text may be null": Scenario(
        "author-may-be-null",
        explained="author",
        rules="response-property-became-nullable",
        failing={"author": True},
    ),
    "a text may be null, and is another text": Scenario(
        "author-may-be-null", "author-wrong", unexplained="author", failing={"author": False}
    ),
    "a required property is new": Scenario(
        "currency-required", code=TO_REVIEW, explained="currency", rules="response-property-added-as-required"
    ),
    "an object is new, with all that it holds": Scenario(
        "maker-added", code=TO_REVIEW, explained="maker", rules=ADDED
    ),
    "a list is new, with all its items": Scenario(
        "tags-added", code=TO_REVIEW, explained="tags", rules=ADDED
    ),
    "a property may be null, and is missing": Scenario("price-nullable", "price-lost", unexplained="price"),
    "a property becomes optional, and another one is missing": Scenario(
        "price-optional",
        "title-lost",
        explained="price",
        unexplained="title",
        rules="response-property-became-optional",
        left=EVERYWHERE,
    ),
    "a property becomes optional, and a bug leaves it out": Scenario(
        "price-optional", "price-lost", explained="price", rules="response-property-became-optional"
    ),
    "a property is renamed, and an unknown one comes": Scenario(
        "title-renamed",
        "colour-leaks",
        explained="name title",
        unexplained="colour",
        rules=RENAMED,
        left=EVERYWHERE,
    ),
    "two properties change": Scenario(
        "note-added author-removed",
        explained="author note",
        rules=f"{ADDED} {REMOVED}",
        failing={"author": True},
    ),
    "two properties change, and two tests fail for two reasons": Scenario(
        "note-added author-removed",
        "always-live",
        explained="author note",
        unexplained="status",
        rules=f"{ADDED} {REMOVED}",
        left="deleted listed made",
        failing={"author": True, "live": False},
    ),
    "a request is refused for a text that is too long": Scenario(
        "title-shorter",
        explained="GET author error id price status title",
        rules="request-property-max-length-added",
    ),
    "a request is refused, and another answer is wrong": Scenario(
        "title-shorter",
        "motd-bye",
        explained="GET author error id price status title",
        unexplained="text",
        rules="request-property-max-length-added",
    ),
    "a request is refused for a property that is missing": Scenario(
        "tag-required",
        explained="DELETE GET author error id json price status title x-total",
        rules="request-property-added-as-required",
        failing={"author": True, "live": True},
    ),
    "a request is refused for its media type": Scenario(
        "form-expected",
        explained="DELETE GET author error id json price status title x-total",
        rules="request-body-media-type-removed",
        failing={"author": True, "live": True},
    ),
    "a request is refused for a parameter that is missing": Scenario(
        "page-required", explained="json status x-total", rules="request-required-parameter-added"
    ),
    "a parameter is new, which nobody sends": Scenario("order-added", code=TO_REVIEW),
    "a parameter is new, and a list has another order": Scenario(
        "order-added", "list-reversed", unexplained="json"
    ),
    "the service crashes": Scenario(
        bugs="crash",
        unexplained="DELETE GET author error id json price status title x-total",
        failing={"author": False, "live": False},
    ),
    "the service crashes, whatever its contract allows": Scenario(
        "note-added",
        "crash",
        unexplained="DELETE GET author error id json price status title x-total",
        failing={"author": False, "live": False},
    ),
    "an operation is elsewhere": Scenario(
        "motd-moved", explained="error status text", rules="operation-removed"
    ),
    "an operation is elsewhere, and a list is empty": Scenario(
        "motd-moved",
        "empty-list",
        explained="error status text",
        unexplained="json",
        rules="operation-removed",
    ),
    "an operation is removed, and a header is lost": Scenario(
        "delete-removed",
        "total-lost",
        explained="headers json status",
        unexplained="x-total",
        rules="operation-removed",
    ),
    "another status with a body of its own": Scenario(
        "deleted-200", explained="headers json status", rules=STATUSES
    ),
    "a list is in an object": Scenario("list-wrapped", explained="json", rules="response-body-type-changed"),
    "a list is in an object, and a price is wrong": Scenario(
        "list-wrapped",
        "price-doubled",
        explained="json",
        unexplained="price",
        rules="response-body-type-changed",
        left="listed",
    ),
    "a default cuts a list, and more is missing": Scenario("limit-default", "empty-list", unexplained="json"),
    "a default cuts a list, and another answer is wrong": Scenario(
        "limit-default",
        "motd-bye",
        explained="json",
        unexplained="text",
        rules="request-parameter-default-changed",
    ),
    "a list has each item twice": Scenario(bugs="list-doubled", unexplained="json", code=TO_REVIEW),
    "a default is another, and a price is wrong": Scenario(
        "status-default",
        "price-doubled",
        explained="status",
        unexplained="price",
        rules="request-property-default-changed",
        left="author deleted listed made",
        failing={"live": True},
    ),
    "a header is new, and another one is lost": Scenario(
        "pages-added",
        "total-lost",
        code=TO_REVIEW,
        explained="x-pages",
        unexplained="x-total",
        rules="response-header-added",
        left="listed",
    ),
    "a header is removed, as a bug would have it": Scenario(
        "total-removed", "total-lost", code=TO_REVIEW, explained="x-total", rules="response-header-removed"
    ),
    "a type changes, and its value is wrong": Scenario(
        "price-text", "price-doubled", explained="price", rules="response-property-type-changed"
    ),
    "a description changes, and a value is wrong": Scenario(
        "title-described", "price-doubled", unexplained="price", code=TO_REVIEW
    ),
    "an operation is deprecated": Scenario("motd-deprecated", code=TO_REVIEW),
    "an operation is deprecated, and its answer is wrong": Scenario(
        "motd-deprecated", "motd-bye", code=TO_REVIEW, unexplained="text"
    ),
    "an operation is new": Scenario("ping-added", code=TO_REVIEW),
    "a component has another name": Scenario("item-renamed", code=CLEAN),
    "a component has another name, and a value is wrong": Scenario(
        "item-renamed", "price-doubled", unexplained="price", code=TO_REVIEW
    ),
    "the document is of a newer OpenAPI": Scenario("newer-openapi", code=CLEAN),
    "an extension says something": Scenario("title-extended", code=CLEAN),
}


@dataclass(frozen=True, slots=True)
class Taken:
    """
    What all tests recorded of one version of the service, how those failed that did, and its contract.
    """

    cassettes: Mapping[str, Cassette]
    failures: Mapping[str, str]
    contracts: Contracts


@contextmanager
def serving(changes: str, bugs: str) -> Iterator[int]:
    """
    The service with these changes and bugs; gives its port.
    """
    before = catalogue.CHANGES, catalogue.BUGS
    catalogue.CHANGES, catalogue.BUGS = frozenset(changes.split()), frozenset(bugs.split())
    server = ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        catalogue.CHANGES, catalogue.BUGS = before


class Quiet(catalogue.Catalogue):
    # A connection that is kept would keep its thread.
    protocol_version = "HTTP/1.0"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        pass


def take(changes: str = "", bugs: str = "") -> Taken:
    cassettes, failures = {}, {}
    with serving(changes, bugs) as port:
        contract = Contract.from_document(catalogue.document(), service="catalogue", kind=Kind.OPENAPI)
        contracts = Contracts(service="catalogue", documents=(contract,))
        reader = UsageReader(SERVICE, contracts)
        for test, body in TESTS.items():
            catalogue.Catalogue.items.clear()
            client = Client(port)
            try:
                body(client)
            except (AssertionError, KeyError) as error:
                words = f"{type(error).__name__}: {error}".replace("\n", "\nE   ")
                failures[test] = f"    assert item[{test!r}]\nE   {words}"
            cassettes[test] = recorded(test, client, reader)
    return Taken(cassettes, failures, contracts)


def recorded(test: str, client: Client, reader: UsageReader) -> Cassette:
    made_of = make_cassette_after(
        client.exchanges,
        head=Cassette(test=test, services={"catalogue": ""}),
        redactor=Redactor({}),
        bases=BaseUrls({}),
        conversations=(),
        finder=Detector(()),
        audio=(),
    ).cassette
    return replace(made_of, services={"catalogue": reader.usage(made_of).fingerprint})


@pytest.fixture(scope="module")
def accepted() -> Taken:
    return take()


def refreshed(old: Taken, new: Taken, folder: Path) -> RefreshResult:
    """
    What a refresh finds between the two.
    """
    changes = service_changes(old.contracts, new.contracts)
    readers = [UsageReader(SERVICE, one) for one in (old.contracts, new.contracts)]
    by_service = {"catalogue": changes}
    stored = [
        StoredCassette(
            path=folder / test,
            name=test,
            cassette=cassette,
            usages=usages_of(cassette, readers[:1]),
            new_usages=usages_of(cassette, readers[1:]) if changes else {},
        )
        for test, cassette in old.cassettes.items()
    ]
    explanation = Explanation(
        changes=by_service,
        services=[ServiceContracts(old=readers[0], new=readers[1], changes=changes)] if changes else [],
    )
    results = explain_all(_compared(old, new, folder), stored, explanation)
    diff = ContractDiff(service="catalogue", live=new.contracts, changes=changes, is_locked=True)
    return RefreshResult(
        contract_diffs=(diff,),
        cassette_results=results,
        causes=causes_of(explanation, stored, results),
        written=True,
    )


def _compared(old: Taken, new: Taken, folder: Path) -> Iterator[CassetteResult]:
    for test in TESTS:
        before, after = folder / f"{test}.yaml", folder / f"{test}.new.yaml"
        before.write_text(dump_cassette(old.cassettes[test]), encoding="utf-8")
        after.write_text(dump_cassette(new.cassettes[test]), encoding="utf-8")
        result = CassetteResult(test=test, cassette=test, status=Status.UNCHANGED)
        if test in new.failures:
            failed = replace(result, status=Status.FAILED, message=new.failures[test])
            yield compare_failed(failed, before, after)
        else:
            yield compare_recordings(result, before, after)


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_a_difference_is_explained_by_what_changed_at_its_place(
    accepted: Taken, tmp_path: Path, scenario: Scenario
) -> None:
    result = refreshed(accepted, take(scenario.changes, scenario.bugs), tmp_path)
    causes = [one for one in result.contract_causes if one.explained or one.failing]
    decision = decision_on(result, [one.id for one in causes])

    assert scenario == Scenario(
        changes=scenario.changes,
        bugs=scenario.bugs,
        code=result.exit_code,
        explained=names(result, is_explained=True),
        unexplained=names(result, is_explained=False),
        rules=" ".join(sorted(one.rule for one in causes)),
        left=" ".join(sorted(decision.left)),
        failing={
            one.test: one.is_failure_explained
            for one in result.cassette_results
            if one.status is Status.FAILED
        },
    )
    # What is not explained is listed first, and keeps the lock where it is.
    assert [one.is_contract_change for one in result.causes] == sorted(
        one.is_contract_change for one in result.causes
    )
    assert not (decision.left and decision.locks)


def names(result: RefreshResult, *, is_explained: bool) -> str:
    """
    The last name of each difference that is explained, or of each that is not.
    """
    return " ".join(
        sorted(
            {
                _last_name(difference.location)
                for one in result.cassette_results
                for difference in one.differences
                if difference.is_explained is is_explained
            }
        )
    )


def _last_name(location: Location) -> str:
    return location.name or location.target.partition(" ")[0]

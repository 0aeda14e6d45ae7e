"""
Every fault, client by client: a replay raises what the client raises of a server that really does it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from taketwo.cassette.base_urls import BaseUrls
from taketwo.cassette.model import Cassette, Interaction, JsonBody, JsonStyle, StoredRequest, StoredResponse
from taketwo.cassette.secrets.redact import Redactor
from taketwo.config.faults import read_fault
from taketwo.intercept.cassette import open_cassette
from taketwo.intercept.registry import REGISTRY
from taketwo.playback.faults import Faults
from taketwo.playback.player import Player, play
from tests.toolkit.intercept.faults.clients import CLIENTS, CROWDS, outcome
from tests.toolkit.intercept.faults.unreliable import Unreliable, unreliable

_TIMEOUT, _LONG = 0.3, 30.0  # seconds
_ANSWERED = [
    ("503", {"retry_after": 2}),
    ("end", {}),
    ("malformed-chunk", {}),
    ("malformed-json", {}),
    ("no-answer", {}),
    ("read-timeout", {}),
    ("read-timeout", {"after": 0}),
    ("reset", {}),
    ("slow", {}),
    ("slow-pieces", {}),
]
_LATE = {"read-timeout", "slow", "slow-pieces"}
# aiohttp never tells its reader of a chunk that it cannot read: only a limit for the whole request ends that.
_TABLE = [
    pytest.param(client, fault, further, id="-".join([fault, *further, client]))
    for client in CLIENTS
    for fault, further in _ANSWERED
    if (client, fault) != ("aiohttp sock", "malformed-chunk")
]


@pytest.fixture(scope="module")
def server() -> Iterator[Unreliable]:
    with unreliable() as server:
        yield server


@pytest.fixture(autouse=True)
def _intercepted() -> Iterator[None]:
    with REGISTRY:  # as a session does
        yield


def _player(url: str) -> Player:
    request = StoredRequest(method="GET", url=url)
    answer = StoredResponse(
        status=200,
        headers=(("content-type", "application/json"),),
        body=JsonBody({"title": "Milk"}, style=JsonStyle.SPACED),
    )
    cassette = Cassette(test="t", interactions=(Interaction(request, answer),))
    return play(cassette, name="a.yaml", test="t", redactor=Redactor({}), reveal={}, bases=BaseUrls({}))


def replayed(url: str, fault: str, act: Callable[[], object], **further: object) -> str:
    player = _player(url)
    player.meet(Faults([read_fault(fault, **further)]))
    with open_cassette("a.yaml", {}, player=player, recorder=None, configure=None):
        found = outcome(act)
    assert player.unmatched == []
    return found


@pytest.mark.parametrize(("client", "fault", "further"), _TABLE)
def test_an_answer_with_a_fault_is_met_as_over_a_network(
    client: str, fault: str, further: dict[str, object], server: Unreliable
) -> None:
    is_late = fault in _LATE or (client, fault) == ("aiohttp", "malformed-chunk")
    path = "slow-pieces" if "after" in further else fault  # it falls silent behind the head
    url, timeout = f"{server.url}/{path}", _TIMEOUT if is_late else _LONG

    def fetch() -> object:
        return CLIENTS[client](url, timeout)

    assert replayed(url, fault, fetch, **further) == outcome(fetch)


@pytest.mark.block_network(allowed_hosts=["127.0.0.1", "nowhere.invalid"])
@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("fault", ["connect-timeout", "dns", "refused", "tls"])
def test_a_connection_that_is_not_made_is_met_as_over_a_network(
    client: str, fault: str, server: Unreliable
) -> None:
    url = {
        "connect-timeout": server.full,
        "dns": "http://nowhere.invalid",
        "refused": server.closed,
        "tls": server.secure,
    }[fault] + "/notes"
    timeout = _TIMEOUT if fault == "connect-timeout" else _LONG

    def fetch() -> object:
        return CLIENTS[client](url, timeout)

    assert replayed(url, fault, fetch) == outcome(fetch)


@pytest.mark.parametrize("client", CROWDS)
def test_a_pool_without_a_free_connection_is_met_as_over_a_network(client: str, server: Unreliable) -> None:
    url = f"{server.url}/recorded"
    live = outcome(lambda: CROWDS[client](f"{server.url}/slow-pieces", url))

    assert replayed(url, "pool-timeout", lambda: CROWDS[client]("", url)) == live

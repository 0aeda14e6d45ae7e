"""
The tables of docs/faults.md name what each client raises.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from taketwo.intercept.registry import REGISTRY
from tests.toolkit.intercept.faults import test_conversation_faults, test_http_faults
from tests.toolkit.intercept.faults.clients import CLIENTS, CROWDS

DOCS = Path(__file__).parents[4] / "tools" / "taketwo" / "docs" / "faults.md"
SHORT = 0.3  # seconds
URL = "http://127.0.0.1:9/notes"  # nothing of it is asked for
HTTP = "| `kind` | httpx, httpx2 | requests | urllib3 | aiohttp |"
SOCKETS = "| of a WebSocket | websockets | aiohttp | httpx2 |"

Row = tuple[str, str, str]
"""A fault, a client, and the name that the table has for the error."""


@pytest.fixture(autouse=True)
def _intercepted() -> Iterator[None]:
    with REGISTRY:  # as a session does
        yield


def rows(head: str) -> Iterator[Row]:
    _, _, after = DOCS.read_text(encoding="utf-8").partition(f"{head}\n")
    clients = [cell.strip() for cell in head.strip("|").split("|")][1:]
    for line in after.splitlines()[1:]:
        if not line.startswith("|"):
            return
        faults, *errors = line.strip("|").split("|")
        for fault in re.findall("`(.+?)`", faults):
            for named, error in zip(clients, errors, strict=True):
                yield from ((fault, client, error.strip(" `")) for client in named.split(", "))


def raised(fault: str, client: str) -> str:
    def act() -> object:
        return CROWDS[client]("", URL) if fault == "pool-timeout" else CLIENTS[client](URL, SHORT)

    return _name(test_http_faults.replayed(URL, fault, act))


def raised_by_socket(fault: str, client: str) -> str:
    url = URL.replace("http", "ws", 1)
    clients = test_conversation_faults
    act: Callable[[str, float], object] = (clients.WAITING if fault == "read-timeout" else clients.CLIENTS)[
        client
    ]
    found = clients.replayed(url, fault, lambda: act(url, SHORT))
    ended = re.match(r"\(\[.*\], '(CLOSED?)'", found)
    return f"a message `{ended[1]}" if ended else _name(found)


def _name(outcome: str) -> str:
    return outcome.partition(":")[0].rpartition(".")[2]


@pytest.mark.parametrize(("fault", "client", "error"), list(rows(HTTP)))
def test_a_client_raises_what_the_table_says(fault: str, client: str, error: str) -> None:
    if error == "has none":
        assert client not in CROWDS
        return

    assert raised(fault, client) == error


@pytest.mark.parametrize(("fault", "client", "error"), list(rows(SOCKETS)))
def test_a_client_of_websockets_raises_what_the_table_says(fault: str, client: str, error: str) -> None:
    client = "websockets threads" if client == "websockets" else client

    assert raised_by_socket(fault, client) == error

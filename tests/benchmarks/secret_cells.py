"""
The cells of the table of secrets: each is one test of what a client sends, or of what a service answers.

A client sends a value and the service repeats it; or the service answers with one that the client sends back.
Either is recorded, and replayed with the service out of reach.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

from tests.benchmarks.secret_corpus import (
    CARRIERS,
    FORMS,
    HARMLESS,
    NAMES,
    PACKED,
    PLACES,
    VARIABLES,
    Message,
    answered,
    packed,
    secrets,
)

REQUEST, ANSWER = "request", "answer"
EVERY = "SECRET_TABLE_EVERY"
ADDRESS, MODE = "SECRET_TABLE_ADDRESS", "SECRET_TABLE_MODE"
_BODY_METHODS = {True: "POST", False: "GET"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """
    A *value* that a cell sends once, under *name*.
    """

    name: str
    value: str
    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """
    *table* is what the cell counts for, and *row* its place or encoding there.
    """

    number: int
    table: str
    row: str
    direction: str
    items: tuple[Item, ...]

    @property
    def mark(self) -> str:
        """
        What is in the name of each file of the cell, and in no other.
        """
        return f"c{self.number:03}"


@cache
def cells() -> Mapping[str, Cell]:
    """
    Every cell by its mark.
    """
    every = int(os.environ.get(EVERY, "1"))
    found = (
        # Another part of the names in each cell, so that each name is in some of them.
        Cell(
            number=number,
            table=table,
            row=row,
            direction=direction,
            items=tuple(items[number % every :: every]),
        )
        for number, (table, row, direction, items) in enumerate(_cells())
    )
    return {cell.mark: cell for cell in found}


def _cells() -> Iterator[tuple[str, str, str, list[Item]]]:
    values = secrets()
    for direction in (REQUEST, ANSWER):
        for place, make in PLACES.items():
            named = {name: _of_direction(values[name], direction) for name in NAMES}
            for table, pairs in (("secret", named), ("harmless", HARMLESS)):
                items = [
                    Item(name=name, value=value, message=make(name, value)) for name, value in pairs.items()
                ]
                yield table, place, direction, items
        for form, write in FORMS.items():
            yield (
                "encoded",
                form,
                direction,
                [
                    Item(
                        name=f"{name} in {carrier}",
                        value=values[name],
                        message=make(name, write(values[name])),
                    )
                    for name in VARIABLES
                    for carrier, make in CARRIERS.items()
                ],
            )
        for form in PACKED:
            items = [
                Item(name=name, value=values[name], message=packed(form, values[name])) for name in VARIABLES
            ]
            yield "packed", form, direction, items


def _of_direction(value: str, direction: str) -> str:
    return value if direction == REQUEST else value[::-1]


def run(mark: str) -> None:
    """
    What the test of a cell does: no failure of one item costs another.
    """
    cell = cells()[mark]
    outcomes = Path(f"outcomes-{os.environ[MODE]}.jsonl")
    with httpx.Client(base_url=os.environ[ADDRESS], trust_env=False) as client:
        for number, item in enumerate(cell.items):
            try:
                said = _exchange(client, cell, number, item)
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # noqa: BLE001 - whatever a recorder raises is an outcome
                said = ["failed", f"{type(error).__name__}: {error}"]
            with outcomes.open("a", encoding="utf-8") as file:
                file.write(json.dumps([mark, number, *said]) + "\n")


def _exchange(client: httpx.Client, cell: Cell, number: int, item: Item) -> list[str]:
    path = f"/{cell.direction}/{cell.mark}/{number}"
    if cell.direction == REQUEST:
        return ["answered", _read(_send(client, path, item.message))]
    issued = _read(client.get(path))
    back = Message(body=json.dumps({"back": issued}).encode(), media_type="application/json")
    _read(_send(client, f"/back/{cell.mark}/{number}", back))
    return ["answered", issued]


def _send(client: httpx.Client, path: str, message: Message) -> httpx.Response:
    types = [("content-type", message.media_type)] if message.media_type else []
    return client.request(
        _BODY_METHODS[bool(message.body)],
        path + message.query,
        content=message.body or None,
        headers=[*message.headers, *types],
    )


def _read(response: httpx.Response) -> str:
    """
    What a program sees of an answer, but for what the server adds to each.
    """
    response.raise_for_status()
    own = {
        "content-type",
        "content-length",
        "date",
        "server",
        "connection",
        "content-encoding",
        "transfer-encoding",
    }
    headers = [
        f"{name}: {value}" for name, value in response.headers.multi_items() if name.lower() not in own
    ]
    content = response.content
    try:
        body = content.decode()
    except UnicodeDecodeError:
        body = base64.b64encode(content).decode()
    return "\n".join([*headers, body])


class Service(BaseHTTPRequestHandler):
    """
    Repeats what a request says in its query, headers, cookies and body, or answers with the value of a cell.
    """

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the base class
        pass

    def do_GET(self) -> None:
        content = self.rfile.read(int(self.headers.get("content-length") or 0))
        path, _, query = self.path.partition("?")
        assert isinstance(self.server, Server)
        self.server.requests += 1
        if path.startswith(f"/{ANSWER}/"):
            _, _, mark, number = path.split("/")
            return self._answer(answered(cells()[mark].items[int(number)].message))
        said = Message(
            query=f"?{query}" if query else "",
            headers=tuple(self._own_headers()),
            body=content,
            media_type=self.headers.get("content-type", ""),
        )
        return self._answer(answered(said))

    def do_POST(self) -> None:
        self.do_GET()

    def _own_headers(self) -> Iterator[tuple[str, str]]:
        usual = {
            "host",
            "accept",
            "accept-encoding",
            "connection",
            "user-agent",
            "content-length",
            "content-type",
        }
        return ((name, value) for name, value in self.headers.items() if name.lower() not in usual)

    def _answer(self, message: Message) -> None:
        body = message.body or json.dumps({"headers": dict(message.headers), "link": message.query}).encode()
        self.send_response(200)
        self.send_header("content-type", message.media_type or "application/json")
        self.send_header("content-length", str(len(body)))
        for name, value in message.headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    """
    Counts its requests: in a replay there are none.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Service)
        self.requests = 0

"""
gql over HTTP, with a transport on each of the clients that it knows.
"""

from __future__ import annotations

import io
from typing import Any

import pytest
from gql import Client, FileVar, gql
from gql.transport.exceptions import TransportQueryError

from tests.toolkit.clients.suite.cell import Cell

QUERY = "query Find($name: String!) { fruit(name: $name) { id name } }"
CHANGE = "mutation Add($name: String!) { add(name: $name) { id name } }"
WRONG = "query Wrong($name: String!) { fruit(name: $name) { weight } }"
UPLOAD = "mutation Upload($file: Upload!) { upload(file: $file) }"


def client(transport: Any, url: str, **options: Any) -> Client:
    return Client(transport=transport(url=f"{url}/graphql", **options), fetch_schema_from_transport=False)


def asked(text: str, word: str) -> Any:
    request = gql(text)
    request.variable_values = {"name": word}
    return request


def json_object(transport: Any, cell: Cell) -> None:
    with client(transport, cell.url) as session:
        found = session.execute(asked(QUERY, cell.word))
        made = session.execute(asked(CHANGE, cell.word))

    assert found["fruit"]["name"] == made["add"]["name"] == cell.word
    assert found["fruit"]["id"] != made["add"]["id"]


def json_list(transport: Any, cell: Cell) -> None:
    """
    Several operations in one request.
    """
    with client(transport, cell.url) as session:
        found = session.execute_batch([asked(QUERY, cell.word), asked(CHANGE, "plum")])

    assert [found[0]["fruit"]["name"], found[1]["add"]["name"]] == [cell.word, "plum"]


def multipart_text(transport: Any, cell: Cell) -> None:
    note = io.BytesIO(f"an {cell.word}".encode())
    note.name = "note.txt"
    request = gql(UPLOAD)
    request.variable_values = {"file": FileVar(note, filename="note.txt", content_type="text/plain")}

    with client(transport, cell.url) as session:
        told = session.execute(request, upload_files=True)

    assert [part["file"] for part in told["parts"]] == [None, None, "note.txt"]


def error(transport: Any, cell: Cell) -> None:
    with client(transport, cell.url) as session, pytest.raises(TransportQueryError, match="weight"):
        session.execute(asked(WRONG, cell.word))

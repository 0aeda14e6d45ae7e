"""
What is recorded and asked for: the same requests and answers for every peer.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass

HOST = "http://shop.test"
JSON = "application/json"

_QUERY = """\
query Item($id: Int!) {
  item(id: $id) {
    id
    name
    price
  }
}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """
    One request with the answer that it has to get.
    """

    method: str = "GET"
    url: str
    body: bytes = b""
    answer: bytes
    media: str = JSON

    @property
    def headers(self) -> dict[str, str]:
        return {"accept": "*/*", **({"content-type": JSON} if self.body else {})}


def gets(count: int) -> list[Sample]:
    return [
        Sample(url=f"{HOST}/items/{number}?page={number}", answer=_item(number)) for number in range(count)
    ]


def json_posts(count: int) -> list[Sample]:
    """
    One address, and a body of its own for each.
    """
    return [
        Sample(method="POST", url=f"{HOST}/search", body=_search(number), answer=_item(number))
        for number in range(count)
    ]


def graphql_posts(count: int) -> list[Sample]:
    return [
        Sample(method="POST", url=f"{HOST}/graphql", body=_operation(number), answer=_item(number))
        for number in range(count)
    ]


def mixed(count: int) -> list[Sample]:
    """
    Half of each, in turn: what a client of an API asks for.
    """
    pairs = zip(gets(count), json_posts(count), strict=True)
    return [pair[number % 2] for number, pair in enumerate(pairs)]


def audio(count: int, size: int) -> list[Sample]:
    dice = random.Random(7)  # noqa: S311 - the same sound every time
    return [
        Sample(
            url=f"{HOST}/speech/{number}", answer=b"RIFF\xff" + dice.randbytes(size - 5), media="audio/wav"
        )
        for number in range(count)
    ]


KINDS = {"GET": gets, "JSON POST": json_posts, "GraphQL POST": graphql_posts}


def _item(number: int) -> bytes:
    return _compact(
        {
            "id": number,
            "name": f"Item {number}",
            "price": number * 1.37 / 3,
            "tags": ["a", "b"],
            "nested": {"on": True, "note": None, "text": "some words: here"},
        }
    )


def _search(number: int) -> bytes:
    return _compact({"words": f"item {number}", "limit": 10, "order": ["name", "price"]})


def _operation(number: int) -> bytes:
    return _compact({"query": _QUERY, "operationName": "Item", "variables": {"id": number}})


def _compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()

"""
Answers that hold more text than one cassette may: the largest of them become files beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from taketwo.cassette.body.limits import LARGEST_TEXT, ROOM
from taketwo.cassette.model import (
    BinaryBody,
    Body,
    Cassette,
    Exchange,
    Interaction,
    LiveResponse,
    StoredRequest,
)
from taketwo.cassette.text.writer import dump_cassette

MEASURED_FROM = LARGEST_TEXT * 3 // 4
"""Bytes that answers have on the wire; as many are below the limit in any spelling, and are not measured."""

_NO_REQUEST = StoredRequest(method="", url="")
_PACKED = 8  # times that a compressed text is longer when it is unpacked, as a rough guess


def largest_answers(exchanges: Sequence[Exchange], items: Sequence[Interaction]) -> frozenset[int]:
    """
    The numbers of those *items* whose answers have to be files, for the others to be written as text.
    """
    if sum(len(exchange.response.body) for exchange in exchanges) * _PACKED <= MEASURED_FROM:
        return frozenset()  # whether packed or not
    if sum(_length(exchange.response) for exchange in exchanges) <= MEASURED_FROM:
        return frozenset()
    sizes = list(map(_written_size, items))
    excess, found = sum(sizes) - ROOM, set[int]()
    for number in sorted(range(len(items)), key=lambda number: -sizes[number]):
        if excess <= 0:
            break
        if _is_text(items[number].response.body):
            found.add(number)
            excess -= sizes[number]
    return frozenset(found)


def with_answer_in_file(item: Interaction, content: bytes) -> Interaction:
    """
    *item* with its answer as a text that is kept in a file, unpacked.
    """
    headers = tuple(pair for pair in item.response.headers if pair[0] != "content-encoding")
    body = BinaryBody(content, is_text=True)
    return Interaction(item.request, replace(item.response, body=body, headers=headers))


def _written_size(item: Interaction) -> int:
    if not _is_text(item.response.body):  # which is a file, or short
        return 0
    answer = Interaction(_NO_REQUEST, item.response)
    return len(dump_cassette(Cassette(test="", interactions=(answer,))))


def _length(response: LiveResponse) -> int:
    is_packed = any(name.lower() == "content-encoding" for name, _ in response.headers)
    return len(response.body) * (_PACKED if is_packed else 1)


def _is_text(body: Body) -> bool:
    return body is not None and not isinstance(body, BinaryBody)

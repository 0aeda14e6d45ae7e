"""
What decides which recorded request is the one that a client sends, without the requests themselves.

It can be kept with the compiled form of a cassette: so most of a cassette need never be read by a replay that
asks for little of it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from taketwo.cassette.matching import Wire, fingerprint
from taketwo.cassette.model import BinaryBody, MultipartBody, StoredRequest
from taketwo.cassette.strings import may_hold_placeholders

_from_json = json.JSONDecoder().decode
_Line: TypeAlias = "tuple[str, str, str, str, int]"


class Outline(NamedTuple):
    """
    The requests as they go over the wire, and for each the number of the first one that is equal to it.
    """

    wires: Sequence[Wire]
    equals: Sequence[int]


def outline_of(requests: Sequence[StoredRequest], wires: Sequence[Wire]) -> Outline | None:
    """
    The outline of a cassette of one test, whose requests are *wires* as they are stored; none where a replay
    mints something in them, or where a body is no text.
    """
    if any(isinstance(one.body, BinaryBody | MultipartBody) for one in requests):
        return None
    if any("<" in wire.url or "%3C" in wire.url for wire in wires):
        return None
    if any(may_hold_placeholders(one.body, wire.body) for one, wire in zip(requests, wires, strict=True)):
        return None
    firsts: dict[object, int] = {}
    prints = map(fingerprint, requests)
    return Outline(wires, [firsts.setdefault(one, number) for number, one in enumerate(prints)])


def write_outline(outline: Outline | None) -> str:
    """
    The outline on one line, which is empty where there is none.
    """
    if outline is None:
        return ""
    lines: list[_Line] = [
        (wire.method, wire.url, wire.media_type, wire.body.decode("utf-8"), first)
        for wire, first in zip(*outline, strict=True)
    ]
    return json.dumps(lines)


def read_outline(line: str) -> Outline | None:
    """
    What :func:`write_outline` wrote.
    """
    if not line:
        return None
    lines: list[_Line] = _from_json(line)
    wires = [Wire(method, url, media_type, body.encode()) for method, url, media_type, body, _ in lines]
    return Outline(wires, [line[4] for line in lines])

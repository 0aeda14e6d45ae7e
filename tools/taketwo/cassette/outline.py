"""
What decides which recorded request is the one that a client sends, without the requests themselves.

It can be kept with the compiled form of a cassette: so most of a cassette need never be read by a replay that
asks for little of it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TypeAlias

from taketwo.cassette.matching import Wire, fingerprint
from taketwo.cassette.model import BinaryBody, StoredRequest

_Line: TypeAlias = "tuple[str, str, str, str, int]"

NO_OUTLINE = ""


def outline_of(requests: Sequence[StoredRequest], wires: Sequence[Wire]) -> str:
    """
    The outline of a cassette of one test, whose requests are *wires* as they are stored; none where a replay
    mints something in them, or where a body is no text.
    """
    if any(isinstance(one.body, BinaryBody) for one in requests):
        return NO_OUTLINE
    firsts: dict[object, int] = {}
    lines: list[_Line] = []
    for number, (request, wire) in enumerate(zip(requests, wires, strict=True)):
        body = wire.body.decode("utf-8")
        if "<" in wire.url or "%3C" in wire.url or "<" in body:
            return NO_OUTLINE
        first = firsts.setdefault(fingerprint(request), number)
        lines.append((wire.method, wire.url, wire.media_type, body, first))
    return json.dumps(lines)


def read_outline(outline: str) -> tuple[list[Wire], list[int]]:
    """
    The requests as they go over the wire, and for each the number of the first one that is equal to it.
    """
    lines: list[_Line] = json.loads(outline)
    wires = [Wire(method, url, media_type, body.encode()) for method, url, media_type, body, _ in lines]
    return wires, [line[4] for line in lines]

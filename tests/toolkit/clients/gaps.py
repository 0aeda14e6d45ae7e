"""
What cannot be recorded and replayed yet, cell by cell, with the reason.

A gap names the passes that it spoils. The matrix fails when another one is spoilt, and when one of them is
not any more: then the gap, or a part of it, is closed, and its entry has to go. ``TAKETWO_GAPS=lenient`` lets
closed gaps pass, and leaves out the families that nobody has gone through yet.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from tests.toolkit.clients.passes import Pass
from tests.toolkit.clients.table import ROWS, Row

IS_LENIENT = os.environ.get("TAKETWO_GAPS") == "lenient"


@dataclass(frozen=True, slots=True)
class Gap:
    reason: str
    passes: frozenset[Pass]


def _gap(reason: str, *passes: Pass) -> Gap:
    return Gap(reason, frozenset(passes))


_PACKED = _gap("the body stays packed, so that what is generated in it is no placeholder", Pass.AGAIN)
# Of every client of plain HTTP.
_PLAIN: Mapping[str, Gap] = {
    "packed_gzip": _gap("the body is kept unpacked, and its header content-encoding not at all", Pass.REPLAY),
    "packed_br": _PACKED,
    "packed_zstd": _PACKED,
    "not_modified": _gap("another If-None-Match is not noticed", Pass.CHANGED),
    "ranges": _gap("another Range is not noticed", Pass.CHANGED),
    "headers": _gap("requests that differ in Accept-Language alone get each other's answers", Pass.REPLAY),
    "unanswered": _gap("a request that got no answer is not recorded", Pass.REPLAY),
    "http2": _gap("the version of HTTP is not recorded", Pass.REPLAY),
}

_OWN: dict[tuple[str, str], Gap] = {
    ("tornado", "timeout"): _gap("what timed out is replayed as a connection that was closed", Pass.REPLAY),
    ("tornado", "gather"): _gap("requests are recorded in the order in which they go out", Pass.AGAIN),
}
_WORKS = {("tornado", "packed_gzip")}

_SHARED: dict[tuple[str, str], Gap] = {
    (row.name, thing): gap
    for row in ROWS
    if row.adapter and row.shared == "http"
    for thing, gap in _PLAIN.items()
    if thing in row.cells() and (row.name, thing) not in _WORKS
}
GAPS: Mapping[tuple[str, str], Gap] = {**_SHARED, **_OWN}

# Families of clients whose gaps nobody has listed yet.
UNLISTED = frozenset(
    {
        "aiohttp",
        "anthropic",
        "boto3",
        "google-genai",
        "gql",
        "httpx2",
        "mcp",
        "openai",
        "requests",
        "urllib3",
        "websockets",
    }
)


def is_passed_over(row: Row) -> bool:
    return IS_LENIENT and row.family in UNLISTED

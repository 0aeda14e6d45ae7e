"""
What cannot be recorded and replayed yet, cell by cell, with the reason.

A gap names the passes that it spoils, always or by chance. The matrix fails when another one is spoilt, and
when one of those that are always spoilt is not any more: then the gap, or a part of it, is closed, and its
entry has to go. ``TAKETWO_GAPS=lenient`` lets closed gaps pass, and leaves out the families that nobody has
gone through yet.
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
    passes: frozenset[Pass] = frozenset()
    by_chance: frozenset[Pass] = frozenset()


def _gap(reason: str, *passes: Pass) -> Gap:
    return Gap(reason, frozenset(passes))


def _by_chance(reason: str, *passes: Pass) -> Gap:
    return Gap(reason, by_chance=frozenset(passes))


_HTTP: Mapping[str, Gap] = {
    "http2": _gap("the version of HTTP is not recorded", Pass.REPLAY),
    "gather": _by_chance(
        "on a busy machine an answer may come before another task has sent its request", Pass.AGAIN
    ),
}
_SOCKETS: Mapping[str, Gap] = {
    "threads": _by_chance(
        "equal openings get the recorded conversations in their order, whichever thread opens first",
        Pass.REPLAY,
        Pass.AGAIN,
    ),
}
_OWN: dict[tuple[str, str], Gap] = {
    (name, "broken"): _gap("the end of a lost connection is replayed as a close by the test", Pass.REPLAY)
    for name in ("httpx2-ws", "httpx2-ws-async")
}

_SHARED: dict[tuple[str, str], Gap] = {
    (row.name, thing): gap
    for row in ROWS
    for thing, gap in {"http": _HTTP, "sockets": _SOCKETS}.get(row.shared, {}).items()
    if row.adapter and thing in row.cells()
}
GAPS: Mapping[tuple[str, str], Gap] = {**_SHARED, **_OWN}

# Families of clients whose gaps nobody has listed yet.
UNLISTED = frozenset({"anthropic", "google-genai", "gql", "openai"})


def is_passed_over(row: Row) -> bool:
    return IS_LENIENT and row.family in UNLISTED

"""
What cannot be recorded and replayed yet, cell by cell, with the reason.

A gap names the passes that it spoils, always or by chance. The matrix fails when another one is spoilt, and
when one of those that are always spoilt is not any more: then the gap, or a part of it, is closed, and its
entry has to go.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.toolkit.clients.passes import Pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    reason: str
    passes: frozenset[Pass] = frozenset()
    by_chance: frozenset[Pass] = frozenset()


GAPS: Mapping[tuple[str, str], Gap] = {}

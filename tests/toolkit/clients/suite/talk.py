"""
What models say in the cells: sentences, one to a piece.
"""

from __future__ import annotations

from collections.abc import Iterable

from tests.toolkit.clients.server.exchange import WORDS
from tests.toolkit.clients.suite.cell import Cell, spoken

COUNT = 24


def sentences(said: Iterable[str]) -> list[str]:
    return [one.strip() for text in said for one in text.split(".") if one.strip()]


def spoken_by_model(cell: Cell, count: int = WORDS) -> list[str]:
    return spoken(cell, count)

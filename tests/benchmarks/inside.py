"""
What the test that a benchmark runs inside of pytest has to do.
"""

from __future__ import annotations

from collections.abc import Callable

ACT: list[Callable[[], None]] = []


def act() -> None:
    ACT[0]()

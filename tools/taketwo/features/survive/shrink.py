"""
The smallest set of changes that still has an effect.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

_T = TypeVar("_T")


def smallest_set(changes: Sequence[_T], has_effect: Callable[[Sequence[_T]], bool]) -> list[_T]:
    """
    A part of *changes* that has the effect, and of which no single change can be left out.

    All of them together have it. Halves are tried first, so that few of many are found in few tries (the
    algorithm is known as ddmin).
    """
    left, parts = list(changes), 2
    while len(left) > 1:
        size = -(-len(left) // parts)
        for start in range(0, len(left), size):
            rest = [*left[:start], *left[start + size :]]
            if rest and has_effect(rest):
                left, parts = rest, max(parts - 1, 2)
                break
        else:
            if parts >= len(left):
                break
            parts = min(parts * 2, len(left))
    return left

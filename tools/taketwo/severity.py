"""
How bad a difference is, of contracts and of recordings alike.
"""

from __future__ import annotations

from enum import Enum
from functools import total_ordering


@total_ordering
class Severity(Enum):
    """
    What a difference does to those who rely on what was before. The worse one is the greater one.

    * ``BREAKING`` makes a request that was right wrong, or takes away what a reader counts on
    * ``DANGEROUS`` leaves both valid, and may still change what happens
    * ``SAFE`` does neither
    """

    SAFE = "safe"
    DANGEROUS = "dangerous"
    BREAKING = "breaking"

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Severity):
            return NotImplemented
        members = list(Severity)
        return members.index(self) < members.index(other)

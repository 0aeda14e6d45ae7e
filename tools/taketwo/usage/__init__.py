"""
Usage: what recordings touch of the contracts of the services, and where they contradict them.
"""

from __future__ import annotations

from taketwo.usage.checking import Contradiction, contradictions, is_older
from taketwo.usage.notes import Fault, Mistake, Notes
from taketwo.usage.touching import comes_to_touch, touches, touches_notes
from taketwo.usage.usage import Usage, UsageReader, is_at, is_comparable, usages_of

__all__ = [
    "Contradiction",
    "Fault",
    "Mistake",
    "Notes",
    "Usage",
    "UsageReader",
    "comes_to_touch",
    "contradictions",
    "is_at",
    "is_comparable",
    "is_older",
    "touches",
    "touches_notes",
    "usages_of",
]

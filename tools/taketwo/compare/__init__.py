"""
Drift between takes, and the structural differences it is told in.
"""

from __future__ import annotations

from taketwo.compare.aligned import Row, aligned_json, aligned_text, one_sided, opcodes, visible
from taketwo.compare.drift import Drift, drift_between, worst
from taketwo.compare.pairing import Pair, aligned, paired
from taketwo.compare.structure import Difference, Kind, canonical, differences, is_list, same

__all__ = [
    "Difference",
    "Drift",
    "Kind",
    "Pair",
    "Row",
    "aligned",
    "aligned_json",
    "aligned_text",
    "canonical",
    "differences",
    "drift_between",
    "is_list",
    "one_sided",
    "opcodes",
    "paired",
    "same",
    "visible",
    "worst",
]

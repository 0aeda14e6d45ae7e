"""
Drift between takes, and the structural differences it is told in.
"""

from __future__ import annotations

from taketwo.compare.drift import Drift, drift_between, worst
from taketwo.compare.structure import Difference, Kind, canonical, differences, same

__all__ = ["Difference", "Drift", "Kind", "canonical", "differences", "drift_between", "same", "worst"]

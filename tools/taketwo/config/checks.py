"""
What is done about a cassette that is not as it should be.
"""

from __future__ import annotations

from enum import Enum


class Check(Enum):
    """
    * ``OFF``: nobody looks
    * ``WARN``: it is told at the end of the run
    * ``FAIL``: its test fails, or the run where it has none
    """

    OFF = "off"
    WARN = "warn"
    FAIL = "fail"


def check(value: object) -> Check:
    if isinstance(value, str) and value in {each.value for each in Check}:
        return Check(value)
    raise ValueError("off, warn or fail")

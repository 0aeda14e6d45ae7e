"""
How much a function does, counted: what depends on no clock can be asserted on a busy machine.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from types import FrameType
from typing import Any


def calls_of(act: Callable[[], object]) -> Counter[str]:
    """
    How often each function, those written in C too, is called while *act* runs, by its name.
    """
    counted: Counter[str] = Counter()

    def note(frame: FrameType, event: str, function: Any) -> None:  # noqa: ANN401 - as sys.setprofile has it
        if event == "call":
            counted[frame.f_code.co_name] += 1
        elif event == "c_call":
            counted[function.__name__] += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        act()
    finally:
        sys.setprofile(before)
    return counted

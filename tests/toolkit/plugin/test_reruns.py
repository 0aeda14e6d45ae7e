"""
Tests that are run again with changes: one that hangs is ended, also where it keeps to itself that it was.
"""

from __future__ import annotations

import threading

import pytest

from taketwo.plugin.rerun.runs import Hangs, bounded


def test_who_goes_on_waiting_is_interrupted_again() -> None:
    nobody = threading.Event()

    with bounded(0.05):
        for _ in range(2):
            with pytest.raises(Hangs):
                nobody.wait()

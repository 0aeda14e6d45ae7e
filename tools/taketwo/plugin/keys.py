"""
Where the plugin keeps what its parts share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from taketwo.plugin.opened import OpenTest
    from taketwo.plugin.run import Run

RUN: pytest.StashKey[Run] = pytest.StashKey()
"""On the configuration: what this process was asked for."""

OPENED: pytest.StashKey[OpenTest] = pytest.StashKey()
"""On a test: its cassette, from setup on."""

REPORTS = pytest.StashKey[dict[str, pytest.TestReport]]()
"""On a test: its reports so far, by phase."""

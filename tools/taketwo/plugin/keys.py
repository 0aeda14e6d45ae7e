"""
Where the plugin keeps what its parts share.
"""

from __future__ import annotations

import pytest

from taketwo.plugin.session import OpenTest, Session

SESSION = pytest.StashKey[Session]()
"""On the configuration: what this process records and replays."""

OPENED = pytest.StashKey[OpenTest]()
"""On a test: its cassette, from setup on."""

REPORTS = pytest.StashKey[dict[str, pytest.TestReport]]()
"""On a test: its reports so far, by phase."""

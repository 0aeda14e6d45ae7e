"""
What became of a test that has a cassette: plain data, which travels with its report to whoever talks to the
terminal.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from taketwo.config import Unplayed
from taketwo.plugin.opened import OpenTest


class State(Enum):
    """
    What became of a test's cassette.
    """

    REPLAYED = "replayed"
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    KEPT = "kept"


def result_of(opened: OpenTest, *, files: list[str], state: State, passed: bool) -> dict[str, Any]:
    """
    The result of a test at its end; what it left unplayed or unanswered counts only where it has *passed*.
    """
    recorder = opened.recorder
    judged = passed and recorder is None and opened.player.playback.unplayed is not Unplayed.ALLOW
    left = opened.unplayed if judged else []
    return {
        "test": opened.test,
        "cassette": opened.player.name,
        "files": files,
        "state": state.value,
        "missing": recorder is None and opened.own is None,
        "unmatched": len(opened.player.unmatched),
        "unplayed": len(left) + opened.board.unplayed if judged else 0,
        "left": left if judged and opened.own and not opened.own.tests else None,
        "contradictions": opened.contradictions,
        "unanswered": recorder.unanswered + opened.board.unanswered if passed and recorder else 0,
    }

"""
Refresh: which recordings a change of contract touches, what differs when they are made again.
"""

from __future__ import annotations

from taketwo.refresh.carrying import bring_in, carry_off, prepare
from taketwo.refresh.coverage import Exercised, coverage
from taketwo.refresh.earlier import moved_coordinates
from taketwo.refresh.impact import Impact, Invalid, impact_of
from taketwo.refresh.learning import Learned, Proposal, Unexplained, learn
from taketwo.refresh.mutating import Judged, Mutated, Survivor, mutate
from taketwo.refresh.ports import Observer, Outcome, Recorded, Runner
from taketwo.refresh.renaming import Move, moves, rename
from taketwo.refresh.review import accept, pending_of, reject
from taketwo.refresh.runner import PytestRunner
from taketwo.refresh.undoing import undo
from taketwo.refresh.unused import Unused, unused_cassettes
from taketwo.refresh.usecase import Refresh
from taketwo.refresh.values import (
    Cause,
    Chosen,
    ContractNews,
    Refreshed,
    Retake,
    Status,
    Undocumented,
    Verdict,
    Wanted,
)
from taketwo.refresh.waiting import waiting

__all__ = [
    "Cause",
    "Chosen",
    "ContractNews",
    "Exercised",
    "Impact",
    "Invalid",
    "Judged",
    "Learned",
    "Move",
    "Mutated",
    "Observer",
    "Outcome",
    "Proposal",
    "PytestRunner",
    "Recorded",
    "Refresh",
    "Refreshed",
    "Retake",
    "Runner",
    "Status",
    "Survivor",
    "Undocumented",
    "Unexplained",
    "Unused",
    "Verdict",
    "Wanted",
    "accept",
    "bring_in",
    "carry_off",
    "coverage",
    "impact_of",
    "learn",
    "moved_coordinates",
    "moves",
    "mutate",
    "pending_of",
    "prepare",
    "reject",
    "rename",
    "undo",
    "unused_cassettes",
    "waiting",
]

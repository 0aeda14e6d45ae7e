"""
Recording and replaying: what happens between a client's request and its answer.
"""

from __future__ import annotations

from taketwo.recording.earlier import earlier_in
from taketwo.recording.explain import never_played
from taketwo.recording.session import Player, Recorder, play
from taketwo.recording.switchboard import Switchboard, switched

__all__ = [
    "Player",
    "Recorder",
    "Switchboard",
    "earlier_in",
    "never_played",
    "play",
    "switched",
]

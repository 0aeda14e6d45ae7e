"""
Recording and replaying: what happens between a client's request and its answer.
"""

from __future__ import annotations

from taketwo.recording.explain import never_played
from taketwo.recording.session import Player, Recorder, earlier_exchanges, play
from taketwo.recording.switchboard import DEFAULT_MANNER, Manner, Switchboard, switched

__all__ = [
    "DEFAULT_MANNER",
    "Manner",
    "Player",
    "Recorder",
    "Switchboard",
    "earlier_exchanges",
    "never_played",
    "play",
    "switched",
]

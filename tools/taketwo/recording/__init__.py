"""
Recording and replaying: what happens between a client's request and its answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from taketwo.contents import on_demand

if TYPE_CHECKING:
    from taketwo.recording.earlier import earlier_in
    from taketwo.recording.explain import never_played
    from taketwo.recording.session import Player, Recorder, play
    from taketwo.recording.switchboard import Switchboard, Switched
else:
    __getattr__ = on_demand(
        __name__,
        {
            "earlier": ("earlier_in",),
            "explain": ("never_played",),
            "session": ("Player", "Recorder", "play"),
            "switchboard": ("Switchboard", "Switched"),
        },
    )

__all__ = [
    "Player",
    "Recorder",
    "Switchboard",
    "Switched",
    "earlier_in",
    "never_played",
    "play",
]

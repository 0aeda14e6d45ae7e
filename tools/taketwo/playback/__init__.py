"""
Playing and recording the cassette of a test: what happens between a client's request and its answer.

Nothing here knows a client library; :mod:`taketwo.intercept` does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from taketwo.contents import on_demand

if TYPE_CHECKING:
    from taketwo.playback.conversations.router import ConversationRouter, RoutedConversations
    from taketwo.playback.existing import existing_in
    from taketwo.playback.messages import never_played
    from taketwo.playback.player import Player, play
    from taketwo.playback.recorder import Recorder
else:
    __getattr__ = on_demand(
        __name__,
        {
            "conversations.router": ("ConversationRouter", "RoutedConversations"),
            "existing": ("existing_in",),
            "messages": ("never_played",),
            "player": ("Player", "play"),
            "recorder": ("Recorder",),
        },
    )

__all__ = [
    "ConversationRouter",
    "Player",
    "Recorder",
    "RoutedConversations",
    "existing_in",
    "never_played",
    "play",
]

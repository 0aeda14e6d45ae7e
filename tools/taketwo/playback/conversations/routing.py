"""
Whose WebSocket connections those of this process are: the running test's, or one's that has ended.

Most tests open none, so what plays and records them is imported when one does.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from taketwo.playback.active import Owner, late_owner

if TYPE_CHECKING:
    from taketwo.cassette.model import LiveConversation
    from taketwo.config.playback import Manner
    from taketwo.playback.conversations.player import ConversationPlayer
    from taketwo.playback.conversations.recorder import ConversationRecorder
    from taketwo.playback.conversations.router import ConversationRouter
    from taketwo.playback.player import Player
    from taketwo.playback.recorder import Recorder

Route = Callable[[], "ConversationRouter"]
"""Gives what leads the connections of a test."""


class ConversationsOfTest:
    """
    The conversations of one test; called, it gives their router, which is made when that is first needed.
    """

    def __init__(self, player: Player, recorder: Recorder | None, manner: Manner) -> None:
        self._player = player
        self._recorder = recorder
        self._manner = manner
        self._lock = threading.Lock()
        self._router: ConversationRouter | None = None

    def __call__(self) -> ConversationRouter:
        from taketwo.playback.conversations.router import ConversationRouter  # noqa: PLC0415 - see above

        with self._lock:
            if self._router is None:
                self._router = ConversationRouter(self._player, self._recorder, self._manner)
        return self._router

    @property
    def recorded(self) -> list[LiveConversation]:
        """
        Those that have been recorded so far, in the order in which they were opened.
        """
        return [] if self._router is None else self._router.conversations

    @property
    def unanswered(self) -> int:
        """
        How many connections were tried, and got no answer to their opening.
        """
        return 0 if self._router is None else self._router.unanswered

    @property
    def opened(self) -> frozenset[int]:
        """
        The recorded conversations that were opened, by number.
        """
        return frozenset() if self._router is None else self._router.opened

    @property
    def unplayed(self) -> int:
        """
        How many recorded conversations were not opened, or not played to their end.
        """
        if self._router is not None:
            return self._router.unplayed
        return len(self._player.cassette.conversations) if self._player.cassette else 0


_routes: list[Route] = []


class RoutedConversations:
    """
    While open, the connections of this process are led by what *route* gives.

    Not a context variable: event loops and threads that were started before the test are part of it.
    """

    __slots__ = ("_route",)

    def __init__(self, route: Route) -> None:
        self._route = route

    def __enter__(self) -> None:
        _routes.append(self._route)

    def __exit__(self, *_: object) -> None:
        _routes.remove(self._route)


class LateConversations:
    """
    Where the connections of a test are led that has ended.
    """

    def __init__(self, owner: Owner) -> None:
        self._owner = owner

    def connect(self, url: str, _now: Callable[[], float]) -> ConversationPlayer | ConversationRecorder:
        """
        :raises LateRequest: always.
        """
        raise self._owner.refuse(f"GET {url.partition('?')[0]}")


def current() -> ConversationRouter | LateConversations | None:
    """
    Where a connection that is opened now is led; None when no test has a cassette.
    """
    late = late_owner()
    if late is not None:
        return LateConversations(late)
    return _routes[-1]() if _routes else None

"""
The cassette that is open for a test, and what a request meets there: its player, then its recorder.

HTTP libraries are changed once in a process, and ask for the active cassette with every request. That is
the one of the context in which the request is made; a thread or a task that was started elsewhere has none of
its own, and gets the one that was opened last.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Protocol
from urllib.parse import urlsplit

from taketwo.cassette import LiveRequest, LiveResponse
from taketwo.playback.player import IncomingRequest, Player
from taketwo.playback.recorder import Recorder

_of_context: ContextVar[ActiveCassette | None] = ContextVar("taketwo_active_cassette", default=None)
_open: list[ActiveCassette] = []


class Rules(Protocol):
    """
    What a project's own options do with requests and answers before they are compared or recorded.
    """

    def request(self, request: LiveRequest) -> LiveRequest | None:
        """
        The request as it is compared and recorded; None for one that is left alone.
        """

    def response(self, response: LiveResponse) -> LiveResponse | None:
        """
        The answer as it is recorded; None for one that is not.
        """

    def find(self, request: LiveRequest, player: Player) -> int | None:
        """
        The interaction that answers *request*, which is used up by it.
        """


class ActiveCassette:
    """
    One test's cassette while it is open.

    *skipped* are the libraries whose requests are left alone. ``left_alone`` is given the host of each
    request that is left alone by the rules.
    """

    def __init__(
        self,
        player: Player,
        recorder: Recorder | None,
        *,
        rules: Rules | None = None,
        skipped: frozenset[str] = frozenset(),
    ) -> None:
        self.player = player
        self.recorder = recorder
        self.rules = rules
        self.skipped = skipped
        self.left_alone: Callable[[str], None] | None = None
        self.is_open = False

    @property
    def only_records(self) -> bool:
        """
        Whether there is nothing to play, so that every request is sent.
        """
        return self.recorder is not None and not self.player.count

    def find(self, wanted: IncomingRequest) -> int | None:
        """
        The number of the interaction to play, or None when the request is to be sent.

        :raises NoMatch: or CassetteNotFound, when there is none and nothing is recorded.
        """
        if self.rules is not None:
            return self._find_by_rules(wanted.whole(), self.rules)
        number = self.player.find(wanted)
        if number is None and self.recorder is None:
            raise self.player.refuse(wanted.whole())
        return number

    def issue(self, wanted: IncomingRequest) -> PendingExchange | None:
        """
        The exchange that begins with a request that is sent now, or None when it is not recorded.
        """
        if self.recorder is None:
            return None
        request = wanted.whole()
        kept = request if self.rules is None else self.rules.request(request)
        return None if kept is None else PendingExchange(self.recorder, kept, self.rules)

    def _find_by_rules(self, request: LiveRequest, rules: Rules) -> int | None:
        kept = rules.request(request)
        if kept is None:
            if self.left_alone is not None:
                self.left_alone(urlsplit(request.url).hostname or "")
            return None
        number = rules.find(kept, self.player)
        if number is None and self.recorder is None:
            raise self.player.refuse(kept)
        return number


class PendingExchange:
    """
    A request on its way, whose answer is recorded once, when it is there.
    """

    def __init__(self, recorder: Recorder, request: LiveRequest, rules: Rules | None) -> None:
        self._recorder = recorder
        self._request = request
        self._rules = rules
        self._begun: int | None = None
        self._is_answered = False
        self._number = recorder.issue()

    def begin(self, finish: Callable[[], None]) -> None:
        """
        Note that the answer begins to come; *finish* is called if the test ends before it does.
        """
        self._begun = self._recorder.begin(self._number, finish)

    def answer(self, response: LiveResponse) -> None:
        if self._is_answered:
            return
        self._is_answered = True
        kept = response if self._rules is None else self._rules.response(response)
        if kept is None:
            self._recorder.drop(self._number)
        else:
            # Of what came whole, nothing is known before the end.
            begun = self._begun if kept.chunks else None
            self._recorder.answer(self._number, self._request, kept, begun=begun)


def current() -> ActiveCassette | None:
    """
    The active cassette: that of the context, else the one that was opened last.
    """
    active = _of_context.get()
    if active is not None and active.is_open:
        return active
    return _open[-1] if _open else None


class Activation:
    """
    While open, requests are asked of *active*.
    """

    __slots__ = ("_active", "_before")

    def __init__(self, active: ActiveCassette) -> None:
        self._active = active
        self._before: ActiveCassette | None = None

    def __enter__(self) -> ActiveCassette:
        self._before = _of_context.get()
        self._active.is_open = True
        _open.append(self._active)
        _of_context.set(self._active)
        return self._active

    def __exit__(self, *_: object) -> None:
        active = self._active
        active.is_open = False
        _open.remove(active)
        _of_context.set(self._before)
        if active.recorder is not None:
            active.recorder.finish()

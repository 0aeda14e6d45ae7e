"""
The cassette that is open for a test, and what a request meets there: its player, then its recorder.

HTTP libraries are changed once in a process, and ask for the deck of the moment with every request. That is
the one of the context in which the request is made; a thread or a task that was started elsewhere has none of
its own, and gets the one that was opened last.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Protocol

from taketwo.cassette import LiveRequest, LiveResponse
from taketwo.recording.session import Asked, Player, Recorder

_of_context: ContextVar[Deck | None] = ContextVar("taketwo_deck", default=None)
_open: list[Deck] = []


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


class Deck:
    """
    One test's cassette while it is open.

    *skipped* are the libraries whose requests are left alone.
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
        self.is_open = False

    def find(self, wanted: Asked) -> int | None:
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

    def issue(self, wanted: Asked) -> Ticket | None:
        """
        A ticket for a request that goes out now, or None when it is left alone.
        """
        if self.recorder is None:
            return None
        request = wanted.whole()
        kept = request if self.rules is None else self.rules.request(request)
        return None if kept is None else Ticket(self.recorder, kept, self.rules)

    def _find_by_rules(self, request: LiveRequest, rules: Rules) -> int | None:
        kept = rules.request(request)
        if kept is None:
            return None
        number = rules.find(kept, self.player)
        if number is None and self.recorder is None:
            raise self.player.refuse(kept)
        return number


class Ticket:
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


def current() -> Deck | None:
    """
    The deck of the moment.
    """
    deck = _of_context.get()
    if deck is not None and deck.is_open:
        return deck
    return _open[-1] if _open else None


class Opened:
    """
    While open, requests are asked of *deck*.
    """

    __slots__ = ("_before", "_deck")

    def __init__(self, deck: Deck) -> None:
        self._deck = deck
        self._before: Deck | None = None

    def __enter__(self) -> Deck:
        self._before = _of_context.get()
        self._deck.is_open = True
        _open.append(self._deck)
        _of_context.set(self._deck)
        return self._deck

    def __exit__(self, *_: object) -> None:
        deck = self._deck
        deck.is_open = False
        _open.remove(deck)
        _of_context.set(self._before)
        if deck.recorder is not None:
            deck.recorder.finish()

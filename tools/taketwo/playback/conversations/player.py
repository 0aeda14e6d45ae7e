"""
One recorded conversation while it is replayed: what the client has to say next, and what it may be told.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from taketwo.cassette.match import same_body
from taketwo.cassette.model import Body, Close, Closer, Conversation, Direction, Frame
from taketwo.errors import NoMatch

_SECOND = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationMessages:
    """
    The words for what a client does otherwise; each gives the whole message.
    """

    changed: Callable[[int, Body], str]
    unknown: Callable[[int, Body], str]
    missing: Callable[[int], str]
    unended: Callable[[], str]
    closed: Callable[[int, str], str]


@dataclass(slots=True, kw_only=True)
class ConversationPlayer:
    """
    The frames of one conversation, in turn.

    A recorded frame is released when every frame that the client sent before it in the recording has been
    sent. The client may send as early as it likes. ``conversation`` goes to the client, ``expected`` is what
    its messages are compared with, in the form that *incoming* gives them.
    """

    conversation: Conversation
    expected: Conversation
    incoming: Callable[[bytes, bool], Body]
    messages: ConversationMessages
    report: Callable[[str], None]
    paced: bool
    patience: float
    failure: NoMatch | None = None
    is_over: bool = False
    _released: int = 0
    _received: int = 0
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def receive(self, content: bytes, *, is_binary: bool) -> None:
        """
        Take a message of the client; one that was not recorded here is a failure.
        """
        with self._lock:
            number = self._next_send()
            body = self.incoming(content, is_binary)
            if number is None:
                self.fail(self.messages.unknown(len(self.conversation.frames) + 1, body))
                return
            expected = self.expected.frames[number]
            if expected.is_binary != is_binary or not same_body(expected.body, body):
                self.fail(self.messages.changed(number + 1, body))
                return
            self._received = number + 1

    def release(self) -> list[tuple[Frame, float]]:
        """
        The frames that the client may be told now, each with the seconds to wait before it.
        """
        with self._lock:
            frames = self.conversation.frames
            released: list[tuple[Frame, float]] = []
            waits_for = self._next_send()
            stop = len(frames) if waits_for is None else waits_for
            while self._released < stop:
                frame = frames[self._released]
                if frame.direction is Direction.RECEIVE:
                    released.append((frame, self._gap(self._released)))
                self._released += 1
            return released

    def ending(self) -> tuple[Close | None, float] | None:
        """
        How the service ends the connection, once everything has been said; None when it is not to.
        """
        with self._lock:
            whole = self.conversation
            if self.is_over or self.failure or self._next_send() is not None:
                return None
            if whole.close is not None and whole.close.by is Closer.SERVICE:
                self.is_over = True
                return whole.close, self._pause_before(whole.close.at)
            if whole.lost and whole.close is None:
                self.is_over = True
                return None, 0.0
            return None

    def closed(self, code: int, reason: str) -> None:
        """
        Take the close frame of the client.
        """
        with self._lock:
            if self.is_over or self.failure:
                return
            self.is_over = True
            close, number = self.expected.close, self._next_send()
            if number is not None:
                self.fail(self.messages.missing(number + 1))
            elif (
                close is not None
                and close.by is Closer.CLIENT
                and (close.code, close.reason) != (code, reason)
            ):
                self.fail(self.messages.closed(code, reason))

    def stuck(self) -> None:
        """
        Take that the client waits for something, and nothing comes: it has not said what it had to.
        """
        with self._lock:
            if self.failure is None:
                number = self._next_send()
                self.fail(self.messages.unended() if number is None else self.messages.missing(number + 1))

    def allowance(self) -> float | None:
        """
        How many seconds a client may wait in vain; None when it did so to the end of the recording.
        """
        with self._lock:
            number = self._next_send()
            if number is not None:
                return self.patience + self._gap(number, always=True)
            close = self.conversation.close
            if self.is_over or close is None:
                return None
            return self.patience + self._pause_before(close.at, always=True)

    @property
    def progress(self) -> tuple[int, int, bool]:
        with self._lock:
            return self._received, self._released, self.is_over

    @property
    def is_unfinished(self) -> bool:
        """
        Whether something of the recording has not been played: a frame to send, or the close of the client.
        """
        with self._lock:
            close = self.conversation.close
            waits_for_close = close is not None and close.by is Closer.CLIENT and not self.is_over
            return self.failure is None and (self._next_send() is not None or waits_for_close)

    def fail(self, message: str) -> None:
        if self.failure is None:
            self.failure = NoMatch(message)
            self.report(message)

    def _next_send(self) -> int | None:
        frames = self.conversation.frames
        sends = (
            number
            for number in range(self._received, len(frames))
            if frames[number].direction is Direction.SEND
        )
        return next(sends, None)

    def _gap(self, number: int, *, always: bool = False) -> float:
        before = self.conversation.frames[number - 1].at if number else 0
        return self._seconds(self.conversation.frames[number].at - before, always=always)

    def _pause_before(self, at: int, *, always: bool = False) -> float:
        frames = self.conversation.frames
        return self._seconds(at - (frames[-1].at if frames else 0), always=always)

    def _seconds(self, milliseconds: int, *, always: bool) -> float:
        return max(0, milliseconds) / _SECOND if self.paced or always else 0.0

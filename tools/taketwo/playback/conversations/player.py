"""
One recorded conversation while it is replayed: what the client has to send next, and what it may get.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from taketwo.cassette.match import same_body
from taketwo.cassette.model import Body, Close, Closer, Conversation, Direction, Frame
from taketwo.cassette.volatile.drawn import aligned_body
from taketwo.cassette.volatile.generate import Bindings
from taketwo.config.faults import Fault, Kind
from taketwo.errors import NoMatch, Unanswered, WaitsForever

_SECOND = 1000

Message: TypeAlias = tuple[bytes, bool]
"""What a client sends, and whether it is binary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationMessages:
    """
    The messages for a client that differs from the recording.
    """

    changed: Callable[[int, Body], str]
    unknown: Callable[[int, Body], str]
    missing: Callable[[int], str]
    unended: Callable[[], str]
    closed: Callable[[int, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedConversation:
    """
    One conversation of a cassette, of a *number*.

    ``conversation`` goes to the client, ``expected`` is what its messages are compared with, in the form that
    *incoming* gives them. Of the frames at ``echoes``, which hold what the client draws anew, ``frame`` gives
    what goes to it now; ``drawn`` is all that it has drawn.
    """

    number: int
    conversation: Conversation
    expected: Conversation
    incoming: Callable[[bytes, bool], Body]
    messages: ConversationMessages
    echoes: frozenset[int] = frozenset()
    frame: Callable[[int], Frame] | None = None
    drawn: Bindings = field(default_factory=Bindings)

    def drawn_for(self, sent: Sequence[Message]) -> Bindings | None:
        """
        What the client drew for all that it has *sent*; None when it sent something else than was recorded.
        """
        places = self.places[: len(sent)]
        if len(places) != len(sent):
            return None
        bound = Bindings()
        for place, message in zip(places, sent, strict=True):
            found = self.drawn_at(place, message, bound)
            if found is None:
                return None
            bound.update(found)
        return bound

    def drawn_at(self, place: int, message: Message, bound: Bindings) -> Bindings | None:
        """
        What the client drew for the *message* that is the frame at *place*, with what is *bound* before it;
        None when it is another one.
        """
        content, is_binary = message
        expected, received = self.expected.frames[place], self.incoming(content, is_binary)
        if expected.is_binary != is_binary:
            return None
        if same_body(expected.body, received):
            return bound
        aligned = aligned_body(expected.body, received, bound)
        return aligned.bindings if same_body(aligned.request.body, received) else None

    def released(self, place: int) -> Frame:
        """
        The frame at *place* as it goes to the client now.
        """
        is_echo = self.frame is not None and place in self.echoes
        return self.frame(place) if self.frame and is_echo else self.conversation.frames[place]

    def cuts(self, count: int) -> list[int]:
        """
        Where the first *count* messages of the client are, and where what it is sent after them ends.
        """
        return [*self.places, len(self.conversation.frames)][: count + 1]

    @property
    def places(self) -> list[int]:
        """
        Those of the frames that the client sent.
        """
        frames = self.conversation.frames
        return [place for place, frame in enumerate(frames) if frame.direction is Direction.SEND]


@dataclass(slots=True, kw_only=True)
class ConversationPlayer:
    """
    The frames of one conversation, in turn.

    A recorded frame is released when every frame that the client sent before it in the recording has been
    sent. The client may send as early as it likes. When it sends what is not *recorded*, *reassign* may know
    of another conversation that began in the same way; all that may be exchanged have one *lock*. One
    with a *fault* ends early, falls silent, or cannot be connected to; *waits_forever* makes the error for a
    client that waits for a silent service without a timeout.
    """

    recorded: RecordedConversation
    reassign: Callable[[ConversationPlayer], bool]
    report: Callable[[str], None]
    paced: bool
    patience: float
    lock: threading.RLock = field(default_factory=threading.RLock)
    fault: Fault | None = None
    waits_forever: Callable[[str], WaitsForever] = WaitsForever
    failure: Unanswered | None = None
    is_over: bool = False
    sent: list[Message] = field(default_factory=list)
    _drawn: Bindings = field(default_factory=Bindings)
    _released: int = 0
    _received: int = 0
    _has_no_end: bool = False

    @property
    def conversation(self) -> Conversation:
        return self.recorded.conversation

    def receive(self, content: bytes, *, is_binary: bool) -> None:
        """
        Take a message of the client; one that was not recorded here is a failure.
        """
        with self.lock:
            self.sent.append((content, is_binary))
            place = self._next_send()
            if place is None and self.fault is not None:
                return  # it was sent before the client knew of the end
            drawn = None if place is None else self._drawn_at(place, (content, is_binary))
            if drawn is None:
                place = self._next_send() if self.fault is None and self.reassign(self) else None
            else:
                self._bind(drawn)
            if place is None:
                self._refuse(self.recorded.incoming(content, is_binary))
            else:
                self._received = place + 1

    def become(self, recorded: RecordedConversation) -> None:
        """
        Be *recorded* from now on, which holds all that the client has sent.
        """
        self.recorded.drawn.forget(self._drawn)
        self.recorded, self._drawn = recorded, Bindings()
        self._bind(recorded.drawn_for(self.sent) or Bindings())

    def _drawn_at(self, place: int, message: Message) -> Bindings | None:
        bound = Bindings()
        bound.update(self.recorded.drawn)
        return self.recorded.drawn_at(place, message, bound)

    def _bind(self, drawn: Bindings) -> None:
        self._drawn.update(drawn.without(self.recorded.drawn))
        self.recorded.drawn.update(drawn)

    def may_be(self, other: RecordedConversation) -> bool:
        """
        Whether the client may have had *other* all along: what it has sent is there, at the same places.
        """
        if self.is_over or self.failure is not None:
            return False
        count = sum(place < self._received for place in self.recorded.places)
        is_cut_so = other.cuts(count) == self.recorded.cuts(count)
        return is_cut_so and other.drawn_for(self.sent) is not None

    def _refuse(self, body: Body) -> None:
        place, messages = self._next_send(), self.recorded.messages
        if place is None:
            self.fail(messages.unknown(len(self.conversation.frames) + 1, body))
        else:
            self.fail(messages.changed(place + 1, body))

    def release(self) -> list[tuple[Frame, float]]:
        """
        The frames that the client may get now, each with the seconds to wait before it.
        """
        with self.lock:
            frames = self.conversation.frames
            released: list[tuple[Frame, float]] = []
            waits_for = self._next_send()
            stop = len(frames) if waits_for is None else waits_for
            while self._released < stop:
                frame = frames[self._released]
                if frame.direction is Direction.RECEIVE:
                    released.append((self.recorded.released(self._released), self._gap(self._released)))
                self._released += 1
            return released

    def ending(self) -> tuple[Close | None, float] | None:
        """
        How the service ends the connection, once every frame has been played; None when it is not to.
        """
        with self.lock:
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
        with self.lock:
            if self.is_over or self.failure:
                return
            self.is_over = True
            close, number = self.recorded.expected.close, self._next_send()
            if number is not None:
                self.fail(self.recorded.messages.missing(number + 1))
            elif (
                close is not None
                and close.by is Closer.CLIENT
                and (close.code, close.reason) != (code, reason)
            ):
                self.fail(self.recorded.messages.closed(code, reason))

    def stuck(self) -> None:
        """
        Handle a client that waits for something that cannot come: it has not sent what it had to.
        """
        with self.lock:
            if self.failure is None:
                number, messages = self._next_send(), self.recorded.messages
                self.fail(messages.unended() if number is None else messages.missing(number + 1))

    @property
    def falls_silent(self) -> bool:
        """
        Whether the service says nothing any more from some message on, and stays connected.
        """
        return self.fault is not None and self.fault.kind is Kind.READ_TIMEOUT

    @property
    def is_silent(self) -> bool:
        """
        Whether it has fallen silent.
        """
        with self.lock:
            has_released_all = self._released == len(self.conversation.frames)
            is_open = not self.is_over and self.failure is None
            return self.falls_silent and is_open and has_released_all and self._next_send() is None

    def never_ends(self) -> None:
        """
        Note that the client waits for a silent service, and nothing ends that.
        """
        self._has_no_end = True

    def error(self) -> Unanswered | None:
        """
        What the call of the client raises in which this is asked; None when nothing went wrong.
        """
        with self.lock:
            if self._has_no_end and self.failure is None:
                self.failure = self.waits_forever("a message of the service")
            return self.failure

    def allowance(self) -> float | None:
        """
        How many seconds a client may wait in vain; None when it did so to the end of the recording.
        """
        with self.lock:
            number = self._next_send()
            if number is not None:
                return self.patience + self._gap(number, always=True)
            close = self.conversation.close
            if self.is_over or close is None:
                return None
            return self.patience + self._pause_before(close.at, always=True)

    @property
    def progress(self) -> tuple[int, int, bool]:
        with self.lock:
            return self._received, self._released, self.is_over

    @property
    def is_unfinished(self) -> bool:
        """
        Whether something of the recording has not been played: a frame to send, or the close of the client.
        """
        with self.lock:
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

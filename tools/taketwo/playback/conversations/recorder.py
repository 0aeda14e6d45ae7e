"""
One WebSocket connection while it is recorded, apart from how it is listened to.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from taketwo.cassette.model import (
    Close,
    Closer,
    Direction,
    LiveConversation,
    LiveFrame,
    LiveRequest,
    LiveResponse,
)

_MILLISECONDS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """
    How a connection stands: the first close frame, and whether the connection went without both.

    ``answer`` is the code in the close frame of the service that answers the client's.
    """

    code: int | None = None
    reason: str = ""
    by: Closer = Closer.CLIENT
    answer: int | None = None
    lost: bool = False


@dataclass(frozen=True, slots=True)
class _Arrived:
    at: int
    content: bytes
    is_binary: bool
    fragments: tuple[int, ...]


class ConversationRecorder:
    """
    Notes what goes over one connection, in the order in which the test could know of it.

    What the test sends has its place when it is sent. What it receives has its place when it is given to the
    test, not when it came in: so the order does not depend on the network, but on the test alone. What was
    never given to it comes last, and is left out when the client closed the connection: how much has come in
    by then is chance.
    """

    def __init__(self, tick: Callable[[], int], now: Callable[[], float], *, thread: int = 0) -> None:
        self._tick = tick
        self._thread = thread
        self._now = now
        self._lock = threading.Lock()
        self._issued = tick()
        self._opened = 0
        self._start = now()
        self._request: LiveRequest | None = None
        self._response: LiveResponse | None = None
        self._frames: list[LiveFrame] = []
        self._waiting: list[_Arrived] = []
        self._owed = 0
        self._closed_at: int | None = None
        self.ending: Callable[[], Ending] = Ending

    def asked(self, request: LiveRequest) -> None:
        self._request = request

    def opened(self, response: LiveResponse) -> None:
        with self._lock:
            self._response = response
            self._opened = self._tick()
            self._start = self._now()

    def sent(self, content: bytes, *, is_binary: bool) -> None:
        with self._lock:
            self._frames.append(
                LiveFrame(
                    direction=Direction.SEND,
                    at=self._at(),
                    content=content,
                    is_binary=is_binary,
                    moment=self._tick(),
                )
            )

    def arrived(self, content: bytes, *, is_binary: bool, fragments: tuple[int, ...]) -> None:
        with self._lock:
            self._waiting.append(_Arrived(self._at(), content, is_binary, fragments))
            if self._owed:  # the test has its first part already
                self._owed -= 1
                self._hand_over()

    def handed_over(self) -> None:
        """
        Note that the test is given the next message.
        """
        with self._lock:
            if self._waiting:
                self._hand_over()
            else:
                self._owed += 1

    def closing(self) -> None:
        with self._lock:
            if self._closed_at is None:
                self._closed_at = self._at()

    def conversation(self) -> LiveConversation | None:
        """
        What has been sent so far; None when the opening has no answer.
        """
        with self._lock:
            if self._request is None or self._response is None:
                return None
            ending = self.ending()
            frames = [*self._frames, *(self._unasked() if _is_whole(ending) else [])]
            return LiveConversation(
                request=self._request,
                response=self._response,
                issued=self._issued,
                answered=self._opened,
                frames=tuple(frames),
                close=self._close(ending, frames[-1].at if frames else 0),
                lost=ending.lost,
                thread=self._thread,
            )

    def _hand_over(self) -> None:
        self._frames.append(self._received(self._waiting.pop(0)))

    def _unasked(self) -> list[LiveFrame]:
        return [self._received(arrived) for arrived in self._waiting]

    def _received(self, arrived: _Arrived) -> LiveFrame:
        return LiveFrame(
            direction=Direction.RECEIVE,
            at=arrived.at,
            content=arrived.content,
            is_binary=arrived.is_binary,
            fragments=arrived.fragments if len(arrived.fragments) > 1 else (),
            moment=self._tick(),
        )

    def _close(self, ending: Ending, last: int) -> Close | None:
        if ending.code is None:
            return None
        at = last if self._closed_at is None else self._closed_at
        answer = None if ending.answer == ending.code else ending.answer
        return Close(code=ending.code, reason=ending.reason, by=ending.by, at=at, answer=answer)

    def _at(self) -> int:
        return max(0, round((self._now() - self._start) * _MILLISECONDS))


def _is_whole(ending: Ending) -> bool:
    """
    Whether all that the service had to say came in.
    """
    return ending.by is Closer.SERVICE or (ending.lost and ending.code is None)

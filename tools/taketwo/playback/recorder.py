"""
The exchanges of one test while it is recorded, in the order in which its requests were sent.

It may be called from several threads and tasks at once.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias
from weakref import WeakKeyDictionary

from taketwo.cassette.model import Exchange, LiveRequest, LiveResponse
from taketwo.errors import RecordingRefused

if TYPE_CHECKING:
    from taketwo.playback.existing import Existing
    from taketwo.playback.quotas import Quotas

Begun: TypeAlias = tuple[LiveRequest, LiveResponse]
"""A request, and its answer without the body, which has not come yet, or not all of it."""

Stream = Callable[[], None]
"""Ends a streamed answer where it is, and has it recorded."""


class Asked(NamedTuple):
    """
    When a request was asked for, and by which thread and task: 0 is the test's own thread, and no task.

    ``proxied_to`` is the origin that a request of another process is for.
    """

    moment: int
    thread: int
    task: int
    proxied_to: str = ""


class Recorder:
    """
    Gathers the exchanges of a test; *existing* are those that its cassette holds already, *quotas* those of
    the services that it asks. In *folder* are long answers, which are in memory where there is none.
    """

    def __init__(
        self,
        existing: Existing | None = None,
        *,
        quotas: Quotas | None = None,
        folder: Callable[[], Path] | None = None,
    ) -> None:
        self.quotas = quotas
        self.folder = folder
        # A stream that nobody holds any more ends where it is collected: that may be in the midst of a call
        # of this same thread.
        self._lock = threading.RLock()
        self.earlier = len(existing.exchanges) if existing else 0
        self.known_conversations = list(existing.conversations) if existing else []
        self._moments = count(existing.clock + 1 if existing else 1)
        self._exchanges = list(existing.exchanges) if existing else []
        self._open: dict[int, str] = {}
        self._left_alone = 0
        self._streams: dict[int, Stream] = {}
        self._begun: dict[int, Begun] = {}
        self.refused = ""
        """Why nothing of this recording may be kept."""

        self._home = threading.get_ident()
        self._threads: dict[int, int] = {self._home: 0}
        # Not by their identities: that of one that has gone may be given to another.
        self._tasks: WeakKeyDictionary[object, int] = WeakKeyDictionary()
        self._task_numbers = count(1)
        self._born: dict[int, tuple[int, tuple[tuple[int, int], ...]]] = {}
        self._senders: dict[int, Asked] = {}

    def tick(self) -> int:
        """
        Count one more event of the recording, which belongs to none of its requests.
        """
        return next(self._moments)

    def note_task(self, task: object, parent: object) -> None:
        """
        Note that *task* is made, by *parent* where that is a task too.
        """
        with self._lock:
            above, number = self._number_of(parent), self._number_of(task)
            born, higher = self._born.get(above, (0, ()))
            self._born[number] = (next(self._moments), ((above, born), *higher) if above else ())

    def thread(self) -> int:
        """
        The number of the thread that calls.
        """
        with self._lock:
            return self._sender()[0]

    def ask(self, *, proxied_to: str = "") -> Asked:
        """
        Note that a client is asked now for a request that it may send later, when others have been answered.
        """
        with self._lock:
            return Asked(next(self._moments), *self._sender(), proxied_to)

    def issue(self, call: str = "", asked: Asked | None = None) -> int:
        """
        Note that a request goes out now, which the client was *asked* for then or just now.

        The number that it gets tells the order, and *call* what it is.
        """
        with self._lock:
            sender = asked or self.ask()
            self._open[sender.moment] = call
            self._senders[sender.moment] = sender
            return sender.moment

    def drop(self, number: int) -> None:
        """
        Note that the answer to request *number* is not to be recorded.
        """
        with self._lock:
            self._open.pop(number, None)
            self._streams.pop(number, None)
            self._begun.pop(number, None)

    def begin(self, number: int, stream: Stream, begun: Begun) -> int:
        """
        Note that request *number* begins to be answered: from now on the client knows something of it.

        What *stream* gives is recorded if the test ends before the answer does; *begun* is what there is.
        """
        with self._lock:
            self._streams[number] = stream
            self._begun[number] = begun
            return next(self._moments)

    def answer(
        self, number: int, request: LiveRequest, response: LiveResponse, *, started_session: int | None = None
    ) -> None:
        """
        Note that request *number* has been answered; *started_session* is what :meth:`begin` returned.
        """
        with self._lock:
            self._open.pop(number, None)
            self._streams.pop(number, None)
            self._begun.pop(number, None)
            answered = next(self._moments) if started_session is None else started_session
            sender = self._senders.get(number, Asked(number, 0, 0))
            born, above = self._born.get(sender.task, (0, ()))
            self._exchanges.append(
                Exchange(
                    request=request,
                    response=response,
                    issued=number,
                    answered=answered,
                    thread=sender.thread,
                    task=sender.task,
                    born=born,
                    above=above,
                    proxied_to=sender.proxied_to,
                )
            )

    def _sender(self) -> tuple[int, int]:
        """
        Who sends a request now: a thread, and a task if there is one, by their numbers.
        """
        try:
            task = asyncio.current_task()
        except RuntimeError:
            task = None
        return (
            self._threads.setdefault(threading.get_ident(), len(self._threads)),
            self._number_of(task),
        )

    def _number_of(self, task: object) -> int:
        if task is None:
            return 0
        if task not in self._tasks:
            self._tasks[task] = next(self._task_numbers)
        return self._tasks[task]

    def finish(self) -> None:
        """
        Note that the test has ended; what is still streaming ends with it.
        """
        with self._lock:
            streams = list(self._streams.values())
        for stream in streams:
            stream()

    def refuse(self, why: str) -> RecordingRefused:
        """
        Note that the recording cannot be kept, whatever the test makes of the error.
        """
        self.refused = why
        return RecordingRefused(why)

    @property
    def exchanges(self) -> list[Exchange]:
        with self._lock:
            return list(self._exchanges)

    @property
    def begun(self) -> list[Begun]:
        """
        What is on its way to the client, in the order in which the requests were sent.
        """
        with self._lock:
            return [self._begun[number] for number in sorted(self._begun)]

    def note_left_alone(self) -> None:
        """
        Note that a request to a service went out, and is not recorded since the rules leave it alone.
        """
        with self._lock:
            self._left_alone += 1

    @property
    def left_alone(self) -> int:
        """
        How many requests to services the rules left alone.
        """
        with self._lock:
            return self._left_alone

    @property
    def unanswered(self) -> int:
        """
        How many requests went out and got no answer: the cassette has none for them either.
        """
        with self._lock:
            return len(self._open)

    @property
    def unanswered_calls(self) -> list[str]:
        """
        Those requests, in words.
        """
        with self._lock:
            return list(self._open.values())

"""
The faults of a replayed test: which request meets one, and what the test has met so far.

Nothing is written, and nothing of a fault is recorded: the cassette stays as it is.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase
from types import FrameType
from typing import TypeVar
from urllib.parse import urlsplit

from taketwo.cassette.model import LiveRequest, StoredRequest
from taketwo.config.faults import OF_CONVERSATIONS, Fault, Kind
from taketwo.errors import RepeatedRequest, Unanswered, WaitsForever
from taketwo.playback.idempotency import idempotency_key

CONVERSATION, INTERACTION = "conversation", "interaction"
_MOST_ATTEMPTS = 100
"""How often one request may meet a fault; a client that goes on asks without an end."""

_P = TypeVar("_P", bound=Unanswered)

Frames = tuple[tuple[str, int], ...]
"""A stack, innermost first: files and lines."""


class Happened(Enum):
    """
    * ``ASKED``: a request came, of an interaction that has a fault
    * ``STRUCK``: it met the fault
    * ``WAITS``: the client waits for what never comes, without a timeout
    * ``ENDLESS``: the client repeats a request without an end
    """

    ASKED = "asked"
    STRUCK = "struck"
    WAITS = "waits"
    ENDLESS = "endless"


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultEvent:
    """
    Something that happened to the interaction *number*, or a conversation, at *frames* of the code.
    """

    what: Happened
    number: int
    frames: Frames = ()
    request: LiveRequest | None = None


class Faults:
    """
    The faults that a test asks for, which several threads and tasks may meet.

    With *observes*, every request of an interaction that meets one is kept with its stack. ``report`` is
    given what the test cannot go on from.
    """

    def __init__(self, faults: Sequence[Fault] = (), *, observes: bool = False) -> None:
        self._lock = threading.Lock()
        self._faults = [*faults]
        self._met = [0] * len(self._faults)
        self._struck: dict[tuple[str, int], list[Fault]] = {}
        self._attempts: dict[tuple[str, int], int] = {}
        self._sent_once: dict[tuple[str, int], list[LiveRequest]] = {}
        self._observes = observes
        self.events: list[FaultEvent] = []
        self.report: Callable[[str], None] = lambda _: None

    def add(self, fault: Fault) -> None:
        """
        Have requests meet *fault* from now on.
        """
        with self._lock:
            self._faults.append(fault)
            self._met.append(0)

    def strike(self, number: int, recorded: StoredRequest, asked: LiveRequest, *, alike: int = 1) -> bool:
        """
        Whether the request *asked* of the interaction *number* meets a fault, which :meth:`take` then gives.

        *alike* is how many requests equal to it are recorded: more of them repeat one.
        """
        is_met = self._strike(INTERACTION, number, recorded, asked)
        sent = self._sent_once.get((INTERACTION, number), [])
        if len(sent) > alike and not _has_one_key(sent):
            raise self._problem(
                f"the client sent {asked.method} {asked.url.partition('?')[0]} again, and the service may "
                "have carried it out the first time\n"
                "send an idempotency key with it, the same both times, or do not repeat it",
                RepeatedRequest,
            )
        return is_met

    def strike_conversation(self, number: int, recorded: StoredRequest, url: str) -> Fault | None:
        """
        The fault that a connection to *url* meets, which is the recorded conversation *number*.
        """
        asked = LiveRequest(method="GET", url=url)
        if not self._strike(CONVERSATION, number, recorded, asked):
            return None
        return self._struck[CONVERSATION, number].pop(0)

    def take(self, number: int) -> Fault | None:
        """
        The fault that a request of the interaction *number* has just met.
        """
        with self._lock:
            waiting = self._struck.get((INTERACTION, number))
            return waiting.pop(0) if waiting else None

    @property
    def unmet(self) -> list[Fault]:
        """
        Those that no request has met.
        """
        with self._lock:
            return [fault for fault, met in zip(self._faults, self._met, strict=True) if not met]

    def has_struck(self, number: int) -> bool:
        return (INTERACTION, number) in self._attempts

    @property
    def struck_conversations(self) -> frozenset[int]:
        return frozenset(number for what, number in self._attempts if what == CONVERSATION)

    def waits_forever(self, what: str) -> WaitsForever:
        """
        The error for a client that waits for *what* without a timeout.
        """
        with self._lock:
            self.events.append(FaultEvent(what=Happened.WAITS, number=-1, frames=_stack()))
        return self._problem(
            f"the client waits for {what} without a timeout, and would hang\n"
            "give the client a timeout, or the test another fault",
            WaitsForever,
        )

    def _strike(self, kind: str, number: int, recorded: StoredRequest, asked: LiveRequest) -> bool:
        frames = _stack() if self._observes else ()
        with self._lock:
            key = (kind, number)
            place = next(
                (place for place in range(len(self._faults)) if self._meets(place, key, recorded)), None
            )
            if self._observes and (place is not None or key in self._attempts):
                self.events.append(
                    FaultEvent(what=Happened.ASKED, number=number, frames=frames, request=asked)
                )
            if key in self._sent_once or (place is not None and not self._faults[place].repeat):
                self._sent_once.setdefault(key, []).append(asked)
            if place is None:
                return False
            self._met[place] += 1
            self._attempts[key] = self._attempts.get(key, 0) + 1
            self._struck.setdefault(key, []).append(self._faults[place])
            self.events.append(FaultEvent(what=Happened.STRUCK, number=number, frames=frames))
            is_endless = self._attempts[key] > _MOST_ATTEMPTS
            if is_endless:
                self.events.append(FaultEvent(what=Happened.ENDLESS, number=number, frames=frames))
        if is_endless:
            raise self._problem(
                f"the client sent {asked.method} {asked.url.partition('?')[0]} {_MOST_ATTEMPTS} times, and "
                "repeats it without an end\nlimit its retries",
                WaitsForever,
            )
        return True

    def _meets(self, place: int, key: tuple[str, int], recorded: StoredRequest) -> bool:
        fault, kind = self._faults[place], key[0]
        if fault.times is not None and self._met[place] >= fault.times:
            return False
        return can_have(fault.kind, kind) and concerns(fault.on, *key, recorded)

    def _problem(self, message: str, kind: type[_P]) -> _P:
        self.report(message)
        return kind(message)


def _has_one_key(sent: Sequence[LiveRequest]) -> bool:
    keys = {idempotency_key(request) for request in sent}
    return len(keys) == 1 and "" not in keys


def can_have(fault: Kind, kind: str) -> bool:
    """
    Whether an interaction or a conversation, which *kind* says, can have *fault*.
    """
    return fault in OF_CONVERSATIONS if kind == CONVERSATION else fault is not Kind.CLOSE


def concerns(on: int | str | None, kind: str, number: int, recorded: StoredRequest) -> bool:
    """
    Whether *on* names the interaction or conversation *number* with the *recorded* request.
    """
    if on is None:
        return True
    if isinstance(on, int):
        return kind == INTERACTION and on == number + 1
    if on in {f"{CONVERSATION} {number + 1}", f"{INTERACTION} {number + 1}"}:
        return on.startswith(kind)
    method, _, pattern = on.rpartition(" ")
    if method and method.upper() not in {recorded.method.upper(), "*"}:
        return False
    url = recorded.url
    path = urlsplit(url).path or "/"
    return any(fnmatchcase(one, pattern) for one in (url, path))


def _stack() -> Frames:
    """
    Where this is called from, innermost first, without the frames of this toolkit.
    """
    found: list[tuple[str, int]] = []
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - as traceback does
    while frame is not None:
        if not str(frame.f_globals.get("__name__", "")).startswith("taketwo."):
            found.append((frame.f_code.co_filename, frame.f_lineno))
        frame = frame.f_back
    return tuple(found)

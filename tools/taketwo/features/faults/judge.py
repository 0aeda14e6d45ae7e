"""
What a run of a test with a fault says of the code under test.

A failed assertion of the test is no finding, nor is an error that the code raises on purpose, nor a
request that the recording has no answer to. The four kinds of findings are defined by :class:`What`.
"""

from __future__ import annotations

import builtins
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from taketwo.config.faults import Kind
from taketwo.features.faults.code import CodeUnderTest, Frame
from taketwo.features.faults.trials import Trial
from taketwo.playback.faults import FaultEvent, Happened
from taketwo.playback.idempotency import idempotency_key

_UNSAFE = frozenset({"POST", "PATCH"})
_REFUSED = frozenset({401, 429, 503})
"""The statuses with which a service says that it has done nothing."""
_NETWORK = (OSError, EOFError)


class What(Enum):
    """
    * ``HANGS``: the code waits without a timeout, or repeats a request without an end
    * ``LEAKS``: an error comes out of the code that nobody chose: one of Python's own (``KeyError``,
      ``JSONDecodeError``) that no ``raise`` of the code names; or one of the client's, where the same code
      turns other faults of the client into errors of its own
    * ``LOSES``: a stream that broke off gives the test the very same as one that ended there
    * ``REPEATS``: a request is sent again that the service may have carried out: a POST or PATCH, but for
      queries of GraphQL, without the same idempotency key in both
    """

    HANGS = "hangs"
    LEAKS = "leaks an error"
    LOSES = "loses data"
    REPEATS = "repeats a request"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """
    What the code did, where, and by which trial.
    """

    what: What
    trial: Trial
    line: str
    detail: str

    @property
    def marker(self) -> str:
        """
        The marker with which a test fails that does this.
        """
        return self.trial.marker_with('"repeat": False') if self.what is What.REPEATS else self.trial.marker


@dataclass(slots=True, kw_only=True)
class Ran:
    """
    One trial when it has run: the *error* that ended the test, and what happened to the faults.
    """

    trial: Trial
    events: Sequence[FaultEvent]
    error: BaseException | None = None
    frames: Sequence[Frame] = field(default_factory=list)

    @property
    def failure(self) -> str:
        """
        What the test says, word for word, where it failed.
        """
        return "" if self.error is None else f"{type(self.error).__name__}: {self.error}"


def ran(trial: Trial, events: Sequence[FaultEvent], error: BaseException | None) -> Ran:
    frames: list[Frame] = []
    if error is not None:
        walked = traceback.walk_tb(error.__traceback__)
        frames = [
            (frame.f_code.co_filename, line)
            for frame, line in walked
            if not str(frame.f_globals.get("__name__", "")).startswith("taketwo.")
        ]
        frames.reverse()
    return Ran(trial=trial, events=events, error=error, frames=frames)


def hanging(one: Ran, code: CodeUnderTest) -> Finding | None:
    for event in one.events:
        if event.what in {Happened.WAITS, Happened.ENDLESS}:
            line = code.first(event.frames)
            is_wait = event.what is Happened.WAITS
            detail = "waits without a timeout" if is_wait else "repeats the request without an end"
            return Finding(what=What.HANGS, trial=one.trial, line=line, detail=detail) if line else None
    return None


def repeating(one: Ran, code: CodeUnderTest, *, equal: int, is_write: bool) -> Finding | None:
    """
    *equal* is the number of recorded requests that are equal to this one.
    """
    trial, fault = one.trial, one.trial.fault
    if trial.is_conversation or fault.is_unconnected or not is_write:
        return None
    if fault.kind is Kind.STATUS and fault.status in _REFUSED:
        return None
    asked = [event for event in one.events if event.what is Happened.ASKED and event.number == trial.number]
    if len(asked) <= equal or asked[0].request is None or asked[0].request.method not in _UNSAFE:
        return None
    keys = {idempotency_key(event.request) for event in asked if event.request is not None}
    if len(keys) == 1 and "" not in keys:
        return None
    line = code.first(asked[equal].frames)
    detail = (
        "without an idempotency key" if keys == {""} else "with another idempotency key than the first time"
    )
    return Finding(what=What.REPEATS, trial=trial, line=line, detail=detail) if line else None


def leaking(one: Ran, code: CodeUnderTest, others: Sequence[Ran]) -> Finding | None:
    error = one.error
    if error is None or not isinstance(error, Exception):
        return None
    own = [frame for frame in one.frames if code.holds(frame[0]) or code.is_test(frame[0])]
    if not own or code.is_test(own[0][0]) or is_of_project(type(error), code):
        return None
    if one.frames[0] == own[0] and code.raises_itself(own[0]):
        return None  # chosen by the code, if not by a class of its own
    if is_of_client(error) and not any(_wraps_at(_entry(one, code), other, code) for other in others):
        return None
    kind = type(error)
    words = str(error).splitlines()[0] if str(error) else ""
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    detail = f"{name}: {words}" if words else name
    return Finding(what=What.LEAKS, trial=one.trial, line=code.named(*own[0]), detail=detail)


def losing(one: Ran, short: Ran, code: CodeUnderTest) -> Finding | None:
    """
    *short* is the same test with an answer that ended, whole, where that of *one* broke off.
    """
    if not (isinstance(one.error, AssertionError) and _is_said_by_test(one, code)):
        return None
    if one.failure != short.failure or one.frames != short.frames:
        return None
    struck = next((event for event in one.events if event.what is Happened.STRUCK), None)
    line = "" if struck is None else code.first(struck.frames)
    detail = "takes what came before the break for the whole"
    return Finding(what=What.LOSES, trial=one.trial, line=line, detail=detail) if line else None


def may_lose(one: Ran, code: CodeUnderTest) -> bool:
    """
    Whether it is worth a run to know if data are lost.
    """
    cuts = {Kind.RESET, Kind.END, Kind.MALFORMED_CHUNK, Kind.CLOSE}
    is_cut = one.trial.fault.kind in cuts
    return is_cut and isinstance(one.error, AssertionError) and _is_said_by_test(one, code)


def is_of_project(kind: type[BaseException], code: CodeUnderTest) -> bool:
    file = getattr(sys.modules.get(kind.__module__), "__file__", None)
    return file is not None and (code.holds(file) or code.is_test(file))


def is_of_client(error: BaseException) -> bool:
    """
    Whether *error* is of an installed package, or what the network raises.
    """
    kind = type(error)
    if isinstance(error, _NETWORK):
        return True
    root = kind.__module__.partition(".")[0]
    return not hasattr(builtins, kind.__name__) and root not in sys.stdlib_module_names


def _entry(one: Ran, code: CodeUnderTest) -> Path | None:
    """
    The file of the code that the test called.
    """
    called = [file for file, _ in one.frames if code.holds(file)]
    return Path(called[-1]) if called else None


def _wraps_at(entry: Path | None, other: Ran, code: CodeUnderTest) -> bool:
    """
    Whether the code in *entry* turned an error of the client into one of its own.
    """
    error = other.error
    if error is None or entry is None or not is_of_project(type(error), code):
        return False
    cause = error.__cause__ or error.__context__
    return cause is not None and is_of_client(cause) and _entry(other, code) == entry


def _is_said_by_test(one: Ran, code: CodeUnderTest) -> bool:
    own = [file for file, _ in one.frames if code.holds(file) or code.is_test(file)]
    return bool(own) and code.is_test(own[0])

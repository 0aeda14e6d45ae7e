"""
The cassette that is open for a test, and what a request meets there: its player, then its recorder.

HTTP libraries are changed once in a process, and ask for the active cassette with every request. That is
the one of the context in which the request is made: a request belongs to the test that started its task or
its thread, however late it comes. What no test has started, such as a loop of before, has no cassette of its
own, and gets the one that was opened last.
"""

from __future__ import annotations

import asyncio
import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from taketwo.cassette.base_urls import BaseUrls
from taketwo.cassette.content import Spool
from taketwo.cassette.model import LiveRequest, LiveResponse
from taketwo.config.playback import Pace
from taketwo.errors import CannotRecord, LateRequest, WaitsForever
from taketwo.playback.player import IncomingRequest, Player, player_of

if TYPE_CHECKING:
    from taketwo.cassette.secrets.redact import Redactor
    from taketwo.config.faults import Fault
    from taketwo.playback.quotas import Turn
    from taketwo.playback.recorder import Asked, Recorder

_clock = time.perf_counter  # which a frozen clock leaves alone
_of_context: ContextVar[Owner | None] = ContextVar("taketwo_owner", default=None)
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


LeaveAlone = Callable[[str, "int | None"], None]
"""Is given the host of a request that is left alone, and its port where that alone is meant."""


class Owner:
    """
    A test, or a fixture of wider scope, which its threads and tasks belong to.

    * ``is_open`` until it has ended
    * ``is_shared``: what its threads and tasks ask for while it is not open belongs to the test that runs
    * ``report`` is given what came too late
    * ``what`` ends, as messages call it
    """

    what = "the test"

    def __init__(self, name: str, *, report: Callable[[str], None] | None = None) -> None:
        self.name = name
        self.is_open = False
        self.is_shared = False
        self.report = report

    def refuse(self, what: str) -> LateRequest:
        """
        The error for *what*, such as ``GET http://shop.test/``, which comes after the end.
        """
        message = f"{_caller()} of {self.name} sent {what} after {self.what} had ended"
        if self.report is not None:
            self.report(message)
        return LateRequest(
            f"{message}, and was refused\n"
            f"wait for it before {self.what} ends: join the thread, await the task, close the client"
        )


class ActiveCassette(Owner):
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
        super().__init__(player.test)
        self.player = player
        self.recorder = recorder
        self.rules = rules
        self.skipped = skipped
        self.left_alone: LeaveAlone | None = None

    @property
    def only_records(self) -> bool:
        """
        Whether there is nothing to play, and nothing too late, so that every request is sent.
        """
        return self.is_open and self.recorder is not None and not self.player.count

    @property
    def answers_directly(self) -> bool:
        """
        Whether a request that is recorded meets its answer, and neither a fault nor the rules of the project.
        """
        return self.is_open and self.rules is None and self.player.faults is None and self.player.count > 0

    def find(self, wanted: IncomingRequest) -> int | None:
        """
        The number of the interaction to play, or None when the request is to be sent.

        :raises NoMatch: or CassetteNotFound, when there is none and nothing is recorded.
        :raises LateRequest: when the test has ended.
        """
        if not self.is_open:
            raise self.refuse(self.player.line(wanted.whole()))
        if self.rules is not None:
            return self._find_by_rules(wanted.whole(), self.rules)
        number = self.player.find(wanted)
        if number is None and self.recorder is None:
            raise self.player.refuse(wanted.whole())
        return number

    def turn(self, method: str, url: str) -> Turn | None:
        """
        What a request that is about to be sent to *url* has to wait for; None when it may be sent as it is.
        """
        if self.recorder is None or self.recorder.quotas is None:
            return None
        return self.recorder.quotas.turn(
            method,
            _without_secrets(url),
            retries=self.player.playback.retry,
            note=self.player.unmatched.append,
        )

    def take_fault(self, number: int) -> Fault | None:
        """
        The fault that the request meets which has just been found to be the interaction *number*.
        """
        faults = self.player.faults
        return None if faults is None else faults.take(number)

    def waits_forever(self, what: str) -> WaitsForever:
        """
        The error for a client that waits for *what* without a timeout.
        """
        from taketwo.playback.faults import Faults  # noqa: PLC0415 - few tests have a fault

        faults = self.player.faults or Faults()
        return faults.waits_forever(what)

    def ask(self, *, proxied_to: str = "") -> Asked | None:
        """
        Note that a client is asked now for a request that it sends later; None when nothing is recorded.

        *proxied_to* is the origin that the request of another process is for.
        """
        return None if self.recorder is None else self.recorder.ask(proxied_to=proxied_to)

    def issue(
        self,
        wanted: IncomingRequest,
        client: str = "",
        *,
        turn: Turn | None = None,
        asked: Asked | None = None,
    ) -> PendingExchange | None:
        """
        The exchange that begins with a request that *client* sends now, or None when it is not recorded.

        Its place among the requests under way, which it has by *turn*, is free again when it is answered.
        A client that keeps requests waiting says when it was *asked* for this one, and by whom.
        """
        if self.recorder is None:
            return None
        request = wanted.whole()
        kept = request if self.rules is None else self.rules.request(request)
        if kept is None:
            self._count_left_alone(request.url)
            return None
        return PendingExchange(
            self.recorder, kept, self.rules, client, turn, asked, self.player.playback.pace
        )

    def note_unreached(self, url: str, client: str) -> None:
        """
        Note that a *client* could not connect to *url*, before it sent a request.
        """
        if self.recorder is not None:
            self.recorder.issue(f"{_without_secrets(url)} ({client})")

    def refuse_client(self, client: str, request: LiveRequest, advice: str) -> CannotRecord | None:
        """
        The error for a *request* of a client that can be neither recorded nor replayed, with *advice* on what
        to do; None for one that the rules leave alone.

        :raises LateRequest: when the test has ended.
        """
        call = _call(request)
        if not self.is_open:
            raise self.refuse(call)
        if self.rules is not None and self._leaves_alone(request, self.rules):
            return None
        message = (
            f"{client} sent {call}, which can be neither recorded nor replayed\n"
            f"{advice}; to leave it out: ignore_hosts in vcr_config"
        )
        self.player.unmatched.append(message)
        return CannotRecord(message)

    def _find_by_rules(self, request: LiveRequest, rules: Rules) -> int | None:
        kept = rules.request(request)
        if kept is None:
            self._note_left_alone(request)
            return None
        number = rules.find(kept, self.player)
        if number is None and self.recorder is None:
            raise self.player.refuse(kept)
        return number

    def _leaves_alone(self, request: LiveRequest, rules: Rules) -> bool:
        if rules.request(request) is not None:
            return False
        self._note_left_alone(request)
        self._count_left_alone(request.url)
        return True

    def _note_left_alone(self, request: LiveRequest) -> None:
        if self.left_alone is not None:
            self.left_alone(urlsplit(request.url).hostname or "", None)

    def _count_left_alone(self, url: str) -> None:
        """
        Count what goes to a service that a replay does not start.
        """
        if self.recorder is not None and self.player.bases.stable(url) != url:
            self.recorder.note_left_alone()


class PendingExchange:
    """
    A request on its way, whose answer is recorded once, when it is there.
    """

    def __init__(
        self,
        recorder: Recorder,
        request: LiveRequest,
        rules: Rules | None,
        client: str = "",
        turn: Turn | None = None,
        asked: Asked | None = None,
        pace: Pace = Pace.FAST,
    ) -> None:
        self._recorder = recorder
        self._arrivals: list[tuple[int, float]] | None = [] if pace is Pace.RECORDED else None
        self._started = 0.0
        self._request = request
        self._rules = rules
        self._begun: int | None = None
        self._is_answered = False
        self._turn = turn
        if turn is not None:
            turn.pending = self
        self._number = recorder.issue(f"{_call(request)} ({client})" if client else _call(request), asked)

    def begin(self, finish: Callable[[], None], head: LiveResponse) -> None:
        """
        Note that the answer begins to come with *head*; *finish* is called if the test ends before it does.
        """
        self._begun = self._recorder.begin(self._number, finish, (self._request, head))
        self._started = _clock()

    def spool(self) -> Spool:
        """
        What takes the body of the answer as it comes.
        """
        return _SpoolOfAnswer(self._recorder, _call(self._request))

    def came(self, total: int) -> None:
        """
        Note that *total* bytes of the body have come by now.
        """
        if self._arrivals is not None:
            self._started = self._started or _clock()
            self._arrivals.append((total, _clock()))

    def answer(self, response: LiveResponse) -> None:
        if self._is_answered:
            return
        self._is_answered = True
        if self._is_refusal(response):
            self._recorder.drop(self._number)
            return
        response = replace(response, pauses=self._pauses(response.chunks))
        kept = response if self._rules is None else self._rules.response(response)
        if kept is None:
            self._recorder.drop(self._number)
        else:
            # Of what came whole, nothing is known before the end.
            started_session = self._begun if kept.chunks else None
            self._recorder.answer(self._number, self._request, kept, started_session=started_session)

    def _pauses(self, chunks: Sequence[int]) -> tuple[int, ...]:
        """
        The milliseconds before each of *chunks*, where they are to be kept.
        """
        if not self._arrivals:
            return ()
        totals = [total for total, _ in self._arrivals]
        places = (min(bisect_left(totals, end), len(totals) - 1) for end in accumulate(chunks))
        moments = (round((self._arrivals[place][1] - self._started) * 1000) for place in places)
        return tuple(max(0, after - before) for before, after in pairwise([0, *moments]))

    def drop(self) -> None:
        """
        Note that the answer is not to be recorded: the request is sent again.
        """
        if not self._is_answered:
            self._is_answered = True
            self._recorder.drop(self._number)

    def _is_refusal(self, response: LiveResponse) -> bool:
        """
        Whether the service refused the request for the number of them, which is no answer to keep.
        """
        turn, self._turn = self._turn, None
        if turn is None:
            return False
        turn.pending = None
        turn.release()
        return turn.refuses(response.status, response.headers)


def _no_secrets() -> tuple[Redactor, Mapping[str, str]]:
    from taketwo.cassette.secrets.redact import Redactor  # noqa: PLC0415 - what comes too late is seldom explained

    return Redactor({}), {}


class _SpoolOfAnswer(Spool):
    """
    Takes the body of the answer to *call*.
    """

    def __init__(self, recorder: Recorder, call: str) -> None:
        super().__init__(recorder.folder)
        self._recorder = recorder
        self._call = call

    def write(self, piece: bytes) -> int:
        """
        :raises RecordingRefused: when there is no room for it.
        """
        try:
            return super().write(piece)
        except OSError as error:
            raise self._recorder.refuse(
                f"the answer to {self._call} cannot be kept after {len(self)} bytes: {error}\n"
                "make room for it, or leave its host out with ignore_hosts in vcr_config"
            ) from None


class NoCassette(ActiveCassette):
    """
    In the place of the cassette of a test that has none, when one of its threads or tasks comes too late.
    """

    def __init__(self, owner: Owner) -> None:
        nothing = player_of(None, name="", test=owner.name, secrets=_no_secrets, bases=BaseUrls({}))
        super().__init__(nothing, None)
        self._owner = owner

    def find(self, wanted: IncomingRequest) -> int | None:
        raise self.refuse(_call(wanted.whole()))

    def refuse(self, what: str) -> LateRequest:
        return self._owner.refuse(what)


def owner() -> Owner | None:
    """
    Whose context this is.
    """
    return _of_context.get()


def late_owner() -> Owner | None:
    """
    The same, where it has ended.
    """
    found = _of_context.get()
    return None if found is None or found.is_open or found.is_shared else found


def current() -> ActiveCassette | None:
    """
    The active cassette: that of the context, else the one that was opened last.

    That of a test that has ended is none to play or to record: it refuses whatever it is asked.
    """
    found = _of_context.get()
    if found is None or (found.is_shared and not found.is_open):
        return _open[-1] if _open else None
    if isinstance(found, ActiveCassette):
        return found
    return None if found.is_open else NoCassette(found)


def belong_to(owner: Owner | None) -> None:
    """
    Have what follows in this thread or task belong to *owner*.
    """
    _of_context.set(owner)


@contextmanager
def belonging_to(owner: Owner | None) -> Iterator[None]:
    """
    While open, what happens belongs to *owner*.
    """
    token = _of_context.set(owner)
    try:
        yield
    finally:
        _of_context.reset(token)


@contextmanager
def without_cassette(owner: Owner) -> Iterator[None]:
    """
    While open, *owner* runs, which has no cassette.
    """
    before = _of_context.get()
    owner.is_open = True
    _of_context.set(owner)
    try:
        yield
    finally:
        owner.is_open = False
        _of_context.set(before)


def _call(request: LiveRequest) -> str:
    return f"{request.method} {_without_secrets(request.url)}"


def _without_secrets(address: str) -> str:
    """
    *address* without a password and without its query.
    """
    url = urlsplit(address)
    return f"{url.scheme}://{url.netloc.rpartition('@')[2]}{url.path}"


def _caller() -> str:
    try:
        task = asyncio.current_task()
    except RuntimeError:
        task = None
    if task is not None:
        return "a task"
    return "the main thread" if threading.current_thread() is threading.main_thread() else "a thread"


class Activation:
    """
    While open, requests are asked of *active*; with *ends*, what it records of streams ends with it.
    """

    __slots__ = ("_active", "_before", "_ends")

    def __init__(self, active: ActiveCassette, *, ends: bool = True) -> None:
        self._active = active
        self._ends = ends
        self._before: Owner | None = None

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
        if self._ends and active.recorder is not None:
            active.recorder.finish()

"""
The quotas of services while they are recorded: requests are spaced, and sent again where a service refuses
them for their number.

All clients ask for a :class:`Turn` before they send a request. What is spaced is shared by all processes that
record the project, by locks of the kernel in a folder for temporary files; one that dies releases its own.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Protocol

from taketwo.cassette.model import Pairs
from taketwo.cassette.store.locks import locked, try_lock
from taketwo.config.quotas import Quota
from taketwo.errors import QuotaExceeded
from taketwo.playback.throttle import refusal_delay

_POLL = 0.05
_SHORTEST = 0.05  # seconds before the first repetition, so that "Retry-After: 0" comes to an end
_WORTH_A_WORD = 5.0  # seconds
_PATIENCE = 120.0  # seconds to wait for one of the requests that are under way

Say = Callable[[str], None]
Clock = Callable[[], float]
Sleep = Callable[[float], object]


class Pending(Protocol):
    """
    A request on its way, as far as a turn knows it.
    """

    def drop(self) -> None:
        """
        Note that the answer is not to be recorded.
        """


def no_word(_: str) -> None:
    pass


class Quotas:
    """
    The *quotas* of services by name; *find* gives the service of a URL, *root* is the folder of the project.

    *say* is called with each wait that one would ask about, ``repeated`` is how often each service refused.
    *folder* is shared by all processes that record it. *clock* is one for all processes; both defaults are
    bound here, where no library that freezes the time of a test, and no test, replaces them.
    """

    def __init__(
        self,
        quotas: Mapping[str, Quota],
        *,
        root: Path,
        find: Callable[[str], str | None],
        say: Say = no_word,
        folder: Path | None = None,
        clock: Clock = time.perf_counter,
        sleep: Sleep = time.sleep,
    ) -> None:
        self._quotas = quotas
        self._find = find
        self._root = root
        self._folder = folder
        self._clock = clock
        self.sleep = sleep
        self._lock = threading.Lock()
        self.say = say
        self.repeated: dict[str, int] = {}

    def turn(self, method: str, url: str, *, retries: bool, note: Callable[[str], object]) -> Turn | None:
        """
        What a request to *url* has to wait for; None where it may be sent as it is.

        *url* is without secrets. Without *retries* whatever the service answers is recorded. *note* is given
        the message of an error, which the client may hide.
        """
        name = self._find(url)
        quota = self._quotas.get(name) if name is not None else None
        if name is None or quota is None:
            return None
        call = f"{method} {url}"
        return Turn(name, quota, self._pace(name, quota), call, self, retries=retries, note=note)

    def note_repeated(self, name: str) -> None:
        with self._lock:
            self.repeated[name] = self.repeated.get(name, 0) + 1

    def _pace(self, name: str, quota: Quota) -> Pace:
        with self._lock:
            if self._folder is None:
                self._folder = shared_folder(self._root)
        digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        return Pace(self._folder / digest, quota, self._clock)


class Pace:
    """
    When the next request of any process may be sent to a service; *folder* is shared by them.
    """

    def __init__(self, folder: Path, quota: Quota, clock: Clock) -> None:
        self._folder = folder
        self._quota = quota
        self.clock = clock

    def try_next(self) -> float:
        """
        The seconds to wait before the next attempt; 0 when a request may be sent now.
        """
        with self._next() as (moment, write):
            now = self.clock()
            if moment > now:
                return moment - now
            if self._quota.interval:
                write(now + self._quota.interval)
            return 0.0

    def pause(self, seconds: float) -> None:
        """
        Have no process send anything for so long.
        """
        with self._next() as (moment, write):
            write(max(moment, self.clock() + seconds))

    def try_slot(self) -> int | None:
        """
        One of the places for requests under way, as the descriptor that holds it; None when all are taken.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        for number in range(self._quota.concurrency):
            descriptor = try_lock(self._folder / f"slot-{number}")
            if descriptor is not None:
                return descriptor
        return None

    @contextmanager
    def _next(self) -> Iterator[tuple[float, Callable[[float], None]]]:
        """
        While open, no other process reads or writes the moment from which on a request may be sent.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._folder / "next"
        with locked(self._folder):
            yield _read(file, self.clock()), partial(_write, file, self.clock())


class Turn:
    """
    The wait of one request for a service, from before it is sent until its answer is recorded.

    Sent again and again, as long as the service refuses it for its number::

        turn.take()
        ... send the request ...
        if turn.is_over(status, headers): ... hand the answer on ...
    """

    def __init__(
        self,
        name: str,
        quota: Quota,
        pace: Pace,
        call: str,
        quotas: Quotas,
        *,
        retries: bool,
        note: Callable[[str], object],
    ) -> None:
        self._name = name
        self._note = note
        self._quota = quota
        self._pace = pace
        self._call = call
        self._quotas = quotas
        self._retry = quota.retry if retries else 0.0
        self._refusals = 0
        self._waited = 0.0
        self._slot: int | None = None
        self._is_judged = False
        self.pending: Pending | None = None

    def take(self) -> None:
        """
        Wait until the request may be sent.

        :raises QuotaExceeded: when none of the requests under way ends.
        """
        for seconds in self._waits():
            self._quotas.sleep(seconds)

    async def take_async(self, sleep: Callable[[float], Awaitable[object]]) -> None:
        """
        The same for a loop, which *sleep* leaves to others.
        """
        for seconds in self._waits():
            await sleep(seconds)

    def is_over(self, status: int, headers: Pairs) -> bool:
        """
        Whether this answer is the one for the client; else the request is to be sent again.

        :raises QuotaExceeded: when the service refuses it for longer than is waited.
        """
        self._is_judged = True
        delay = self._delay(status, headers)
        if delay is None:
            return True
        if self.pending is not None:
            self.pending.drop()
            self.pending = None
        self.release()
        if self._waited + delay > self._retry:
            raise self._error(self._exceeded(status, delay))
        self._refusals += 1
        self._waited += delay
        self._quotas.note_repeated(self._name)
        self._quotas.say(f"waiting {delay:.3g} s: {self._name} answered {status} to {self._call}")
        self._pace.pause(delay)
        return False

    def refuses(self, status: int, headers: Pairs) -> bool:
        """
        Whether an answer that nobody has judged is one for the number of requests, which is not recorded.
        """
        return not self._is_judged and self._delay(status, headers) is not None

    def release(self) -> None:
        """
        Let another request be sent in the place of this one.
        """
        slot, self._slot = self._slot, None
        if slot is not None:
            os.close(slot)

    @contextmanager
    def sending(self) -> Iterator[None]:
        """
        While open, the request is sent; an error on the way releases its place.
        """
        try:
            yield
        except BaseException:
            self.release()
            raise

    def __del__(self) -> None:
        self.release()

    def _waits(self) -> Iterator[float]:
        """
        The seconds to sleep, one after the other, until the request may be sent.
        """
        self._is_judged = False
        yield from self._waits_for_slot()
        is_told = self._refusals > 0
        while seconds := self._pace.try_next():
            if seconds >= _WORTH_A_WORD and not is_told:
                is_told = True
                self._quotas.say(f"waiting {seconds:.3g} s for {self._name}{self._why_paced()}")
            yield min(seconds, 1.0)

    def _waits_for_slot(self) -> Iterator[float]:
        if not self._quota.concurrency:
            return
        end = self._pace.clock() + _PATIENCE
        while self._slot is None:
            self._slot = self._pace.try_slot()
            if self._slot is None:
                if self._pace.clock() > end:
                    raise self._error(
                        f"{self._call} was not sent: {self._name} has concurrency = "
                        f"{self._quota.concurrency}, and no other request ended for {_PATIENCE:g} s\n"
                        "end the streams that the test leaves open, or raise concurrency in "
                        f"[tool.taketwo.services.{self._name}]"
                    )
                yield _POLL

    def _error(self, message: str) -> QuotaExceeded:
        self._note(message)
        return QuotaExceeded(message)

    def _why_paced(self) -> str:
        return f": rate = {self._quota.rate}" if self._quota.rate else ", which refused another request"

    def _delay(self, status: int, headers: Pairs) -> float | None:
        if not self._retry:
            return None
        delay = refusal_delay(status, headers, attempt=self._refusals)
        return None if delay is None else max(delay, _SHORTEST * 2.0**self._refusals)

    def _exceeded(self, status: int, delay: float) -> str:
        waited = f" after {self._waited:.3g} s of waiting" if self._waited else ""
        return (
            f"{self._name} answered {status} to {self._call}{waited}, and asks for {delay:.3g} s more, where "
            f"retry = {self._retry:g} is the most that is waited for one request\n"
            f"lower rate or raise retry in [tool.taketwo.services.{self._name}]; for a test about that "
            "answer: @pytest.mark.vcr(retry=False)"
        )


def _read(file: Path, now: float) -> float:
    """
    The moment in *file*; that of a clock which has started anew since, as after a restart, is over.
    """
    try:
        written, moment = map(float, file.read_text(encoding="ascii").split())
    except (OSError, ValueError):
        return 0.0
    return moment if written <= now else 0.0


def _write(file: Path, now: float, moment: float) -> None:
    file.write_text(f"{now!r} {moment!r}", encoding="ascii")


def shared_folder(root: Path) -> Path:
    """
    A folder that all processes of this user share that record the project at *root*, and no other user.
    """
    home = Path(tempfile.gettempdir()) / f"taketwo-{os.getuid()}"
    home.mkdir(mode=0o700, exist_ok=True)
    status = home.lstat()
    if status.st_uid != os.getuid() or status.st_mode & 0o077 or not home.is_dir() or home.is_symlink():
        return Path(tempfile.mkdtemp(prefix="taketwo-"))
    return home / hashlib.sha256(str(root.resolve()).encode("utf-8", "surrogatepass")).hexdigest()[:16]

"""
What is measured: sections, each with its sizes, in rounds over all peers, so that none has the quiet minute.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter

from tests.benchmarks import processes, suites
from tests.benchmarks.measured import Measured
from tests.benchmarks.peers.registry import FLOOR, OURS, PEERS, Peer
from tests.benchmarks.samples import KINDS

NOTHING = "an empty plugin"
SHARED = f"{FLOOR}, one client"
"""The floor of a suite that makes one client for all of its tests."""
FLOORS = {FLOOR, SHARED, NOTHING}
"""What keeps no cassettes, and is only compared with."""
_KEEPERS = tuple(peer.name for peer in PEERS if peer.name not in {"respx", FLOOR})
_CLIENTS = tuple(peer.name for peer in PEERS)
_PLUGINS = tuple(name for name in _CLIENTS if name in suites.STYLES)

_KNOWN = {
    **{peer.name: peer for peer in PEERS},
    SHARED: replace(next(peer for peer in PEERS if peer.name == FLOOR), name=SHARED),
    NOTHING: Peer(name=NOTHING, module="", needs="pytest", package="pytest"),
}

_AT_LEAST = 2  # rounds
_ENOUGH = 3.0  # seconds
_HOPELESS = 3

Run = Callable[[Peer, int, float], Measured]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """
    One thing to compare; *labels* are the times that make its tables. The result of *base* is 1 in ratios.
    What takes little time swings most, and is measured in *often* times as many rounds, unless it is only to
    be seen whether it runs.
    """

    name: str
    title: str
    run: Run
    sizes: tuple[int, ...]
    quick: tuple[int, ...]
    labels: tuple[str, ...]
    peers: tuple[str, ...] = _KEEPERS
    unit: str = "ms"
    base: str = OURS
    often: int = 1
    note: str = ""

    def rounds(self, asked: int) -> int:
        return asked if asked == 1 else asked * self.often


@dataclass(slots=True)
class Result:
    """
    What came of a section, by size and peer.
    """

    section: Section
    measured: dict[int, dict[str, Measured]] = field(default_factory=dict)


def _work(name: str) -> Run:
    return lambda peer, size, limit: processes.work(peer, name, size, limit=limit)


def _suite(*, own_client: bool, workers: int = 0) -> Run:
    return lambda peer, size, limit: suites.per_test(
        peer, size, own_client=own_client, workers=workers, limit=limit
    )


def _own_clients(peer: Peer, size: int, limit: float) -> Measured:
    if peer.name == SHARED:
        return _suite(own_client=False)(_KNOWN[FLOOR], size, limit)
    return _suite(own_client=True)(peer, size, limit)


def _start_up(peer: Peer, size: int, limit: float) -> Measured:
    return suites.start_up(None if peer.name == NOTHING else peer, size, limit=limit)


_FOUND = tuple(f"{kind}, {place}" for kind in KINDS for place in ("first", "last", "miss"))
_LOADED = tuple(
    f"{time}{until}"
    for time in ("first time", "load")
    for until in ("", ", to the first answer", ", to all answers")
)
_SAVED = ("save", "record and save")

SECTIONS = (
    Section(
        name="load",
        title="Load a cassette of small interactions",
        run=_work("load"),
        note="First time: where nothing is compiled yet. The others read all of a file when they load it, "
        "and have no other time. Of ours, a file of less than 16 KiB is compiled at the end of a run.",
        sizes=(10, 1000, 10_000),
        quick=(10, 100),
        labels=_LOADED,
    ),
    Section(
        name="save",
        title="Save small interactions, not flushed to the disk",
        run=_work("save"),
        sizes=(10, 1000, 10_000),
        quick=(10, 100),
        labels=_SAVED,
    ),
    Section(
        name="save-safely",
        title="Save as the plugin does: staged, flushed to the disk, moved into place (others as they do)",
        run=_work("save-safely"),
        sizes=(1000,),
        quick=(100,),
        labels=_SAVED,
    ),
    Section(
        name="load-audio",
        title="Load 20 bodies of audio, by their size in bytes",
        run=_work("load-audio"),
        sizes=(50_000, 500_000),
        quick=(5_000,),
        labels=_LOADED,
    ),
    Section(
        name="save-audio",
        title="Save 20 bodies of audio, by their size in bytes",
        run=_work("save-audio"),
        sizes=(50_000, 500_000),
        quick=(5_000,),
        labels=_SAVED,
    ),
    Section(
        name="match",
        title="Find one request among many",
        run=_work("match"),
        sizes=(10, 100, 1000, 10_000),
        quick=(10, 100),
        labels=_FOUND,
    ),
    Section(
        name="replay",
        title="A client that asks for every one of so many",
        run=_work("replay"),
        sizes=(100, 1000, 10_000),
        quick=(100,),
        labels=("replay",),
        peers=_CLIENTS,
        base=FLOOR,
    ),
    Section(
        name="replay-async",
        title="The same with an asynchronous client",
        run=_work("replay-async"),
        sizes=(100, 1000, 10_000),
        quick=(100,),
        labels=("replay",),
        peers=_CLIENTS,
        base=FLOOR,
    ),
    Section(
        name="suite-shared",
        title="Per test of three requests, one client for all tests",
        run=_suite(own_client=False),
        sizes=(50, 500),
        quick=(10,),
        labels=(suites.AGAIN, suites.FIRST_RUN),
        peers=_PLUGINS,
        base=FLOOR,
        often=3,
    ),
    Section(
        name="suite-own",
        title="Per test of three requests, an asynchronous client for each test, one event loop",
        run=_own_clients,
        sizes=(200, 500),
        quick=(10,),
        labels=(suites.AGAIN, suites.FIRST_RUN),
        peers=(*_PLUGINS, SHARED),
        base=SHARED,
        often=3,
    ),
    Section(
        name="suite-workers",
        title="The same over two workers, of the whole run",
        run=_suite(own_client=True, workers=2),
        sizes=(100,),
        quick=(10,),
        labels=(suites.AGAIN, suites.FIRST_RUN),
        peers=_PLUGINS,
        base=FLOOR,
    ),
    Section(
        name="start-up",
        title="A suite of so many tests that uses no cassette, with the plugins installed",
        run=_start_up,
        sizes=(20,),
        quick=(5,),
        labels=("whole run",),
        peers=(NOTHING, *(peer.name for peer in PEERS if peer.plugins)),
        base=NOTHING,
        often=3,
    ),
)


def measure(sections: Sequence[Section], *, rounds: int, limit: float, say: Say) -> list[Result]:
    """
    Each section in turn; *say* is told what is measured, and how much of all is done.
    """
    return [
        _measure(section, rounds=rounds, limit=limit, say=_counting(say, number, len(sections)))
        for number, section in enumerate(sections, 1)
    ]


def _counting(say: Say, number: int, count: int) -> Say:
    return lambda text: say(f"{number} of {count}, {text}")


def _measure(section: Section, *, rounds: int, limit: float, say: Say) -> Result:
    result = Result(section)
    peers = [_Runner(section, peer, limit) for peer in _peers(section) if peer.missing() is None]
    rounds = section.rounds(rounds)
    for size in section.sizes:
        found = result.measured.setdefault(size, {})
        for number in range(rounds):
            for runner in _in_turn(peers, number):
                if runner.has_enough(size, number):
                    continue
                name = runner.peer.name
                say(f"{section.name} {size:,}: round {number + 1} of {rounds}, {name}")
                found.setdefault(name, Measured()).merge(runner.run(size))
    return result


class _Runner:
    """
    Measures one peer, and not longer than is worth it.

    One that failed once is asked no more, nor is one that would take several times the limit if it grew no
    faster than the sizes. What has taken long is measured twice, and no more, but for ours and what all are
    compared with: their ratio is what a table is for.
    """

    def __init__(self, section: Section, peer: Peer, limit: float) -> None:
        self.peer = peer
        self._section = section
        self._limit = limit
        self._spent: dict[int, float] = {}
        self._once: tuple[int, float] = (1, 0.0)
        self._has_failed = False

    def has_enough(self, size: int, rounds: int) -> bool:
        is_compared = self.peer.name in {OURS, self._section.base}
        has_spent = rounds >= _AT_LEAST and self._spent.get(size, 0) > _ENOUGH
        return self._has_failed or (has_spent and not is_compared)

    def run(self, size: int) -> Measured:
        before, took = self._once
        if took * size / before > _HOPELESS * self._limit:
            self._has_failed = True
            return Measured(failure=f"over {self._limit:g} s")
        began = perf_counter()
        measured = self._section.run(self.peer, size, self._limit)
        self._once = (size, perf_counter() - began)
        self._spent[size] = self._spent.get(size, 0) + self._once[1]
        self._has_failed = bool(measured.failure)
        return measured


def _peers(section: Section) -> list[Peer]:
    """
    In the order in which they are measured: ours beside what all are compared with.
    """
    return [_KNOWN[name] for name in sorted(section.peers, key=lambda name: name != section.base)]


def _in_turn(peers: Sequence[_Runner], number: int) -> list[_Runner]:
    """
    Every other round backwards: whoever comes behind a heavy one does so only half of the time.
    """
    return list(reversed(peers)) if number % 2 else list(peers)

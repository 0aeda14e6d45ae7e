"""
What is measured: sections, each with its sizes, in rounds over all peers, so that none has the quiet minute.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from tests.benchmarks import processes, suites
from tests.benchmarks.measured import Measured
from tests.benchmarks.peers.registry import FLOOR, OURS, PEERS, Peer
from tests.benchmarks.samples import KINDS

NOTHING = "no plugin"
_KEEPERS = tuple(peer.name for peer in PEERS if peer.name not in {"respx", FLOOR})
_CLIENTS = tuple(peer.name for peer in PEERS)
_PLUGINS = tuple(name for name in _CLIENTS if name in suites.STYLES)

Run = Callable[[Peer, int, float], Measured]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """
    One thing to compare; *labels* are the times that make its tables. The result of *base* is 1 in ratios.
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


def _start_up(peer: Peer, size: int, limit: float) -> Measured:
    return suites.start_up(None if peer.name == NOTHING else peer, size, limit=limit)


_FOUND = tuple(f"{kind}, {place}" for kind in KINDS for place in ("first", "last", "miss"))
_LOADED = ("first time", "load", "load to first answer")
_SAVED = ("save", "record and save")

SECTIONS = (
    Section(
        name="load",
        title="Load a cassette of small interactions",
        run=_work("load"),
        sizes=(10, 100, 1000, 10_000),
        quick=(10, 100),
        labels=_LOADED,
    ),
    Section(
        name="save",
        title="Save small interactions, not flushed to the disk",
        run=_work("save"),
        sizes=(10, 100, 1000, 10_000),
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
        sizes=(500,),
        quick=(10,),
        labels=("per test",),
        peers=_PLUGINS,
        base=FLOOR,
    ),
    Section(
        name="suite-own",
        title="Per test of three requests, an asynchronous client for each test",
        run=_suite(own_client=True),
        sizes=(500,),
        quick=(10,),
        labels=("per test",),
        peers=_PLUGINS,
        base=FLOOR,
    ),
    Section(
        name="suite-workers",
        title="The same over two workers, of the whole run",
        run=_suite(own_client=True, workers=2),
        sizes=(500,),
        quick=(10,),
        labels=("per test",),
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
    ),
)


def measure(sections: Iterable[Section], *, rounds: int, limit: float, say: Say) -> list[Result]:
    return [_measure(section, rounds=rounds, limit=limit, say=say) for section in sections]


def _measure(section: Section, *, rounds: int, limit: float, say: Say) -> Result:
    """
    A peer that failed once at a size is not asked again there, nor at larger ones.
    """
    result = Result(section)
    failed: set[str] = set()
    peers = [peer for peer in _peers(section) if peer.missing() is None]
    for size in section.sizes:
        found = result.measured.setdefault(size, {})
        for number in range(rounds):
            for peer in _in_turn(peers, number):
                if peer.name in failed:
                    continue
                say(f"{section.name} {size:,}: round {number + 1} of {rounds}, {peer.name}")
                measured = found.setdefault(peer.name, Measured())
                measured.merge(section.run(peer, size, limit))
                if measured.failure:
                    failed.add(peer.name)
    return result


def _peers(section: Section) -> list[Peer]:
    known = {peer.name: peer for peer in PEERS}
    known[NOTHING] = Peer(name=NOTHING, module="", needs="pytest", package="pytest")
    return [known[name] for name in section.peers]


def _in_turn(peers: Sequence[Peer], number: int) -> list[Peer]:
    """
    Every other round backwards: whoever comes behind a heavy one does so only half of the time.
    """
    return list(reversed(peers)) if number % 2 else list(peers)

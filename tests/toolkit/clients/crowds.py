"""
The crowds of :mod:`tests.toolkit.clients.test_crowds`, again and again: chance has many places to hide.

``python -m tests.toolkit.clients.crowds [--runs 100] [CLIENT ...]`` records 20 threads, or tasks, with 20
requests each in this process, against a server in another one, and replays them. Of each run it is asked that
every request is recorded, that each caller gets its own answer in both, that the replay asks the server for
nothing, and that the cassette is always the same.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from taketwo.cassette.base_urls import BaseUrls
from taketwo.cassette.model import Cassette
from taketwo.cassette.record import make_cassette
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.text.writer import dump_cassette
from taketwo.intercept.cassette import open_cassette
from taketwo.intercept.registry import REGISTRY
from taketwo.playback.player import play
from taketwo.playback.recorder import Recorder
from tests.toolkit.clients.passes import serving
from tests.toolkit.clients.server.exchange import FOLDER
from tests.toolkit.clients.suite.cell import ADDRESS, Cell
from tests.toolkit.clients.suite.http import CROWD

_NOTHING = Redactor({})
_SECRETS = {"AWS_ACCESS_KEY_ID": "AKIAOFTHEMATRIX00000"}

Crowd = Callable[[Cell], object]


@dataclass(frozen=True, slots=True)
class Laboratory:
    """
    The server at *address*, which keeps its log in *folder*.
    """

    address: str
    folder: Path

    @property
    def bases(self) -> BaseUrls:
        return BaseUrls({self.address: "http://matrix.test"})

    def answered(self, cell: Cell) -> int:
        log = self.folder / "log"
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        return Counter(line.partition(" ")[0] for line in lines)[cell.name]

    def record(self, crowd: Crowd, cell: Cell) -> Cassette:
        recorder = Recorder()
        self._open(None, recorder, crowd, cell)
        return make_cassette(recorder.exchanges, test="t", services={}, redactor=_NOTHING, bases=self.bases)

    def replay(self, cassette: Cassette, crowd: Crowd, cell: Cell) -> None:
        self._open(cassette, None, crowd, cell)

    def _open(self, cassette: Cassette | None, recorder: Recorder | None, crowd: Crowd, cell: Cell) -> None:
        player = play(cassette, name="a.yaml", test="t", redactor=_NOTHING, reveal=_SECRETS, bases=self.bases)
        with open_cassette("a.yaml", {}, player=player, recorder=recorder, configure=None):
            crowd(cell)


def problems(lab: Laboratory, crowd: Crowd, cell: Cell, first: str) -> Iterator[str]:
    """
    What is wrong with one run, whose cassette is to be *first* unless that is empty; last comes its text.
    """
    before = lab.answered(cell)
    cassette = lab.record(crowd, cell)
    asked = lab.answered(cell) - before
    text = dump_cassette(cassette)
    if (asked, len(cassette.interactions)) != (CROWD * CROWD, CROWD * CROWD):
        yield f"{asked} were answered, {len(cassette.interactions)} are recorded"
    if first and text != first:
        yield "the cassette is another one"
    lab.replay(cassette, crowd, cell)
    if lab.answered(cell) != before + asked:
        yield "the replay asked the server"
    yield text


def crowds() -> Mapping[str, Crowd]:
    from tests.toolkit.clients.suite import (  # noqa: PLC0415 - what they need is not always installed
        boto3_sync,
        http,
        with_aiohttp,
        with_requests,
        with_urllib3,
    )
    from tests.toolkit.clients.suite.cell import drive  # noqa: PLC0415 - as above

    return {
        "requests": lambda cell: drive(http.crowd(with_requests.Sync, cell)),
        "urllib3": lambda cell: drive(http.crowd(with_urllib3.Sync, cell)),
        "boto3": partial(_called, boto3_sync.crowd),
        "aiohttp": lambda cell: asyncio.run(http.crowd_of_tasks(with_aiohttp.Async, cell)),
    }


def _called(crowd: Callable[[Cell], None], cell: Cell) -> None:
    crowd(cell)


@dataclass(slots=True)
class Tried:
    """
    One client's crowd: how many runs there were, how many went wrong, and the cassette of the first.
    """

    name: str
    crowd: Crowd
    runs: int = 0
    wrong: int = 0
    first: str = ""

    def run(self, lab: Laboratory) -> None:
        cell = Cell(f"{self.name}-crowd", "apple", is_turned=False)
        self.runs += 1
        try:
            *found, text = problems(lab, self.crowd, cell, self.first)
            self.first = self.first or text
        except (Exception, AssertionError) as error:  # noqa: BLE001 - whatever goes wrong in one run
            found = [f"{type(error).__name__}: {error}"]
        self.wrong += bool(found)
        for problem in found:
            _say(f"{self.name}, run {self.runs}: {problem}")

    def __str__(self) -> str:
        return f"{self.name}: {self.runs - self.wrong} of {self.runs} runs as they should be"


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(words: Sequence[str]) -> int:
    known = crowds()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("client", nargs="*", choices=[[], *known], help="all of them, without one")
    parser.add_argument("--runs", type=int, default=100)
    asked = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as name, serving(Path(name), None) as server, REGISTRY:
        os.environ.update({FOLDER: name, ADDRESS: server.address})
        lab = Laboratory(server.address, Path(name))
        tried = [Tried(client, known[client]) for client in asked.client or known]
        # In turn, so that an interrupted run has tried each of them as often.
        with suppress(KeyboardInterrupt):
            for number in range(asked.runs):
                sys.stderr.write(f"run {number + 1} of {asked.runs}\n")
                for each in tried:
                    each.run(lab)
    for each in tried:
        _say(str(each))
    return int(any(each.wrong for each in tried))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

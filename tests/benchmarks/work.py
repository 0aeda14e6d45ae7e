"""
The works that are timed within one process.
"""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from time import perf_counter
from types import ModuleType

from tests.benchmarks.measured import Measured, Moment
from tests.benchmarks.peers.protocol import AsyncSend, Opened, Send
from tests.benchmarks.samples import KINDS, Sample, audio, gets, mixed

_REPEATS = 3
_SPENT = 0.05  # seconds, after which a lookup has been repeated often enough
_LONG = 3.0  # seconds, after which anything has been
_AUDIO = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """
    One work with one peer, in a folder of its own.
    """

    module: ModuleType
    folder: Path
    suffix: str
    size: int

    @property
    def path(self) -> Path:
        return self.folder / f"a{self.suffix}"


def save(job: Job) -> Measured:
    return _save(job, gets(job.size), job.module.record)


def save_safely(job: Job) -> Measured:
    return _save(job, gets(job.size), getattr(job.module, "record_safely", job.module.record))


def save_audio(job: Job) -> Measured:
    return _save(job, audio(_AUDIO, job.size), job.module.record)


def load(job: Job) -> Measured:
    return _load(job, gets(job.size))


def load_audio(job: Job) -> Measured:
    return _load(job, audio(_AUDIO, job.size))


def recorded(job: Job, samples: Sequence[Sample], path: Path) -> None:
    """
    Have *samples* recorded by another process: what that takes of memory is not what is measured here.
    """
    child = os.fork()
    if not child:
        try:
            job.module.record(samples, path)()
        except BaseException:  # noqa: BLE001 - this process ends here, and what happened is told
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        sys.exit(1)


def match(job: Job) -> Measured:
    """
    The first and the last of its requests, and one that it does not hold.
    """
    measured = Measured()
    for kind, samples_of in KINDS.items():
        *samples, unknown = samples_of(job.size + 1)
        path = job.folder / f"{kind}{job.suffix}"
        recorded(job, samples, path)
        opened: Opened = job.module.load(path)
        opened.find(unknown)  # builds an index, where there is one
        for place, sample in {"first": samples[0], "last": samples[-1], "miss": unknown}.items():
            wanted = None if sample is unknown else sample.answer
            _find(measured, f"{kind}, {place}", opened, sample, wanted)
    return measured


def replay(job: Job) -> Measured:
    samples, measured = mixed(job.size), Measured()
    if hasattr(job.module, "record"):
        recorded(job, samples, job.path)
    got: list[bytes] = []

    def act(send: Send) -> None:
        began = Moment.now()
        got.extend(map(send, samples))
        measured.took("replay", began, Moment.now())

    if hasattr(job.module, "replay"):
        job.module.replay(job.path, samples, act)
    else:
        with job.module.use(job.path, samples) as send:
            act(send)
    for answer, sample in zip_longest(got, samples):
        measured.check(answer, sample.answer)
    return measured


def replay_async(job: Job) -> Measured:
    samples, measured = mixed(job.size), Measured()
    if hasattr(job.module, "record"):
        recorded(job, samples, job.path)
    got: list[bytes] = []

    async def act(send: AsyncSend) -> None:
        began = Moment.now()
        for sample in samples:
            got.append(await send(sample))  # noqa: PERF401 - one after the other, as a test does
        measured.took("replay", began, Moment.now())

    async def run() -> None:
        async with job.module.use_async(job.path, samples) as send:
            await act(send)

    if hasattr(job.module, "replay_async"):
        job.module.replay_async(job.path, samples, act)
    else:
        asyncio.run(run())
    for answer, sample in zip_longest(got, samples):
        measured.check(answer, sample.answer)
    return measured


def _save(
    job: Job, samples: Sequence[Sample], record: Callable[[Sequence[Sample], Path], Callable[[], object]]
) -> Measured:
    measured, until = Measured(), perf_counter() + _LONG
    for number in range(_REPEATS):
        folder = job.folder / f"{number}"
        folder.mkdir()
        path = folder / f"a{job.suffix}"
        gc.collect()
        began = Moment.now()
        write = record(samples, path)
        taken_up = Moment.now()
        write()
        ended = Moment.now()
        measured.took("save", taken_up, ended)
        measured.took("record and save", began, ended)
        if ended.wall > until:
            break
    measured.on_disk = sum(file.stat().st_size for file in path.parent.glob("*") if file.is_file())
    measured.check_all(job.module.load(path).answers(), samples)
    return measured


def _load(job: Job, samples: Sequence[Sample]) -> Measured:
    """
    Times with the compiled form that a peer may keep, and those without: "first time".
    """
    measured = Measured()
    recorded(job, samples, job.path)
    cache = Path(os.environ["TAKETWO_CACHE"])
    warm = job.folder / f"warm{job.suffix}"
    recorded(job, gets(20), warm)
    for _ in range(2):
        job.module.load(warm).answers()
    for label in ("first time", "load"):
        until = perf_counter() + _LONG
        for _ in range(_REPEATS):
            if label == "first time":
                shutil.rmtree(cache, ignore_errors=True)
            _load_once(measured, label, job, samples)
            if perf_counter() > until:
                break
    return measured


def _load_once(measured: Measured, label: str, job: Job, samples: Sequence[Sample]) -> None:
    gc.collect()
    began = Moment.now()
    opened: Opened = job.module.load(job.path)
    loaded = Moment.now()
    answer = opened.find(samples[0])
    found = Moment.now()
    answers = opened.answers()
    ended = Moment.now()
    for name, moment in {"": loaded, ", to the first answer": found, ", to all answers": ended}.items():
        measured.took(f"{label}{name}", began, moment)
    measured.check(answer, samples[0].answer)
    measured.check_all(answers, samples)


def _find(measured: Measured, label: str, opened: Opened, sample: Sample, wanted: bytes | None) -> None:
    until = perf_counter() + _SPENT
    for number in range(200):
        opened.rewind()
        began = perf_counter()
        got = opened.find(sample)
        ended = perf_counter()
        measured.add(label, 1000 * (ended - began))
        measured.check(got, wanted)
        if ended > until and number >= _REPEATS:
            break


WORKS: dict[str, Callable[[Job], Measured]] = {
    "save": save,
    "save-safely": save_safely,
    "save-audio": save_audio,
    "load": load,
    "load-audio": load_audio,
    "match": match,
    "replay": replay,
    "replay-async": replay_async,
}

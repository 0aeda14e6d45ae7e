"""
The works that are timed within one process.
"""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from time import perf_counter
from types import ModuleType

from tests.benchmarks.measured import Measured
from tests.benchmarks.peers.protocol import AsyncSend, Opened, Send
from tests.benchmarks.samples import KINDS, Sample, audio, gets, mixed

_REPEATS = 3
_SPENT = 0.2  # seconds, after which a lookup has been repeated often enough
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


def match(job: Job) -> Measured:
    """
    The first and the last of its requests, and one that it does not hold.
    """
    measured = Measured()
    for kind, samples_of in KINDS.items():
        *samples, unknown = samples_of(job.size + 1)
        path = job.folder / f"{kind}{job.suffix}"
        job.module.record(samples, path)()
        opened: Opened = job.module.load(path)
        opened.find(unknown)  # builds an index, where there is one
        for place, sample in {"first": samples[0], "last": samples[-1], "miss": unknown}.items():
            wanted = None if sample is unknown else sample.answer
            _find(measured, f"{kind}, {place}", opened, sample, wanted)
    return measured


def replay(job: Job) -> Measured:
    samples, measured = mixed(job.size), Measured()
    if hasattr(job.module, "record"):
        job.module.record(samples, job.path)()
    got: list[bytes] = []

    def act(send: Send) -> None:
        began = perf_counter()
        got.extend(map(send, samples))
        measured.add("replay", 1000 * (perf_counter() - began))

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
        job.module.record(samples, job.path)()
    got: list[bytes] = []

    async def act(send: AsyncSend) -> None:
        began = perf_counter()
        for sample in samples:
            got.append(await send(sample))  # noqa: PERF401 - one after the other, as a test does
        measured.add("replay", 1000 * (perf_counter() - began))

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
    measured = Measured()
    for number in range(_REPEATS):
        folder = job.folder / f"{number}"
        folder.mkdir()
        path = folder / f"a{job.suffix}"
        gc.collect()
        began = perf_counter()
        write = record(samples, path)
        recorded = perf_counter()
        write()
        ended = perf_counter()
        measured.add("save", 1000 * (ended - recorded))
        measured.add("record and save", 1000 * (ended - began))
    measured.on_disk = sum(file.stat().st_size for file in path.parent.glob("*") if file.is_file())
    measured.check_all(job.module.load(path).answers(), samples)
    return measured


def _load(job: Job, samples: Sequence[Sample]) -> Measured:
    """
    Times with the compiled form that a peer may keep, and those without: "first time".
    """
    measured = Measured()
    job.module.record(samples, job.path)()
    cache = Path(os.environ["TAKETWO_CACHE"])
    warm = job.folder / f"warm{job.suffix}"
    job.module.record(gets(3), warm)()
    job.module.load(warm).answers()
    for label in (*["first time"] * _REPEATS, *["load"] * _REPEATS):
        if label == "first time":
            shutil.rmtree(cache, ignore_errors=True)
        gc.collect()
        began = perf_counter()
        opened: Opened = job.module.load(job.path)
        loaded = perf_counter()
        answer = opened.find(samples[0])
        found = perf_counter()
        measured.add(label, 1000 * (loaded - began))
        measured.add("load to first answer", 1000 * (found - began))
        measured.check(answer, samples[0].answer)
        measured.check_all(opened.answers(), samples)
    return measured


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

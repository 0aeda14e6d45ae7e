"""
One refresh divided among several machines: which tests each has, and what it leaves for the merge.

All machines divide alike, whatever the order in which they find tests and files: by the durations that the
project keeps, and by what the accepted cassettes hold.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from taketwo.cassette.store.names import find_cassettes
from taketwo.config.project import Config
from taketwo.contract.changes import Severity
from taketwo.contract.document import Contracts
from taketwo.errors import TakeTwoError
from taketwo.refresh.inventory import StoredCassette, name_of
from taketwo.results import CassetteResult, Cause, Shard, Status

MANIFEST: Final = "shard.json"
DURATIONS: Final = ".test_durations"  # as pytest-split names and writes it
_VERSION: Final = 1
_WEIGHT_OF_TEST: Final = 1  # what a test takes that talks to no service, in requests


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedTest:
    """
    How one test ended: ``message`` is its failure, ``is_explained`` says whether a contract explains that.

    ``causes`` are those that its failure or its recording has, ``seen`` those of all differences that a test
    shows which failed: it leaves no recording.
    """

    test: str
    cassette: str
    status: str
    message: str = ""
    is_explained: bool = False
    causes: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenChange:
    """
    A change of behaviour that no contract explains, as :class:`taketwo.results.Cause` tells it.
    """

    id: str
    severity: str
    coordinate: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """
    What one shard says of its part.

    * ``number`` of ``count``, from 1
    * ``accepted`` is the fingerprint of the cassettes and locks that it began with, ``tests`` that of all
      tests that were divided, ``contracts`` those of the live contracts by service
    * ``ended`` are its own tests, ``unexplained`` what no contract explains in them; ``orphans`` are the
      cassettes that no test uses, where all were collected
    """

    number: int
    count: int
    accepted: str
    tests: str
    contracts: Mapping[str, str]
    ended: tuple[EndedTest, ...]
    unexplained: tuple[SeenChange, ...]
    orphans: tuple[str, ...]


def read_durations(config: Config) -> dict[str, float]:
    """
    The seconds that tests took, where the project keeps them: ``pytest --store-durations`` of pytest-split
    writes the file.

    :raises TakeTwoError: when it is damaged.
    """
    file = config.root / DURATIONS
    if not file.is_file():
        return {}
    try:
        seconds = {str(test): float(took) for test, took in json.loads(file.read_bytes()).items()}
    except (AttributeError, OSError, RecursionError, TypeError, ValueError):
        seconds = {"": math.nan}
    if not all(math.isfinite(took) and took >= 0 for took in seconds.values()):
        raise TakeTwoError(
            f"{file} is damaged: expected the seconds of each test\n"
            "to write it again: pytest --store-durations (pytest-split)"
        )
    return seconds


def part_of(
    shard: Shard,
    tests: Iterable[str],
    all_stored: Iterable[StoredCassette],
    durations: Mapping[str, float] = MappingProxyType({}),
) -> list[str]:
    """
    The tests of *shard* in their order. Those that share a cassette stay together; the parts take about
    equally long: by *durations* in seconds, and what is not among them by the number of requests and messages
    that were recorded.
    """
    ordered = list(tests)
    groups: dict[str, list[str]] = {}
    weights: dict[str, int] = {}
    stored = {test: one for one in all_stored for test in one.cassette.tests}
    unique = sorted(set(ordered))
    # Whole microseconds: their sums do not depend on an order.
    known = {test: round(durations[test] * 1_000_000) for test in unique if test in durations}
    requests = sum(_weight(stored.get(test)) for test in known)
    usual = max(1, sum(known.values()) // requests) if known else 1
    for test in unique:
        one = stored.get(test)
        key = one.name if one is not None else test
        groups.setdefault(key, []).append(test)
        weights[key] = weights.get(key, 0) + known.get(test, usual * _weight(one))
    sums = [0] * shard.count
    own: set[str] = set()
    for key in sorted(groups, key=lambda each: (-weights[each], each)):
        lightest = sums.index(min(sums))
        sums[lightest] += weights[key]
        if lightest == shard.number - 1:
            own.update(groups[key])
    return [test for test in ordered if test in own]


def write_manifest(
    config: Config,
    folder: Path,
    *,
    shard: Shard,
    tests: Iterable[str],
    contracts: Iterable[Contracts],
    results: Sequence[CassetteResult],
    causes: Iterable[Cause] = (),
    orphans: Sequence[str],
) -> None:
    """
    Put beside the recordings in *folder* what :func:`read_manifest` reads.
    """
    manifest = Manifest(
        number=shard.number,
        count=shard.count,
        accepted=fingerprint_of_accepted(config),
        tests=fingerprint(sorted(tests)),
        contracts={one.service: fingerprint([each.text for each in one]) for one in contracts},
        ended=tuple(map(_ended, results)),
        unexplained=tuple(_seen(one) for one in causes if not one.is_contract_change),
        orphans=tuple(orphans),
    )
    text = json.dumps({"taketwo_shard": _VERSION, **asdict(manifest)}, indent=2)
    (folder / MANIFEST).write_text(f"{text}\n", encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """
    :raises TakeTwoError: when *folder* is none of a shard.
    """
    file = folder / MANIFEST
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise TakeTwoError(
            f"{folder} holds no part of a refresh: there is no {MANIFEST} in it\n"
            "to make such a folder: taketwo refresh --all --check --shard 1/2 --pending DIR"
        ) from None
    except (OSError, ValueError, RecursionError):
        raise TakeTwoError(f"{file} is damaged") from None
    if not isinstance(value, dict):
        raise TakeTwoError(f"{file} is damaged")
    if value.pop("taketwo_shard", None) != _VERSION:
        raise TakeTwoError(f"{file} has a format that this version of taketwo does not know; upgrade taketwo")
    try:
        ended = tuple(map(_read_ended, value.pop("ended")))
        unexplained = tuple(SeenChange(**one) for one in value.pop("unexplained"))
        orphans = tuple(map(str, value.pop("orphans")))
        manifest = Manifest(**value, ended=ended, unexplained=unexplained, orphans=orphans)
        # Both are known words.
        _ = [Status(one.status) for one in ended], [Severity(one.severity) for one in unexplained]
    except (KeyError, TypeError, ValueError):
        raise TakeTwoError(f"{file} is damaged") from None
    return manifest


def fingerprint_of_accepted(config: Config) -> str:
    """
    The accepted cassettes, the locks and the durations, by name and content.
    """
    locks = sorted(path for path in config.locks.glob("*") if path.is_file() and path.suffix != ".new")
    durations = [path for path in (config.root / DURATIONS,) if path.is_file()]
    files = [*find_cassettes(config.cassettes), *locks, *durations]
    return fingerprint(f"{name_of(config, path)} {sha256(path)}" for path in sorted(set(files)))


def _ended(result: CassetteResult) -> EndedTest:
    return EndedTest(
        test=result.test,
        cassette=result.cassette,
        status=result.status.value,
        message=result.message,
        is_explained=result.is_failure_explained,
        causes=result.causes,
        seen=tuple(dict.fromkeys(cause for one in result.differences for cause in one.causes))
        if result.status is Status.FAILED
        else (),
    )


def _seen(cause: Cause) -> SeenChange:
    return SeenChange(
        id=cause.id, severity=cause.severity.value, coordinate=cause.coordinate, sentence=cause.sentence
    )


def _read_ended(value: Mapping[str, Any]) -> EndedTest:
    return EndedTest(**{**value, "causes": tuple(value["causes"]), "seen": tuple(value["seen"])})


def _weight(one: StoredCassette | None) -> int:
    if one is None:
        return _WEIGHT_OF_TEST
    frames = sum(len(talk.frames) for talk in one.cassette.conversations)
    return _WEIGHT_OF_TEST + len(one.cassette.interactions) + frames


def fingerprint(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def sha256(path: Path) -> str:
    # Line ends of a checkout are no difference.
    return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()

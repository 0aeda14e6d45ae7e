"""
The parts of one refresh, checked against each other and put together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from taketwo.cassette.secrets.scan import Scanner
from taketwo.cassette.store.git_attributes import write_git_attributes
from taketwo.config.project import Config
from taketwo.contract.changes import Severity
from taketwo.errors import TakeTwoError
from taketwo.refresh.bundle import import_bundles
from taketwo.refresh.explain import order_of_unexplained
from taketwo.refresh.pending import pending_result
from taketwo.refresh.shards import (
    DURATIONS,
    EndedTest,
    Manifest,
    SeenChange,
    fingerprint_of_accepted,
    read_manifest,
)
from taketwo.results import CassetteResult, Cause, RefreshResult, Status


def merge(config: Config, folders: Sequence[Path], scanner: Scanner) -> RefreshResult:
    """
    Let the recordings of all parts in *folders* wait here; what one refresh of everything would have found.

    :raises TakeTwoError: when a part is missing, is given twice, or does not fit the others or this project;
        nothing has changed then.
    """
    manifests = {folder: read_manifest(folder) for folder in folders}
    problems = list(_problems(manifests, fingerprint_of_accepted(config)))
    if problems:
        raise TakeTwoError("\n".join(["nothing was merged:", *(f"  {problem}" for problem in problems)]))
    import_bundles(config, folders, scanner)
    pending = pending_result(config)
    if pending.cassette_results:
        write_git_attributes(config.cassettes)
    return _together(pending, list(manifests.values()))


def _problems(manifests: Mapping[Path, Manifest], accepted: str) -> Iterator[str]:
    """
    Why *manifests* are not the parts of one refresh of what is *accepted* here.
    """
    (first, known), *_ = manifests.items()
    for folder, one in manifests.items():
        if one.count != known.count:
            yield f"{first} is one part of {known.count}, {folder} one of {one.count}"
        elif one.tests != known.tests:
            yield f"{folder} divided other tests than {first}: give both the same command"
        yield from (
            f"the contract of {service} was another for {folder} than for {first}"
            for service in sorted({*one.contracts, *known.contracts})
            if one.contracts.get(service) != known.contracts.get(service)
        )
        if one.accepted != accepted:
            yield (
                f"{folder} began with other cassettes, locks or {DURATIONS} than those here; "
                "have the same revision (git), without pending locks that were accepted since"
            )
    counted = Counter(one.number for one in manifests.values())
    for number in range(1, known.count + 1):
        folders = [str(folder) for folder, one in manifests.items() if one.number == number]
        if not counted[number]:
            yield f"part {number}/{known.count} is missing"
        elif counted[number] > 1:
            yield f"part {number}/{known.count} is there {counted[number]} times: {', '.join(folders)}"


def _together(pending: RefreshResult, manifests: Sequence[Manifest]) -> RefreshResult:
    """
    What waits, and beside it the tests that left nothing: those without a difference, and those that failed.
    """
    waiting = {(one.test, one.cassette) for one in pending.cassette_results}
    ended = sorted((one for each in manifests for one in each.ended), key=lambda one: one.test)
    others = [one for one in ended if (one.test, one.cassette) not in waiting]
    known = {cause.id for cause in pending.causes}
    seen = {one.id: one for each in manifests for one in each.unexplained if one.id not in known}
    unexplained = [
        _with_failed(cause, others) for cause in (*pending.unexplained_causes, *map(_cause, seen.values()))
    ]
    results = tuple(sorted((*pending.cassette_results, *map(_result, others)), key=lambda one: one.test))
    return replace(
        pending,
        cassette_results=results,
        causes=(
            *sorted(unexplained, key=order_of_unexplained),
            *(_with_failed(cause, others) for cause in pending.contract_causes),
        ),
        orphans=tuple(sorted({name for one in manifests for name in one.orphans})),
    )


def _result(ended: EndedTest) -> CassetteResult:
    return CassetteResult(
        test=ended.test,
        cassette=ended.cassette,
        status=Status(ended.status),
        message=ended.message,
        is_failure_explained=ended.is_explained,
        causes=ended.causes,
    )


def _cause(seen: SeenChange) -> Cause:
    return Cause(
        id=seen.id,
        severity=Severity(seen.severity),
        coordinate=seen.coordinate,
        sentence=seen.sentence,
    )


def _with_failed(cause: Cause, ended: Sequence[EndedTest]) -> Cause:
    """
    *cause* with the tests that failed and show it.
    """
    failing = [one.test for one in ended if cause.id in one.causes and _is_failed(one)]
    showing = [one for one in ended if cause.id in one.seen]
    return replace(
        cause,
        failing=tuple(sorted({*cause.failing, *failing})),
        tests=tuple(sorted({*cause.tests, *(one.test for one in showing)})),
        cassettes=tuple(sorted({*cause.cassettes, *(one.cassette for one in showing)})),
    )


def _is_failed(one: EndedTest) -> bool:
    return Status(one.status) is Status.FAILED

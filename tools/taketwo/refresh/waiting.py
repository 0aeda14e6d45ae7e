"""
What a refresh has left for a review, found again from the files: nothing is recorded, no service is started.
"""

from __future__ import annotations

from collections.abc import Iterator

from taketwo.cassette import PENDING, SUFFIX, find_pending, read_cassette
from taketwo.config import Config
from taketwo.contract import PENDING as PENDING_LOCK
from taketwo.contract import over, read_locks, ruled, service_changes
from taketwo.refresh.comparing import compared, judged_all
from taketwo.refresh.stored import name_of, stored
from taketwo.refresh.values import ContractNews, Refreshed, Retake, Status
from taketwo.refresh.verdicts import causes_of, undocumented_of


def waiting(config: Config) -> Refreshed:
    """
    The pending takes beside the accepted cassettes, and the pending locks beside the accepted ones.

    A test that no longer passed has left nothing, so it is not among them.
    """
    news = tuple(_news(config))
    changes = {item.service: item.changes for item in news if item.is_locked}
    locked = {name: read_locks(config.locks, name) for name in config.services}
    new = {item.service: item.live for item in news if item.differs}
    all_stored = list(stored(config, locked, new))
    retakes = judged_all(_retakes(config), all_stored, changes)
    return Refreshed(
        news=news,
        retakes=retakes,
        written=True,
        causes=causes_of(changes, all_stored, retakes),
        undocumented=undocumented_of(retakes),
    )


def _news(config: Config) -> Iterator[ContractNews]:
    for service in config.services:
        pending = read_locks(config.locks, service, suffix=PENDING_LOCK)
        if pending.documents:
            locked = read_locks(config.locks, service)
            live = over(pending, locked)
            is_locked = bool(locked.documents)
            found = service_changes(locked, live) if is_locked else ()
            changes = ruled(found, config.contract.rules)
            yield ContractNews(service=service, live=live, changes=changes, is_locked=is_locked)


def _retakes(config: Config) -> Iterator[Retake]:
    for take in find_pending(config.cassettes):
        if not take.name.endswith(PENDING):
            continue
        accepted = take.with_name(take.name.removesuffix(PENDING) + SUFFIX)
        cassette = read_cassette(take)
        for test in cassette.tests if cassette is not None else ():
            retake = Retake(test=test, cassette=name_of(config, accepted), status=Status.UNCHANGED)
            told = compared(retake, accepted, take)
            if told.status is not Status.UNCHANGED or len(cassette.tests if cassette else ()) == 1:
                yield told

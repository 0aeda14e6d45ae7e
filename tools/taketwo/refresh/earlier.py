"""
What a contract said when a cassette was recorded, as far as git remembers the locks.
"""

from __future__ import annotations

from collections.abc import Iterator

from taketwo.cassette import Cassette
from taketwo.config import Config
from taketwo.errors import TakeTwoError
from taketwo.refresh.since import Since, revisions_of
from taketwo.usage import Usage, UsageReader

_MOST_REVISIONS = 30


def moved_coordinates(config: Config, cassette: Cassette, now: Usage) -> tuple[str, ...]:
    """
    The coordinates that *cassette* uses, and that were described otherwise when it was recorded.

    None where git does not remember the lock of that time.
    """
    recorded = cassette.services.get(now.service)
    for before in _earlier(config, cassette, now.service):
        if before.fingerprint == recorded:
            return tuple(sorted(_moved(before, now)))
    return ()


def _earlier(config: Config, cassette: Cassette, service: str) -> Iterator[Usage]:
    """
    What the cassette used of each earlier lock, the newest first.
    """
    try:
        for revision in revisions_of(config.locks, root=config.root, most=_MOST_REVISIONS):
            contracts = Since(root=config.root, revision=revision).contracts(config.locks, service)
            yield UsageReader(config.services[service], contracts).usage(cassette)
    except (TakeTwoError, ValueError):
        return  # no git, no repository, or a lock that nobody can read any more


def _moved(before: Usage, now: Usage) -> set[str]:
    old = {(kind, name): said for kind, names in before.touched.items() for name, said in names.items()}
    new = {(kind, name): said for kind, names in now.touched.items() for name, said in names.items()}
    return {name for kind, name in old.keys() | new.keys() if old.get((kind, name)) != new.get((kind, name))}

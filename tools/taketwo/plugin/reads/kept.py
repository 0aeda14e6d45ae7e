"""
What the tests of a run read of the answers, kept beside the locks of the contracts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from taketwo.cassette.store.source_digest import source_digest
from taketwo.config.project import Config
from taketwo.contract.read_locks import UnreadLock, write_unread
from taketwo.plugin.testcase.state import State
from taketwo.usage.reads import Reads

_IN_PLACE: Final = frozenset({State.NEW.value, State.CHANGED.value, State.UNCHANGED.value})


def keep_reads(project: Config, results: Iterable[Mapping[str, Any]], is_gone: Callable[[str], bool]) -> None:
    """
    Keep the reads of every test whose recording is in its place; one process does this for all.
    """
    found: dict[str, dict[str, UnreadLock]] = {}
    for result in results:
        if result.get("state") in _IN_PLACE:
            source = source_digest(project.root, result["test"])
            for service, document in result.get("reads", {}).items():
                found.setdefault(service, {})[result["test"]] = Reads.from_json(document).lock(source)
    for service, locks in found.items():
        write_unread(project.locks, service, locks, is_gone=is_gone)

"""
What this suite needs of a service, out of its cassettes, its locks and what its tests read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from taketwo.cassette.base_urls import is_at
from taketwo.config.project import Config
from taketwo.contract.changes import Kind
from taketwo.contract.document import Contracts
from taketwo.contract.locks import read_locks, write_locks
from taketwo.features.impact.consumers.model import Consumer, ConsumerTest
from taketwo.features.impact.consumers.pact import pact_of
from taketwo.refresh.inventory import StoredCassette, inventory
from taketwo.usage.usage import UsageReader

PACT: Final = ".pact.json"


def consumer_of(config: Config, service: str, name: str) -> Consumer:
    """
    What the suite in *config*, which others know as *name*, sends to *service* and reads of its answers.
    """
    locked = {service: read_locks(config.locks, service)}
    found = inventory(config, locked, damaged_too=True)
    tests = tuple(test for one in found for test in _tests(one, config, service))
    return Consumer(name=name, service=config.services[service], tests=tests)


def write_export(consumer: Consumer, locks: Contracts, folder: Path) -> tuple[Path, ...]:
    """
    Write the JSON, the pact and the locks of one service into *folder*; what says the same is left alone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    reader = UsageReader(consumer.service, locks)
    texts = {
        folder / consumer.file_name: consumer.as_json(),
        folder / f"{consumer.service.name}{PACT}": pact_of(consumer, reader),
    }
    for path, content in texts.items():
        text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
        path.write_text(text, encoding="utf-8", newline="\n")
    write_locks(folder, locks)
    return tuple(texts)


def _tests(stored: StoredCassette, config: Config, service: str) -> Iterator[ConsumerTest]:
    url = config.services[service].url
    own = tuple(one for one in stored.cassette.interactions if is_at(one.request.url, url))
    if not own:
        return
    usage, lock = stored.usages.get(service), stored.unread.get(service)
    unread = dict(lock.unread) if lock is not None else dict[Kind, frozenset[str]]()
    touched = usage.touched if usage is not None else {}
    yield ConsumerTest(
        cassette_name=stored.name,
        cassette=replace(stored.cassette, interactions=own, conversations=()),
        reads={kind: frozenset(names) - unread.get(kind, frozenset()) for kind, names in touched.items()},
        unread={kind: names & touched.get(kind, {}).keys() for kind, names in unread.items()},
    )

"""
The contract that a live service shows, beside its lock.
"""

from __future__ import annotations

from collections.abc import Iterator

from taketwo.config.project import Config
from taketwo.contract.locks import read_locks
from taketwo.refresh.known_changes import known_service_changes
from taketwo.results import ContractDiff
from taketwo.services.service import Service


def contract_diff(config: Config, service: Service) -> Iterator[ContractDiff]:
    """
    What changed since the lock; nothing for a service that has none.

    :raises ServiceError: when the service does not show its contract.
    """
    name = service.config.name
    locked = read_locks(config.locks, name)
    if locked.documents:
        service.start()
        live = service.contracts()
        changes = known_service_changes(locked, live, config.contract)
        yield ContractDiff(service=name, live=live, changes=changes, is_locked=True)

"""
Contracts: what a service promises, kept as a lock, and what changes in it.
"""

from __future__ import annotations

from taketwo.contract.changes import Change, Kind, Severity, in_order
from taketwo.contract.comparing import changes_between, service_changes
from taketwo.contract.coordinates import coordinates_of
from taketwo.contract.document import Contract, Contracts, file_name
from taketwo.contract.fetching import Fetch, fetch_contracts
from taketwo.contract.locks import (
    PENDING,
    discard_locks,
    lock_names,
    other_than,
    over,
    read_locks,
    read_locks_as_written,
    write_locks,
)
from taketwo.contract.severity_overrides import with_overrides

__all__ = [
    "PENDING",
    "Change",
    "Contract",
    "Contracts",
    "Fetch",
    "Kind",
    "Severity",
    "changes_between",
    "coordinates_of",
    "discard_locks",
    "fetch_contracts",
    "file_name",
    "in_order",
    "lock_names",
    "other_than",
    "over",
    "read_locks",
    "read_locks_as_written",
    "service_changes",
    "with_overrides",
    "write_locks",
]

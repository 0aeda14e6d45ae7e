"""
Differences in what the test of a recording does not read: no reader notices them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from taketwo.cassette.model import Cassette
from taketwo.contract.changes import Kind, Severity
from taketwo.contract.read_locks import UnreadLock
from taketwo.results import Difference, DifferenceKind, Steps
from taketwo.usage.notes import Notes
from taketwo.usage.usage import UsageReader

_BODY: Final[Steps] = ("response", "json")


@dataclass(frozen=True, kw_only=True)
class UnreadValues:
    """
    The values of an accepted *cassette* that its test leaves unread, by the *locks* of each service.
    """

    cassette: Cassette = field(repr=False)
    locks: Mapping[str, UnreadLock]
    readers: Sequence[UsageReader] = field(repr=False)
    _notes: dict[int, list[tuple[str, Notes]]] = field(default_factory=dict, init=False, repr=False)

    def judged(self, difference: Difference) -> Difference:
        """
        *difference*, safe where it is in what the test leaves unread.
        """
        location = difference.location
        is_value = location.steps[: len(_BODY)] == _BODY and bool(location.path)
        if difference.severity is Severity.SAFE or difference.kind is DifferenceKind.ADDED or not is_value:
            return difference
        is_unread = location.interaction is not None and self._is_unread(location.interaction, location.steps)
        return replace(difference, severity=Severity.SAFE) if is_unread else difference

    def _is_unread(self, number: int, steps: Steps) -> bool:
        """
        Whether a contract describes what is there, and the test reads none of it.
        """
        found = [
            coordinate in self._unread(service, notes.kind)
            for service, notes in self._traced(number)
            for coordinate in (notes.places or {}).get(steps, {})
        ]
        return bool(found) and all(found)

    def _unread(self, service: str, kind: Kind) -> frozenset[str]:
        lock = self.locks.get(service)
        return frozenset() if lock is None else lock.unread.get(kind, frozenset())

    def _traced(self, number: int) -> list[tuple[str, Notes]]:
        if number not in self._notes:
            interaction = self.cassette.interactions[number]
            self._notes[number] = [
                (reader.service, notes)
                for reader in self.readers
                if reader.is_asked_at(interaction.request.url)
                for notes in reader.traced(interaction)
            ]
        return self._notes[number]

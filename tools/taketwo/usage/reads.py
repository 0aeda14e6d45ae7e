"""
What a test reads of the coordinates that its cassette touches, and which changes of a contract it can notice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from taketwo.cassette.model import Cassette
from taketwo.contract.changes import Change, Kind
from taketwo.contract.read_locks import UnreadLock
from taketwo.results import Steps
from taketwo.usage.touching import ADDED_TO, parent_of
from taketwo.usage.usage import UsageReader

IsRead: TypeAlias = Callable[[int, Steps], bool]
"""Whether the value at a path of the JSON of an answer, by its number, is read."""

_BODY: Final[Steps] = ("response", "json")
# These change an answer alone; everything else matters also to those who read nothing. Fields of
# GraphQL count as read: a query names them, and is refused when one of them is gone.
_OF_ANSWERS: Final = {
    Kind.OPENAPI: re.compile(r"response-.*"),
    Kind.DEFINITIONS: re.compile(r".*"),
    Kind.GRAPHQL: re.compile(r"enum-value-added|union-member-added|type-interface-added"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """
    What one test reads and leaves unread of what its cassette touches, by kind of contract.
    """

    read: Mapping[Kind, frozenset[str]] = field(default_factory=dict)
    unread: Mapping[Kind, frozenset[str]] = field(default_factory=dict)

    def as_json(self) -> dict[str, dict[str, list[str]]]:
        """
        For another process; :meth:`from_json` reads it.
        """
        return {
            name: {kind.value: sorted(coordinates) for kind, coordinates in found.items()}
            for name, found in (("read", self.read), ("unread", self.unread))
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Mapping[str, Sequence[str]]]) -> Reads:
        read, unread = (
            {Kind(kind): frozenset(coordinates) for kind, coordinates in document[name].items()}
            for name in ("read", "unread")
        )
        return cls(read=read, unread=unread)

    def lock(self, source: str, earlier: UnreadLock | None = None) -> UnreadLock:
        """
        What to keep; with what was known *earlier* of a recording that is still accepted.
        """
        known = earlier.unread if earlier is not None and earlier.source == source else {}
        unread = {
            kind: (known.get(kind, frozenset()) | self.unread.get(kind, frozenset()))
            - self.read.get(kind, frozenset())
            for kind in {*known, *self.unread}
        }
        return UnreadLock(source=source, unread=unread)


def reads_of(cassette: Cassette, reader: UsageReader, is_read: IsRead) -> Reads:
    """
    What the test of *cassette* reads. A coordinate that any request uses counts as read.
    """
    read: dict[Kind, set[str]] = {}
    touched: dict[Kind, set[str]] = {}
    for number, interaction in enumerate(cassette.interactions):
        if not reader.is_asked_at(interaction.request.url):
            continue
        for notes in reader.traced(interaction):
            for steps, coordinates in (notes.places or {}).items():
                touched.setdefault(notes.kind, set()).update(coordinates)
                if steps[: len(_BODY)] != _BODY or is_read(number, steps[len(_BODY) :]):
                    read.setdefault(notes.kind, set()).update(coordinates)
    for conversation in reader.usage(cassette).by_conversation.values():
        for notes in conversation:
            read.setdefault(notes.kind, set()).update(notes.touched)
    return Reads(
        read={kind: frozenset(coordinates) for kind, coordinates in read.items()},
        unread={kind: frozenset(every - read.get(kind, set())) for kind, every in touched.items()},
    )


def is_unnoticed(change: Change, lock: UnreadLock | None) -> bool:
    """
    Whether *change* is of a value in answers that the test with this *lock* never reads.
    """
    if lock is None or "#" in change.coordinate or not _OF_ANSWERS[change.kind].fullmatch(change.id):
        return False
    coordinate = parent_of(change.coordinate) if ADDED_TO.fullmatch(change.id) else change.coordinate
    return coordinate in lock.unread.get(change.kind, frozenset())

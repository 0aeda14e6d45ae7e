"""
Two sets of named things, side by side: what is gone, what is new, what stayed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class DictDiff(Generic[T]):
    """
    The names of two mappings, sorted into those that only the older has, only the newer, and both.
    """

    removed: Mapping[str, T]
    added: Mapping[str, T]
    kept: Mapping[str, tuple[T, T]]

    @classmethod
    def of(cls, old: Mapping[str, T], new: Mapping[str, T]) -> DictDiff[T]:
        return cls(
            removed={name: value for name, value in old.items() if name not in new},
            added={name: value for name, value in new.items() if name not in old},
            kept={name: (old[name], new[name]) for name in old if name in new},
        )

    def rename_hint(self, likeness: Callable[[T], object]) -> str:
        """
        The end of a sentence about what is gone, when one thing went and one like it came.
        """
        if len(self.removed) != 1 or len(self.added) != 1:
            return ""
        (gone,), ((name, come),) = self.removed.values(), self.added.items()
        return f", perhaps renamed to {name}" if likeness(gone) == likeness(come) else ""

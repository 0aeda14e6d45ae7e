"""
Two sets of named things, side by side: what is gone, what is new, what stayed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
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

    def renames(
        self, likeness: Callable[[T], Hashable], new_likeness: Callable[[T], Hashable] | None = None
    ) -> Mapping[str, str]:
        """
        The new name of each thing that went while one like it came, where no other is like either of them.

        *likeness* gives what the two must have in common, *new_likeness* that of what is new.
        """
        gone = _by_likeness(self.removed, likeness)
        come = _by_likeness(self.added, new_likeness or likeness)
        return {
            names[0]: come[key][0] for key, names in gone.items() if len(names) == len(come.get(key, ())) == 1
        }


def _by_likeness(things: Mapping[str, T], likeness: Callable[[T], Hashable]) -> dict[Hashable, list[str]]:
    names: dict[Hashable, list[str]] = {}
    for name, thing in things.items():
        names.setdefault(likeness(thing), []).append(name)
    return names


def renamed_to(name: str | None) -> str:
    """
    The end of a sentence about what is gone, when something like it came.
    """
    return f", perhaps renamed to {name}" if name else ""

"""
Where a cassette that is missed may be: one whose test is gone, under a name or in a folder of before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from taketwo.cassette import find_cassettes, owners_of

_MOST_READ = 40
_NEAR = 0.6

Answers = Callable[[Path], bool]
"""Whether the cassette at that path has an answer to the request that found none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """
    A cassette that no test uses; ``tests`` are those that recorded it, none where it is one of VCR.py.
    """

    path: Path
    tests: tuple[str, ...]
    answers: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LostAndFound:
    """
    The cassettes below *folder* that no test uses, as *is_gone* tells of the tests that recorded them.

    *is_taken* tells of the path of one of VCR.py, which names no test.
    """

    folder: Path
    is_gone: Callable[[str], bool]
    is_taken: Callable[[Path], bool]
    _idle: dict[Path, tuple[str, ...]] = field(default_factory=dict)

    def nearest(self, wanted: Path, answers: Answers) -> Candidate | None:
        """
        The cassette that *wanted* was probably renamed from.

        One that answers the very request comes before one that is only called alike.
        """
        if not self._idle:
            self._idle.update(self._found())
        near = sorted(self._idle, key=lambda path: (-self._likeness(path, wanted), path))[:_MOST_READ]
        found = next((path for path in near if answers(path)), None)
        if found is not None:
            return Candidate(path=found, tests=self._idle[found], answers=True)
        if near and self._likeness(near[0], wanted) >= _NEAR:
            return Candidate(path=near[0], tests=self._idle[near[0]], answers=False)
        return None

    def _found(self) -> Mapping[Path, tuple[str, ...]]:
        return {path: tests for path, tests in self._owned() if self._is_idle(path, tests)}

    def _owned(self) -> Iterator[tuple[Path, tuple[str, ...]]]:
        for path in find_cassettes(self.folder):
            yield path, owners_of(path)

    def _is_idle(self, path: Path, tests: tuple[str, ...]) -> bool:
        return all(map(self.is_gone, tests)) if tests else not self.is_taken(path)

    def _likeness(self, path: Path, wanted: Path) -> float:
        """
        How much of the names is the same; that of the file counts for more than those of its folders.
        """
        file = _ratio(path.stem, wanted.stem)
        folder = _ratio(str(path.parent), str(wanted.parent))
        return (2 * file + folder) / 3


def _ratio(one: str, other: str) -> float:
    from difflib import SequenceMatcher  # noqa: PLC0415 - where nothing is missed, nothing is looked for

    return SequenceMatcher(a=one, b=other, autojunk=False).ratio()

"""
What of a cassette is a test's own.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from taketwo.cassette import Cassette, part_of, read_cassette
from taketwo.errors import CassetteFormatError


def part_for(test: str, cassette: Cassette, is_gone: Callable[[str], bool]) -> Cassette | None:
    """
    What *test* need not record: its part, or all of one that was recorded by tests that are gone.
    """
    renamed = all(map(is_gone, cassette.tests))
    return part_of(cassette, test) or (cassette if renamed else None)


def undamaged(path: Path) -> Cassette | None:
    try:
        return read_cassette(path)
    except CassetteFormatError:
        return None

"""
Cassettes that several tests share: each test has its part, and changes no other.

A part is a cassette by itself, with placeholders of its own, so that it is the same whatever the others
recorded before it or beside it. In the file the parts stand in the order of their tests' ids.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from taketwo.cassette.model import Cassette


def parts_of(cassette: Cassette) -> tuple[Cassette, ...]:
    """
    The parts of *cassette*; one that is not shared is a single part.
    """
    return cassette.parts or (cassette,)


def part_of(cassette: Cassette, test: str) -> Cassette | None:
    """
    What *test* recorded in *cassette*, or None.
    """
    return next((part for part in parts_of(cassette) if part.test == test), None)


def join(parts: Sequence[Cassette]) -> Cassette:
    """
    One cassette that holds whatever *parts* hold, in their order; the head is that of the first.
    """
    every = tuple(part for cassette in parts for part in parts_of(cassette))
    if len(every) == 1:
        return every[0]
    return replace(
        every[0],
        interactions=tuple(item for part in every for item in part.interactions),
        conversations=tuple(item for part in every for item in part.conversations),
        services={name: value for part in every[::-1] for name, value in part.services.items()},
        parts=every,
        files={name: content for part in every for name, content in part.files.items()},
    )


def with_part(cassette: Cassette | None, part: Cassette, *, keep: Callable[[str], bool]) -> Cassette:
    """
    *cassette* with *part* in the place of what its test recorded before, beside the parts that *keep* wants.

    One of VCR.py tells no part from another, and gives way.
    """
    others = [
        other
        for other in (parts_of(cassette) if cassette is not None else ())
        if other.test not in {"", part.test} and keep(other.test)
    ]
    return join(sorted([*others, part], key=lambda each: each.test))

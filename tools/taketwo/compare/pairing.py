"""
Which interaction of one take is which of another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from taketwo.cassette import Interaction
from taketwo.compare.aligned import opcodes

Pair = tuple[int | None, int | None]


def paired(before: Sequence[Interaction], after: Sequence[Interaction]) -> Iterator[Pair]:
    """
    The indexes of the interactions that go together, by method and URL; None where a side has none.
    """
    return aligned(list(map(_line, before)), list(map(_line, after)))


def aligned(before: Sequence[str], after: Sequence[str]) -> Iterator[Pair]:
    """
    The same for whatever has such a line.
    """
    for tag, first, last, start, stop in opcodes(before, after):
        if tag == "equal":
            yield from zip(range(first, last), range(start, stop), strict=True)
            continue
        yield from ((index, None) for index in range(first, last))
        yield from ((None, index) for index in range(start, stop))


def _line(interaction: Interaction) -> str:
    return f"{interaction.request.method} {interaction.request.url}"

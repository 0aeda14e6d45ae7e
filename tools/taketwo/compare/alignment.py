"""
Which parts of two sequences go together, in a time that stays bounded however long and monotonous they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

MOST_ALIGNED = 3_000
"""How many differing elements are aligned; to align more takes seconds."""

Opcode = tuple[str, int, int, int, int]


def opcodes(before: Sequence[str], after: Sequence[str]) -> Iterator[Opcode]:
    """
    Difflib's opcodes, which always begin and end with what the sequences have in common.

    Difflib takes quadratic time where elements repeat, so it only sees what is between. Where that is longer
    than :data:`MOST_ALIGNED`, it is one replacement.
    """
    most = min(len(before), len(after))
    head = next((index for index in range(most) if before[index] != after[index]), most)
    tail = next((step for step in range(most - head) if before[-1 - step] != after[-1 - step]), most - head)
    last, stop = len(before) - tail, len(after) - tail
    if head:
        yield "equal", 0, head, 0, head
    if head < last and head < stop and max(last, stop) - head > MOST_ALIGNED:
        yield "replace", head, last, head, stop
    else:
        matcher = SequenceMatcher(a=before[head:last], b=after[head:stop], autojunk=False)
        yield from (
            (tag, head + i, head + j, head + k, head + n) for tag, i, j, k, n in matcher.get_opcodes()
        )
    if tail:
        yield "equal", last, len(before), stop, len(after)

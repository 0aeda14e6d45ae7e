"""
Two texts, compared word by word.
"""

from __future__ import annotations

import re

from taketwo.compare.alignment import opcodes

_WORDS = re.compile(r"\S+\s*|\s+")
_MOST_EQUAL = 12  # words that are shown around a change


def word_changes(before: str, after: str) -> str:
    """
    One text of both: ``the [-small-] {+large+} one``. What is the same for long is left out.
    """
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    bare = [word.strip() for word in old], [word.strip() for word in new]
    shown: list[str] = []
    changes = list(opcodes(*bare))
    for place, (tag, first, last, start, stop) in enumerate(changes):
        if tag == "equal":
            shown.append(_shortened(new[start:stop], begins=not place, ends=place == len(changes) - 1))
            continue
        removed, added = "".join(old[first:last]), "".join(new[start:stop])
        marks = [f"[-{removed.strip()}-]"] if removed.strip() else []
        marks += [f"{{+{added.strip()}+}}"] if added.strip() else []
        shown.append(" ".join(marks))
    return " ".join(piece.strip() for piece in shown if piece.strip())


def _shortened(words: list[str], *, begins: bool, ends: bool) -> str:
    if len(words) <= _MOST_EQUAL:
        return "".join(words)
    half = _MOST_EQUAL // 2
    head = "" if begins else "".join(words[:half])
    tail = "" if ends else "".join(words[-half:])
    return f"{head.rstrip()} … {tail}"

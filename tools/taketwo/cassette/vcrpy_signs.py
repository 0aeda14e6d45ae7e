"""
By what a cassette of VCR.py is known: every cassette that is read is looked at, and few are of VCR.py.
"""

from __future__ import annotations

import re

_OURS = re.compile(r"^(?:taketwo|\"taketwo\"|'taketwo'):", re.MULTILINE)
_THEIRS = re.compile(r"^(?:interactions|\"interactions\"|'interactions'):|\A\s*\{", re.MULTILINE)


def is_vcrpy(text: str) -> bool:
    """
    Whether *text* looks like a cassette of VCR.py, and not like one of ours.
    """
    if text.startswith("taketwo:"):
        return False
    return bool(_THEIRS.search(text)) and not _OURS.search(text)

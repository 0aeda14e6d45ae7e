"""
What a pytest run says of cassettes that need care.
"""

from __future__ import annotations

from collections.abc import Sequence

from taketwo.report.summary import some

_SENTENCES = {
    "unused": ("that no test uses; to delete them: taketwo prune --yes", "cassette"),
    "missing": ("without a cassette; to record what is missing: pytest --record-mode=once", "test"),
}


def hygiene_lines(what: str, names: Sequence[str], *, fails: bool) -> list[str]:
    """
    The lines about all that is *what*: unused, missing.
    """
    if not names:
        return []
    sentence, noun = _SENTENCES[what]
    count = f"1 {noun}" if len(names) == 1 else f"{len(names)} {noun}s"
    return [f"{'FAILED: ' if fails else ''}{count} {sentence}", *some(names)]

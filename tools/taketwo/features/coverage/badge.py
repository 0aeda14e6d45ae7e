"""
Contract coverage as a badge: an SVG for a page that shows how a project is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from taketwo.features.coverage.render import Share
from taketwo.report.badge import AMBER, GREEN, GREY, RED, badge

_LABEL: Final = "contract coverage"
_COLOURS: Final = ((80, GREEN), (50, AMBER), (0, RED))


def coverage_badge(shares: Iterable[Share]) -> str:
    """
    How much of all coordinates of the contracts the cassettes exercise, in whole per cent.
    """
    found = list(shares)
    total = sum(share.total for share in found)
    if not total:
        return badge(_LABEL, "no contract", GREY)
    percent = 100 * (total - sum(len(share.left) for share in found)) // total
    return badge(_LABEL, f"{percent} %", next(colour for least, colour in _COLOURS if percent >= least))

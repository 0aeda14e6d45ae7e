"""
Contract coverage as a badge: an SVG for a page that shows how a project is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from taketwo.features.coverage.render import Share

_LABEL: Final = "contract coverage"
_COLOURS: Final = ((80, "#3f8f29"), (50, "#a8861a"), (0, "#b6432f"))
_NONE: Final = "#666"
_CHARACTER: Final = 6.6  # of the width of a digit in 11 px of the usual sans-serif fonts, and a little more
_MARGIN: Final = 12


def coverage_badge(shares: Iterable[Share]) -> str:
    """
    How much of all coordinates of the contracts the cassettes exercise, in whole per cent.
    """
    found = list(shares)
    total = sum(share.total for share in found)
    if not total:
        return badge(_LABEL, "no contract", _NONE)
    percent = 100 * (total - sum(len(share.left) for share in found)) // total
    return badge(_LABEL, f"{percent} %", next(colour for least, colour in _COLOURS if percent >= least))


def badge(label: str, value: str, colour: str) -> str:
    """
    *label* and *value* beside each other, that one on *colour*; neither has a sign that XML knows.
    """
    left, right = (round(len(text) * _CHARACTER) + _MARGIN for text in (label, value))
    width = left + right
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" '
        f'aria-label="{label}: {value}">\n'
        f"  <title>{label}: {value}</title>\n"
        f'  <rect width="{left}" height="20" fill="#444"/>\n'
        f'  <rect x="{left}" width="{right}" height="20" fill="{colour}"/>\n'
        '  <g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">\n'
        f'    <text x="{left / 2:g}" y="14">{label}</text>\n'
        f'    <text x="{left + right / 2:g}" y="14">{value}</text>\n'
        "  </g>\n"
        "</svg>\n"
    )

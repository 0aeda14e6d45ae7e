"""
A badge: an SVG with a label and a value, for a page that shows how a project is.
"""

from __future__ import annotations

from typing import Final

GREEN: Final = "#3f8f29"
AMBER: Final = "#a8861a"
RED: Final = "#b6432f"
GREY: Final = "#666"
_CHARACTER: Final = 6.6  # of the width of a digit in 11 px of the usual sans-serif fonts, and a little more
_MARGIN: Final = 12


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

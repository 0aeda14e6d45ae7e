"""
A line of a report, and the style it would have where there is colour.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """
    Text without markup; ``style`` is a name that :mod:`rich` knows.
    """

    text: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """
    Text in a language, of as many lines as it has; ``language`` is a name that Pygments knows, or empty.
    """

    text: str
    language: str = ""

"""
Locations for tests, out of the text that people read.
"""

from __future__ import annotations

import re

from taketwo.results import Location, Steps


def location(text: str) -> Location:
    """
    ``1. GET http://a.test/  response.json[0].title`` as a value.
    """
    heading, _, inside = text.partition("  ")
    if heading == "head":
        return Location().at(steps(inside))
    number, _, target = heading.partition(". ")
    if number.startswith("conversation "):
        return Location(conversation=int(number.split()[1]) - 1, target=target).at(steps(inside))
    return Location(interaction=int(number) - 1, target=target).at(steps(inside))


def steps(text: str) -> Steps:
    found = re.findall(r"\[(\d+)\]|([^.\[\]]+)", text)
    return tuple(int(index) if index else name for index, name in found)

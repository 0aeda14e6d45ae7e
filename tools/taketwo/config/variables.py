"""
``{NAME}`` in the texts of a service's configuration.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

# ``{{NAME}}`` is the text ``{NAME}``, and ``${NAME}`` belongs to a shell.
_VARIABLE = re.compile(r"\{\{(?P<literal>[A-Za-z_]\w*)\}\}|(?<!\$)\{(?P<name>[A-Za-z_]\w*)\}")


def names_in(text: str) -> set[str]:
    """
    The names of the variables in *text*.
    """
    return {match["name"] for match in _VARIABLE.finditer(text) if match["name"]}


def filled(text: str, values: Mapping[str, str]) -> str:
    """
    *text* with its variables replaced.

    :raises KeyError: for a variable that has no value.
    """
    return _VARIABLE.sub(
        lambda match: f"{{{match['literal']}}}" if match["literal"] else values[match["name"]], text
    )

"""
Markers that are misspelt, and tests that run without a cassette therefore.
"""

from __future__ import annotations

import re
from warnings import WarningMessage

from taketwo.config.kinds import nearest

_MARKS = ("vcr", "block_network", "default_cassette", "allowed_hosts")
_UNKNOWN_MARK = r"Unknown pytest\.mark\.(\w+)"


def misspelt_marker(warning: WarningMessage) -> str:
    """
    What to say of a marker that pytest does not know, and that looks like one of a cassette: its test runs
    without one. Empty for any other *warning*.
    """
    unknown = re.match(_UNKNOWN_MARK, str(warning.message))
    near = nearest(unknown[1], _MARKS) if unknown else ""
    if not unknown or not near:
        return ""
    where = f"{warning.filename}:{warning.lineno}"
    return f"{where}: there is no marker {unknown[1]}; did you mean pytest.mark.{near}?"

"""
The owner of a cassette that a script, a notebook or a unittest records: it is known by its file alone.
"""

from __future__ import annotations

from pathlib import PurePath

_PREFIX = "use_cassette("


def script_id(path: PurePath) -> str:
    """
    What the head of the cassette at *path* says in the place of a test, such as ``use_cassette(login.yaml)``.
    """
    return f"{_PREFIX}{path.name})"


def is_script(owner: str) -> bool:
    """
    Whether *owner* is no test that pytest collects.
    """
    return owner.startswith(_PREFIX)

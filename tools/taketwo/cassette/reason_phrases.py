"""
The phrases beside HTTP statuses, the same on every Python.
"""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from typing import Final

# Python 3.13 renamed these. The first name is the one that httpx gives on every Python.
_RENAMED: Final = {
    413: ("Request Entity Too Large", "Content Too Large"),
    414: ("Request-URI Too Long", "URI Too Long"),
    416: ("Requested Range Not Satisfiable", "Range Not Satisfiable"),
    422: ("Unprocessable Entity", "Unprocessable Content"),
}


@cache
def usual_phrase(status: int) -> str:
    """
    The registered phrase; empty for a status that has none.
    """
    if status in _RENAMED:
        return _RENAMED[status][0]
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def is_usual(status: int, phrase: str) -> bool:
    """
    Whether *phrase* need not be stored: a service on another Python gives a renamed one by its other name.
    """
    return phrase in _RENAMED.get(status, (usual_phrase(status),))

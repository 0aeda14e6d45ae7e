"""
Paths: the words of the API in any case, the names in them decoded strictly.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote_to_bytes

from mesh_inmemory.errors import BadRequestError

_BAD_ESCAPE: Final = re.compile(r"%(?![0-9a-fA-F]{2})")
_WORDS: Final = 2  # of a path's segments so many are words of the API, what follows are names


def normalised(raw: bytes) -> str:
    """
    The path to route by: still percent-encoded, since a name may contain a slash; no trailing slash.
    """
    segments = raw.decode("ascii", "replace").split("/")
    if len(segments) > _WORDS and segments[-1] == "":
        segments.pop()
    words = [segment.lower() for segment in segments[: _WORDS + 1]]
    return "/".join([*words, *segments[_WORDS + 1 :]])


def decoded(segment: str) -> str:
    if _BAD_ESCAPE.search(segment):
        raise BadRequestError("The path contains a malformed escape", code="BAD_PATH")
    try:
        text = unquote_to_bytes(segment).decode()
    except UnicodeDecodeError:
        raise BadRequestError("The path is not valid UTF-8", code="BAD_PATH") from None
    if "\0" in text:
        raise BadRequestError("The path contains the character U+0000", code="BAD_PATH")
    return text

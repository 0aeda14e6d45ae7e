"""
On which line of a file something stands: asked for where the file is damaged, and by nobody else.
"""

from __future__ import annotations

from taketwo.cassette.documents import Path, read_document
from taketwo.errors import CassetteFormatError

_LONGEST = 1_000_000  # to look through more takes longer than anybody waits for an error


def with_line(error: CassetteFormatError, text: str) -> CassetteFormatError:
    """
    *error*, which is about a file with that *text*, with the line of its place where it has one.
    """
    line = _line_of(text, error.place) if error.place and len(text) <= _LONGEST else 0
    file, colon, reason = str(error).partition(": ")
    return CassetteFormatError(f"{file}, line {line}{colon}{reason}") if line else error


def _line_of(text: str, place: Path) -> int:
    """
    Where what is at *place* begins; 0 where nothing is there, or the text cannot be read so far.
    """
    try:
        scalars = read_document(text, name="").scalars
    except CassetteFormatError:
        return 0
    *above, last = place
    keys = (one.first for one in scalars if one.path == tuple(above) and one.value == last)
    inside = (one.first for one in scalars if one.path[: len(place)] == place)
    return next(keys, 0) or next(inside, 0)

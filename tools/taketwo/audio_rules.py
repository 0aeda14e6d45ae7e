"""
Rules for audio: what raw samples are of which nothing beside them tells.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

LOWEST_RATE, HIGHEST_RATE = 4000, 384_000
MOST_CHANNELS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioRule:
    """
    One ``[[tool.taketwo.audio]]``.

    Samples of 16 bits, so many in a second of each channel. ``path`` is that of the address, with ``*`` as in
    a shell; an empty one, or an empty ``content_type``, is any.
    """

    rate: int
    channels: int = 1
    path: str = ""
    content_type: str = ""

    def is_about(self, path: str, content_type: str) -> bool:
        """
        Whether it is about what has been said at *path*, with *content_type* where there was one.
        """
        is_there = not self.path or fnmatchcase(path, self.path)
        return is_there and self.content_type in {"", content_type}

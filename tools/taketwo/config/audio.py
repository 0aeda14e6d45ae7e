"""
``[[tool.taketwo.audio]]``: the format of raw samples that no header describes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

from taketwo.config.kinds import between, path
from taketwo.config.tables import Table

LOWEST_RATE, HIGHEST_RATE = 4000, 384_000
MOST_CHANNELS = 8

_CONTENT_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+")


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
        Whether the rule applies to a message at *path*, with *content_type* where there was one.
        """
        is_there = not self.path or fnmatchcase(path, self.path)
        return is_there and self.content_type in {"", content_type}


def read_audio_rule(table: Table) -> AudioRule:
    rule = AudioRule(
        rate=table.take("rate", between(LOWEST_RATE, HIGHEST_RATE), 0),
        channels=table.take("channels", between(1, MOST_CHANNELS), 1),
        path=table.take("path", path, ""),
        content_type=table.take("content_type", _content_type, ""),
    )
    if not table.has("rate"):
        table.mistake("has no rate, such as 24000")
    if not table.has("path") and not table.has("content_type"):
        table.mistake("has neither a path nor a content_type, so it finds nothing")
    return rule


def _content_type(value: object) -> str:
    if isinstance(value, str) and _CONTENT_TYPE.fullmatch(value):
        return value.lower()
    raise ValueError("a type such as audio/pcm, without parameters")

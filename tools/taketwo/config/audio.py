"""
``[[tool.taketwo.audio]]``: what raw audio is where nothing beside it tells.
"""

from __future__ import annotations

import re

from taketwo.audio_rules import HIGHEST_RATE, LOWEST_RATE, MOST_CHANNELS, AudioRule
from taketwo.config.kinds import between, path
from taketwo.config.tables import Table

_CONTENT_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+")


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

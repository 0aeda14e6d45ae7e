"""
JSON texts in the styles that most services write.
"""

from __future__ import annotations

import json
from typing import Any

from taketwo.cassette.model import JsonStyle

_STYLES: dict[JsonStyle, dict[str, Any]] = {
    JsonStyle.COMPACT: {"separators": (",", ":"), "ensure_ascii": False},
    JsonStyle.SPACED: {"separators": (", ", ": "), "ensure_ascii": False},
    JsonStyle.COMPACT_ASCII: {"separators": (",", ":"), "ensure_ascii": True},
    JsonStyle.SPACED_ASCII: {"separators": (", ", ": "), "ensure_ascii": True},
    JsonStyle.INDENTED: {"indent": 2, "ensure_ascii": False},
    JsonStyle.INDENTED_ASCII: {"indent": 2, "ensure_ascii": True},
}

# Kept, since to make an encoder takes longer than to encode a small body.
WRITERS = {style: json.JSONEncoder(**options).encode for style, options in _STYLES.items()}

ON_ONE_LINE = frozenset(style for style, options in _STYLES.items() if "indent" not in options)
"""The styles that put no body on several lines."""

compact_json = WRITERS[JsonStyle.COMPACT]
"""Plain data as JSON on one line: the body of no other style."""

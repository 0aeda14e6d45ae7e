"""
Bytes that are valid UTF-8 and no text: archives, sparse files, arrays of small integers.

As text they would be escape sequences, six times their size.
"""

from __future__ import annotations

import re

# All but the tab, line feed, form feed, carriage return and escape that texts have.
_CONTROLS = bytes({*range(0x20), 0x7F} - {0x09, 0x0A, 0x0C, 0x0D, 0x1B})
_TEXTUAL = re.compile(
    r"text/|message/|multipart/|application/(?:json|xml|javascript|ecmascript|graphql|yaml|toml|sql|x-ndjson|"
    r"x-www-form-urlencoded)\b|[^/]*/[^;]*\+(?:json|xml|yaml)\b"
)
_BINARY = re.compile(
    r"(?:image|audio|video|font|model)/"
    r"|application/(?:zip|gzip|pdf|zstd|protobuf|msgpack|wasm|cbor|x-tar|x-gzip|x-protobuf|x-msgpack|vnd\.)"
)

_MOST_IN_TEXT = 0.3
_MOST_IN_UNKNOWN = 0.02


def is_binary(content: bytes, media_type: str) -> bool:
    """
    Whether *content*, which is valid UTF-8, is kept as bytes.

    Its type decides first, then its share of control characters: a single one is enough in a body whose type
    is binary, a NUL or one in fifty where the type is unknown, three in ten where it is declared to be text.
    """
    controls = len(content) - len(content.translate(None, _CONTROLS))
    if not controls:
        return False
    kind = media_type.strip().lower()
    if _TEXTUAL.match(kind):
        return controls > _MOST_IN_TEXT * len(content)
    return bool(_BINARY.match(kind)) or b"\0" in content or controls > _MOST_IN_UNKNOWN * len(content)

"""
A secret in every encoding that is looked for.
"""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote, quote_plus

SECRET = "k3y+of/the=note book"
_RAW = SECRET.encode()

ENCODED = {
    "plain": SECRET,
    "base64": base64.b64encode(_RAW).decode(),
    "base64url": base64.urlsafe_b64encode(_RAW).decode().rstrip("="),
    "basic": base64.b64encode(b"me:" + _RAW).decode(),
    "inside": base64.b64encode(json.dumps({"user": "me", "key": SECRET}).encode()).decode(),
    "hex": _RAW.hex(),
    "HEX": _RAW.hex().upper(),
    "url": quote(SECRET, safe=""),
    "form": quote_plus(SECRET),
    "twice": quote(quote(SECRET, safe=""), safe=""),
    "json": json.dumps(SECRET)[1:-1].replace("/", "\\/"),
    "html": html.escape(SECRET).replace("+", "&#43;"),
}


def left_in(text: str) -> list[str]:
    """
    The encodings in which the secret stands in *text*.
    """
    return [name for name, encoded in ENCODED.items() if encoded in text]

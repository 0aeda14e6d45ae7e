"""
Parts of a multipart body that were sent in base64 or quoted-printable, decoded.

An encoding is stored by its name; base64 with line breaks also by the length of a line, and a ``$`` where
the last line ends with a break too: ``base64 76 $``.
"""

from __future__ import annotations

import base64
import binascii
import re

_ENCODING = re.compile(r"base64(?: ([1-9][0-9]{0,3}))?( \$)?|quoted-printable")


def is_encoding(text: str) -> bool:
    """
    Whether *text* names one.
    """
    return bool(_ENCODING.fullmatch(text))


def decoded_transfer(content: bytes, name: str, line: bytes) -> tuple[bytes, str] | None:
    """
    What *content* says in the encoding of that *name*, and how it is written; None where it stays as it is.
    """
    match name.strip().lower():
        case "base64":
            found = _from_base64(content, line)
        case "quoted-printable":
            found = binascii.a2b_qp(content), "quoted-printable"
        case _:
            found = None
    return found if found and encoded_transfer(*found, line) == content else None


def encoded_transfer(content: bytes, encoding: str, line: bytes) -> bytes:
    if encoding == "quoted-printable":
        return binascii.b2a_qp(content)
    found = _ENCODING.fullmatch(encoding)
    width = int(found[1]) if found and found[1] else 0
    end = line if found and found[2] else b""
    text = base64.b64encode(content)
    if width:
        text = line.join(text[start : start + width] for start in range(0, len(text), width))
    return text + end


def _from_base64(content: bytes, line: bytes) -> tuple[bytes, str] | None:
    first, separator, rest = content.partition(line)
    try:
        decoded = base64.b64decode(content.replace(line, b""), validate=True)
    except binascii.Error:
        return None
    width = f" {len(first)}" if separator and rest else ""
    return decoded, f"base64{width}{' $' if content.endswith(line) else ''}"

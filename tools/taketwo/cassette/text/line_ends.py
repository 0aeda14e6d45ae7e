"""
What a checkout or an editor does to the text of a cassette: line ends of Windows, and a byte order mark.

A cassette of ours never holds either, so both are taken away when it is read, and are no change.
"""

from __future__ import annotations

_MARK = b"\xef\xbb\xbf"

CRLF = "CRLF line ends"
BOM = "a byte order mark"


def plain(content: bytes) -> bytes:
    """
    *content* as it was written.
    """
    content = content.removeprefix(_MARK)
    return content.replace(b"\r\n", b"\n") if b"\r\n" in content else content


def rewritten(content: bytes) -> str:
    """
    What was done to it, in words; nothing where it is as it was written.
    """
    found = [*([BOM] if content.startswith(_MARK) else []), *([CRLF] if b"\r\n" in content else [])]
    return " and ".join(found)

"""
Text as it can be read aloud: without what is there only to be looked at.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

_FENCED = re.compile(r"^[ \t]*(```|~~~).*?(^[ \t]*\1[`~]*[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)
_IMAGE_OR_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s+\"[^\"]*\")?\)")
_ADDRESS = re.compile(r"<?\bhttps?://[^\s<>\"')\]]+[^\s<>\"')\].,;:!?]>?")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<!--.*?-->", re.DOTALL)
_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
# Of a pair around words; neither the _ in a name nor the * in a product.
_EMPHASIS = re.compile(r"(?<![\w*_~])(\*{1,3}|_{1,3}|~~)(?=\S)(.+?)(?<=\S)\1(?![\w*_~])")
_RULE = re.compile(r"^[ \t]*([-*_=~#+|:][ \t]*){3,}$", re.MULTILINE)
_ITEM = re.compile(
    r"^[ \t]*(?:>[ \t]*)*(?:#{1,6}[ \t]+|[-*+•‣◦▪·\u2013\u2014][ \t]+(?:\[[ xX]\][ \t]+)?)(.*?)[ \t#]*$"
)
_QUOTE = re.compile(r"^[ \t]*(?:>[ \t]*)+")
_KEYCAP = re.compile("([0-9#*])\ufe0f?\u20e3")
_SPACE_BEFORE_MARK = re.compile(r"\s+(?=[,.;:!?](?:\s|$))")
_SPOKEN_SYMBOLS = frozenset("°")
# Arrows, and what chooses between the two looks of a sign.
_SHOWN = ((0x2190, 0x21FF), (0x27F0, 0x27FF), (0x2900, 0x297F), (0x2B00, 0x2BFF), (0xFE00, 0xFE0F))
# So: pictures and decoration; Sk: skin tones; Cf: joiners; C: what has no look at all.
_UNSPOKEN = frozenset({"So", "Sk", "Cf", "Cc", "Cs", "Co", "Cn"})


def speakable(text: str) -> str:
    """
    *text* without Markdown, emoji, arrows and decoration, on one line; empty when nothing is left to say.

    Links are read by their words, addresses by their host; a block of code is left out, since nobody
    listens to it. A heading and an item of a list end like a sentence, so that one hears where they end.
    """
    plain = _without_markdown(text)
    lines = (_without_pictures(_line(line)) for line in plain.splitlines())
    joined = _SPACE_BEFORE_MARK.sub("", " ".join(" ".join(lines).split()))
    return joined if any(sign.isalnum() for sign in joined) else ""


def _without_markdown(text: str) -> str:
    text = _FENCED.sub("\n", text.replace("\r\n", "\n"))
    text = _IMAGE_OR_LINK.sub(r"\1", text)
    text = _ADDRESS.sub(_host, text)
    text = _RULE.sub("", _TAG.sub(" ", text))
    text = _CODE.sub(r"\2", text)
    # Twice, for one kind of emphasis inside another.
    return _EMPHASIS.sub(r"\2", _EMPHASIS.sub(r"\2", text)).replace("|", " ")


def _host(address: re.Match[str]) -> str:
    try:
        return (urlsplit(address[0].strip("<>")).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _line(line: str) -> str:
    item = _ITEM.match(line)
    if item is None:
        return _QUOTE.sub("", line)
    words = item[1].strip()
    return f"{words}." if words and words[-1].isalnum() else words


def _without_pictures(line: str) -> str:
    return "".join(_sign(sign) for sign in _KEYCAP.sub(r"\1", line))


def _sign(sign: str) -> str:
    if sign in _SPOKEN_SYMBOLS:
        return sign
    code = ord(sign)
    is_shown = any(first <= code <= last for first, last in _SHOWN)
    return " " if is_shown or unicodedata.category(sign) in _UNSPOKEN else sign

"""
Bodies that are files beside the cassette: which ones are, and what they are called.

A name is made of the content and of the kind of it, so that one that is recorded again, or by another test of
the folder, is the same file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from taketwo.cassette.audio.wav import wav_of
from taketwo.cassette.body.frames import ConversationParts
from taketwo.cassette.content import Content, sha256_of, whole
from taketwo.cassette.model import BinaryBody, Body, Cassette, MultipartBody, Pairs
from taketwo.cassette.multipart.body import part_headers

LARGEST_INLINE = 256

_MARK = 16
_NAME = re.compile(r"[0-9a-f]{16}\.[a-z0-9]{1,5}")
_OTHER = ".bin"
# Not the table of the system, which differs from one machine to another.
_SUFFIXES = {
    "application/gzip": ".gz",
    "application/pdf": ".pdf",
    "application/zip": ".zip",
    "audio/aac": ".aac",
    "audio/flac": ".flac",
    "audio/mp4": ".m4a",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "audio/opus": ".opus",
    "audio/vnd.wave": ".wav",
    "audio/wav": ".wav",
    "audio/wave": ".wav",
    "audio/webm": ".webm",
    "audio/x-wav": ".wav",
    "font/ttf": ".ttf",
    "font/woff2": ".woff2",
    "image/avif": ".avif",
    "image/gif": ".gif",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/x-icon": ".ico",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
}
SUFFIXES = tuple(sorted({*_SUFFIXES.values(), _OTHER}))
"""Behind the names of all such files."""


def attachment_name(body: Body, headers: Pairs) -> str | None:
    """
    The name of the file that *body* is kept in, or None when it is in the cassette itself.
    """
    if not isinstance(body, BinaryBody) or len(body.content) <= LARGEST_INLINE:
        return None
    if body.sound is not None:
        return sha256_of(file_content(body))[:_MARK] + ".wav"
    known = {name.lower(): value for name, value in headers}
    kind = known.get("content-type", "").partition(";")[0].strip().lower()
    suffix = _OTHER if "content-encoding" in known else _SUFFIXES.get(kind, _OTHER)
    return sha256_of(body.content)[:_MARK] + suffix


def file_content(body: BinaryBody) -> Content:
    """
    What is in the file of a body: raw samples have a header there.
    """
    return body.content if body.sound is None else wav_of(whole(body.content), body.sound)


def attachments(cassette: Cassette) -> dict[str, Content]:
    """
    The files of *cassette* by their names; each once, however many interactions refer to it.
    """
    spoken = [item for one in cassette.conversations for item in ConversationParts(one).interactions]
    messages = [
        message for item in (*cassette.interactions, *spoken) for message in (item.request, item.response)
    ]
    bodies = {
        name: file_content(body)
        for message in messages
        for body, headers in leaves_of(message.body, message.headers)
        if isinstance(body, BinaryBody) and (name := attachment_name(body, headers))
    }
    return {**bodies, **cassette.files}


def leaves_of(body: Body, headers: Pairs) -> Iterator[tuple[Body, Pairs]]:
    """
    A body with its headers, or those of its parts with theirs.
    """
    if not isinstance(body, MultipartBody):
        yield body, headers
        return
    for part in body.parts:
        yield from leaves_of(part.body, part_headers(part))


def named_by_content(content: bytes) -> str:
    """
    The name of a file of *content*, of no kind that a player knows.
    """
    return sha256_of(content)[:_MARK] + _OTHER


def is_attachment(name: str, sha256: str | None = None) -> bool:
    """
    Whether a file of that name can be one of ours, and the one of that hash.
    """
    return bool(_NAME.fullmatch(name)) and (sha256 is None or name[:_MARK] == sha256[:_MARK])


def names_in(text: str) -> Iterator[str]:
    """
    Whatever in the text of a cassette may be the name of such a file.
    """
    return iter(_NAME.findall(text))

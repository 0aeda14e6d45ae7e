"""
Which bodies that are valid UTF-8 are kept as bytes: by their type, then by their control characters.
"""

from __future__ import annotations

import io
import tarfile

import pytest

from taketwo.cassette.body.codec import body_from_bytes, body_to_bytes
from taketwo.cassette.body.frames import frame_body
from taketwo.cassette.match import fingerprint
from taketwo.cassette.model import BinaryBody, StoredRequest, TextBody


def _archive() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        content = b"only letters\n" * 40
        entry = tarfile.TarInfo("notes.txt")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return file.getvalue()


BINARY = {
    "an archive": (_archive(), "application/x-tar"),
    "an archive of an unknown type": (_archive(), ""),
    "an archive that is declared to be text": (_archive(), "text/plain"),
    "a sparse file": (b"head" + bytes(4096), "application/octet-stream"),
    "an array of small integers": (bytes([1, 2, 3, 40, 50, 60] * 50), "application/octet-stream"),
    "a picture": (b"GIF89a" + b"\x01" + b"a" * 500, "image/gif"),
}
TEXT = {
    "a log with colours": (b"\x1b[31mred\x1b[0m\n" * 20, "text/plain"),
    "a page with a NUL": ("ä\r\n\x00".encode(), "text/html"),
    "a drawing": (b"<svg>\x01" + b"a" * 500, "image/svg+xml"),
    "a table of an unknown type": (b"a;b\r\n1;2\r\n", "application/octet-stream"),
    "one odd character of many": (b"\x01" + b"a" * 500, ""),
    "a letter": ("grüße".encode(), "application/octet-stream"),
}


@pytest.mark.parametrize("what", BINARY)
def test_binary_that_happens_to_be_utf_8_is_kept_as_bytes(what: str) -> None:
    content, media_type = BINARY[what]

    assert body_from_bytes(content, media_type=media_type) == BinaryBody(content)


@pytest.mark.parametrize("what", TEXT)
def test_text_stays_text(what: str) -> None:
    content, media_type = TEXT[what]

    body = body_from_bytes(content, media_type=media_type)

    assert body == TextBody(content.decode())
    assert body_to_bytes(body) == content


def test_a_cassette_that_holds_such_a_body_as_text_still_answers_it() -> None:
    content = bytes([1, 2, 3] * 9)
    recorded, received = (
        StoredRequest(method="POST", url="http://shop.test/", headers=(), query=(), body=body)
        for body in (TextBody(content.decode()), body_from_bytes(content))
    )

    assert fingerprint(recorded) == fingerprint(received)


def test_a_message_of_text_is_text_whatever_is_in_it() -> None:
    assert frame_body(b"\x00\x01", is_binary=False) == TextBody("\x00\x01")
    assert frame_body(b"\x00\x01", is_binary=True) == BinaryBody(b"\x00\x01")

"""
A long content is in a file without a name, and read from there in pieces.
"""

from __future__ import annotations

import gzip
import io
import random
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from taketwo.cassette.base_urls import BaseUrls
from taketwo.cassette.body.attachments import attachments
from taketwo.cassette.content import (
    LARGEST_IN_MEMORY,
    Content,
    FileContent,
    Spool,
    as_file,
    first,
    sha256_of,
    whole,
)
from taketwo.cassette.model import Cassette, Exchange, LiveRequest, LiveResponse, Pairs
from taketwo.cassette.record import make_cassette
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.secrets.scan import Scanner
from taketwo.cassette.store.read import read_cassette
from taketwo.cassette.store.staging import StagingDir, promote
from taketwo.cassette.text.writer import write_cassette
from taketwo.errors import SecretLeak

# None of its bytes is a sign of ASCII: to look for secrets in those takes longer.
NOISE = (
    random.Random(7)  # noqa: S311 - not random at all
    .randbytes(LARGEST_IN_MEMORY * 5 // 4)
    .translate(bytes(byte | 0x80 for byte in range(256)))
)
TEXT = b"a line of a text that is long\n" * (LARGEST_IN_MEMORY // 25)
SECRET = "s3cret-of-the-environment"


def spooled(content: bytes, folder: Path) -> Content:
    spool = Spool(lambda: folder)
    for start in range(0, len(content), 100_000):
        spool.write(content[start : start + 100_000])
    return spool.content


def recorded(content: Content, headers: Pairs = (), chunks: tuple[int, ...] = ()) -> Cassette:
    exchange = Exchange(
        request=LiveRequest(method="GET", url="http://shop.test/"),
        response=LiveResponse(status=200, headers=headers, body=content, chunks=chunks),
        issued=1,
        answered=2,
    )
    redactor = Redactor({"SHOP_KEY": SECRET})
    return make_cassette([exchange], test="t", services={}, redactor=redactor, bases=BaseUrls({}))


def test_what_is_short_stays_in_memory_and_what_is_long_is_in_a_file_without_a_name(tmp_path: Path) -> None:
    short, long = spooled(NOISE[:LARGEST_IN_MEMORY], tmp_path), spooled(NOISE, tmp_path)

    assert short == NOISE[:LARGEST_IN_MEMORY]
    assert isinstance(long, FileContent)
    assert list(tmp_path.iterdir()) == []
    assert (len(long), whole(long), sha256_of(long)) == (len(NOISE), NOISE, sha256_of(NOISE))


def test_a_file_is_read_like_bytes(tmp_path: Path) -> None:
    content = spooled(NOISE, tmp_path)

    assert isinstance(content, FileContent)
    assert (content[5:70_000], content[-3:], content[:0]) == (NOISE[5:70_000], NOISE[-3:], b"")
    assert b"".join(content.pieces(10, 99_999)) == NOISE[10:99_999]
    assert content == NOISE
    assert content != NOISE[:-1]
    assert content != NOISE[:-1] + b"x"
    assert (whole(first(content, 12)), len(first(content, 12))) == (NOISE[:12], 12)
    with as_file(content) as file:
        file.seek(-4, io.SEEK_END)
        assert file.read() == NOISE[-4:]


def test_what_comes_later_is_no_part_of_what_was_taken(tmp_path: Path) -> None:
    spool = Spool(lambda: tmp_path)
    spool.write(NOISE)
    content = spool.content

    spool.write(b"more")

    assert whole(content) == NOISE
    assert whole(spool.content) == NOISE + b"more"


def test_a_long_answer_is_recorded_and_read_again_without_having_been_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = spooled(NOISE, tmp_path)
    monkeypatch.setattr(FileContent, "__getitem__", _short_parts)

    cassette = recorded(body, chunks=(1000, len(NOISE) - 1000))
    staging = StagingDir(tmp_path)
    promote(staging.stage(*write_cassette(cassette)), tmp_path / "a.yaml")
    again = read_cassette(tmp_path / "a.yaml")
    # What another recording finds in its place, and is the same.
    staged = staging.stage(*write_cassette(cassette))
    is_changed = promote(staged, tmp_path / "a.yaml", merge=lambda new, _: new)
    staging.close()

    assert again == cassette
    assert not is_changed
    (file,) = tmp_path.glob("*.bin")
    assert file.read_bytes() == NOISE


def _short_parts(content: FileContent, place: slice) -> bytes:
    start, stop, _ = place.indices(len(content))
    assert stop - start < 2 * 1024 * 1024
    return b"".join(content.pieces(start, stop))


def test_secrets_in_a_long_text_are_covered_and_the_rest_is_as_it_came(tmp_path: Path) -> None:
    told = TEXT[:5_000_000] + b'{"password": "hunter-2-hunter", "key": "%s"}\n' % SECRET.encode() + TEXT

    cassette = recorded(spooled(told, tmp_path), (("content-type", "text/plain"),))

    (kept,) = attachments(cassette).values()
    assert isinstance(kept, FileContent)
    found = whole(kept)
    assert (SECRET.encode() in found, b"hunter" in found) == (False, False)
    assert (len(found), found.replace(b"*", b"")[:100]) == (len(told), told[:100])


def packed_in_gzip(content: bytes) -> bytes:
    # Of two members, the second of which holds it.
    return _noise_in_gzip() + gzip.compress(content)


@cache
def _noise_in_gzip() -> bytes:
    return gzip.compress(NOISE, 1)


def packed_in_zip(content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("noise", NOISE)
        archive.writestr("notes", content)
    return file.getvalue()


def as_it_is(content: bytes) -> bytes:
    return NOISE + b"\xff" + content + b"\xff"


def in_utf_16(content: bytes) -> bytes:
    return bytes(LARGEST_IN_MEMORY) + content.decode().encode("utf-16-le") + b"\xff\xff"


@pytest.mark.parametrize(
    ("pack", "text"),
    [
        (as_it_is, SECRET),
        (as_it_is, SECRET.replace("-", "%2d")),
        (as_it_is, SECRET.encode().hex()),
        (packed_in_gzip, SECRET),
        (packed_in_gzip, SECRET.encode().hex()),
        (packed_in_zip, SECRET),
        (in_utf_16, SECRET),
        (in_utf_16, SECRET.replace("-", "%2d")),
    ],
)
def test_a_secret_in_a_long_binary_answer_is_found(
    pack: Callable[[bytes], bytes], text: str, tmp_path: Path
) -> None:
    body = spooled(pack(text.encode()), tmp_path)

    with pytest.raises(SecretLeak, match="SHOP_KEY in interaction 1, response body"):
        recorded(body)


@pytest.mark.parametrize("pack", [as_it_is, packed_in_gzip, in_utf_16])
def test_a_scan_finds_a_secret_in_a_long_file_without_reading_it_whole(
    pack: Callable[[bytes], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = spooled(pack(SECRET.encode()), tmp_path)
    monkeypatch.setattr(FileContent, "__getitem__", _short_parts)

    assert isinstance(content, FileContent)
    (found,) = Scanner([("SHOP_KEY", SECRET)]).scan_long(content).findings
    assert (found.line, found.secret) == (1, "SHOP_KEY")


def test_a_scan_names_the_line_of_a_long_text(tmp_path: Path) -> None:
    content = spooled(b"a line of a text\n" * 800_000 + SECRET.encode(), tmp_path)

    assert isinstance(content, FileContent)
    (found,) = Scanner([("SHOP_KEY", SECRET)]).scan_long(content).findings
    assert (found.line, found.secret) == (800_001, "SHOP_KEY")

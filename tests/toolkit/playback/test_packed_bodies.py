"""
Compressed answers: readable in the cassette, compressed again for the client, piece by piece.
"""

from __future__ import annotations

import gzip
import json
import uuid
import zlib
from collections.abc import Callable
from itertools import accumulate, pairwise

import brotli
import pytest
from backports import zstd

from taketwo.cassette.body.codec import is_json
from taketwo.cassette.body.coding import NotPacked, packed_pieces, unpacked, unpacked_pieces
from taketwo.cassette.content import whole
from taketwo.cassette.model import BinaryBody, Cassette, JsonBody, LiveResponse, Pairs
from taketwo.cassette.text.format import load_cassette
from taketwo.cassette.text.writer import dump_cassette
from tests.toolkit.cassette.exchanges import get, replay_of, take_of

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
}
CODINGS = list(PACKERS)


def answered(
    body: bytes, coding: str, *more: tuple[str, str], kind: str = "application/json"
) -> LiveResponse:
    headers: Pairs = (("content-type", kind), ("content-encoding", coding), *more)
    return LiveResponse(status=200, headers=headers, body=body)


def through_a_file(cassette: Cassette) -> Cassette:
    return load_cassette(dump_cassette(cassette), name="a.yaml", attached=None)


def recorded(answer: LiveResponse) -> Cassette:
    return through_a_file(take_of((get("http://a.test/"), answer)))


@pytest.mark.parametrize("coding", CODINGS)
def test_a_compressed_text_is_structure_and_comes_back_compressed(coding: str) -> None:
    content = json.dumps({"id": str(uuid.uuid4()), "word": "apple"}).encode()

    cassette = recorded(answered(PACKERS[coding](content), coding))

    stored = cassette.interactions[0].response
    assert isinstance(stored.body, JsonBody)
    assert stored.body.value == {"id": "<uuid:1>", "word": "apple"}
    played = replay_of(cassette).response(0)
    assert dict(played.headers) == {
        "content-type": "application/json",
        "content-encoding": coding,
        "content-length": str(len(played.body)),
    }
    assert json.loads(unpacked(whole(played.body), coding))["word"] == "apple"


@pytest.mark.parametrize("coding", CODINGS)
def test_another_id_in_a_compressed_answer_changes_no_byte_of_the_cassette(coding: str) -> None:
    contents = [json.dumps({"id": str(uuid.uuid4())}).encode() for _ in range(2)]

    first, second = (dump_cassette(recorded(answered(PACKERS[coding](one), coding))) for one in contents)

    assert first == second


@pytest.mark.parametrize("coding", CODINGS)
def test_each_piece_can_be_unpacked_when_it_comes(coding: str) -> None:
    pieces = [b"data: one\n\n", b"data: two\n\n", b"data: three\n\n"]
    packed = list(packed_pieces(pieces, coding, is_whole=True))

    assert unpacked_pieces(packed, coding) == pieces

    live = LiveResponse(
        status=200,
        headers=(("content-type", "text/event-stream"), ("content-encoding", coding)),
        body=b"".join(packed),
        chunks=tuple(map(len, packed)),
    )
    played = replay_of(recorded(live)).response(0)
    cuts = pairwise([0, *accumulate(played.chunks)])
    assert unpacked_pieces([played.body[start:end] for start, end in cuts], coding) == pieces


@pytest.mark.parametrize("coding", CODINGS)
def test_a_compressed_picture_is_kept_unpacked_and_without_the_header(coding: str) -> None:
    picture = b"\x89PNG\r\n\x1a\n\xff\xfe"

    played = replay_of(
        take_of((get("http://a.test/"), answered(PACKERS[coding](picture), coding, kind="image/png")))
    )

    assert (played.response(0).body, "content-encoding" in dict(played.response(0).headers)) == (
        picture,
        False,
    )


@pytest.mark.parametrize("coding", [*CODINGS, "compress", "gzip, br"])
def test_what_is_not_packed_as_its_header_says_is_kept_as_it_came(coding: str) -> None:
    cassette = recorded(answered(b"\x00not packed", coding))

    assert cassette.interactions[0].response.body == BinaryBody(b"\x00not packed")
    assert replay_of(cassette).response(0).body == b"\x00not packed"


@pytest.mark.slow
@pytest.mark.parametrize("coding", CODINGS)
def test_a_body_that_ends_early_is_not_packed_and_one_that_fills_the_memory_neither(coding: str) -> None:
    with pytest.raises(NotPacked):
        unpacked(PACKERS[coding](b"a long enough text, of some words" * 9)[:-6], coding)
    with pytest.raises(NotPacked):
        unpacked(PACKERS[coding](bytes(65 * 1024 * 1024)), coding)


def test_members_of_gzip_are_one_body() -> None:
    assert unpacked(gzip.compress(b"one ") + gzip.compress(b"two") + bytes(4), "gzip") == b"one two"


@pytest.mark.parametrize("is_broken_off", [False, True])
def test_a_checksum_of_aws_is_that_of_the_replayed_body(is_broken_off: bool) -> None:  # noqa: FBT001 - a parameter
    contents = [json.dumps({"RequestId": str(uuid.uuid4())}).encode() for _ in range(2)]
    lives = [
        LiveResponse(
            status=200,
            headers=(
                ("content-type", "application/x-amz-json-1.0"),
                ("x-amz-crc32", "1" if is_broken_off else str(zlib.crc32(content))),
            ),
            body=content,
        )
        for content in contents
    ]

    cassettes = [recorded(live) for live in lives]

    assert dump_cassette(cassettes[0]) == dump_cassette(cassettes[1])
    played = replay_of(cassettes[0]).response(0)
    expected = "1" if is_broken_off else str(zlib.crc32(whole(played.body)))
    assert dict(played.headers)["x-amz-crc32"] == expected


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_the_json_of_aws_is_json(version: str) -> None:
    assert is_json(f"application/x-amz-json-{version}")

"""
Streamed bodies keep the places where they were cut, and a retake keeps those of the accepted cassette.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

import pytest

from taketwo.cassette.base_urls import BaseUrls
from taketwo.cassette.body.attachments import attachments
from taketwo.cassette.content import whole
from taketwo.cassette.model import CLIENT, WAITING, Cassette, LiveRequest, LiveResponse, Pairs, TextBody
from taketwo.cassette.replay import Replay
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.stabilize import stabilize
from taketwo.cassette.text.format import load_cassette
from taketwo.cassette.text.writer import dump_cassette
from tests.toolkit.cassette.exchanges import TEXT, get, replay_of, take_of

ASKED = get("http://a.test/stream")
EVENTS: Pairs = (("content-type", "text/event-stream"),)
SECRET = Redactor({"KEY": "s3cr3t-key"})


def streamed(
    *pieces: bytes, headers: Pairs = EVENTS, ended: str = "", request: LiveRequest = ASKED
) -> tuple[LiveRequest, LiveResponse]:
    sizes = tuple(map(len, pieces))
    return request, LiveResponse(
        status=200, headers=headers, body=b"".join(pieces), chunks=sizes, ended=ended
    )


def cut(body: bytes, sizes: Sequence[int]) -> list[bytes]:
    return [body[start:end] for start, end in pairwise([0, *accumulate(sizes)])]


def played(cassette: Cassette) -> list[bytes]:
    """
    The pieces that a client is given of the first interaction.
    """
    response = replay_of(cassette).response(0)
    body = whole(response.body)
    return cut(body, response.chunks) if response.chunks else [body]


def kept(cassette: Cassette) -> str:
    """
    The lines of the file that tell of the pieces.
    """
    lines = dump_cassette(cassette).splitlines()
    told = (line.strip().replace('"', "") for line in lines)
    return "\n".join(line for line in told if line.startswith(("chunks:", "pauses:", "ended:")))


def paused(*pieces: tuple[int, bytes]) -> tuple[LiveRequest, LiveResponse]:
    """
    A stream of *pieces*, each with the milliseconds before it.
    """
    request, response = streamed(*(piece for _, piece in pieces))
    return request, replace(response, pauses=tuple(pause for pause, _ in pieces))


@pytest.mark.parametrize(
    "pieces",
    [
        [b"data: 1\n\n", b"data: 2\n\n", b"data: 3\n\n"],
        [b"a", b"bc", b"def"],
        ["ü".encode()[:1], "ü€".encode()[1:3], "€".encode()[1:]],
        [bytes(range(256)) * 4, bytes(960), bytes(960), b"\xff" * 17],
    ],
)
def test_a_stream_is_played_in_the_pieces_in_which_it_came(pieces: list[bytes]) -> None:
    assert played(take_of(streamed(*pieces))) == pieces


def test_the_sizes_stand_in_one_line_of_the_file() -> None:
    assert kept(take_of(streamed(*[b"x" * 960] * 50, b"y" * 17, b"z"))) == "chunks: 960*50 17 1"


@pytest.mark.parametrize(
    ("pieces", "headers"),
    [
        ([b"whole"], EVENTS),
        ([b"one", b"two"], (*EVENTS, ("Content-Length", "6"))),
        ([b'{"a":', b"1}"], (("content-type", "application/json"),)),
        ([b"", b"all"], EVENTS),
    ],
)
def test_what_came_whole_or_means_something_whole_only_keeps_no_sizes(
    pieces: list[bytes], headers: Pairs
) -> None:
    assert kept(take_of(streamed(*pieces, headers=headers))) == ""


def test_a_cut_inside_of_what_a_placeholder_stands_for_moves_to_its_end() -> None:
    minted = b"3fa85f64-5717-4562-b3fc-2c963f66afa6"
    take = take_of(streamed(b"id: ", minted[:9], minted[9:] + b"\ndata: " + minted, b"\n\nend"))

    assert [len(piece) for piece in played(take)] == [4, 36, 43, 5]
    assert kept(take) == "chunks: 4 8 15 5"


def test_a_secret_that_came_in_two_pieces_is_found() -> None:
    take = take_of(streamed(b"key: s3cr", b"3t-key\n", b"bye"), redactor=SECRET)

    assert take.interactions[0].response.body == TextBody("key: <secret:KEY>\nbye")
    assert kept(take) == "chunks: 17 1 3"


def test_an_address_of_today_in_a_stream_moves_no_cut_behind_it() -> None:
    bases = BaseUrls({"http://127.0.0.1:54321": "http://mesh.test"})

    take = take_of(
        streamed(b"see http://127.0.", b"0.1:54321/a\n", b"<svg:g> 127.0.0.1:54321", b"!"), bases=bases
    )

    assert played(take) == [b"see http://mesh.test", b"/a\n", b"<svg:g> mesh.test", b"!"]


@pytest.mark.parametrize("compress", [gzip.compress, zlib.compress])
def test_a_compressed_stream_is_cut_where_its_reader_was_given_more(compress: object) -> None:
    assert callable(compress)
    packed = compress(b"a" * 50_000 + bytes(range(256)) * 4)
    coding = "gzip" if compress is gzip.compress else "deflate"
    sizes = (len(packed) // 2, len(packed) - len(packed) // 2)
    headers: Pairs = (*TEXT, ("content-encoding", coding))

    response = LiveResponse(status=200, headers=headers, body=packed, chunks=sizes)
    pieces = played(take_of((ASKED, response)))

    assert b"".join(pieces) == b"a" * 50_000 + bytes(range(256)) * 4
    assert len(pieces) == 2


@pytest.mark.parametrize("ended", [CLIENT, "RemoteProtocolError: peer closed the connection"])
def test_how_a_stream_ended_is_kept(ended: str) -> None:
    take = take_of(streamed(b"one", b"two", ended=ended))

    response = replay_of(take).response(0)

    assert (response.body, response.chunks, response.ended) == (b"onetwo", (3, 3), ended)
    assert dict(response.headers) == {"content-type": "text/event-stream"}


@pytest.mark.parametrize(
    ("accepted", "again"),
    [
        ([b"ab", b"cd"], [b"abc", b"d"]),
        ([b"abcd"], [b"ab", b"cd"]),
        ([b"ab", b"cd"], [b"abcd"]),
        ([bytes(300), bytes(300)], [bytes(100)] * 6),
    ],
)
def test_a_retake_of_the_same_body_keeps_the_accepted_cuts(accepted: list[bytes], again: list[bytes]) -> None:
    old = take_of(streamed(*accepted))

    assert dump_cassette(stabilize(old, take_of(streamed(*again)))) == dump_cassette(old)


def test_a_retake_of_another_body_has_its_own_cuts() -> None:
    old, new = take_of(streamed(b"ab", b"cd")), take_of(streamed(b"abc", b"e"))

    assert (stabilize(old, new), stabilize(None, new)) == (new, new)


def test_equal_streams_keep_each_its_own_cuts_behind_a_new_interaction() -> None:
    old = take_of(streamed(b"ab", b"cd"), streamed(b"a", b"bcd"))
    new = take_of((get("http://a.test/new"), LiveResponse(status=204)), streamed(b"abcd"), streamed(b"abcd"))

    carried = stabilize(old, new)

    assert [item.response.chunks for item in carried.interactions] == [(), (2, 2), (1, 3)]


@pytest.mark.parametrize(
    ("accepted", "again", "size"),
    [(b"abcdef", b"abc", 6), (b"abc", b"abcdef", 6), (b"abcdef", b"abx", 3)],
)
def test_of_a_stream_that_the_client_closed_the_longer_take_is_kept(
    accepted: bytes, again: bytes, size: int
) -> None:
    old, new = (take_of(streamed(b"-", body, ended=CLIENT)) for body in (accepted, again))

    response = replay_of(stabilize(old, new)).response(0)

    assert len(response.body) == 1 + size


@pytest.mark.parametrize(("again", "ended"), [(b"", CLIENT), (b"-abc", WAITING), (b"-abcd", "")])
def test_an_accepted_answer_stays_whole_when_the_client_leaves_earlier(again: bytes, ended: str) -> None:
    old = take_of(streamed(b"-", b"abc"))

    carried = stabilize(old, take_of(streamed(again, ended=ended)))

    assert (carried == old) is bool(ended)


def test_an_accepted_answer_that_was_left_early_is_replaced_by_the_whole_one() -> None:
    new = take_of(streamed(b"-", b"abc"))

    assert stabilize(take_of(streamed(b"-", ended=CLIENT)), new) == new


def test_a_file_with_sizes_is_read_as_it_was_written() -> None:
    take = take_of(streamed(b"\x00" * 400, b"\x01" * 100, ended=CLIENT), streamed(b"a", b"b"))
    files = attachments(take)

    loaded = load_cassette(dump_cassette(take), name="a.yaml", attached=lambda name, _: files.get(name))

    assert loaded == take


def test_pauses_stand_below_the_sizes_and_are_played_when_they_are_asked_for() -> None:
    cassette = take_of(paused((0, b"one"), (120, b"two"), (120, b"3")))

    assert kept(cassette) == "chunks: 3*2 1\npauses: 0 120*2"
    assert replay_of(cassette).response(0).pauses == ()
    loaded = load_cassette(dump_cassette(cassette), name="a.yaml")
    assert Replay(loaded, redactor=Redactor({}), reveal={}, pauses=True).response(0).pauses == (0, 120, 120)


def test_pieces_that_become_one_come_with_the_last_of_them() -> None:
    """
    A cut inside of what a placeholder stands for moves to its end.
    """
    uuid = b"0b5e5a2c-4d0e-4d0e-8d0e-1c2d3e4f5a6b"

    cassette = take_of(paused((5, b"id " + uuid[:4]), (7, uuid[4:9]), (20, uuid[9:] + b"."), (1, b"end")))

    assert kept(cassette) == "chunks: 11 1 3\npauses: 12 20 1"


def test_a_recording_of_the_same_body_keeps_the_accepted_pauses() -> None:
    old, new = take_of(paused((0, b"one"), (120, b"two"))), take_of(paused((3, b"on"), (90, b"etwo")))

    assert stabilize(old, new) == old


def test_of_what_cannot_be_told_apart_no_pauses_are_kept() -> None:
    request, response = paused((0, b"one"), (120, b"two"))

    assert kept(take_of((request, replace(response, pauses=(1,))))) == "chunks: 3*2"

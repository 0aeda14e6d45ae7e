"""
A body that comes in pieces is in memory once.
"""

from __future__ import annotations

import tracemalloc

from taketwo.intercept.http_client.chunked import ChunkReader
from taketwo.intercept.received import ReceivedBody

PIECE = bytes(range(256)) * 256
COUNT = 64


def test_it_is_whole_and_takes_its_own_size_and_little_more() -> None:
    tracemalloc.start()
    body = ReceivedBody()

    for _ in range(COUNT):
        body.add(PIECE)
    whole = body.content
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert whole == PIECE * COUNT
    assert len(body) == len(whole)
    assert peak < 1.5 * len(whole)


def test_pieces_of_nothing_are_none_and_one_alone_is_no_cut() -> None:
    body = ReceivedBody()

    body.add(b"")
    body.add(b"one")
    alone = body.chunks
    body.begin()
    body.add(b"more")

    assert (alone, body.chunks, body.content) == ((), (3, 4), b"onemore")


def test_the_pieces_of_a_chunked_body_are_its_chunks_however_it_is_cut() -> None:
    wire = b"3\r\none\r\n5;x=y\r\nthree\r\n0\r\n\r\n"
    whole, cut = ChunkReader(), ChunkReader()

    whole.read(wire)
    for byte in wire:
        cut.read(bytes([byte]))

    for reader in (whole, cut):
        assert (reader.body.content, reader.body.chunks) == (b"onethree", (3, 5))
        assert reader.is_over

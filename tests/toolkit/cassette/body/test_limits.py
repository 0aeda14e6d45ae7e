"""
Bodies that would fill the memory, or keep the processor busy, when they are decompressed.
"""

from __future__ import annotations

import gzip
import zlib

import pytest

from taketwo.cassette.body.limits import MAX_BYTES, is_decompression_bomb
from tests.toolkit.effort import calls_of

MOST_MEMBERS = 1_000


@pytest.mark.parametrize(("members", "is_bomb"), [(MOST_MEMBERS, False), (MOST_MEMBERS + 1, True)])
def test_more_than_a_thousand_members_are_a_bomb_even_if_they_hold_nothing(
    members: int, *, is_bomb: bool
) -> None:
    """
    Each member costs a pass over what is left, so many empty ones take long although they fill no memory.
    """
    assert is_decompression_bomb(gzip.compress(b"") * members) is is_bomb


@pytest.mark.parametrize(("size", "is_bomb"), [(MAX_BYTES, False), (MAX_BYTES + 1, True)])
def test_more_than_the_largest_cassette_is_a_bomb(size: int, *, is_bomb: bool) -> None:
    assert is_decompression_bomb(zlib.compress(bytes(size), 1)) is is_bomb


def test_nothing_is_decompressed_beyond_the_limit() -> None:
    member = gzip.compress(bytes(MAX_BYTES // 2))

    calls = calls_of(lambda: is_decompression_bomb(member * 50))

    assert calls["decompress"] == 3


def test_what_is_not_compressed_is_no_bomb() -> None:
    assert not is_decompression_bomb(b"plain text")

"""
How large a cassette may be, and bodies that would fill the memory when they are decompressed.
"""

from __future__ import annotations

import zlib

from taketwo.cassette.content import LARGEST_IN_MEMORY

MAX_BYTES = 64 * 1024 * 1024

ROOM = MAX_BYTES * 3 // 4
"""Bytes of text in one cassette before the largest bodies become files beside it."""

LARGEST_TEXT = LARGEST_IN_MEMORY
"""Bytes; a longer text is a file beside the cassette, without placeholders: nobody reviews it, and to take
50 MB of JSON apart took 1.5 GB of memory, and half a minute in each replay."""

_MOST_MEMBERS = 1000


def is_decompression_bomb(body: bytes) -> bool:
    """
    Whether *body*, of whatever was packed one after the other, would fill the memory.
    """
    room, members = MAX_BYTES, 0
    try:
        while body and room >= 0 and members <= _MOST_MEMBERS:
            unpacking = zlib.decompressobj(wbits=47)  # gzip or deflate, as its head says
            room -= len(unpacking.decompress(body, room + 1))
            body, members = unpacking.unused_data, members + 1
    except zlib.error:
        return False  # it is not packed, and kept as it is
    return room < 0 or members > _MOST_MEMBERS

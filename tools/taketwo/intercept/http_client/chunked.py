"""
The chunked transfer coding, read as it comes.
"""

from __future__ import annotations

from taketwo.intercept.received import ReceivedBody

_LINE_END = b"\n"


class ChunkReader:
    """
    Takes the bytes of a chunked body, however they are cut; the pieces of ``body`` are its chunks.

    ``is_complete`` when the last chunk has come, ``is_over`` when the trailer after it has.
    """

    def __init__(self, body: ReceivedBody | None = None) -> None:
        self.body = ReceivedBody() if body is None else body
        self.is_complete = False
        self.is_over = False
        self._line = b""
        self._left = 0
        self._state = self._size

    def read(self, data: bytes) -> None:
        while data and not self.is_over:
            data = self._state(data)

    def _size(self, data: bytes) -> bytes:
        line, data = self._whole_line(data)
        if line is None:
            return data
        try:
            self._left = int(line.partition(b";")[0], 16)
        except ValueError:  # no chunked coding after all: no further chunk can be found in it
            self.is_over = True
            return b""
        if self._left:
            self.body.begin()
            self._state = self._content
        else:
            self.is_complete = True
            self._state = self._trailer
        return data

    def _content(self, data: bytes) -> bytes:
        part, rest = data[: self._left], data[self._left :]
        self.body.extend(part)
        self._left -= len(part)
        if not self._left:
            self._state = self._end_of_chunk
        return rest

    def _end_of_chunk(self, data: bytes) -> bytes:
        line, data = self._whole_line(data)
        if line is not None:
            self._state = self._size
        return data

    def _trailer(self, data: bytes) -> bytes:
        line, data = self._whole_line(data)
        if line is not None and not line.strip():
            self.is_over = True
        return data

    def _whole_line(self, data: bytes) -> tuple[bytes | None, bytes]:
        """
        The line that ends in *data*, if one does, and what comes after it.
        """
        part, found, rest = data.partition(_LINE_END)
        self._line += part
        if not found:
            return None, b""
        line, self._line = self._line, b""
        return line, rest

"""
What a body holds: bytes, or a file of which no more is in memory than what is just read.
"""

from __future__ import annotations

import codecs
import hashlib
import io
import os
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, TypeAlias

LARGEST_IN_MEMORY = 8 * 1024 * 1024
"""Bytes of an answer; a longer one stays in a file. A text that is longer is a file beside the cassette in
any case, and what is shorter, as nearly every answer is, never meets the disk."""

_PIECE = 1 << 16
_LONG_PIECE = 1 << 20


class _Descriptor:
    """
    An open file, which is closed with the last that holds it.

    No file object: that would warn whoever runs with warnings as errors, when it is collected.
    """

    def __init__(self, number: int) -> None:
        self.number = number

    def __del__(self) -> None:
        os.close(self.number)


class FileContent:
    """
    What is in an open file, which nobody changes any more, as a sequence of bytes.

    The file may have no name, or lose it: it is there as long as this is.
    """

    def __init__(
        self, descriptor: _Descriptor, *, folder: Callable[[], Path], size: int | None = None
    ) -> None:
        self._descriptor = descriptor
        self._folder = folder
        self._size = os.fstat(descriptor.number).st_size if size is None else size

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, place: slice) -> bytes:
        start, stop, _ = place.indices(self._size)
        return b"".join(self.pieces(start, stop))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FileContent | bytes):
            return NotImplemented
        return len(self) == len(other) and self.sha256 == sha256_of(other)

    def __hash__(self) -> int:
        return hash(self.sha256)

    def pieces(self, start: int = 0, stop: int | None = None, *, size: int = _PIECE) -> Iterator[bytes]:
        """
        What is between *start* and *stop*, at most *size* bytes at a time.

        :raises OSError: when the file cannot be read, or is shorter than it was.
        """
        stop = self._size if stop is None else stop
        while start < stop:
            piece = os.pread(self._descriptor.number, min(size, stop - start), start)
            if not piece:
                raise OSError(f"a file of {self._size} bytes ends after {start} of them")
            start += len(piece)
            yield piece

    def first(self, size: int) -> FileContent:
        """
        The first *size* bytes of it.
        """
        return FileContent(self._descriptor, folder=self._folder, size=size)

    def rewritten(self, parts: Iterable[bytes]) -> Content:
        """
        *parts* together, in another file of the same folder where they are long.
        """
        spool = Spool(self._folder)
        for part in parts:
            spool.write(part)
        return spool.content

    @cached_property
    def sha256(self) -> str:
        found = hashlib.sha256()
        for piece in self.pieces(size=_LONG_PIECE):
            found.update(piece)
        return found.hexdigest()

    @cached_property
    def is_text(self) -> bool:
        """
        Whether it is UTF-8.
        """
        return is_utf8(self.pieces(size=_LONG_PIECE))


Content: TypeAlias = bytes | FileContent


class Spool:
    """
    Takes a content piece by piece, and has it in memory up to a size, then in a file without a name in
    *folder*: whatever ends the process, nothing of it is left. With no folder all of it stays in memory.
    """

    def __init__(
        self, folder: Callable[[], Path] | None = None, *, largest_in_memory: int = LARGEST_IN_MEMORY
    ) -> None:
        self._folder = folder
        self._largest = largest_in_memory
        self._memory = io.BytesIO()
        self._descriptor: _Descriptor | None = None
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def write(self, piece: bytes) -> int:
        """
        Take *piece*; the number of bytes in it.

        :raises OSError: when there is no room for it.
        """
        self._size += len(piece)
        if self._folder is not None and self._size > self._largest:
            _write(self._file(self._folder).number, piece)
        else:
            self._memory.write(piece)
        return len(piece)

    @property
    def content(self) -> Content:
        """
        What has come by now.
        """
        if self._descriptor is None or self._folder is None:
            return self._memory.getvalue()
        return FileContent(self._descriptor, folder=self._folder, size=self._size)

    def _file(self, folder: Callable[[], Path]) -> _Descriptor:
        if self._descriptor is None:
            with TemporaryFile(dir=folder(), buffering=0) as file:
                self._descriptor = _Descriptor(os.dup(file.fileno()))
            _write(self._descriptor.number, self._memory.getvalue())
            self._memory = io.BytesIO()
        return self._descriptor


def open_content(path: Path) -> FileContent:
    """
    What is in the file at *path*.

    :raises OSError: when there is none.
    """
    return FileContent(_Descriptor(os.open(path, os.O_RDONLY)), folder=lambda: path.parent)


def whole(content: Content) -> bytes:
    """
    *content* in memory.
    """
    return content if isinstance(content, bytes) else content[:]


def first(content: Content, size: int) -> Content:
    """
    The first *size* bytes of it.
    """
    return content.first(size) if isinstance(content, FileContent) else content[:size]


def pieces_of_content(content: Content) -> Iterator[bytes]:
    """
    *content* in pieces, of which no more than one has to be in memory.
    """
    if isinstance(content, FileContent):
        return content.pieces()
    return iter((content,))


def is_utf8(pieces: Iterable[bytes]) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for piece in pieces:
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def as_file(content: Content) -> io.BytesIO | io.BufferedReader:
    """
    *content* for whoever reads files.
    """
    return io.BytesIO(content) if isinstance(content, bytes) else io.BufferedReader(_Reader(content))


class _Reader(io.RawIOBase):
    def __init__(self, content: FileContent) -> None:
        self._content = content
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: len(self._content)}[whence]
        self._place = max(origin + offset, 0)
        return self._place

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - whatever can be written to
        piece = self._content[self._place : self._place + len(buffer)]
        buffer[: len(piece)] = piece
        self._place += len(piece)
        return len(piece)


def sha256_of(content: Content) -> str:
    return content.sha256 if isinstance(content, FileContent) else hashlib.sha256(content).hexdigest()


def _write(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]

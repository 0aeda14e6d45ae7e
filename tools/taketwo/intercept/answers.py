"""
A recorded answer as a client on the wire would meet it: its pieces, its reason, its length.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate, chain, pairwise, repeat

from taketwo.cassette.content import FileContent
from taketwo.cassette.header_names import header, spelled
from taketwo.cassette.model import LiveResponse, Pairs
from taketwo.cassette.reason_phrases import usual_phrase

_NO_CONTENT, _NOT_MODIFIED, _FIRST_FINAL = 204, 304, 200
_FRAMING = frozenset({"content-length", "transfer-encoding"})
_FIRST_VERSION = "HTTP/1."
_LONGEST_PIECE = 1 << 20  # bytes that are read of a file at a time


def pieces_of(answer: LiveResponse) -> Iterator[bytes]:
    """
    The body in the pieces in which it came.
    """
    body = answer.body
    if isinstance(body, FileContent):
        yield from _pieces_of_file(body, answer)
        return
    sizes = answer.chunks or (len(body),)
    for start, end in pairwise([0, *accumulate(sizes)]):
        if end > start:
            yield body[start:end]


def _pieces_of_file(body: FileContent, answer: LiveResponse) -> Iterator[bytes]:
    """
    The same, of which one that is long comes in several, unless each has a pause of its own.
    """
    if not answer.chunks:
        yield from body.pieces()
    for start, end in pairwise([0, *accumulate(answer.chunks)]):
        yield from body.pieces(start, end, size=end - start if answer.pauses else _LONGEST_PIECE)


def paced_pieces(answer: LiveResponse) -> Iterator[tuple[float, bytes]]:
    """
    The same, each with the seconds to wait before it.
    """
    if not answer.pauses:
        yield from ((0.0, piece) for piece in pieces_of(answer))
        return
    yield from zip(
        chain((pause / 1000 for pause in answer.pauses), repeat(0.0)), pieces_of(answer), strict=False
    )


def reason_of(answer: LiveResponse) -> str:
    return answer.reason or usual_phrase(answer.status)


def has_body(answer: LiveResponse, *, is_head: bool) -> bool:
    """
    Whether a body follows the headers, be it empty.
    """
    is_bare = answer.status in {_NO_CONTENT, _NOT_MODIFIED} or answer.status < _FIRST_FINAL
    return not (is_head or is_bare)


def is_chunked(answer: LiveResponse) -> bool:
    """
    Whether the body came in chunks, as far as that is known.
    """
    if answer.chunks or "chunked" in header(answer.headers, "transfer-encoding").lower():
        return True
    return bool(answer.ended) and not header(answer.headers, "content-length")


def headers_of(answer: LiveResponse, *, is_head: bool) -> Pairs:
    """
    The headers with the one for the length of the body, which cassettes leave out.
    """
    if not has_body(answer, is_head=is_head):
        return answer.headers
    if is_chunked(answer):
        return _framed(answer.headers, "transfer-encoding", "chunked")
    if answer.ended:  # its length is that of what did not come
        return answer.headers
    return _framed(answer.headers, "content-length", str(len(answer.body)))


def name_as_written(answer: LiveResponse, name: str) -> str:
    """
    The *name* of a header of *answer* as the service wrote it.
    """
    return name if answer.lowercase_names else spelled(name)


def version_of(version: str) -> str:
    """
    The version of HTTP that a client reports, as cassettes have it: nothing for HTTP/1.1.
    """
    return "" if version.startswith(_FIRST_VERSION) else version


@lru_cache(maxsize=256)  # most answers of a service have the same
def _framed(headers: Pairs, name: str, value: str) -> Pairs:
    return (*(pair for pair in headers if pair[0].lower() not in _FRAMING), (name, value))

r"""
Where a streamed body was cut, on the way into a cassette and out of it again.

The body itself stays whole. Its pieces are stored as their sizes in bytes of the *stored* body, ``5 17*3 8``
being five of them, so that placeholders and redaction see whole texts also where a value came in two pieces.
A cut inside of what a placeholder stands for moves to the end of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate, groupby, pairwise
from typing import TypeGuard

from taketwo.cassette.body.codec import body_to_bytes, read_body
from taketwo.cassette.body.coding import NotPacked, unpacked_pieces
from taketwo.cassette.body.events import event_pieces
from taketwo.cassette.body.limits import is_decompression_bomb
from taketwo.cassette.content import FileContent, whole
from taketwo.cassette.model import (
    BinaryBody,
    Body,
    EventsBody,
    LiveResponse,
    MultipartBody,
    StoredResponse,
    TextBody,
)
from taketwo.cassette.multipart.body import boundary_of, pieces_of

_PLACEHOLDER = rb"<\\*[a-z][\w-]*:[^<>\s]+>"
# In JSON, that of a number is quoted, and the number is not.
_IN_JSON = rb'"?' + _PLACEHOLDER + rb'"?'
_WORDS = re.compile(r"[1-9][0-9]*(?:\*[1-9][0-9]*)?(?: [1-9][0-9]*(?:\*[1-9][0-9]*)?)*")
_PAUSES = re.compile(r"[0-9]{1,9}(?:\*[1-9][0-9]*)?(?: [0-9]{1,9}(?:\*[1-9][0-9]*)?)*")
_LONGEST_WORDS = 1_000_000  # sizes; nobody streams more, and a file must not make us count for ever
_CUT = (TextBody, BinaryBody, MultipartBody, EventsBody)


def write_sizes(sizes: Sequence[int]) -> str:
    """
    *sizes* in one line: equal ones in a row are written once.
    """
    runs = ((size, len(list(run))) for size, run in groupby(sizes))
    return " ".join(str(size) if count == 1 else f"{size}*{count}" for size, count in runs)


def read_sizes(text: str) -> tuple[int, ...] | None:
    """
    The sizes in *text*, or None when it has none.
    """
    return _numbers(text) if _WORDS.fullmatch(text) else None


def read_pauses(text: str) -> tuple[int, ...] | None:
    """
    The same of pauses, which may be of no milliseconds.
    """
    return _numbers(text) if _PAUSES.fullmatch(text) else None


def _numbers(text: str) -> tuple[int, ...] | None:
    runs = [tuple(map(int, word.split("*"))) for word in text.split(" ")]
    if sum(run[1] for run in runs if len(run) > 1) > _LONGEST_WORDS:
        return None
    return tuple(size for size, *count in runs for _ in range(count[0] if count else 1))


def pieces_kept(response: LiveResponse, stored: StoredResponse, replaced: Iterable[str]) -> StoredResponse:
    """
    *stored* with the pieces to keep of a response that came in some, for the body that is kept of it.

    *replaced* are the texts that stand in the stored body for the addresses of today. A JSON document keeps
    no pieces: it means nothing before it is whole, and where it was cut is chance.
    """
    sizes = response.chunks if _is_in_file(stored.body) else _decoded_sizes(response)
    cuts = _cuts(sizes)
    if len(cuts) < 2 or not isinstance(stored.body, _CUT):  # noqa: PLR2004 - a cut has two sides
        return stored
    moved = _stored_cuts(cuts, response, stored, replaced)
    kept = sorted({cut for cut in moved if cut})
    if len(kept) < 2:  # noqa: PLR2004 - as above
        return stored
    chunks = tuple(after - before for before, after in pairwise([0, *kept]))
    pauses = _pauses_kept(
        response.pauses, list(accumulate(sizes)), dict(zip(cuts, moved, strict=False)), kept
    )
    return replace(stored, chunks=chunks, pauses=pauses)


def _is_in_file(body: Body) -> TypeGuard[BinaryBody]:
    return isinstance(body, BinaryBody) and isinstance(body.content, FileContent)


def _pauses_kept(
    pauses: Sequence[int], came: Sequence[int], moved: Mapping[int, int], kept: Sequence[int]
) -> tuple[int, ...]:
    """
    The pause before each piece that ends at one of *kept*; one made of several came with the last of them.

    *came* are the ends of the pieces as they came, *moved* where each of these is in the stored body.
    """
    if len(pauses) != len(came):
        return ()
    moments: dict[int, int] = {}
    for end, moment in zip(came, accumulate(pauses), strict=True):
        moments.setdefault(end, moment)
    ends: dict[int, int] = {}
    for end, stored in moved.items():
        ends[stored] = max(ends.get(stored, 0), moments[end])
    return tuple(max(0, after - before) for before, after in pairwise([0, *(ends[cut] for cut in kept)]))


def _stored_cuts(
    cuts: Sequence[int], response: LiveResponse, stored: StoredResponse, replaced: Iterable[str]
) -> Sequence[int]:
    """
    *cuts* of what came as cuts of the body that is stored; none where nobody knows where they are in it.
    """
    if not isinstance(stored.body, _CUT):
        return ()
    if _is_in_file(stored.body):
        return cuts if cuts[-1] == len(stored.body.content) else ()
    content = body_to_bytes(stored.body)
    wild = [_PLACEHOLDER, *(re.escape(text.encode()) for text in replaced)]
    if isinstance(stored.body, TextBody):
        moved = _moved(cuts, _decoded_body(response), content, wild)
        return moved if moved is not None else ()
    if isinstance(stored.body, EventsBody):
        return _cuts_of_events(cuts, response, stored.body)
    if isinstance(stored.body, MultipartBody):
        return _cuts_of_parts(cuts, response, stored.body, wild)
    return cuts if cuts[-1] == len(content) else ()


def filled_pieces(
    body: Body, sizes: Sequence[int], fill: Callable[[str], str], filled: Body
) -> Iterator[bytes]:
    """
    The pieces of a stored body, with values for its placeholders: each of them lies in one piece.

    *filled* is the whole body with those values.
    """
    if isinstance(body, MultipartBody) and isinstance(filled, MultipartBody) and sizes:
        yield from _filled_parts(body, sizes, fill, filled)
        return
    if isinstance(body, EventsBody) and isinstance(filled, EventsBody) and sizes:
        before, after = list(event_pieces(body, body_to_bytes)), list(event_pieces(filled, body_to_bytes))
        whole = b"".join(after)
        cuts = _through_events(list(accumulate(sizes)), before, after, _filled_cut)
        for start, end in pairwise([0, *cuts]):
            yield whole[start:end]
        return
    content = body_to_bytes(body)
    for start, end in pairwise([0, *accumulate(sizes)]):
        piece = content[start:end]
        if isinstance(body, TextBody):
            # A sign may be cut in two, since the wire knows nothing of signs.
            piece = fill(piece.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
        yield piece


def _filled_parts(
    body: MultipartBody, sizes: Sequence[int], fill: Callable[[str], str], filled: MultipartBody
) -> Iterator[bytes]:
    stored, live = pieces_of(body, body_to_bytes), pieces_of(filled, body_to_bytes)
    texts = _are_texts(body)

    def moved(number: int, cut: int) -> int:
        old, new = stored[number], live[number]
        if old == new:
            return cut
        return len(fill(old[:cut].decode("utf-8", "surrogateescape")).encode()) if texts[number] else len(new)

    content = b"".join(live)
    for start, end in pairwise([0, *_through_pieces(list(accumulate(sizes)), stored, live, moved)]):
        yield content[start:end]


def _cuts_of_parts(
    cuts: Sequence[int], response: LiveResponse, stored: MultipartBody, wild: Sequence[bytes]
) -> list[int]:
    """
    *cuts* of a multipart body on the wire as cuts of *stored*, which has another boundary; none where the two
    have not the same parts.
    """
    media_type = next((value for name, value in response.headers if name.lower() == "content-type"), "")
    read, _ = read_body(_decoded_body(response), media_type, keeps_words=True)
    if not isinstance(read, MultipartBody) or len(read.parts) != len(stored.parts):
        return []
    boundary = boundary_of(media_type) or ""
    before, after = pieces_of(read, body_to_bytes, boundary=boundary), pieces_of(stored, body_to_bytes)
    if sum(map(len, before)) != cuts[-1]:
        return []
    texts = _are_texts(stored)
    marks = [re.escape(f"--{stored.boundary}".encode()), *wild]

    def moved(number: int, cut: int) -> int:
        old, new = before[number], after[number]
        if old == new:
            return cut
        found = _moved([cut], old, new, marks) if texts[number] else None
        return len(new) if found is None else found[0]

    return _through_pieces(cuts, before, after, moved)


def _cuts_of_events(cuts: Sequence[int], response: LiveResponse, stored: EventsBody) -> list[int]:
    """
    *cuts* of events on the wire as cuts of those that are *stored*.
    """
    media_type = next((value for name, value in response.headers if name.lower() == "content-type"), "")
    read, _ = read_body(_decoded_body(response), media_type)
    if not isinstance(read, EventsBody) or len(read.events) != len(stored.events):
        return []
    before, after = list(event_pieces(read, body_to_bytes)), list(event_pieces(stored, body_to_bytes))
    return _through_events(cuts, before, after, _stored_cut)


def _stored_cut(cut: int, live: bytes, stored: bytes) -> int | None:
    moved = _moved([cut], live, stored, [_IN_JSON])
    return moved[0] if moved else None


def _filled_cut(cut: int, stored: bytes, live: bytes) -> int | None:
    """
    The same on the way back: no cut is inside of a placeholder.
    """
    spans = _spans(live, stored, re.compile(_IN_JSON))
    if spans is None:
        return None
    before = [(end, stored_end) for _, end, stored_end in spans if stored_end <= cut]
    end, stored_end = before[-1] if before else (0, 0)
    return end + cut - stored_end


def _through_events(
    cuts: Sequence[int],
    before: Sequence[bytes],
    after: Sequence[bytes],
    inside: Callable[[int, bytes, bytes], int | None],
) -> list[int]:
    def moved(number: int, cut: int) -> int:
        old, new = before[number], after[number]
        found = inside(cut, old, new)
        if found is not None:
            return found
        same = _common_start(old, new)
        if cut <= same:
            return cut
        same_end = _common_start(old[same:][::-1], new[same:][::-1])
        # A cut inside of what differs moves to the end of it.
        return len(new) - min(len(old) - cut, same_end)

    return _through_pieces(cuts, before, after, moved)


def _common_start(one: bytes, other: bytes) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (left, right) in pairs if left != right), min(len(one), len(other)))


def _are_texts(body: MultipartBody) -> list[bool]:
    """
    Which pieces of a body are text as it stands there, by turns what lies between parts and a part's body.
    """
    bodies = (isinstance(part.body, TextBody) and not part.encoding for part in body.parts)
    return [flag for is_text in bodies for flag in (True, is_text)] + [True]


def _through_pieces(
    cuts: Sequence[int], before: Sequence[bytes], after: Sequence[bytes], moved: Callable[[int, int], int]
) -> list[int]:
    """
    *cuts* of what the pieces *before* make up as cuts of those *after*; *moved* does it inside of one.
    """
    starts, ends = [0, *accumulate(map(len, before))], [0, *accumulate(map(len, after))]
    number, found = 0, []
    for cut in cuts:
        while cut >= starts[number + 1] and number < len(before) - 1:
            number += 1
        inside = cut - starts[number]
        found.append(ends[number] + (moved(number, inside) if inside else 0))
    return found


def _cuts(sizes: Sequence[int]) -> list[int]:
    return sorted({cut for cut in accumulate(sizes) if cut})


def _decoded_sizes(response: LiveResponse) -> Sequence[int]:
    return [len(piece) for piece in _decoded_pieces(response)] if response.chunks else ()


def _decoded_body(response: LiveResponse) -> bytes:
    return b"".join(_decoded_pieces(response))


def _decoded_pieces(response: LiveResponse) -> Iterator[bytes]:
    """
    The pieces as the client's decoder gives them out, when they are compressed.
    """
    body = whole(response.body)
    pieces = [body[start:end] for start, end in pairwise([0, *accumulate(response.chunks)])]
    coding = next((value for name, value in response.headers if name.lower() == "content-encoding"), "")
    if not coding or response.stays_packed or is_decompression_bomb(body):
        yield from pieces
        return
    try:
        yield from unpacked_pieces(pieces, coding, is_whole=not response.ended)
    except NotPacked:  # then it is kept as it came
        yield from pieces


def _moved(cuts: Sequence[int], live: bytes, stored: bytes, wild: Iterable[bytes]) -> list[int] | None:
    """
    *cuts* of *live* as cuts of *stored*, which is the same but for what stands in the place of *wild* texts.
    """
    spans = _spans(live, stored, re.compile(b"|".join(wild)))
    if spans is None:
        return None
    moved, ahead, delta = [], iter([*spans, (len(live), len(live), len(stored))]), 0
    start, end, target = next(ahead)
    for cut in cuts:
        while cut >= end and end < len(live):
            delta = target - end
            start, end, target = next(ahead)
        moved.append(target if cut > start else cut + delta)
    return moved


def _spans(live: bytes, stored: bytes, wild: re.Pattern[bytes]) -> list[tuple[int, int, int]] | None:
    """
    For each wild text where its value begins and ends in *live*, and where the text ends in *stored*; None
    when what lies between them is not the same.
    """
    found = list(wild.finditer(stored))
    literals = [
        stored[start:end]
        for start, end in zip(
            [0, *(each.end() for each in found)],
            [*(each.start() for each in found), len(stored)],
            strict=True,
        )
    ]
    spans, position = [], len(literals[0])
    if not live.startswith(literals[0]):
        return None
    for each, literal in zip(found, literals[1:], strict=True):
        is_last = each is found[-1]
        end = len(live) - len(literal) if is_last else live.find(literal, position)
        if end < position or (is_last and not live.endswith(literal)):
            return None
        spans.append((position, end, each.end()))
        position = end + len(literal)
    return spans if found or live == stored else None

"""
Multipart bodies: from bytes to parts, and back to the same bytes but for the boundary.

Most clients draw a new boundary for each request, and it means nothing: here all have the same one, in the
headers and between the parts. An answer keeps a boundary that is made of words, since its service writes it
each time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import count, pairwise
from urllib.parse import unquote

from taketwo.cassette.model import Body, MultipartBody, Pairs, Part
from taketwo.cassette.multipart.transfer import decoded_transfer, encoded_transfer

BOUNDARY = "taketwo-boundary"

IN_DISPOSITION = ("name", "filename", "filename*")
"""The fields of a part that stand in its ``Content-Disposition``."""

_MOST_NESTED = 8  # levels; what is deeper is not taken apart
_LONGEST_WORDS = 32
_WORDS = re.compile(r"[-_=.]*(?:(?:[A-Z]?[a-z]{1,12}|[A-Z]{1,12})(?:[-_=.]+|(?=[0-9]|\Z))){0,4}[0-9]{0,2}")
_QUOTED = r'"((?:[^"\\]|\\.)*)"'
_BOUNDARY = re.compile(rf";\s*boundary\s*=\s*(?:{_QUOTED}|([^\s;\"]+))", re.IGNORECASE)
_REST_OF_LINE = re.compile(rb"(--)?([ \t]*)(\r?\n|\Z)")
_END_OF_HEAD = re.compile(rb"\A\r?\n|\r?\n\r?\n")
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+): (.*)")
_FOLD = re.compile(r"\r?\n(?=[ \t])")
_DISPOSITION = re.compile(
    rf"form-data(?:; name={_QUOTED})?(?:; filename={_QUOTED})?(?:; filename\*=([^\s;\"]+))?"
)
_PARAMETER = re.compile(rf";\s*([^\s=;*]+)((?:\*[0-9]*)*)\s*=\s*(?:{_QUOTED}|([^;]*))")
_PLAIN_BOUNDARY = re.compile(r"[\w.-]+", re.ASCII)
_ESCAPED = re.compile(r"\\(.)")
# What browsers, and clients that follow them, escape in a name.
_ESCAPED_IN_NAME = re.compile(r"%(?:22|0[DdAa])")


ReadBody = Callable[[bytes, str], Body]
"""Makes a body of bytes and their media type."""
WriteBody = Callable[[Body], bytes]


class _NotByParts(Exception):  # noqa: N818 - it is no error, and never leaves this module
    """
    The parts would not give the bytes back.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class _Delimiter:
    """
    A line that begins a part, or ends the last one: from ``start`` to ``end``, and its boundary to ``stop``.
    """

    start: int
    stop: int
    end: int
    closes: bool
    padding: bytes
    line: bytes


@dataclass(frozen=True, slots=True)
class Reader:
    """
    Takes bodies apart; those of parts are made by *read*.

    With *keeps_words* a boundary that is made of words stays. *outer* are the boundaries around.
    """

    read: ReadBody
    keeps_words: bool = False
    outer: tuple[str, ...] = ()

    def body(self, content: bytes, content_type: str) -> tuple[Body, str] | None:
        """
        A body and its ``Content-Type``, both with the boundary that is kept; None when it is not multipart.

        What has no list of parts is read as what it is beside its boundaries.
        """
        boundary = boundary_of(content_type)
        if boundary is None or len(self.outer) > _MOST_NESTED:
            return None
        delimiters = list(_delimiters(content, boundary.encode("utf-8", "surrogateescape")))
        if not delimiters:
            # Nothing between boundaries: any other one differs from it.
            return (None, with_boundary(content_type, BOUNDARY)) if not content else None
        kept = self._kept(boundary, content)
        kept_type = content_type if kept == boundary else with_boundary(content_type, kept)
        try:
            return self._by_parts(content, delimiters, kept), kept_type
        except _NotByParts:
            return self.read(_with_other(content, delimiters, kept), ""), kept_type

    def _kept(self, boundary: str, content: bytes) -> str:
        if self.keeps_words and len(boundary) <= _LONGEST_WORDS and _WORDS.fullmatch(boundary):
            return boundary
        names = (BOUNDARY if number == 1 else f"{number}-{BOUNDARY}" for number in count(1))
        free = (name for name in names if name not in self.outer)
        return next(name for name in free if name == boundary or f"--{name}".encode() not in content)

    def _by_parts(self, content: bytes, delimiters: Sequence[_Delimiter], kept: str) -> MultipartBody:
        opening = [each for each in delimiters if not each.closes]
        line = opening[0].line if opening else b"\r\n"
        if not line or any(each.padding or each.line != line for each in opening):
            raise _NotByParts
        last = delimiters[-1]
        inside = replace(self, outer=(*self.outer, kept))
        return MultipartBody(
            parts=tuple(inside.part(one, line) for one in _pieces(content, delimiters, line)),
            boundary=kept,
            line=line.decode(),
            preamble=_text(content[: delimiters[0].start]),
            epilogue=_text(content[last.stop + 2 :]) if last.closes else line.decode(),
            closed=last.closes,
        )

    def part(self, piece: bytes, line: bytes) -> Part:
        found = _END_OF_HEAD.search(piece)
        head = piece[: found.end()] if found else b""
        try:
            part = _with_head(head.decode("utf-8"), line.decode()) if found else Part(raw=True)
        except UnicodeDecodeError:
            part, head = Part(raw=True), b""
        return self._with_body(part, piece[len(head) :], line)

    def _with_body(self, part: Part, content: bytes, line: bytes) -> Part:
        headers = {} if part.raw else dict(part_headers(part))
        media_type = headers.get("content-type", "")
        decoded = decoded_transfer(content, headers.get("content-transfer-encoding", ""), line)
        decoded_content, encoding = decoded if decoded and content else (content, "")
        nested = self.body(decoded_content, media_type)
        if nested is not None:
            body, kept_type = nested
            return replace(_with_type(part, media_type, kept_type), body=body, encoding=encoding)
        return replace(
            part,
            body=self.read(decoded_content, _likely_type(decoded_content, part, media_type)),
            encoding=encoding,
        )


def boundary_of(content_type: str) -> str | None:
    """
    The boundary that a ``Content-Type`` names, if it is that of a multipart body.
    """
    if content_type.lstrip()[:10].lower() != "multipart/":
        return None
    found = _BOUNDARY.search(content_type)
    if found is None:
        return None
    return (found[2] if found[1] is None else _ESCAPED.sub(r"\1", found[1])) or None


def with_boundary(text: str, boundary: str) -> str:
    """
    A ``Content-Type``, or a head with one in it, with another boundary.
    """
    written = boundary if _PLAIN_BOUNDARY.fullmatch(boundary) else f'"{boundary}"'
    return _BOUNDARY.sub(lambda _: f"; boundary={written}", text, count=1)


def write_multipart(body: MultipartBody, write: WriteBody) -> bytes:
    return b"".join(pieces_of(body, write))


def pieces_of(body: MultipartBody, write: WriteBody, *, boundary: str | None = None) -> list[bytes]:
    """
    The bytes of a body: by turns what lies between the bodies of its parts, and one of those.

    *boundary* is another one than that of the body.
    """
    line, mark = body.line.encode(), f"--{body.boundary if boundary is None else boundary}".encode()
    pieces: list[bytes] = []
    between = body.preamble.encode()
    for part in body.parts:
        pieces += [between + mark + line + head_of(part, body.line).encode(), _content(part, line, write)]
        between = line
    return [*pieces, between + mark + b"--" + body.epilogue.encode() if body.closed else b""]


def head_of(part: Part, line: str) -> str:
    """
    The lines of a part up to its body.
    """
    if part.raw:
        return ""
    head = part.field("head")
    return "".join(f"{name}: {value}{line}" for name, value in _rows(part)) + line if head is None else head


def part_headers(part: Part) -> Pairs:
    """
    The headers of a part, with lower-case names.
    """
    head = part.field("head")
    if head is None:
        return tuple((name.lower(), value) for name, value in _rows(part))
    rows = (row.partition(":") for row in _FOLD.sub("", head).splitlines())
    return tuple((name.strip().lower(), value.strip()) for name, colon, value in rows if colon)


def name_of(part: Part) -> str | None:
    """
    The name of the field that a part is, as its client meant it.
    """
    name = part.field("name")
    return _named(name) if name is not None else _in_disposition(part, "name")


def filename_of(part: Part) -> str | None:
    """
    The name of the file that a part is, likewise.
    """
    extended, filename = part.field("filename*"), part.field("filename")
    if extended is not None:
        return _from_extended(extended)
    return _named(filename) if filename is not None else _in_disposition(part, "filename")


def places_of(parts: Sequence[Part]) -> list[str | int]:
    """
    What each part is called in a path: its name, or its position where it has none.
    """
    return [name_of(part) or number for number, part in enumerate(parts)]


def _rows(part: Part) -> Iterator[tuple[str, str]]:
    for group in part.order:
        match group:
            case "name":
                yield "Content-Disposition", _disposition(part)
            case "content-type":
                yield "Content-Type", part.field("content-type") or ""
            case _:
                yield from part.headers


def _disposition(part: Part) -> str:
    parameters = (
        f"; {name}={value}" if name == "filename*" else f'; {name}="{value}"'
        for name, value in part.fields
        if name in IN_DISPOSITION
    )
    return f"form-data{''.join(parameters)}"


def _content(part: Part, line: bytes, write: WriteBody) -> bytes:
    content = write(part.body)
    return encoded_transfer(content, part.encoding, line) if part.encoding else content


def _delimiters(content: bytes, boundary: bytes) -> Iterator[_Delimiter]:
    mark = b"--" + boundary
    unended: _Delimiter | None = None
    at = content.find(mark)
    while at >= 0:
        stop = at + len(mark)
        begins_line = at == 0 or content[at - 1] == ord("\n")
        rest = _REST_OF_LINE.match(content, stop) if begins_line else None
        if rest is not None:
            closes = rest[1] is not None
            yield _Delimiter(
                start=at, stop=stop, end=rest.end(), closes=closes, padding=rest[2], line=rest[3]
            )
            if closes:
                return
            unended = None
        elif begins_line and content.startswith(b"--", stop):
            unended = _Delimiter(start=at, stop=stop, end=stop + 2, closes=True, padding=b"", line=b"")
        at = content.find(mark, stop)
    if unended is not None:  # the last boundary, with more behind it on its line
        yield unended


def _pieces(content: bytes, delimiters: Sequence[_Delimiter], line: bytes) -> Iterator[bytes]:
    """
    What lies between the delimiters, without the line break that belongs to the next one.
    """
    for one, following in pairwise(delimiters):
        end = following.start - len(line)
        if end < one.end or content[end : following.start] != line:
            raise _NotByParts
        yield content[one.end : end]
    if not delimiters[-1].closes:
        yield content[delimiters[-1].end :]


def _with_other(content: bytes, delimiters: Sequence[_Delimiter], boundary: str) -> bytes:
    starts = [0, *(each.stop for each in delimiters)]
    ends = [*(each.start for each in delimiters), len(content)]
    mark = f"--{boundary}".encode()
    return mark.join(content[start:end] for start, end in zip(starts, ends, strict=True))


def _with_head(head: str, line: str) -> Part:
    if head == line:
        return Part()
    rows = [_HEADER.fullmatch(row) for row in head.removesuffix(2 * line).split(line)]
    pairs = tuple((row[1], row[2]) for row in rows if row)
    whole = Part(fields=(("head", head),))
    if len(pairs) < len(rows) or not head.endswith(2 * line):
        return whole
    part = _by_names(pairs)
    return part if _keeps_order(part.headers) and head_of(part, line) == head else whole


def _by_names(pairs: Pairs) -> Part:
    fields: list[tuple[str, str]] = []
    headers: list[tuple[str, str]] = []
    order: list[str] = []
    for name, value in pairs:
        disposition = _DISPOSITION.fullmatch(value) if name == "Content-Disposition" else None
        if disposition is not None and "name" not in order:
            named = zip(IN_DISPOSITION, disposition.groups(), strict=True)
            fields += [(key, text) for key, text in named if text is not None]
            order.append("name")
        elif name == "Content-Type" and "content-type" not in order:
            fields.append(("content-type", value))
            order.append("content-type")
        else:
            headers.append((name, value))
            order += [] if "headers" in order else ["headers"]
    return Part(fields=tuple(fields), headers=tuple(headers), order=tuple(order))


def _keeps_order(headers: Pairs) -> bool:
    """
    Whether a mapping, in which each name has all of its values, holds *headers* in their order.
    """
    grouped: dict[str, list[str]] = {}
    for name, value in headers:
        grouped.setdefault(name, []).append(value)
    return [(name, value) for name, values in grouped.items() for value in values] == list(headers)


def _with_type(part: Part, before: str, after: str) -> Part:
    if before == after:
        return part
    if (head := part.field("head")) is not None:
        return replace(part, fields=(("head", with_boundary(head, boundary_of(after) or "")),))
    fields, headers = (
        tuple((name, after if value == before else value) for name, value in pairs)
        for pairs in (part.fields, part.headers)
    )
    return replace(part, fields=fields, headers=headers)


def _likely_type(content: bytes, part: Part, media_type: str) -> str:
    """
    The media type to read a part by: a field without one may hold JSON.
    """
    is_field = not media_type and not part.raw and filename_of(part) is None
    return "application/json" if is_field and content[:1] in {b"{", b"["} else media_type


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise _NotByParts from None


def _in_disposition(part: Part, wanted: str) -> str | None:
    if part.raw:
        return None
    value = dict(part_headers(part)).get("content-disposition")
    return _parameters(value).get(wanted) if value is not None else None


@lru_cache(maxsize=1024)
def _parameters(value: str) -> Mapping[str, str]:
    """
    The parameters of a header by their names; one that came in pieces is whole, one that is encoded is not.
    """
    whole: dict[str, str] = {}
    extended: dict[str, str] = {}
    for name, stars, quoted, plain in _PARAMETER.findall(value):
        known = extended if stars else whole
        text = _named(quoted) if quoted else plain.strip()
        known[name.lower()] = known.get(name.lower(), "") + text
    return {**whole, **{name: _from_extended(text) for name, text in extended.items()}}


def _from_extended(text: str) -> str:
    charset, quote, rest = text.partition("'")
    try:
        return unquote(rest.partition("'")[2], charset or "utf-8", "replace") if quote else unquote(text)
    except LookupError:  # an unknown charset
        return text


def _named(raw: str) -> str:
    plain = _ESCAPED.sub(r"\1", raw) if "\\" in raw else raw
    return _ESCAPED_IN_NAME.sub(lambda found: unquote(found[0]), plain) if "%" in plain else plain

"""
What a text says when its escapes are undone and what is packed in it is unpacked.

Each reading knows where in the text its characters come from, so that what is found in it can be replaced
there. Escapes of a kind are undone however often they were applied; what is packed in what is packed is read
to a depth of :data:`DEEPEST`.
"""

from __future__ import annotations

import binascii
import html
import io
import re
import zipfile
import zlib
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum

from taketwo.cassette.body.coding import NotPacked
from taketwo.cassette.body.coding import unpacked as unpacked_coding
from taketwo.cassette.body.limits import MAX_BYTES

DEEPEST = 3
"""How many times a value may be packed: in base64, hexadecimal digits, gzip, zlib or zip."""

MOST_OF_ARCHIVE = 100
"""Files of an archive in which secrets are looked for."""

_RUN = "A-Za-z0-9+/_-"
_BREAK = r"(?:[\r\n]+[ \t]*)"
_BETWEEN = ":, -"  # what may stand between two hexadecimal bytes
_HEX_ESCAPE = re.compile(r"x([0-9A-Fa-f]{2})")
_BYTES = re.compile(r"([0-9A-Fa-f]{2})(?=%|\Z)")
_LINE = 32  # signs; what is packed may be cut into lines
_ZSTD = b"\x28\xb5\x2f\xfd"
_MAGIC = b"\x1f\x78P\x28"  # the first byte of gzip, zlib, zip and Zstandard
_PRINTABLE = 0.9
_PRINTED = bytes(range(32, 127)) + b"\t\r\n"
_SAMPLE = 256


@dataclass(frozen=True, slots=True)
class Escape:
    """
    A way to escape characters: ``sign`` is in every text that has some.
    """

    name: str
    sign: str
    pattern: re.Pattern[str]
    undo: Callable[[re.Match[str]], str]

    def plain(self, text: str) -> str:
        return self.pattern.sub(self.undo, text) if self.sign in text else text


def _undo_percent(found: re.Match[str]) -> str:
    return bytes.fromhex("".join(_BYTES.findall(found[0]))).decode("utf-8", "surrogateescape")


def _undo_backslash(found: re.Match[str]) -> str:
    escaped = found[0].lstrip("\\")
    if not escaped:
        return "\\"
    if escaped[0] == "x" and len(escaped) > 1:
        # Python escapes the bytes of UTF-8, JavaScript characters of which one byte is enough.
        signs = bytes.fromhex("".join(_HEX_ESCAPE.findall(escaped)))
        with suppress(UnicodeDecodeError):
            return signs.decode()
        return signs.decode("latin-1")
    if escaped[0] == "u" and len(escaped) > 1:
        units = [int(unit, 16) for unit in re.findall(r"u([0-9A-Fa-f]+)", escaped)]
        raw = b"".join(unit.to_bytes(2, "big") for unit in units)
        return raw.decode("utf-16-be", "surrogatepass")
    return {"n": "\n", "r": "\r", "t": "\t"}.get(escaped, escaped)


def _undo_html(found: re.Match[str]) -> str:
    text = re.sub("&(?:amp;)+", "&", found[0]) if found[0] != "&amp;" else found[0]
    return html.unescape(text if text.endswith(";") else f"{text};")


def _undo_quoted(found: re.Match[str]) -> str:
    return bytes.fromhex(found[0].replace("=", "")).decode("utf-8", "surrogateescape") if found[1] else ""


PERCENT = Escape(
    "url",
    "%",
    re.compile(r"(?:%(?:25)*[89A-Fa-f][0-9A-Fa-f])+|%(?:25)*[0-7][0-9A-Fa-f]"),
    _undo_percent,
)
BACKSLASH = Escape(
    "json",
    "\\",
    re.compile(
        r"\\+u[dD][89abAB][0-9A-Fa-f]{2}\\+u[dD][c-fC-F][0-9A-Fa-f]{2}|\\+u[0-9A-Fa-f]{4}|"
        r"(?:\\+x[89A-Fa-f][0-9A-Fa-f])+|\\+x[0-7][0-9A-Fa-f]|\\+[nrt\"'/]|\\+"
    ),
    _undo_backslash,
)
HTML = Escape(
    "html",
    "&",
    re.compile(r"&(?:amp;)*(?:#0*\d{1,7}|#[xX]0*[0-9A-Fa-f]{1,6}|lt|gt|quot|apos|amp)(?:;|(?![A-Za-z0-9=]))"),
    _undo_html,
)
PLUS = Escape("form", "+", re.compile(r"\+"), lambda _: " ")
ZEROS = Escape("utf-16", "\0", re.compile("\0+"), lambda _: "")
QUOTED = Escape("quoted-printable", "=", re.compile(r"((?:=[0-9A-F]{2})+)|=\r?\n"), _undo_quoted)
ESCAPES = (PERCENT, BACKSLASH, HTML)


class Reading:
    """
    A text, and for each part of it what it comes from in the text that was read.
    """

    __slots__ = ("_parent", "_pieces", "_starts", "text")

    def __init__(
        self,
        text: str,
        pieces: list[tuple[int, int, int, bool]] | None = None,
        parent: Reading | None = None,
    ) -> None:
        self.text = text
        self._pieces = pieces
        self._starts: list[int] | None = None
        self._parent = parent

    def origin(self, start: int, stop: int) -> tuple[int, int]:
        """
        Where the characters from *start* to *stop* come from.
        """
        if self._pieces is not None:
            if self._starts is None:
                self._starts = [piece[0] for piece in self._pieces]
            start, stop = self._start(start), self._stop(stop)
        return (start, stop) if self._parent is None else self._parent.origin(start, stop)

    def without(self, escape: Escape) -> Reading | None:
        """
        The same without the escapes of a kind, if there are any.
        """
        if escape.sign not in self.text:
            return None
        pieces: list[tuple[int, int, int, bool]] = []
        parts: list[str] = []
        end = length = 0
        for found in escape.pattern.finditer(self.text):
            plain = escape.undo(found)
            if found.start() > end:
                pieces.append((length, end, found.start(), True))
                parts.append(self.text[end : found.start()])
                length += found.start() - end
            pieces.append((length, found.start(), found.end(), False))
            parts.append(plain)
            length += len(plain)
            end = found.end()
        if not end:
            return None
        pieces.append((length, end, len(self.text), True))
        parts.append(self.text[end:])
        return Reading("".join(parts), pieces, self)

    def inside(self, content: bytes, start: int, stop: int) -> Reading:
        """
        What was packed from *start* to *stop*.
        """
        return Reading(_text(content), [(0, start, stop, False)], self)

    def _start(self, at: int) -> int:
        position, start, _, is_plain = self._piece(at)
        return start + at - position if is_plain else start

    def _stop(self, at: int) -> int:
        position, start, stop, is_plain = self._piece(at - 1)
        return start + at - position if is_plain else stop

    def _piece(self, at: int) -> tuple[int, int, int, bool]:
        assert self._pieces is not None  # noqa: S101 - for the type
        assert self._starts is not None  # noqa: S101 - likewise
        return self._pieces[max(bisect_right(self._starts, at) - 1, 0)]


class PackedReading(Reading):
    """
    What a run of base64 says, which comes from the whole run.

    In a path, where slashes are in a run that are none of base64, it comes from what is between two of them.
    """

    __slots__ = ("_run", "_skipped", "content")

    def __init__(self, content: bytes, parent: Reading, run: tuple[int, int], skipped: int = -1) -> None:
        super().__init__(_text(content), None, parent)
        self.content = content
        self._run = run
        self._skipped = skipped
        self._parent: Reading = parent

    def origin(self, start: int, stop: int) -> tuple[int, int]:
        first, last = self._run
        if self._skipped >= 0:
            begin = first + self._skipped + _size(self.text[:start]) * 4 // 3
            end = first + self._skipped + -(-_size(self.text[:stop]) * 4 // 3)
            first = max(first, self._parent.text.rfind("/", first, begin + 1) + 1)
            slash = self._parent.text.find("/", max(end, first), last)
            last = last if slash < 0 else slash
        return self._parent.origin(first, last)


class HexReading(Reading):
    """
    What a run of hexadecimal digits says, of which each byte comes from its two digits.
    """

    __slots__ = ("_digits", "_run", "_skipped", "content")

    def __init__(self, content: bytes, parent: Reading, run: tuple[int, int], skipped: int) -> None:
        """
        *run* is where the digits are in the text of *parent*, of which the first *skipped* are no part of it.
        """
        super().__init__(_text(content), None, parent)
        self.content = content
        self._run = run
        self._skipped = skipped
        self._digits: Sequence[int] = ()
        self._parent: Reading = parent

    def origin(self, start: int, stop: int) -> tuple[int, int]:
        if not self._digits:
            signs = self._parent.text
            self._digits = [at for at in range(*self._run) if signs[at] not in _BETWEEN][self._skipped :]
        digits = self._digits
        first, last = _size(self.text[:start]), _size(self.text[:stop])
        return self._parent.origin(digits[2 * first], digits[2 * last - 1] + 1)


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogateescape"))


def packed_in(reading: Reading, shortest: int) -> Iterator[PackedReading | HexReading]:
    """
    What may be packed in *reading* and be at least *shortest* bytes long.
    """
    text = reading.text
    for found in _runs(min(max(shortest * 4 // 3, 6), _LINE)).finditer(text):
        for start, stop in _blocks(text, *found.span()):
            yield from _packed_in_run(reading, start, stop)
    for found in _hex_runs(min(max(shortest, 4), _LINE // 2)).finditer(text):
        run = found[0].replace(":", "").replace(",", "").replace(" ", "").replace("-", "")
        for skipped in (0, 1):
            stop = skipped + (len(run) - skipped) // 2 * 2
            yield HexReading(bytes.fromhex(run[skipped:stop]), reading, found.span(), skipped)


def _packed_in_run(reading: Reading, start: int, stop: int) -> Iterator[PackedReading]:
    text = reading.text[start:stop]
    run = "".join(text.split()).rstrip("=").replace("-", "+").replace("_", "/")
    in_path = len(run) == len(text) and (run[:1] == "/" or reading.text[start - 1 : start] in "./")
    for skipped in range(4):
        rest = run[skipped:]
        rest = rest[: len(rest) - 1] if len(rest) % 4 == 1 else rest
        content = binascii.a2b_base64(rest + "==")
        yield PackedReading(content, reading, (start, stop), skipped if in_path else -1)


def _blocks(text: str, start: int, stop: int) -> Iterator[tuple[int, int]]:
    """
    The run from *start* to *stop*, and the parts of it that whoever cuts lines may have written: lines of one
    length and a shorter one. A word in the line before is no part of what is packed.
    """
    yield start, stop
    if text.find("\n", start, stop) < 0 and text.find("\r", start, stop) < 0:
        return
    begin = end = size = 0
    is_open = False
    for line in _LINES.finditer(text[start:stop]):
        length = line.end() - line.start()
        if end and not (is_open and length <= size):
            yield start + begin, start + end
            end = 0
        if not end:
            begin, size = line.start(), length
        end, is_open = line.end(), length == size
    if begin:
        yield start + begin, start + end


_LINES = re.compile(r"[^\s]+")
_RUNS: dict[int, re.Pattern[str]] = {}
_HEX_RUNS: dict[int, re.Pattern[str]] = {}


def _runs(shortest: int) -> re.Pattern[str]:
    if shortest not in _RUNS:
        _RUNS[shortest] = re.compile(f"[{_RUN}]{{{shortest},}}(?:{_BREAK}[{_RUN}]+)*={{0,2}}")
    return _RUNS[shortest]


def _hex_runs(shortest: int) -> re.Pattern[str]:
    if shortest not in _HEX_RUNS:
        _HEX_RUNS[shortest] = re.compile(
            rf"(?:[0-9A-Fa-f]{{2}}[{_BETWEEN}]?){{{shortest - 1},}}[0-9A-Fa-f]{{2}}"
        )
    return _HEX_RUNS[shortest]


def may_be_packed(content: bytes) -> bool:
    """
    Whether :func:`unpacked` may find something in *content*.
    """
    return content[:1] in _MAGIC or content.count(0) * 4 > len(content)


class Packing(Enum):
    """
    How bytes are packed, as their first ones show it; those of zlib have the number that it knows them by.
    """

    GZIP = 31
    ZLIB = 15
    ZIP = "zip"
    ZSTD = "zstd"


def packing_of(start: bytes) -> Packing | None:
    """
    How what begins with the four bytes of *start* is packed.
    """
    if start[:2] == b"\x1f\x8b":
        return Packing.GZIP
    if start[:1] == b"\x78" and len(start) > 1 and not int.from_bytes(start[:2], "big") % 31:
        return Packing.ZLIB
    if start[:4] == b"PK\x03\x04":
        return Packing.ZIP
    return Packing.ZSTD if start[:4] == _ZSTD else None


def unpacked(content: bytes) -> Iterator[bytes]:
    """
    What is in *content* where that is gzip, zlib, zip, Zstandard, or looks like text in UTF-16.
    """
    packing = packing_of(content[:4])
    if packing is None:
        yield from as_utf_16(content)
    elif packing is Packing.ZIP:
        yield from _archived(content)
    elif packing is Packing.ZSTD:
        with suppress(NotPacked):
            yield unpacked_coding(content, "zstd")
    else:
        yield from _inflated(content, packing.value)


def as_utf_16(content: bytes) -> Iterator[bytes]:
    """
    What is in *content* where it looks like text in UTF-16.
    """
    if content.count(0) * 4 > len(content):
        for encoding in ("utf-16-le", "utf-16-be"):
            yield content.decode(encoding, "ignore").encode("utf-8", "ignore")


def is_text(content: bytes) -> bool:
    """
    Whether *content* is worth a closer look: most of its beginning can be printed.
    """
    sample = content[:_SAMPLE]
    return len(sample.translate(None, _PRINTED)) <= len(sample) * (1 - _PRINTABLE)


def _inflated(content: bytes, wbits: int) -> Iterator[bytes]:
    with suppress(zlib.error):
        yield zlib.decompressobj(wbits).decompress(content, MAX_BYTES)


def _archived(content: bytes) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for entry in archive.infolist()[:MOST_OF_ARCHIVE]:
                with archive.open(entry) as file:
                    yield file.read(MAX_BYTES)
    except (OSError, ValueError, NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error, EOFError):
        return

"""
How a secret was written where it stood, so that a replay writes its value in the same way.

``<secret:NAME>`` stood as it is; ``<secret:NAME:base64>`` in base64, and ``<secret:NAME:url.base64>`` in
base64 with its signs escaped. Of a text that was packed as a whole, an answer keeps what is not secret:
``<secret:NAME:in:base64:user:%3Csecret:NAME%3E>``. In a request no more than the secret is known of it.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import html
import json
import quopri
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote, quote_plus, unquote, unquote_plus, unquote_to_bytes

from taketwo.cassette.body.coding import NotPacked, can_pack, packed
from taketwo.cassette.body.coding import unpacked as unpacked_coding
from taketwo.cassette.body.limits import MAX_BYTES

INSIDE = "in:"
"""How the encoding of a text begins that was packed as a whole, with a secret in it."""

_DEEPEST = 3
_COMPONENT = "!'()*"  # what encodeURIComponent of JavaScript leaves
_QUERY = "!$'()*,:;@/?"  # what httpx and yarl leave in a query
_LONGEST = 65_536  # signs; what is longer is not tried in one encoding after the other
_NOT_DECODED = (ValueError, binascii.Error, NotPacked, zlib.error, EOFError, OSError)
# What a stand-in may hold in JSON, XML, a form, a query and a header alike.
_PLAIN = "{}[]:,.;/@()=*!-_"
_PACKED = re.compile(r"[A-Za-z0-9+/_%-]{12,}(?:\s+[A-Za-z0-9+/_%-]+)*={0,2}\s*|%(?:7[Bb]|5[Bb]|3[Cc])\S+")
BEGINS_OF_PACKED = frozenset("eWP%")
"""Of a document of JSON or XML, the first sign of the base64, or where it is escaped."""

_BEGINS = (b"{", b"[", b"<")
_OF_DOCUMENTS = (
    *("base64", "base64url", "base64-unpadded", "base64url-padded"),
    *("url", "form", "url-component", "url-query", "url-path", "url-lower", "url-each"),
)
_MOST_PACKED = 2


@dataclass(frozen=True, slots=True)
class _Coding:
    """
    A way to write bytes: ``is_exact`` unless one content can be written in many ways.
    """

    write: Callable[[bytes], bytes]
    read: Callable[[bytes], bytes]
    is_exact: bool = True


def _of_texts(write: Callable[[str], str], read: Callable[[str], str]) -> _Coding:
    return _Coding(lambda content: _raw(write(_text(content))), lambda content: _raw(read(_text(content))))


def _raw(value: str) -> bytes:
    return value.encode("utf-8", "surrogatepass")


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogatepass")


def _from_base64(content: bytes, altchars: bytes | None = None) -> bytes:
    plain = content.rstrip(b"=")
    return base64.b64decode(plain + b"=" * (-len(plain) % 4), altchars, validate=True)


def _base64(*, url: bool, padded: bool) -> _Coding:
    encode = base64.urlsafe_b64encode if url else base64.b64encode
    return _Coding(
        lambda content: encode(content) if padded else encode(content).rstrip(b"="),
        lambda content: _from_base64(content, b"-_" if url else None),
    )


def _base32(*, padded: bool) -> _Coding:
    def read(content: bytes) -> bytes:
        plain = content.rstrip(b"=")
        return base64.b32decode(plain + b"=" * (-len(plain) % 8))

    def write(content: bytes) -> bytes:
        return base64.b32encode(content) if padded else base64.b32encode(content).rstrip(b"=")

    return _Coding(write, read)


def _hex(separator: str = "", *, upper: bool = False) -> _Coding:
    def write(content: bytes) -> bytes:
        digits = content.hex(separator) if separator else content.hex()
        return (digits.upper() if upper else digits).encode()

    return _Coding(write, lambda content: bytes.fromhex(_text(content).replace(separator or " ", "")))


def _percent(safe: str = "", *, lower: bool = False) -> _Coding:
    def write(content: bytes) -> bytes:
        written = quote(content, safe=safe)
        return (re.sub("%..", lambda one: one[0].lower(), written) if lower else written).encode()

    return _Coding(write, unquote_to_bytes)


def _form(content: bytes) -> bytes:
    return quote_plus(content).encode()


def _json(*, is_ascii: bool = True, slashes: bool = False) -> _Coding:
    def write(text: str) -> str:
        written = json.dumps(text, ensure_ascii=is_ascii)[1:-1]
        return written.replace("/", "\\/") if slashes else written

    def read(text: str) -> str:
        return str(json.loads(f'"{text}"'))

    return _of_texts(write, read)


def _each_unit(text: str) -> str:
    units = text.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))


def _zstd(*, writes: bool) -> Callable[[bytes], bytes]:
    def write(content: bytes) -> bytes:
        return packed(content, "zstd") if can_pack("zstd") else content

    return write if writes else lambda content: unpacked_coding(content, "zstd")


def _inflated(content: bytes, wbits: int) -> bytes:
    return zlib.decompressobj(wbits).decompress(content, MAX_BYTES)


def _utf_16(name: str) -> _Coding:
    return _Coding(
        lambda content: _text(content).encode(name, "surrogatepass"),
        lambda content: _raw(content.decode(name, "surrogatepass")),
    )


# The first that says exactly what was written is taken.
_CODINGS: Mapping[str, _Coding] = {
    "base64": _base64(url=False, padded=True),
    "base64url": _base64(url=True, padded=False),
    "hex": _hex(),
    "HEX": _hex(upper=True),
    "url": _percent(),
    "form": _Coding(_form, lambda content: unquote_to_bytes(content.replace(b"+", b" "))),
    "json": _json(),
    "html": _of_texts(html.escape, html.unescape),
    "base64-unpadded": _base64(url=False, padded=False),
    "base64url-padded": _base64(url=True, padded=True),
    "url-path": _percent("/"),
    "url-component": _percent(_COMPONENT),
    "url-query": _percent(_QUERY),
    "url-lower": _percent(lower=True),
    "url-each": _Coding(
        lambda content: "".join(f"%{byte:02X}" for byte in content).encode(), unquote_to_bytes
    ),
    "json-slash": _json(slashes=True),
    "json-utf8": _json(is_ascii=False),
    "json-utf8-slash": _json(is_ascii=False, slashes=True),
    "json-each": _of_texts(_each_unit, lambda text: str(json.loads(f'"{text}"'))),
    "x-each": _Coding(
        lambda content: "".join(f"\\x{byte:02x}" for byte in content).encode(),
        lambda content: bytes.fromhex(_text(content).replace("\\x", "")),
    ),
    "html-each": _of_texts(lambda text: "".join(f"&#{ord(sign)};" for sign in text), html.unescape),
    "html-x-each": _of_texts(lambda text: "".join(f"&#x{ord(sign):x};" for sign in text), html.unescape),
    **{
        f"{name}-{word}": _hex(sign, upper=name == "HEX")
        for name in ("hex", "HEX")
        for word, sign in (("colon", ":"), ("comma", ","), ("dash", "-"), ("space", " "))
    },
    "base32": _base32(padded=True),
    "base32-unpadded": _base32(padded=False),
    "base85": _Coding(base64.b85encode, base64.b85decode),
    "ascii85": _Coding(base64.a85encode, base64.a85decode),
    "quoted-printable": _Coding(
        lambda content: quopri.encodestring(content, quotetabs=True), quopri.decodestring
    ),
    "gzip": _Coding(
        lambda content: gzip.compress(content, mtime=0),
        lambda content: _inflated(content, 31),
        is_exact=False,
    ),
    "zlib": _Coding(zlib.compress, lambda content: _inflated(content, 15), is_exact=False),
    "zstd": _Coding(_zstd(writes=True), _zstd(writes=False), is_exact=False),
    "utf-16-le": _utf_16("utf-16-le"),
    "utf-16-be": _utf_16("utf-16-be"),
}


def encoding_of(text: str, value: str, *, redacted: Callable[[str], str] | None = None) -> str:
    """
    How *value* is written as *text*; empty where it stands as it is, or in no way that is known.

    Where *redacted* is given, what takes secrets out of a text, a text that was packed as a whole is kept.
    """
    if text == value:
        return ""
    if len(text) > _LONGEST:
        return _loosely(text, value)
    wanted = _raw(value)
    exact = next((".".join(names) for names, plain in _readings(_raw(text)) if plain == wanted), "")
    return exact or (redacted and _whole(text, redacted)) or _loosely(text, value)


def write_as(encoding: str, value: str) -> str:
    """
    *value* in an *encoding* that :func:`encoding_of` names.
    """
    content = _raw(value)
    for name in reversed(encoding.split(".")):
        content = _CODINGS[name].write(content)
    return content.decode("utf-8", "surrogateescape")


def split_encoding(name: str) -> tuple[str, str]:
    """
    The name of a secret without how it was written, and how, if it says so.
    """
    own, colon, inside = name.partition(f":{INSIDE}")
    if colon and all(each in _CODINGS for each in inside.partition(":")[0].split(".")):
        return own, f"{INSIDE}{inside}"
    plain, colon, encoding = name.rpartition(":")
    is_known = colon and encoding and all(each in _CODINGS for each in encoding.split("."))
    return (plain, encoding) if is_known else (name, "")


def whole_text(encoding: str) -> tuple[str, str]:
    """
    How a text was packed that held a secret, and the text, with what stands for the secret in it.
    """
    codings, _, text = encoding.removeprefix(INSIDE).partition(":")
    return codings, unquote(text)


def inside(codings: str, text: str) -> str:
    """
    The encoding of a *text* that was packed by *codings*, with what stands for a secret in it.
    """
    return f"{INSIDE}{codings}:{quote(text, safe=_PLAIN).replace('~', '%7E')}"


def documents_in(text: str) -> Iterator[tuple[str, str]]:
    """
    The document of JSON or XML that *text* holds in base64, or escaped, and how that is named.
    """
    if text[:1] not in BEGINS_OF_PACKED or len(text) > MAX_BYTES or not _PACKED.fullmatch(text):
        return
    layer = [("", _raw("".join(text.split())))]
    for _ in range(_MOST_PACKED):
        found: list[tuple[str, bytes]] = []
        for names, content in layer:
            # Who reads it takes any spelling; the one that was written comes first.
            read = {name: _read_loosely(_CODINGS[name], content) for name in _OF_DOCUMENTS}
            exact = [name for name, plain in read.items() if plain and _CODINGS[name].write(plain) == content]
            for name in dict.fromkeys((*exact, *_OF_DOCUMENTS)):
                plain = read[name]
                if plain and plain != content and plain not in [each for _, each in found]:
                    found.append((f"{names}.{name}" if names else name, plain))
        for names, plain in found:
            if plain.lstrip().startswith(_BEGINS):
                with suppress(UnicodeDecodeError):
                    yield names, plain.decode()
                    return
        layer = found


def _read_loosely(coding: _Coding, content: bytes) -> bytes | None:
    with suppress(*_NOT_DECODED):
        return coding.read(content)
    return None


def _readings(content: bytes) -> Iterator[tuple[tuple[str, ...], bytes]]:
    """
    What *content* says in one encoding, in one of another, and so on, the shortest way first.
    """
    seen = {content}
    layer: list[tuple[tuple[str, ...], bytes]] = [((), content)]
    for _ in range(_DEEPEST):
        found = []
        for names, packed_content in layer:
            for name, coding in _CODINGS.items():
                plain = _read(coding, packed_content)
                if plain is not None and plain not in seen:
                    seen.add(plain)
                    found.append(((*names, name), plain))
        yield from found
        layer = found


def _read(coding: _Coding, content: bytes) -> bytes | None:
    with suppress(*_NOT_DECODED):
        plain = coding.read(content)
        if plain and (not coding.is_exact or coding.write(plain) == content):
            return plain
    return None


def _whole(text: str, redacted: Callable[[str], str]) -> str:
    for names, content in _readings(_raw(text)):
        with suppress(UnicodeDecodeError):
            plain = content.decode()
            kept = redacted(plain) if "\0" not in plain else plain
            if kept != plain:
                return inside(".".join(names), kept)
    return ""


def _loosely(text: str, value: str) -> str:
    """
    Clients differ in which signs they escape, and some do so twice.
    """
    plain = re.sub(r"[^0-9a-fA-F]", "", text)
    if plain.lower() == _raw(value).hex():
        return "url-each" if text.startswith("%") else "hex"
    undone = {"url": unquote(text), "form": unquote_plus(text), "html": html.unescape(text)}
    found = next((name for name, plain in undone.items() if plain == value), "")
    if found or any(sign in text for sign in "%\\&"):
        signs = (("json", "\\"), ("url", "%"), ("html", "&"))
        return found or next(name for name, sign in signs if sign in text)
    # What is left is a run of base64 that holds more than the secret.
    return "base64url" if set(text) & {"-", "_"} else "base64"

"""
Secrets in files that are there already: cassettes of ours, cassettes of VCR.py, any other text.

What is looked for is what a recording would have replaced: the values of the secrets in force, in every
encoding and in any file; and in cassettes the headers, query parameters, form fields and JSON members whose
name says that they hold a secret, where no stand-in is in its place.
"""

from __future__ import annotations

import base64
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from urllib.parse import parse_qsl, urlsplit

from taketwo.cassette.body.codec import body_from_bytes
from taketwo.cassette.body.limits import MAX_BYTES
from taketwo.cassette.content import FileContent
from taketwo.cassette.model import (
    Body,
    FormBody,
    JsonBody,
    JsonValue,
    MultipartBody,
    Pairs,
    Part,
    StoredRequest,
    StoredResponse,
    TextBody,
)
from taketwo.cassette.secrets.known import Named
from taketwo.cassette.secrets.large import overlapping_parts, parts_of_text, unpacked_parts
from taketwo.cassette.secrets.names import Kind, plain
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.secrets.rules import LISTED
from taketwo.cassette.secrets.tokens import token_spans
from taketwo.cassette.text.bodies import Attached
from taketwo.cassette.text.format import load_cassette
from taketwo.cassette.text.positions import Document, Path, Scalar, read_document
from taketwo.cassette.text.yaml_full import Tree
from taketwo.cassette.visit import request_texts, response_texts
from taketwo.errors import CassetteFormatError

_DOCUMENTS = (".yaml", ".yml", ".json", ".yaml.new", ".json.new")
_STAND_IN = re.compile(r"<secret:([^<>\s]+)>")
_IN_BRACKETS = re.compile(r"(?s)<.*>|\[.*\]|\{.*\}|\$\w+|\$\{.*\}|%\w+%|([xX*.#_-])\1*")
# What the filters of suites with VCR.py put in a secret's place: DUMMY, REDACTED_API_KEY, fake-token …
_SAYS_SO = re.compile(
    "dummy|fake|filtered|hidden|masked|mock(?:ed)?|omitted|placeholder|redacted|removed|saniti[sz]ed|scrubbed"
)
_GOES_WITH_IT = re.compile(
    "access|api|apikey|auth|authorization|basic|bearer|client|cookie|id|key|password|secret|session|token|"
    "user|username|value"
)


_REASONS = {
    Kind.HARMLESS: "its value looks random",
    Kind.LISTED: "its name is listed under redact",
    Kind.STORED: "its name has a secret in the cassette",
    Kind.SECRET: "its name is one of secrets",
    Kind.CREDENTIAL: "its name may be one of secrets, and its value is no word, number, date or address",
    Kind.RANDOM: "its name may be one of secrets, and its value looks random",
    Kind.CODE: "its name is one of codes, and its value may be one",
}


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """
    A secret by its name, never by its value; ``place`` is empty where a file has no places but lines.
    """

    line: int
    place: str
    secret: str
    reason: str = field(default="", compare=False)
    """Why it is reported as a secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """
    What is in one file; ``damage`` is why it was looked through as plain text only, if it was.
    """

    findings: tuple[Finding, ...] = ()
    damage: str = ""


class Scanner:
    """
    Looks for *secrets*, and for what stands under the usual names and *names* beside them.
    """

    def __init__(self, secrets: Iterable[Named], names: Iterable[str] = (), keep: Iterable[str] = ()) -> None:
        names, keep = tuple(names), tuple(keep)
        self._values = _ByValue(list(secrets), names, keep)
        self._places = _ByPlace((), names, keep)

    def scan(self, content: bytes, *, name: str, attached: Attached | None = None) -> Scanned:
        """
        What is in the file of the name *name*; a damaged one is looked through all the same.

        *attached* reads the files that a cassette of ours refers to; that they are as recorded is checked.
        """
        if len(content) > MAX_BYTES:
            return Scanned(damage=f"{name}: the file is larger than {MAX_BYTES // 1024 // 1024} MiB")
        inside: list[tuple[Finding, int]] = []
        damage = ""
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError as error:
            text = content.decode("latin-1")
            damage = f"{name}: byte {error.start} is not UTF-8" if name.endswith(_DOCUMENTS) else ""
        else:
            try:
                document = read_document(text, name=name) if name.endswith(_DOCUMENTS) else Document()
                inside = list(self._in_document(document))
                _check(document, text, name, attached)
            except CassetteFormatError as error:
                damage = self._values.text(str(error))
        findings = {finding for finding, _ in inside} | set(self._outside(text, inside))
        return Scanned(findings=tuple(sorted(findings)), damage=damage)

    def scan_long(self, content: FileContent) -> Scanned:
        """
        What is in a file beside a cassette that is too long to be read as a whole; lines are those of a text.
        """
        findings, line = set[Finding](), 1
        for text in self._parts(content):
            found = self._values.find(text)
            findings |= {
                Finding(line + text.count("\n", 0, offset) if content.is_text else 1, "", secret, reason)
                for offset, secret, reason in found
            }
            line += text.count("\n")
        return Scanned(findings=tuple(sorted(findings)))

    def _parts(self, content: FileContent) -> Iterator[str]:
        if content.is_text:
            return parts_of_text(content)
        return map(self._values.readable, chain(overlapping_parts(content), unpacked_parts(content)))

    def _outside(self, text: str, inside: list[tuple[Finding, int]]) -> Iterator[Finding]:
        """
        What is found in the text of the file and not in its structure: in comments, in damaged files.
        """
        for offset, secret, reason in self._values.find(text):
            line = text.count("\n", 0, offset) + 1
            if not any(known.secret == secret and known.line <= line <= last for known, last in inside):
                yield Finding(line, "", secret, reason)

    def _in_document(self, document: Document) -> Iterator[tuple[Finding, int]]:
        found = list(self._by_value(document))
        known = {(finding.line, finding.place) for finding, _ in found}
        yield from found
        for finding, last in self._by_place(document):
            if (finding.line, finding.place) not in known:
                yield finding, last

    def _by_value(self, document: Document) -> Iterator[tuple[Finding, int]]:
        for scalar in document.scalars:
            for text in _texts(scalar):
                for offset, secret, reason in self._values.find(text):
                    below = 1 + text.count("\n", 0, offset) if scalar.block else 0
                    place = self._values.text(_place(scalar.path))
                    yield Finding(scalar.first + below, place, secret, reason), scalar.last

    def _by_place(self, document: Document) -> Iterator[tuple[Finding, int]]:
        lines = _Lines(document.scalars)
        for path, message in _messages(document.trees[0] if document.trees else None):
            if document.has_aliases and "json" in message:
                continue  # nobody writes such a file; to expand it might take for ever
            for place, nth, secret in self._places.find(message, is_request=path[-1] in {"request", "send"}):
                scalar, inner = lines.find(path, place, nth)
                where = f"{_place(scalar.path)}, {inner}" if inner else _place(scalar.path)
                yield (
                    Finding(scalar.first, self._values.text(where), secret, self._places.reason(secret)),
                    scalar.last,
                )


class _ByValue(Redactor):
    def readable(self, content: bytes) -> str:
        """
        What of *content*, which is no text, may hold a secret.
        """
        return self._known.readable(content)

    def find(self, text: str) -> Iterator[tuple[int, str, str]]:
        """
        Where a secret begins, its name, or that of the rule which knows its form, and why it is one.
        """
        known = self._known.find(text)
        yield from ((found.start, found.name, f"it is the value of {found.name}") for found in known)
        for rule, value, start in token_spans(text):
            is_known = any(found.start < start + len(value) and start < found.stop for found in known)
            if not is_known and not self._rules.keeps(value) and plain(rule) not in self._rules.kept:
                yield start, rule, f"it has the form of the rule {rule}"
        yield from (
            (start, LISTED, "it matches a pattern of redact")
            for _, start in self._rules.values_listed_in(text)
        )


class _ByPlace(Redactor):
    def find(self, message: Mapping[str, Tree], *, is_request: bool) -> Iterator[tuple[str, int, str]]:
        """
        The places in which a recording would have put a stand-in, which text of that place, and its name.
        """
        before: Iterable[tuple[str, str]]
        after: Iterable[tuple[str, str]]
        if is_request:
            request = _request(message)
            before, after = request_texts(request), request_texts(self.request(request))
        else:
            response = StoredResponse(status=0, headers=_headers(message), body=_body(message))
            before, after = response_texts(response), response_texts(self.response(response))
        seen: Counter[str] = Counter()
        for (place, old), (_, new) in zip(before, after, strict=False):
            seen[place] += 1
            for name in dict.fromkeys(_STAND_IN.findall(new)):
                if f"<secret:{name}>" not in old:
                    yield place, seen[place] - 1, name

    def reason(self, name: str) -> str:
        """
        Why the value of a place with that *name* is a secret.
        """
        return _REASONS[self._rules.kind(name)]

    def _replaced(self, name: str, value: str) -> str:
        return value if _stands_in(value) else super()._replaced(name, value)


def _messages(top: Tree) -> Iterator[tuple[Path, Mapping[str, Tree]]]:
    """
    Each message of a cassette with its place: of interactions, of openings, and of frames.
    """
    for kind in ("interactions", "conversations"):
        items = _table(top).get(kind)
        for number, item in enumerate(items if isinstance(items, list) else []):
            for side in ("request", "response"):
                yield (kind, number, side), _table(_table(item).get(side))
            frames = _table(item).get("frames")
            for index, frame in enumerate(frames if isinstance(frames, list) else []):
                for side in ("send", "receive"):
                    yield (kind, number, "frames", index, side), _table(_table(frame).get(side))


class _Lines:
    """
    The texts of a cassette by what a message of ours calls their places.
    """

    def __init__(self, scalars: Sequence[Scalar]) -> None:
        # Of several that have one path, as the keys of an object have, the first.
        self._named = {_named(scalar.path): scalar for scalar in reversed(scalars)}

    def find(self, side: Path, place: str, nth: int) -> tuple[Scalar, str]:
        """
        The text that holds *place*, and the rest of the place where that is inside the text.
        """
        for name, inner in ((place, ""), (f"{place}[{nth}]", ""), *_vcrpy_names(place)):
            scalar = self._named.get(f"{_named(side)}.{name}")
            if scalar is not None:
                return scalar, inner
        return Scalar(value="", path=side, first=1, last=1), place


def _vcrpy_names(place: str) -> Iterator[tuple[str, str]]:
    if place.startswith(("url", "query")):
        yield "uri", place if place != "url" else ""
        return
    for name in ("body.string", "body", "text"):
        yield name, place if place != "text" else ""


def _named(path: Path) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")


def _place(path: Path) -> str:
    match path:
        case ("interactions", int(number), side, *rest):
            return f"interaction {number + 1}, {side} {_named(tuple(rest))}".rstrip()
        case _:
            return _named(path)


def _check(document: Document, text: str, name: str, attached: Attached | None) -> None:
    """
    :raises CassetteFormatError: when this is a cassette of ours, and a damaged one.
    """
    if document.trees and "taketwo" in _table(document.trees[0]):
        load_cassette(text, name=name, attached=attached)


def _texts(scalar: Scalar) -> Iterator[str]:
    """
    What *scalar* says, and what it says packed.
    """
    content = scalar.value
    if isinstance(content, str):
        yield content
        if scalar.path[-1:] not in {("base64",), ("base64_string",)}:
            return
        with suppress(ValueError):
            content = base64.b64decode(content)
    if isinstance(content, bytes):
        for form in (content, _unpacked(content)):
            yield form.decode("utf-8", "replace")


def _unpacked(content: bytes) -> bytes:
    if content[:2] != b"\x1f\x8b":
        return b""
    try:
        return zlib.decompressobj(wbits=31).decompress(content, MAX_BYTES)
    except zlib.error:
        return b""


def _request(message: Mapping[str, Tree]) -> StoredRequest:
    url = _text(message.get("url") or message.get("uri"))
    query = list(_pairs(message.get("query")))
    with suppress(ValueError):  # an address that is none
        parts = urlsplit(url)
        query += parse_qsl(parts.query, keep_blank_values=True)
        url = parts._replace(query="").geturl()
    return StoredRequest(
        method="", url=url, query=tuple(query), headers=_headers(message), body=_body(message)
    )


def _headers(message: Mapping[str, Tree]) -> Pairs:
    return tuple(_pairs(message.get("headers")))


def _pairs(tree: Tree) -> Iterator[tuple[str, str]]:
    for name, value in _table(tree).items():
        for item in value if isinstance(value, list) else [value]:
            yield name, _text(item)


def _text(tree: Tree) -> str:
    if isinstance(tree, bytes):
        return tree.decode("utf-8", "replace")
    return tree if isinstance(tree, str) else ""


def _body(message: Mapping[str, Tree]) -> Body:  # noqa: PLR0911 - one for each kind
    if "json" in message:
        return JsonBody(_json(message["json"]))
    if "events" in message:
        return JsonBody(_json(message["events"]))
    if "form" in message:
        form = message["form"]
        items = form if isinstance(form, list) else [form]
        return FormBody(tuple(pair for item in items for pair in _pairs(item)))
    if "parts" in message:
        parts = message["parts"]
        return MultipartBody(
            parts=tuple(map(_part, map(_table, parts if isinstance(parts, list) else []))), boundary=""
        )
    content = message.get("text", message.get("body"))
    if isinstance(content, dict):
        content = content.get("string")
    if isinstance(content, bytes):
        content = (_unpacked(content) or content).decode("utf-8", "replace")
    if not isinstance(content, str):
        return None
    kinds = (value for name, value in _headers(message) if name.lower() == "content-type")
    body = body_from_bytes(content.encode("utf-8", "replace"), media_type=next(kinds, ""))
    if isinstance(body, FormBody | MultipartBody):
        return body
    return JsonBody(body.value) if isinstance(body, JsonBody) else TextBody(content)


def _part(part: Mapping[str, Tree]) -> Part:
    fields = tuple((name, _text(part[name])) for name in ("name", "content-type", "head") if name in part)
    return Part(
        fields=fields,
        headers=_headers(part),
        order=("name", "content-type", "headers"),
        raw=part.get("raw") is True,
        body=_body({**part, "headers": {"content-type": part.get("content-type")}}),
    )


def _json(tree: Tree) -> JsonValue:
    if isinstance(tree, dict):
        return {name: _json(item) for name, item in tree.items()}
    if isinstance(tree, list):
        return [_json(item) for item in tree]
    return _text(tree) if isinstance(tree, bytes) else tree


def _table(tree: Tree) -> Mapping[str, Tree]:
    return tree if isinstance(tree, dict) else {}


def _stands_in(value: str) -> bool:
    """
    Whether *value* says of itself that it is none.
    """
    text = value.strip()
    if not text or _IN_BRACKETS.fullmatch(text):
        return True
    words = re.findall(r"[^\W_]+", text.lower())
    says = [word for word in words if _SAYS_SO.fullmatch(word)]
    return bool(says) and all(_GOES_WITH_IT.fullmatch(word) for word in words if word not in says)

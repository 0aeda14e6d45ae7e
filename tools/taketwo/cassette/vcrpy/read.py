"""
Cassettes of VCR.py, in its YAML and its JSON: read as they are, and written again.

They know neither placeholders nor their test: what they hold is played as it stands, and the ``test`` of such
a cassette is empty. Nothing of VCR.py is imported, and no tag of Python's objects makes one.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import NoReturn
from urllib.parse import urlencode

from taketwo.cassette.base_urls import BaseUrls
from taketwo.cassette.body.codec import is_form, read_body
from taketwo.cassette.body.limits import MAX_BYTES, is_decompression_bomb
from taketwo.cassette.header_names import header
from taketwo.cassette.model import (
    Cassette,
    Interaction,
    LiveRequest,
    LiveResponse,
    StoredRequest,
    StoredResponse,
)
from taketwo.cassette.normalize import decoded, normalize_request, with_header
from taketwo.cassette.text.yaml_full import MAX_DEPTH, Dialect, TreeReader, yaml_events
from taketwo.cassette.vcrpy.dialects import Unquoted, Value, plain_json, with_interactions
from taketwo.cassette.visit import map_interaction
from taketwo.cassette.volatile.generate import escape
from taketwo.errors import CassetteFormatError

_SURROGATE = re.compile("[\ud800-\udfff]")
_NOTHING = frozenset({"null", "Null", "NULL", "~", ""})
# What VCR.py itself reads: texts and tuples of Python 2, and bodies that were files or iterators.
_TAGS = re.compile(
    r"(?:!|!!|tag:yaml\.org,2002:)(?:str|int|float|bool|null|timestamp|seq|map|binary|python/(?:str|unicode|tuple"
    r"|object:vcr\.request\.Request|object/new:_io\.BytesIO|object/apply:(?:builtins|__builtin__)\.(?:frozenset|iter)))?\Z"
)
VCRPY = Dialect(plain=lambda text: None if text in _NOTHING else Unquoted(text), tags=_TAGS, lent=MAX_BYTES)
"""Numbers are texts, as they are written."""

_INTERACTION = frozenset({"request", "response", "recorded_at", "recorded_with"})
_REQUEST = frozenset({"method", "uri", "headers", "body", "parsed_body", "host", "path", "port", "protocol"})
_RESPONSE = frozenset(
    {
        "adapter_metadata",
        "body",
        "content",
        "headers",
        "http_version",
        "parsed_body",
        "protocol",
        "status",
        "status_code",
        "url",
    }
)
"""The keys that are read, or that say nothing of what was exchanged; with any other a cassette is refused."""

# How a body was cut for the wire; a replay says anew how long it is.
_FRAMING = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding"})
_FORMS = frozenset({"string", "state", "args", "base64_string"})
"""What a mapping has that stands for the bytes of a body."""

_JSON = "application/json"
_GZIP = frozenset({"gzip", "x-gzip"})


def load_vcrpy(text: str, *, name: str) -> Cassette:
    """
    The cassette that a file of VCR.py holds, in YAML or JSON.

    :raises CassetteFormatError: with *name*, the place and the reason.
    """
    if len(text) > MAX_BYTES:
        raise CassetteFormatError(f"{name}: the file is larger than {MAX_BYTES // 1024 // 1024} MiB")
    top = _Part(with_interactions(_document(text, name)), name)
    items = top.get("interactions", top.get("http_interactions"))
    if not isinstance(items, list):
        top.refuse("'interactions' is not a list, so it is no cassette of ours, nor of VCR.py")
    parts = [_Part(item, f"{name}: interactions[{index}]") for index, item in enumerate(items)]
    return Cassette(
        test="", interactions=tuple(map_interaction(_interaction(part), escape) for part in parts)
    )


def _interaction(part: _Part) -> Interaction:
    part.refuse_unknown(_INTERACTION)
    request, response = part.part("request"), part.part("response")
    return Interaction(_request(request), _response(response, method=request.text("method").upper()))


def _request(part: _Part) -> StoredRequest:
    part.refuse_unknown(_REQUEST)
    headers = tuple(part.headers())
    media_type = next((value for name, value in headers if name.lower() == "content-type"), "")
    body, kind = _request_body(part, media_type)
    if kind != media_type:
        headers = (*headers, ("content-type", kind))
    live = LiveRequest(method=part.text("method").upper(), url=_url(part), headers=headers, body=body)
    return normalize_request(live, BaseUrls({}))


def _url(part: _Part) -> str:
    """
    The URL of a request; before its version 1.0, VCR.py wrote the parts of it.
    """
    if "uri" in part.table or "host" not in part.table:
        return part.text("uri")
    scheme, port = part.text("protocol", "http"), part.text("port", "")
    is_usual = port in {"", {"http": "80", "https": "443"}.get(scheme, "")}
    return f"{scheme}://{part.text('host')}{'' if is_usual else f':{port}'}{part.text('path', '/')}"


def _request_body(part: _Part, media_type: str) -> tuple[bytes, str]:
    """
    The bytes of a request's body, and their media type.

    What aiohttp was given as ``json=`` or ``data=`` VCR.py writes as a mapping.
    """
    if "parsed_body" in part.table:
        return part.parsed("parsed_body"), media_type or _JSON
    body = part.get("body")
    if not isinstance(body, dict) or not _FORMS.isdisjoint(body):
        return part.content(body), media_type
    if is_form(media_type):
        return urlencode([(key, plain_json(value)) for key, value in body.items()]).encode(), media_type
    return part.parsed("body"), media_type or _JSON


def _response(part: _Part, *, method: str) -> StoredResponse:
    part.refuse_unknown(_RESPONSE)
    # So did VCR.py write what httpx got, in its versions before 6.
    is_old = "status_code" in part.table
    status = part if is_old else part.part("status")
    body = part.get("content" if is_old else "body")
    content = part.parsed("parsed_body") if "parsed_body" in part.table else part.content(body)
    # Without a body, the length is that of the one which there would have been.
    framing = _FRAMING - {"content-length"} if method == "HEAD" and not content else _FRAMING
    headers = tuple((name.lower(), value) for name, value in part.headers() if name.lower() not in framing)
    if "parsed_body" in part.table:
        headers = tuple(pair for pair in headers if pair[0] != "content-encoding")
        if not header(headers, "content-type"):
            headers = (*headers, ("content-type", _JSON))
    elif isinstance(_string(body), str):
        # Nothing compressed is text: it was unpacked when it was recorded, and its header left as it was.
        headers = tuple(pair for pair in headers if not (pair[0] == "content-encoding" and pair[1] in _GZIP))
    live = LiveResponse(
        status=status.number("status_code" if is_old else "code"),
        reason=status.text("message", "") if not is_old else "",
        headers=headers,
        body=content,
    )
    if is_decompression_bomb(content):
        part.refuse(f"its body is of more than {MAX_BYTES // 1024 // 1024} MiB when unpacked")
    unpacked, kept, encoded = decoded(live)
    media_type = header(kept, "content-type")
    stored_body, kept_type = read_body(unpacked, media_type, encoded=encoded, keeps_words=True)
    return StoredResponse(
        status=live.status,
        reason=live.reason,
        headers=kept if kept_type == media_type else with_header(kept, "content-type", kept_type),
        body=stored_body,
    )


def _string(body: Value) -> Value:
    """
    What a body holds: also one that was a file, or an iterator, when it was sent.
    """
    match body:
        case {"string": inner} | {"state": [inner, *_]} | {"args": [inner]}:
            return inner
        case _:
            return body


class _Part:
    """
    A mapping of the file, with the words to say where in it something is wrong.
    """

    def __init__(self, value: Value, where: str) -> None:
        self._where = where
        if not isinstance(value, dict):
            self.refuse("expected a mapping")
        self.table = value

    def get(self, key: str, default: Value = None) -> Value:
        return self.table.get(key, default)

    def refuse_unknown(self, known: Collection[str]) -> None:
        """
        :raises CassetteFormatError: naming the unknown keys.
        """
        unknown = sorted(set(self.table) - set(known))
        if unknown:
            names = " and ".join(map(repr, unknown))
            self.refuse(f"{names}: VCR.py writes no such key, and what it says would be lost")

    def parsed(self, key: str) -> bytes:
        """
        The JSON of a body that is written as the value that it holds.
        """
        return json.dumps(plain_json(self.table[key]), ensure_ascii=False).encode("utf-8", "surrogatepass")

    def part(self, key: str) -> _Part:
        if key not in self.table:
            self.refuse(f"{key!r} is missing")
        return _Part(self.table[key], f"{self._where}: {key}")

    def text(self, key: str, default: str | None = None) -> str:
        value = self.table.get(key, default)
        if value is None and default is not None:
            return default
        return self._text(value, key)

    def number(self, key: str) -> int:
        text = self.text(key)
        if not re.fullmatch(r"[1-9][0-9]{2}", text):
            self.refuse(f"{key!r} is not a status")
        return int(text)

    def headers(self) -> Iterator[tuple[str, str]]:
        headers = self.table.get("headers") or {}
        if isinstance(headers, dict):
            for name, values in headers.items():
                for value in values if isinstance(values, list) else [values]:
                    yield name, self._text(value, "headers")
            return
        if isinstance(headers, list) and len(headers) == 1 and isinstance(headers[0], list):
            # The arguments of a frozenset, as VCR.py wrote one before its version 1.0.
            first = headers[0]
            headers = first if first and all(isinstance(each, list) for each in first) else headers
        for pair in headers if isinstance(headers, list) else [headers]:
            if not isinstance(pair, list) or len(pair) != 2:  # noqa: PLR2004 - a name and a value
                self.refuse("'headers' are not names with values")
            values = pair[1] if isinstance(pair[1], list) else [pair[1]]
            yield from ((self._text(pair[0], "headers"), self._text(value, "headers")) for value in values)

    def content(self, body: Value) -> bytes:
        """
        The bytes of a body, in any of the forms that versions of VCR.py gave it.
        """
        if isinstance(body, dict) and "base64_string" in body:
            return self._from_base64(body["base64_string"])
        inner = _string(body)
        if isinstance(inner, dict):
            if not inner:  # of a redirect that aiohttp followed
                return b""
            self.refuse("the body has none of the forms that VCR.py gives it")
        if isinstance(inner, list):
            return b"".join(map(self.content, inner))
        return inner.encode("utf-8", "surrogatepass") if isinstance(inner, str) else inner or b""

    def refuse(self, reason: str) -> NoReturn:
        raise CassetteFormatError(f"{self._where}: {reason}")

    def _text(self, value: Value, key: str) -> str:
        if isinstance(value, bytes):
            return value.decode("latin-1")
        if not isinstance(value, str) or _SURROGATE.search(value):
            self.refuse(f"{key!r} is not a string")
        return str(value)  # without the note that it had no quotes

    def _from_base64(self, value: Value) -> bytes:
        try:
            return base64.b64decode(self._text(value, "base64_string"))
        except ValueError:
            self.refuse("'base64_string' is not base64")


def _document(text: str, name: str) -> Value:
    if text.lstrip()[:1] == "{":
        try:
            return _plain(json.loads(text), name)
        except json.JSONDecodeError:
            pass  # a mapping of YAML may begin so too
        except (ValueError, RecursionError):
            raise CassetteFormatError(f"{name}: nested too deep, or a number with too many digits") from None
    document: Value = TreeReader(yaml_events(text, name), name, VCRPY).first()
    return document


def _plain(value: object, name: str, depth: int = MAX_DEPTH) -> Value:
    """
    JSON as the reader of YAML gives it: numbers and words as they are written.
    """
    if depth == 0:
        raise CassetteFormatError(f"{name}: nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, Mapping):
        return {str(key): _plain(item, name, depth - 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, name, depth - 1) for item in value]
    return value if value is None or isinstance(value, str) else Unquoted(json.dumps(value))

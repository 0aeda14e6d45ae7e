"""
The text form of multipart bodies: a list of parts.

Each part begins with its headers in the order in which they were sent: ``name`` and ``filename`` are those of
a ``Content-Disposition: form-data``, ``content-type`` is a header by itself, and ``headers`` are all others.
What is unusual around the parts stands below them, as ``framing``.
"""

from __future__ import annotations

from collections.abc import Callable

from taketwo.cassette.body_text import BODY_NAMES, RESTORE, load_pairs, pair_lines
from taketwo.cassette.model import Body, JsonValue, MultipartBody, Pairs, Part
from taketwo.cassette.multipart import BOUNDARY, IN_DISPOSITION, part_headers
from taketwo.cassette.text_node import Node
from taketwo.cassette.transfer import is_encoding

_FIELDS = (*IN_DISPOSITION, "content-type", "head")
_NAMES = dict.fromkeys((*_FIELDS, "headers", "raw", *BODY_NAMES, "encoding"))
_LINES = {"crlf": "\r\n", "lf": "\n"}


def multipart_lines(
    body: MultipartBody, body_lines: Callable[[Body, Pairs], dict[str, JsonValue]]
) -> dict[str, JsonValue]:
    parts: list[JsonValue] = [
        {**_head_lines(part), **body_lines(part.body, part_headers(part)), **_encoding_lines(part)}
        for part in body.parts
    ]
    framing = _framing_lines(body)
    return {"parts": parts, "framing": framing} if framing else {"parts": parts}


def load_multipart(node: Node, load_body: Callable[[Node], Body]) -> MultipartBody:
    parts = tuple(_load_part(part.among(_NAMES), load_body) for part in node.nodes("parts"))
    if "framing" not in node.names:
        return MultipartBody(parts=parts, boundary=BOUNDARY)
    node = node.node("framing").only("boundary", "lines", "preamble", "epilogue", "closed")
    line = _LINES.get(node.text("lines", "crlf"))
    if line is None:
        node.refuse(f"'lines' is not one of {', '.join(_LINES)}")
    return MultipartBody(
        parts=parts,
        boundary=node.text("boundary", BOUNDARY),
        line=line,
        preamble=node.text("preamble", ""),
        epilogue=node.text("epilogue", line),
        closed=node.flag("closed", default=True),
    )


def _head_lines(part: Part) -> dict[str, JsonValue]:
    fields: dict[str, JsonValue] = dict(part.fields)
    groups: dict[str, dict[str, JsonValue]] = {
        "name": {name: value for name, value in fields.items() if name in IN_DISPOSITION},
        "content-type": {name: value for name, value in fields.items() if name == "content-type"},
        "headers": pair_lines("headers", part.headers),
    }
    lines = {name: value for group in part.order for name, value in groups[group].items()}
    head: dict[str, JsonValue] = {"head": fields["head"]} if "head" in fields else {}
    return {**head, **lines, **({"raw": True} if part.raw else {})}


def _encoding_lines(part: Part) -> dict[str, JsonValue]:
    return {"encoding": part.encoding} if part.encoding else {}


def _framing_lines(body: MultipartBody) -> dict[str, JsonValue]:
    unusual: dict[str, JsonValue] = {}
    if body.boundary != BOUNDARY:
        unusual["boundary"] = body.boundary
    if body.line != _LINES["crlf"]:
        unusual["lines"] = next(name for name, line in _LINES.items() if line == body.line)
    if body.preamble:
        unusual["preamble"] = body.preamble
    if not body.closed:
        unusual["closed"] = False
    elif body.epilogue != body.line:
        unusual["epilogue"] = body.epilogue
    return unusual


def _load_part(node: Node, load_body: Callable[[Node], Body]) -> Part:
    encoding = node.text("encoding", "")
    if encoding and not is_encoding(encoding):
        node.refuse(f"'encoding' is {encoding!r}, which is not as taketwo writes it; {RESTORE}")
    groups = ("name" if name in IN_DISPOSITION else name for name in node.names)
    known = (name for name in groups if name in {"name", "content-type", "headers"})
    return Part(
        fields=tuple((name, node.text(name)) for name in node.names if name in _FIELDS),
        headers=load_pairs(node, "headers"),
        order=tuple(dict.fromkeys(known)),
        raw=node.flag("raw"),
        body=load_body(node),
        encoding=encoding,
    )

"""
The text form of bodies: how a file shows them, multipart bodies as a list of parts, and how they are read
from it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from taketwo.cassette.audio.wav import samples_of
from taketwo.cassette.body.attachments import attachment_name, file_content, is_attachment
from taketwo.cassette.body.json_layout import layout_problem
from taketwo.cassette.content import Content, sha256_of, whole
from taketwo.cassette.model import (
    BinaryBody,
    Body,
    EventsBody,
    FormBody,
    FormSpelling,
    JsonBody,
    JsonLayout,
    JsonStyle,
    JsonValue,
    MultipartBody,
    Pairs,
    Part,
    TextBody,
)
from taketwo.cassette.multipart.body import BOUNDARY, IN_DISPOSITION, part_headers
from taketwo.cassette.multipart.transfer import is_encoding
from taketwo.cassette.text.events import event_lines, load_events
from taketwo.cassette.text.fields import Fields, Table
from taketwo.cassette.text.heads import load_pairs

_GIT_LFS = b"version https://git-lfs.github.com/spec/"
RESTORE = "restore it from version control, or record again with --record-mode=rewrite"

BODY_NAMES = (
    *("json", "style", "layout", "escapes", "spelled", "text", "base64", "file"),
    *("form", "spelling", "parts", "events", "framing"),
)
"""The names that a message, or a part, may have for its body."""

HELD = "body"
"""What is in a file that holds a body as the text of a cassette has it, with its placeholders."""

_BASE64_LINE = 100
_BODY_FORMS = ("json", "text", "base64", "file", "form", "parts", "events")
_FORMS = frozenset(_BODY_FORMS)
_LAYOUT_NAMES = frozenset({"style", "layout", "escapes", "spelled"})
_LOWER = "lower"

Attached = Callable[[str, int], Content | None]
"""Gives what is in the file of that name, up to one byte beyond that size; None when there is none."""

_FIELDS = (*IN_DISPOSITION, "content-type", "head")
_LINES = {"crlf": "\r\n", "lf": "\n"}


def pair_lines(name: str, pairs: Pairs) -> dict[str, JsonValue]:
    """
    Pairs as a mapping; a key that comes more than once has the list of its values.
    """
    single: dict[str, JsonValue] = dict(pairs)
    if len(single) == len(pairs):
        return {name: single} if single else {}
    grouped: dict[str, list[str]] = {}
    for key, value in pairs:
        grouped.setdefault(key, []).append(value)
    return {name: {key: values[0] if len(values) == 1 else values for key, values in grouped.items()}}


def body_lines(body: Body, headers: Pairs = ()) -> dict[str, JsonValue]:  # noqa: PLR0911 - one for each kind
    """
    A body as the file shows it; *headers* are those of its message, or of its part.
    """
    match body:
        case None:
            return {}
        case JsonBody(value, style):
            return {"json": value, **style_lines(style)}
        case TextBody(text):
            return {"text": text}
        case BinaryBody():
            return _binary_lines(body, headers)
        case FormBody(fields, spelling):
            return {"form": _field_lines(fields), **_spelling_lines(spelling)}
        case MultipartBody():
            return multipart_lines(body, body_lines)
        case EventsBody():
            return event_lines(body, style_lines)


def load_body(node: Fields, attached: Attached | None) -> Body:
    if _FORMS.isdisjoint(node.names):
        return None
    forms = [key for key in _BODY_FORMS if key in node.names]
    if len(forms) > 1:
        node.refuse(f"a body has one form, and here are {' and '.join(forms)}")
    return _LOADERS[forms[0]](node, attached)


def in_memory(body: Body) -> Body:
    """
    *body* with its content in memory: requests are compared, and parts are put together.
    """
    if isinstance(body, BinaryBody) and not isinstance(body.content, bytes):
        return replace(body, content=whole(body.content))
    return body


def load_file(node: Fields, attached: Attached | None) -> Content:
    """
    The content of the file that *node* names.

    :raises CassetteFormatError: when it is missing, or another one.
    """
    name, size, sha256 = node.text("name"), node.integer("size"), node.text("sha256")
    if not is_attachment(name, sha256) or size < 0:
        node.refuse(f"{name!r} is no file of a cassette; {RESTORE}")
    content = attached(name, size) if attached else None
    file = Path(node.file).with_name(name)
    if content is None:
        node.refuse(f"the body is in {file}, which is missing; {RESTORE}")
    if content[: len(_GIT_LFS)] == _GIT_LFS:
        node.refuse(f"the body is in {file}, of which Git LFS left a pointer here; fetch it: git lfs pull")
    if len(content) != size or sha256_of(content) != sha256:
        node.refuse(f"the body is in {file}, which is not as it was recorded; {RESTORE}")
    return content


def style_lines(style: JsonStyle | JsonLayout) -> dict[str, JsonValue]:
    layout = style if isinstance(style, JsonLayout) else JsonLayout(style)
    parts: dict[str, JsonValue] = {
        "style": "" if layout.base is JsonStyle.COMPACT else layout.base.value,
        "layout": layout.gaps,
        "escapes": layout.escapes,
        "spelled": dict(layout.spelled),
    }
    return {name: part for name, part in parts.items() if part}


def _binary_lines(body: BinaryBody, headers: Pairs) -> dict[str, JsonValue]:
    name = attachment_name(body, headers)
    if name is None:
        text = base64.b64encode(whole(body.content)).decode()
        lines = (text[start : start + _BASE64_LINE] for start in range(0, len(text), _BASE64_LINE))
        return {"base64": "\n".join(lines) + "\n"}
    content = file_content(body)
    # Of a file of raw samples, the header is no part of the body.
    samples: dict[str, JsonValue] = {"holds": "samples"} if body.sound else {}
    return {"file": {"name": name, "size": len(content), "sha256": sha256_of(content), **samples}}


def _field_lines(fields: Pairs) -> JsonValue:
    """
    The fields of a form: a mapping where that keeps their order, else a list of them.
    """
    shown = pair_lines("form", fields).get("form", {})
    is_kept = isinstance(shown, Mapping) and _pairs_in(shown) == fields
    return shown if is_kept else [{name: value} for name, value in fields]


def _pairs_in(table: Table) -> Pairs:
    items = ((name, [value] if isinstance(value, str) else value) for name, value in table.items())
    return tuple((name, str(value)) for name, values in items if isinstance(values, list) for value in values)


def _spelling_lines(spelling: FormSpelling) -> dict[str, JsonValue]:
    parts: dict[str, JsonValue] = {
        "space": spelling.space if spelling.space != FormSpelling().space else "",
        "digits": _LOWER if spelling.lower else "",
        "raw": spelling.raw,
        "escaped": spelling.escaped,
    }
    unusual = {name: part for name, part in parts.items() if part}
    return {"spelling": unusual} if unusual else {}


def _load_json(node: Fields, _attached: Attached | None) -> JsonBody:
    return JsonBody(node.value("json"), _load_style(node))


def _load_text(node: Fields, _attached: Attached | None) -> TextBody:
    return TextBody(node.text("text"))


def _load_base64(node: Fields, _attached: Attached | None) -> BinaryBody:
    return BinaryBody(node.binary("base64"))


def _load_file_body(node: Fields, attached: Attached | None) -> Body:
    node = node.node("file").only("name", "size", "sha256", "holds")
    content = load_file(node, attached)
    if "holds" not in node.names:
        return BinaryBody(content)
    if node.text("holds") == HELD:
        return _load_held(node, whole(content))
    found = samples_of(whole(content))
    if node.text("holds") != "samples" or found is None:
        node.refuse(f"the body is not in a file of samples; {RESTORE}")
    return BinaryBody(found[1], found[0])


def _load_held(node: Fields, content: bytes) -> Body:
    try:
        lines = json.loads(content)
    except ValueError:
        node.refuse(f"the body in the file is no JSON; {RESTORE}")
    return load_body(Fields(lines, node.file).only(*BODY_NAMES), None)


def _load_form(node: Fields, _attached: Attached | None) -> FormBody:
    if not isinstance(node.value("form"), list):
        return FormBody(node.pairs("form"), _load_spelling(node))
    items = node.nodes("form")
    return FormBody(
        tuple((name, item.text(name)) for item in items for name in item.names), _load_spelling(node)
    )


def _load_spelling(node: Fields) -> FormSpelling:
    if "spelling" not in node.names:
        return FormSpelling()
    node = node.node("spelling").only("space", "digits", "raw", "escaped")
    return FormSpelling(
        space=node.text("space", FormSpelling().space),
        lower=node.text("digits", "") == _LOWER,
        raw=node.text("raw", ""),
        escaped=node.text("escaped", ""),
    )


def _load_multipart(node: Fields, attached: Attached | None) -> MultipartBody:

    return load_multipart(node, lambda part: in_memory(load_body(part, attached)))


def _load_events(node: Fields, _attached: Attached | None) -> EventsBody:
    return load_events(node, _load_style)


def _load_style(node: Fields) -> JsonStyle | JsonLayout:
    if _LAYOUT_NAMES.isdisjoint(node.names):
        return JsonStyle.COMPACT
    layout = JsonLayout(
        node.style(), node.text("layout", ""), node.text("escapes", ""), load_pairs(node, "spelled")
    )
    if problem := layout_problem(layout):
        node.refuse(f"{problem!r} is not as taketwo writes it; record again with --record-mode=rewrite")
    return layout if layout != JsonLayout(layout.base) else layout.base


_LOADERS: Mapping[str, Callable[[Fields, Attached | None], Body]] = {
    "json": _load_json,
    "text": _load_text,
    "base64": _load_base64,
    "file": _load_file_body,
    "form": _load_form,
    "parts": _load_multipart,
    "events": _load_events,
}


_NAMES = dict.fromkeys((*_FIELDS, "headers", "raw", *BODY_NAMES, "encoding"))


def multipart_lines(
    body: MultipartBody, body_lines: Callable[[Body, Pairs], dict[str, JsonValue]]
) -> dict[str, JsonValue]:
    parts: list[JsonValue] = [
        {**_head_lines(part), **body_lines(part.body, part_headers(part)), **_encoding_lines(part)}
        for part in body.parts
    ]
    framing = _framing_lines(body)
    return {"parts": parts, "framing": framing} if framing else {"parts": parts}


def load_multipart(node: Fields, load_body: Callable[[Fields], Body]) -> MultipartBody:
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


def _load_part(node: Fields, load_body: Callable[[Fields], Body]) -> Part:
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

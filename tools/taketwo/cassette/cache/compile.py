"""
Makes the compiled form of a cassette, which :mod:`taketwo.cassette.cache.compiled` reads.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from taketwo.cassette.body.json_styles import ON_ONE_LINE, WRITERS, compact_json
from taketwo.cassette.cache.compiled import KEY, STYLE, WHOLE, Line, Outline, Table, form_of, style_of
from taketwo.cassette.deciding_headers import VaryOf, names_in_vary, variants_of
from taketwo.cassette.index import Wire
from taketwo.cassette.match import fingerprint
from taketwo.cassette.model import BinaryBody, Cassette, JsonStyle, JsonValue, MultipartBody, StoredRequest
from taketwo.cassette.text.heads import HEAD
from taketwo.cassette.visit import may_hold_placeholders
from taketwo.cassette.wire import wires_of

_HEAD = frozenset(HEAD)


def compile_cassette(tree: JsonValue, cassette: Cassette) -> bytes | None:
    """
    The compiled form of *cassette*, whose text means *tree*; None when it has none.
    """
    if not isinstance(tree, dict):
        return None
    items = tree.get(KEY)
    rows = _Rows(items if isinstance(items, list) else [])
    requests = [item.request for item in cassette.interactions]
    vary = [names_in_vary(item.response.headers) for item in cassette.interactions]
    has_outline = cassette.test and not cassette.parts
    outline = outline_of(requests, wires_of(requests), vary.__getitem__) if has_outline else None
    return rows.below({**tree, **({KEY: []} if KEY in tree else {})}, outline)


class _Rows:
    """
    The lines of the compiled form for *interactions*, which are as the text has them.
    """

    def __init__(self, interactions: Iterable[Table]) -> None:
        self._requests: list[str] = []
        self._bodies: list[str] = []
        self._kinds: dict[str, int] = {}
        self._kind_of: list[int] = []
        self._with_files: list[int] = []
        for interaction in interactions:
            self._add(interaction)

    def _add(self, interaction: Table) -> None:
        request, response = interaction["request"], interaction["response"]
        if _has_file(request) or _has_file(response):
            self._with_files.append(len(self._requests))
        self._requests.append(compact_json(request))
        split = _split(response)
        if split is None:
            self._kind_of.append(WHOLE)
            self._bodies.append(compact_json(response))
        else:
            head, body = split
            self._kind_of.append(self._kinds.setdefault(compact_json(head), len(self._kinds)))
            self._bodies.append(body)

    def below(self, tree: Table, outline: Outline | None) -> bytes | None:
        """
        All of them below a *tree* without interactions; None where a text cannot be written.
        """
        numbers = compact_json({"kinds": self._kind_of, "with-files": self._with_files})
        head = [compact_json(tree), write_outline(outline), f"[{','.join(self._kinds)}]", numbers]
        try:
            return "\n".join([*head, *self._requests, *self._bodies]).encode("utf-8")
        except UnicodeEncodeError:
            return None


def outline_of(requests: Sequence[StoredRequest], wires: Sequence[Wire], vary: VaryOf) -> Outline | None:
    """
    The outline of a cassette of one test, whose requests are *wires* as they are stored; none where a replay
    generates something in them, or where a body is no text.
    """
    if any(isinstance(one.body, BinaryBody | MultipartBody) for one in requests):
        return None
    if any("<" in wire.url or "%3C" in wire.url for wire in wires):
        return None
    if any("<" in value for wire in wires for _, value in wire.headers):
        return None
    if any(may_hold_placeholders(one.body, wire.body) for one, wire in zip(requests, wires, strict=True)):
        return None
    firsts: dict[object, int] = {}
    prints = map(fingerprint, requests)
    equals = [firsts.setdefault(one, number) for number, one in enumerate(prints)]
    return Outline(wires, equals, variants_of(equals, requests, vary))


def write_outline(outline: Outline | None) -> str:
    """
    The outline on one line, which is empty where there is none.
    """
    if outline is None:
        return ""
    lines: list[Line] = [
        (wire.method, wire.url, wire.media_type, wire.body.decode("utf-8"), first)
        for wire, first in zip(outline.wires, outline.equals, strict=True)
    ]
    headers = [(number, wire.headers) for number, wire in enumerate(outline.wires) if wire.headers]
    return json.dumps([lines, headers, list(outline.variants.items())])


def _split(response: JsonValue) -> tuple[Table, str] | None:
    """
    An answer without its body, and that as JSON; None when there is more to it than a body of a usual form.
    """
    if not isinstance(response, Mapping):
        return None
    form = form_of(response)
    if not response.keys() - ({form, STYLE} if form else set()) <= _HEAD:
        return None
    return ({**response, form: None}, _line_of(response, form)) if form else (response, "")


def _line_of(response: Table, form: str) -> str:
    """
    The body of an answer as JSON on one line: as it was sent, where that has one.
    """
    style = style_of(response) if form == "json" else JsonStyle.COMPACT
    return WRITERS[style if style in ON_ONE_LINE else JsonStyle.COMPACT](response[form])


def _has_file(message: JsonValue) -> bool:
    """
    Whether the body of a message, or of a part of it, is in a file.
    """
    if not isinstance(message, Mapping):
        return False
    parts = message.get("parts")
    return "file" in message or (isinstance(parts, Sequence) and any(map(_has_file, parts)))

"""
How a cassette is read from its text, and how the parts of it are shown in it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NoReturn

from taketwo.cassette.attaching import attachment_name, file_content, is_attachment, sha256_of
from taketwo.cassette.audio import samples_of
from taketwo.cassette.body import body_to_bytes
from taketwo.cassette.chunks import read_sizes, write_sizes
from taketwo.cassette.json_layout import layout_problem
from taketwo.cassette.model import (
    DEFAULT_TIME,
    BinaryBody,
    Body,
    Cassette,
    Conversation,
    Ending,
    Interaction,
    JsonBody,
    JsonLayout,
    JsonStyle,
    JsonValue,
    Outcome,
    Pairs,
    StoredRequest,
    StoredResponse,
    TextBody,
)
from taketwo.cassette.sharing import join
from taketwo.cassette.yaml_form import load_yaml
from taketwo.errors import CassetteFormatError

VERSION = 1

_RESTORE = "restore it from version control, or record again with --record-mode=rewrite"

_PART = (
    "test",
    "services",
    "seed",
    "time",
    "counters",
    "ended",
    "holds",
    "interactions",
    "conversations",
    "files",
)
_BASE64_LINE = 100
_BODY_NAMES = ("json", "style", "layout", "escapes", "spelled", "text", "base64", "file")
_REQUEST = dict.fromkeys(("method", "url", "query", "headers", *_BODY_NAMES))
_RESPONSE = dict.fromkeys(("status", "reason", "headers", *_BODY_NAMES, "chunks", "ended"))
_ITEM = re.compile(r"(.+)\[(\d+)\]")
_TEXTS_ONLY = {str}
_BODY_FORMS = ("json", "text", "base64", "file")
_FORMS = frozenset(_BODY_FORMS)
_LAYOUT_NAMES = frozenset({"style", "layout", "escapes", "spelled"})

Table = Mapping[str, JsonValue]
Attached = Callable[[str, int], bytes | None]
"""Gives what is in the file of that name, up to one byte beyond that size; None when there is none."""
Interactions = Callable[["_Node"], Sequence[Interaction]]
"""Makes the interactions below a head."""


def load_cassette(text: str, *, name: str, attached: Attached | None = None) -> Cassette:
    """
    The cassette that *text* holds; *attached* reads the files that it refers to.

    :raises CassetteFormatError: naming the file, the place and the reason.
    """
    return load_tree(load_yaml(text, name=name), name=name, attached=attached)


def load_tree(
    tree: JsonValue, *, name: str, attached: Attached | None, interactions: Interactions | None = None
) -> Cassette:
    """
    The same from what the text means; *interactions* makes those of a cassette that nobody shares.

    :raises CassetteFormatError: naming the file, the place and the reason.
    """
    top = _Node(tree, name)
    _check_version(top)
    if "parts" not in top.names:
        return _load_part(top.only("taketwo", *_PART), attached, interactions)
    parts = [_load_part(node.only(*_PART), attached) for node in top.only("taketwo", "parts").nodes("parts")]
    if len({part.test for part in parts}) != len(parts) or not parts:
        top.refuse(f"'parts' is not one part for each test that shares it; {_RESTORE}")
    return join(parts)


def _load_part(
    head: _Node, attached: Attached | None, make_interactions: Interactions | None = None
) -> Cassette:
    interactions = (
        make_interactions(head)
        if make_interactions
        else tuple(load_interaction(node, attached) for node in head.nodes("interactions"))
    )
    conversations = _load_conversations(head, attached)
    _check_count(head, "interactions", len(interactions))
    _check_count(head, "conversations", len(conversations))
    services = head.node("services")
    return Cassette(
        test=head.text("test"),
        services={key: services.text(key) for key in services.names},
        seed=head.integer("seed"),
        time=head.time("time", DEFAULT_TIME),
        counters=head.integer("counters") if "counters" in head.names else 0,
        ended=_load_ending(head.node("ended")) if "ended" in head.names else None,
        interactions=interactions,
        conversations=conversations,
        files=_load_files(head, attached),
    )


def request_lines(request: StoredRequest) -> dict[str, JsonValue]:
    """
    A request as the file shows it.
    """
    return {
        "method": request.method,
        "url": request.url,
        **_dump_pairs("query", request.query),
        **_dump_pairs("headers", request.headers),
        **_dump_message_body(request),
    }


def response_lines(response: StoredResponse) -> dict[str, JsonValue]:
    """
    A response as the file shows it.
    """
    status: dict[str, JsonValue] = {"status": response.status}
    if response.reason:
        status["reason"] = response.reason
    return {
        **status,
        **_dump_pairs("headers", response.headers),
        **_dump_message_body(response),
        **({"chunks": write_sizes(response.chunks)} if response.chunks else {}),
        **({"ended": response.ended} if response.ended else {}),
    }


def _check_version(top: _Node) -> None:
    if "taketwo" not in top.names:
        top.refuse("it has no line 'taketwo: 1', so it is no cassette of ours")
    version = top.integer("taketwo")
    if version > VERSION:
        top.refuse(
            f"it is of format version {version}, and this release reads up to {VERSION}: upgrade taketwo"
        )
    if version < 1:
        top.refuse(f"there is no format version {version}; record again with --record-mode=rewrite")


def _check_count(head: _Node, what: str, found: int) -> None:
    holds = head.node("holds").only("interactions", "conversations")
    held = holds.integer(what) if what in holds.names or what == "interactions" else 0
    if held != found:
        head.refuse(
            f"the head promises {held} {what} and {found} follow: the file is cut, or was edited; {_RESTORE}"
        )


def _load_ending(node: _Node) -> Ending:
    node = node.only("outcome", "raised")
    outcome = node.text("outcome")
    known = [each.value for each in Outcome]
    if outcome not in known:
        node.refuse(f"the outcome {outcome!r} is not known; known are {', '.join(known)}")
    return Ending(Outcome(outcome), node.text("raised", ""))


def _load_files(head: _Node, attached: Attached | None) -> dict[str, bytes]:
    nodes = head.nodes("files") if "files" in head.names else []
    return {node.text("name"): _load_file(node.only("name", "size", "sha256"), attached) for node in nodes}


def _load_conversations(head: _Node, attached: Attached | None) -> tuple[Conversation, ...]:
    if "conversations" not in head.names:
        return ()
    from taketwo.cassette.conversation_text import load_conversation  # noqa: PLC0415 - made of what is here

    return tuple(load_conversation(node, attached) for node in head.nodes("conversations"))


def _dump_pairs(name: str, pairs: Pairs) -> dict[str, JsonValue]:
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


def _dump_message_body(message: StoredRequest | StoredResponse) -> dict[str, JsonValue]:
    name = attachment_name(message.body, message.headers)
    if name is None or not isinstance(message.body, BinaryBody):
        return _dump_body(message.body)
    content = file_content(message.body)
    # Of a file of raw samples, the header is no part of the body.
    samples: dict[str, JsonValue] = {"holds": "samples"} if message.body.sound else {}
    return {"file": {"name": name, "size": len(content), "sha256": sha256_of(content), **samples}}


def _dump_body(body: Body) -> dict[str, JsonValue]:
    match body:
        case None:
            return {}
        case JsonBody(value, JsonStyle.COMPACT):
            return {"json": value}
        case JsonBody(value, JsonLayout() as layout):
            return {**_dump_body(JsonBody(value, layout.base)), **_dump_layout(layout)}
        case JsonBody(value, style):
            return {"json": value, "style": style.value}
        case TextBody(text):
            return {"text": text}
        case BinaryBody(content):
            text = base64.b64encode(content).decode()
            lines = (text[start : start + _BASE64_LINE] for start in range(0, len(text), _BASE64_LINE))
            return {"base64": "\n".join(lines) + "\n"}


def _dump_layout(layout: JsonLayout) -> dict[str, JsonValue]:
    parts: dict[str, JsonValue] = {
        "layout": layout.gaps,
        "escapes": layout.escapes,
        "spelled": dict(layout.spelled),
    }
    return {name: part for name, part in parts.items() if part}


def load_interaction(node: _Node, attached: Attached | None) -> Interaction:
    node = node.only("request", "response")
    request, response = node.node("request"), node.node("response")
    return Interaction(load_request(request, attached), load_response(response, attached))


def load_request(node: _Node, attached: Attached | None) -> StoredRequest:
    node = node.among(_REQUEST)
    return StoredRequest(
        method=node.text("method"),
        url=node.text("url"),
        query=_load_pairs(node, "query"),
        headers=_load_pairs(node, "headers"),
        body=_load_body(node, attached),
    )


def load_response(node: _Node, attached: Attached | None) -> StoredResponse:
    node = node.among(_RESPONSE)
    body = _load_body(node, attached)
    return StoredResponse(
        status=node.integer("status"),
        reason=node.text("reason", ""),
        headers=_load_pairs(node, "headers"),
        body=body,
        chunks=_load_chunks(node, body),
        ended=node.text("ended", ""),
    )


def _load_chunks(node: _Node, body: Body) -> tuple[int, ...]:
    if "chunks" not in node.names:
        return ()
    sizes, length = read_sizes(node.text("chunks")), len(body_to_bytes(body))
    if sizes is None or sum(sizes) != length:
        node.refuse(
            f"'chunks' is {node.text('chunks')!r}, which are no sizes that make up the {length} bytes of the "
            "body; take the line away to have it played in one piece"
        )
    return sizes


def _load_pairs(node: _Node, key: str) -> Pairs:
    if key not in node.names:
        return ()
    return node.pairs(key)


def _load_body(node: _Node, attached: Attached | None) -> Body:
    if _FORMS.isdisjoint(node.names):
        return None
    forms = [key for key in _BODY_FORMS if key in node.names]
    if len(forms) > 1:
        node.refuse(f"a body has one form, and here are {' and '.join(forms)}")
    match forms:
        case ["json"]:
            return JsonBody(node.value("json"), _load_style(node))
        case ["text"]:
            return TextBody(node.text("text"))
        case ["base64"]:
            return BinaryBody(node.binary("base64"))
        case ["file"]:
            return _load_file_body(node.node("file").only("name", "size", "sha256", "holds"), attached)
        case _:
            return None


def _load_file_body(node: _Node, attached: Attached | None) -> BinaryBody:
    content = _load_file(node, attached)
    if "holds" not in node.names:
        return BinaryBody(content)
    found = samples_of(content)
    if node.text("holds") != "samples" or found is None:
        node.refuse(f"the body is not in a file of samples; {_RESTORE}")
    return BinaryBody(found[1], found[0])


def _load_file(node: _Node, attached: Attached | None) -> bytes:
    name, size, sha256 = node.text("name"), node.integer("size"), node.text("sha256")
    if not is_attachment(name, sha256) or size < 0:
        node.refuse(f"{name!r} is no file of a cassette; {_RESTORE}")
    content = attached(name, size) if attached else None
    file = Path(node.file).with_name(name)
    if content is None:
        node.refuse(f"the body is in {file}, which is missing; {_RESTORE}")
    if len(content) != size or sha256_of(content) != sha256:
        node.refuse(f"the body is in {file}, which is not as it was recorded; {_RESTORE}")
    return content


def _load_style(node: _Node) -> JsonStyle | JsonLayout:
    if _LAYOUT_NAMES.isdisjoint(node.names):
        return JsonStyle.COMPACT
    layout = JsonLayout(
        node.style(),
        node.text("layout", ""),
        node.text("escapes", ""),
        _load_pairs(node, "spelled"),
    )
    if problem := layout_problem(layout):
        node.refuse(f"{problem!r} is not as taketwo writes it; record again with --record-mode=rewrite")
    return layout if layout != JsonLayout(layout.base) else layout.base


class _Node:
    """
    A mapping of the file, with the words to say where in it something is wrong.
    """

    __slots__ = ("_above", "_place", "_table", "names")

    def __init__(self, value: JsonValue, place: str, above: _Node | None = None) -> None:
        self._place = place
        self._above = above
        if not isinstance(value, dict):
            self.refuse("expected names with values")
        self._table: Table = value
        self.names: Collection[str] = value.keys()

    @property
    def file(self) -> str:
        return self._above.file if self._above else self._place

    def only(self, *known: str) -> _Node:
        return self.among(dict.fromkeys(known))

    def among(self, known: Mapping[str, None]) -> _Node:
        """
        This, which has no name that is not *known*.
        """
        if not self._table.keys() <= known.keys():
            key = next(key for key in self._table if key not in known)
            told = f"{self.where}: {key!r} is not known here; known are {', '.join(known)}"
            raise CassetteFormatError(told, (*self.steps, key))
        return self

    def value(self, key: str) -> JsonValue:
        if key not in self._table:
            self.refuse(f"{key!r} is missing")
        return self._table[key]

    def text(self, key: str, default: str | None = None) -> str:
        value = self.value(key) if default is None else self._table.get(key, default)
        if isinstance(value, str):
            return value
        raise self._expected(key, "a text")

    def texts(self, key: str) -> list[str]:
        value = self.value(key)
        values = [value] if isinstance(value, str) else value
        if isinstance(values, list) and all(isinstance(item, str) for item in values):
            return [str(item) for item in values]
        raise self._expected(key, "a text, or a list of texts")

    def pairs(self, key: str) -> Pairs:
        value = self._table.get(key)
        if isinstance(value, dict) and set(map(type, value.values())) == _TEXTS_ONLY:
            return tuple(value.items())
        table = self.node(key)
        return tuple((name, value) for name in table.names for value in table.texts(name))

    def integer(self, key: str) -> int:
        value = self.value(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        raise self._expected(key, "a whole number")

    def integers(self, key: str) -> list[int]:
        value = self.value(key)
        if isinstance(value, list) and all(type(item) is int for item in value):
            return [int(item) for item in value]
        raise self._expected(key, "a list of whole numbers")

    def flag(self, key: str) -> bool:
        value = self._table.get(key, False)
        if isinstance(value, bool):
            return value
        raise self._expected(key, "true or false")

    def time(self, key: str, default: str) -> str:
        text = self.text(key, default)
        try:
            has_zone = datetime.fromisoformat(text).tzinfo is not None
        except ValueError:
            has_zone = False
        if has_zone:
            return text
        raise self._expected(key, f"a time with its zone, such as {DEFAULT_TIME}")

    def style(self) -> JsonStyle:
        name = self.text("style", JsonStyle.COMPACT.value)
        try:
            return JsonStyle(name)
        except ValueError:
            styles = ", ".join(style.value for style in JsonStyle)
            raise self._expected("style", f"one of {styles}") from None

    def binary(self, key: str) -> bytes:
        try:
            return base64.b64decode(self.text(key).replace("\n", ""), validate=True)
        except ValueError:  # binascii.Error is one, and so is what other signs than ASCII raise
            raise self._expected(key, "base64") from None

    def node(self, key: str) -> _Node:
        return _Node(self.value(key), key, self)

    def nodes(self, key: str) -> list[_Node]:
        value = self.value(key)
        if not isinstance(value, list):
            raise self._expected(key, "a list")
        return [_Node(item, f"{key}[{index}]", self) for index, item in enumerate(value)]

    def refuse(self, reason: str) -> NoReturn:
        raise CassetteFormatError(f"{self.where}: {reason}", self.steps)

    @property
    def where(self) -> str:
        return f"{self._above.where}: {self._place}" if self._above else self._place

    def _expected(self, key: str, what: str) -> CassetteFormatError:
        steps = (*self.steps, key) if key in self._table else self.steps
        return CassetteFormatError(f"{self.where}: {key!r} is not {what}", steps)

    @property
    def steps(self) -> tuple[str | int, ...]:
        if self._above is None:
            return ()
        found = _ITEM.fullmatch(self._place)
        return (*self._above.steps, *((found[1], int(found[2])) if found else (self._place,)))

"""
From the text of a cassette to its compiled form in one pass, for texts that our own writer wrote.

Whatever is not just so is left to the full reader: then there is no compiled form here, and no error either.
Where there is one, it is the same to the byte as what is made of what the full reader reads.
"""

from __future__ import annotations

import json

from taketwo.cassette.compiled import BODY_FORMS, HEAD, KEY, Compiling
from taketwo.cassette.model import Cassette, JsonValue
from taketwo.cassette.outline import NO_OUTLINE, outline_of
from taketwo.cassette.replay import wires_of
from taketwo.cassette.text import _Node, load_request, load_response
from taketwo.cassette.yaml_canonical import read_canonical
from taketwo.cassette.yaml_shapes import Shapes, Table, leaves, read_message
from taketwo.errors import CassetteFormatError

_BEGIN = f"\n{KEY}:\n"
_ITEM = "\n- request:\n"
_ANSWER = "\n  response:\n"
_BELOW = ("\nconversations:\n", "\nfiles:\n")
_REQUEST = {"method", "url", "query", "headers"}
_from_json = json.JSONDecoder().decode


class _Left(Exception):  # noqa: N818 - it is no error, and never leaves this module
    """
    The text is left to the full reader.
    """


def compile_text(text: str) -> tuple[bytes, list[int]] | None:
    """
    The compiled form of a cassette, and the numbers of the interactions in it that are still to be read.
    """
    above, found, rest = text.partition(_BEGIN)
    end = min((end for name in _BELOW if (end := rest.find(name)) >= 0), default=len(rest) - 1)
    tree = read_canonical(f"{above}\n{KEY}: []{rest[end:]}") if found else None
    first, *items = f"\n{rest[:end]}".split(_ITEM)
    if tree is None or first or not items:
        return None
    messages = _Messages()
    try:
        for item in items:
            messages.add(item)
    except (_Left, CassetteFormatError):
        return None
    content = messages.compiling.content(tree, _outline(tree, messages.compiling.requests))
    return None if content is None else (content, messages.compiling.unread)


def compile_whole(tree: JsonValue, cassette: Cassette) -> bytes | None:
    """
    The compiled form of *cassette*, whose text means *tree*; None when it has none.
    """
    if not isinstance(tree, dict):
        return None
    compiling = Compiling()
    items = tree.get(KEY)
    for item in items if isinstance(items, list) else ():
        compiling.add_tree(item)
    requests = [item.request for item in cassette.interactions]
    has_outline = cassette.test and not cassette.parts
    outline = outline_of(requests, wires_of(requests)) if has_outline else NO_OUTLINE
    return compiling.content({**tree, **({KEY: []} if KEY in tree else {})}, outline)


def _outline(head: Table, requests: list[str]) -> str:
    try:
        # In one go, which takes a third of the time.
        trees = _from_json(f"[{','.join(requests)}]")
        found = [load_request(_Node(tree, "request"), None) for tree in trees]
    except CassetteFormatError:  # the body of one is in a file
        return NO_OUTLINE
    return outline_of(found, wires_of(found)) if head.get("test") else NO_OUTLINE


class _Messages:
    """
    Adds one interaction below the other.
    """

    def __init__(self) -> None:
        self.compiling = Compiling()
        self._requests = Shapes("request", _texts_in_request)
        self._bodies = Shapes("response", _texts_in_body)
        self._kinds: dict[tuple[str, str], int | None] = {}

    def add(self, item: str) -> None:
        request, _, response = item.partition(_ANSWER)
        start = max(response.find("\n    json:"), response.find("\n    text:"))
        head, body = (response, "") if start < 0 else (response[:start], f"{response[start + 1 :]}\n")
        asked = self._requests.to_json(f"{request}\n")
        answered = self._bodies.to_json(body) if body else ""
        # The name of a body stands between four blanks and a colon; in JSON, it is {"json":...}
        kind = None if asked is None or answered is None else self._kind(head, body[4:8])
        if asked is None or answered is None or kind is None:
            self._add_otherwise(item)
        else:
            self.compiling.add(asked, kind, answered[8:-1])

    def _kind(self, head: str, form: str) -> int | None:
        """
        The number of a kind of answers, that stand in the text as *head* and have a body of *form*.
        """
        key = (head, form)
        if key not in self._kinds:
            self._kinds[key] = self._learned(head, form)
        return self._kinds[key]

    def _learned(self, head: str, form: str) -> int | None:
        table = read_message("response", f"{head}\n")
        if table is None or not table.keys() <= HEAD:
            return None
        load_response(_Node(table, "response"), None)
        return self.compiling.kind({**table, form: None} if form else table)

    def _add_otherwise(self, item: str) -> None:
        """
        Add an interaction that the others tell nothing of.
        """
        found = read_canonical(f"{KEY}:{_ITEM}{item}\n") or {}
        items = found.pop(KEY, None)
        if found or not isinstance(items, list) or len(items) != 1:
            raise _Left
        [only] = items
        if not isinstance(only, dict) or only.keys() != {"request", "response"}:
            raise _Left
        self.compiling.unread.append(len(self.compiling.requests))
        self.compiling.add_tree(only)


def _texts_in_request(request: Table) -> int | None:
    """
    All but those of a body of JSON, where nothing else is in the request.
    """
    *names, last = request
    if not _REQUEST.issuperset(names if last in BODY_FORMS else request):
        return None
    try:
        load_request(_Node(request, "request"), None)
    except CassetteFormatError:
        return None
    return leaves({name: value for name, value in request.items() if name != "json"})


def _texts_in_body(response: Table) -> int | None:
    names = list(response)
    return {"json": 0, "text": leaves(response)}.get(names[0]) if len(names) == 1 else None

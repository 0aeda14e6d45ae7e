"""
From the text of a cassette to its compiled form in one pass, for texts that our own writer wrote.

Whatever is not just so is left to the full reader: then there is no compiled form here, and no error either.
Where there is one, it is the same to the byte as what is made of what the full reader reads.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from taketwo.cassette.body.codec import compact_json
from taketwo.cassette.cache.compiled import BODY_FORMS, HEAD, KEY, CompiledBuilder, Outline, outline_of
from taketwo.cassette.cache.yaml_shapes import Shapes, Table, leaves, read_message
from taketwo.cassette.deciding_headers import names_in_vary
from taketwo.cassette.model import Cassette, JsonValue
from taketwo.cassette.text.bodies import Attached
from taketwo.cassette.text.fields import Fields
from taketwo.cassette.text.messages import load_request, load_response
from taketwo.cassette.text.yaml_reader import read_canonical
from taketwo.cassette.wire import wires_of
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


@dataclass(frozen=True, slots=True)
class Compiled:
    """
    A cassette in its compiled form: all but the interactions as a tree, and those, with their outline.
    """

    tree: Table
    interactions: CompiledBuilder
    outline: Outline | None

    def content(self) -> bytes | None:
        return self.interactions.content(self.tree, self.outline)

    def cassette(self, *, name: str, attached: Attached | None) -> Cassette:
        """
        The cassette, without the way over the content.

        :raises CassetteFormatError: as :func:`taketwo.cassette.text.format.load_cassette` does.
        """
        return self.interactions.cassette(self.tree, self.outline, name=name, attached=attached)


def compile_text(text: str, *, only_known: bool = False) -> Compiled | None:
    """
    The compiled form of a cassette.

    With *only_known*, a text with an interaction that is like none before is left to the full reader too,
    which is quicker with it.
    """
    above, found, rest = text.partition(_BEGIN)
    end = min((end for name in _BELOW if (end := rest.find(name)) >= 0), default=len(rest) - 1)
    first, *items = f"\n{rest[:end]}".split(_ITEM)
    if not found or first or not items:
        return None
    try:
        interactions = _interactions(items, only_known=only_known)
    except (_Left, CassetteFormatError):
        return None
    tree = read_canonical(f"{above}\n{KEY}: []{rest[end:]}")
    return None if tree is None else Compiled(tree, interactions, _outline(tree, interactions))


def compile_whole(tree: JsonValue, cassette: Cassette) -> Compiled | None:
    """
    The compiled form of *cassette*, whose text means *tree*; None when it has none.
    """
    if not isinstance(tree, dict):
        return None
    compiling = CompiledBuilder()
    items = tree.get(KEY)
    for item in items if isinstance(items, list) else ():
        compiling.add_tree(item)
    requests = [item.request for item in cassette.interactions]
    has_outline = cassette.test and not cassette.parts
    answers = cassette.interactions
    vary = lambda number: names_in_vary(answers[number].response.headers)  # noqa: E731 - of one line
    outline = outline_of(requests, wires_of(requests), vary) if has_outline else None
    return Compiled({**tree, **({KEY: []} if KEY in tree else {})}, compiling, outline)


def _interactions(items: Sequence[str], *, only_known: bool) -> CompiledBuilder:
    for shapes in (_REQUESTS, _BODIES):
        shapes.forget_too_many()
    compiling = CompiledBuilder()
    for item in items:
        if not _add(item, compiling):
            if only_known:
                raise _Left
            _add_otherwise(item, compiling)
    return compiling


def _outline(head: Table, interactions: CompiledBuilder) -> Outline | None:
    if not head.get("test"):
        return None
    try:
        # In one go, which takes a third of the time.
        trees = _from_json(f"[{','.join(interactions.requests)}]")
        found = [load_request(Fields(tree, "request"), None) for tree in trees]
    except CassetteFormatError:  # the body of one is in a file
        return None
    return outline_of(found, wires_of(found), interactions.vary)


def _add(item: str, compiling: CompiledBuilder) -> bool:
    """
    Add an interaction that is like others; False where it is not.
    """
    request, _, response = item.partition(_ANSWER)
    start = max(response.find("\n    json:"), response.find("\n    text:"))
    head, body = (response, "") if start < 0 else (response[:start], f"{response[start + 1 :]}\n")
    asked = _REQUESTS.to_json(f"{request}\n")
    answered = _BODIES.to_json(body) if body else ""
    # The name of a body stands between four blanks and a colon; in JSON, it is {"json":...}
    kind = None if asked is None or answered is None else _kind(head, body[4:8])
    if asked is None or answered is None or kind is None:
        return False
    compiling.add(asked, kind, answered[8:-1])
    return True


def _add_otherwise(item: str, compiling: CompiledBuilder) -> None:
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
    compiling.unread.append(len(compiling.requests))
    compiling.add_tree(only)


@lru_cache(maxsize=500)
def _kind(head: str, form: str) -> str | None:
    """
    The kind of answers that stand in the text as *head* and have a body of *form*.
    """
    table = read_message("response", f"{head}\n")
    if table is None or not table.keys() <= HEAD:
        return None
    load_response(Fields(table, "response"), None)
    return compact_json({**table, form: None} if form else table)


def _texts_in_request(request: Table) -> int | None:
    """
    All but those of a body of JSON, where nothing else is in the request.
    """
    *names, last = request
    if not _REQUEST.issuperset(names if last in BODY_FORMS else request):
        return None
    try:
        load_request(Fields(request, "request"), None)
    except CassetteFormatError:
        return None
    return leaves({name: value for name, value in request.items() if name != "json"})


def _texts_in_body(response: Table) -> int | None:
    names = list(response)
    return {"json": 0, "text": leaves(response)}.get(names[0]) if len(names) == 1 else None


# Those of all cassettes that this process reads.
_REQUESTS = Shapes("request", _texts_in_request)
_BODIES = Shapes("response", _texts_in_body)

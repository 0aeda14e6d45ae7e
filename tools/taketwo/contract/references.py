"""
``$ref``: following it, and knowing whether anything behind it changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from taketwo.contract.canonical import Json, JsonObject, json_key

_MANY = 32
_NESTED = frozenset({dict, list})


def same(old: Json, new: Json) -> bool:
    """
    Equal as JSON: ``1`` and ``true`` are not, which Python's ``==`` says they are.
    """
    return old == new and json_key(old) == json_key(new)


def reference_of(node: Json) -> str | None:
    """
    The reference that *node* is, when it points into its own document.
    """
    reference = node.get("$ref") if isinstance(node, dict) else None
    return reference if isinstance(reference, str) and reference.startswith("#") else None


def target(root: Json, reference: str) -> Json:
    """
    What *reference* points to in *root*; None when it points to nothing.
    """
    node = root
    if reference[1:2] not in {"", "/"}:
        return _anchored(root, unquote(reference[1:]))
    for step in reference.removeprefix("#").split("/")[1:]:
        name = unquote(step).replace("~1", "/").replace("~0", "~")
        if isinstance(node, dict):
            node = node.get(name)
        elif isinstance(node, list) and name.isdecimal() and int(name) < len(node):
            node = node[int(name)]
        else:
            return None
    return node


def resolved(root: Json, node: Json) -> Json:
    """
    *node*, or what it refers to with its own keys on top; a reference that leads nowhere stays as it is.
    """
    for _ in range(_MANY):
        reference = reference_of(node)
        found = None if reference is None else target(root, reference)
        if not isinstance(node, dict) or found is None:
            return node
        beside: JsonObject = {key: value for key, value in node.items() if key != "$ref"}
        node = {**found, **beside} if isinstance(found, dict) and beside else found
    return node


def _anchored(root: Json, name: str) -> Json:
    """
    The schema that names itself by the anchor *name*.
    """
    ahead = [root]
    while ahead:
        one = ahead.pop()
        if isinstance(one, dict):
            if name in {one.get("$anchor"), one.get("$dynamicAnchor")}:
                return one
            ahead += one.values()
        elif isinstance(one, list):
            ahead += one
    return None


def references_in(node: Json) -> Iterator[str]:
    """
    Every reference in *node*, however deep.
    """
    ahead = [node]
    while ahead:
        one = ahead.pop()
        if type(one) is dict:
            if "$ref" in one and (reference := reference_of(one)) is not None:
                yield reference
            ahead += [member for member in one.values() if type(member) in _NESTED]
        elif type(one) is list:
            ahead += [item for item in one if type(item) in _NESTED]

"""The ``where`` of a request to Mesh, in the words of the bot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

Condition: TypeAlias = dict[str, object]


def field_is(path: str, value: str) -> Condition:
    """
    One of the fields that the definition's indexer names has this value.
    """
    return {"indexer": {"path": path, "equals": value}}


def field_is_true(path: str) -> Condition:
    return {"indexer": {"path": path, "equals": True}}


def field_contains(path: str, text: str) -> Condition:
    """
    An indexed field has the text somewhere in it, in small letters or capitals.
    """
    return {"indexer": {"path": path, "contains": text}}


def child_with_key(parent_id: str, path: str, key: str) -> Condition:
    """
    Both in one object: inside of :func:`every` the original Mesh ignores the key.
    """
    return {**child_of(parent_id), "indexer": {"path": path, "hasKey": key}}


def child_of(parent_id: str) -> Condition:
    """
    Content is the child of the user, or the tenant, that its definition names as its parent.
    """
    return {"parent_id": {"eq": parent_id}}


def id_in(ids: Sequence[str]) -> Condition:
    return {"page_id": {"in": list(ids)}}


def every(*conditions: Condition) -> Condition:
    return {"AND": list(conditions)}

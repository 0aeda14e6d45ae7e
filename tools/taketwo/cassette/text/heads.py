"""
What stands above the body of a response in a cassette's text.
"""

from __future__ import annotations

from taketwo.cassette.model import Body, Pairs, StoredResponse
from taketwo.cassette.text.fields import Fields

HEAD = ("status", "http_version", "reason", "header_names", "headers")
"""The keys of it, in their order."""

LOWERCASE = "lowercase"
"""How the names of headers were written, where it was not as most services write them."""


def load_head(
    node: Fields,
    *,
    body: Body = None,
    chunks: tuple[int, ...] = (),
    pauses: tuple[int, ...] = (),
    ended: str = "",
) -> StoredResponse:
    """
    A response whose head is in *node*, with what stands below it.
    """
    return StoredResponse(
        status=node.integer("status"),
        version=node.text("http_version", ""),
        lowercase_names=_load_lowercase(node),
        reason=node.text("reason", ""),
        headers=load_pairs(node, "headers"),
        body=body,
        chunks=chunks,
        pauses=pauses,
        ended=ended,
    )


def load_pairs(node: Fields, key: str) -> Pairs:
    return node.pairs(key) if key in node.names else ()


def _load_lowercase(node: Fields) -> bool:
    if "header_names" not in node.names:
        return False
    if node.text("header_names") != LOWERCASE:
        node.refuse(
            f"'header_names' is {node.text('header_names')!r}, and can only be {LOWERCASE!r}; take the line "
            "away to have them written as most services write them"
        )
    return True

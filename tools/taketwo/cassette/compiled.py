"""
The compiled form of a cassette: what its text means, as JSON that is read in a fraction of the time.

It is made of a text that has been read, and found to be sound, before. A line each holds one interaction, so
that those a replay never looks at are never read.
"""

from __future__ import annotations

import hashlib
import json

from taketwo.cassette.later import Later
from taketwo.cassette.model import Cassette, Interaction, JsonValue
from taketwo.cassette.outline import NO_OUTLINE
from taketwo.cassette.text import Attached, _Node, load_interaction, load_tree

_KEY = "interactions"
_WITH_FILES = "with-files"
_decode = json.JSONDecoder().decode
_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


def compile_tree(tree: JsonValue, *, key: str, outline: str = NO_OUTLINE) -> bytes | None:
    """
    The compiled form of the cassette whose text, known by *key*, means *tree*; None when it has none.
    """
    if not isinstance(tree, dict):
        return None
    items = tree.get(_KEY)
    lines = items if isinstance(items, list) else []
    with_files: list[JsonValue] = [number for number, item in enumerate(lines) if _has_file(item)]
    head = {**tree, _WITH_FILES: with_files, **({_KEY: []} if _KEY in tree else {})}
    try:
        content = "\n".join([_encode(head), outline, *map(_encode, lines)]).encode("utf-8")
    except UnicodeEncodeError:
        return None
    return f"{_seal(content, key)}\n".encode() + content


def load_compiled(sealed: bytes, *, key: str, name: str, attached: Attached | None) -> Cassette | None:
    """
    The cassette of *key*, or None when *sealed* is not its compiled form, whole and as it was written.

    :raises CassetteFormatError: when one of the files that it refers to is not there, or not as it was.
    """
    seal, _, content = sealed.partition(b"\n")
    if seal.decode("ascii", "replace") != _seal(content, key):
        return None
    first, outline, *lines = content.decode("utf-8").split("\n")
    tree: dict[str, JsonValue] = _decode(first)
    with_files: list[int] = _decode(_encode(tree.pop(_WITH_FILES)))

    def interactions(head: _Node) -> Later[Interaction]:
        def make(number: int) -> Interaction:
            return load_interaction(_Node(_decode(lines[number]), f"{_KEY}[{number}]", head), attached)

        # The files are looked at now: later they may be gone, and a damaged cassette is told when it is read.
        return Later(len(lines), make, {number: make(number) for number in with_files}, outline)

    return load_tree(tree, name=name, attached=attached, interactions=interactions)


def _has_file(interaction: JsonValue) -> bool:
    messages = interaction.values() if isinstance(interaction, dict) else ()
    return any(isinstance(message, dict) and "file" in message for message in messages)


def _seal(content: bytes, key: str) -> str:
    return hashlib.sha256(key.encode() + b"\n" + content).hexdigest()

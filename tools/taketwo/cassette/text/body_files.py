"""
Bodies as the text has them, in files beside the cassette, where one text cannot hold all of them.

A request or a message that is in such a file is still compared by value, with its placeholders: the file
holds what would have been in the cassette, as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from taketwo.cassette.body.attachments import named_by_content, names_in
from taketwo.cassette.body.json_styles import compact_json
from taketwo.cassette.content import sha256_of
from taketwo.cassette.model import BinaryBody, Body, Cassette, JsonValue
from taketwo.cassette.parts import parts_of
from taketwo.cassette.text.bodies import HELD, body_lines

SMALLEST = 4 * 1024
"""Bytes; what is shorter stays in the cassette, since it would take thousands of files to make room."""


class BodyFile(NamedTuple):
    """
    The file of a body, and the *lines* in the place of the body.
    """

    name: str
    content: bytes

    @property
    def lines(self) -> dict[str, JsonValue]:
        size, sha256 = len(self.content), sha256_of(self.content)
        return {"file": {"name": self.name, "size": size, "sha256": sha256, "holds": HELD}}


BodyFiles: TypeAlias = Mapping[int, BodyFile]
"""Those of a cassette, by the identities of their bodies."""

NO_FILES: BodyFiles = MappingProxyType({})


def largest_bodies(cassette: Cassette, excess: int) -> BodyFiles:
    """
    The largest bodies of *cassette* that are *excess* bytes together, or as many as there are.
    """
    found: dict[int, BodyFile] = {}
    sizes = {id(body): (len(compact_json(body_lines(body))), body) for body in _bodies(cassette)}
    for number, (size, body) in sorted(sizes.items(), key=lambda item: -item[1][0]):
        if excess <= 0 or size < SMALLEST:
            break
        content = json.dumps(body_lines(body)).encode()
        if next(names_in(content.decode()), None) is None:  # those files would be taken for unused ones
            found[number] = BodyFile(named_by_content(content), content)
            excess -= size
    return found


def _bodies(cassette: Cassette) -> Iterator[Body]:
    for part in parts_of(cassette):
        for item in part.interactions:
            yield from (
                body
                for body in (item.request.body, item.response.body)
                if body is not None and not isinstance(body, BinaryBody)
            )
        for talk in part.conversations:
            yield from (frame.body for frame in talk.frames if not isinstance(frame.body, BinaryBody | None))

"""
JSON that is kept as text, because its bytes matter: one member's value replaced, and all else as it was.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field

_PIECE = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_NOTHING_TO_HIDE = frozenset({"null", "true", "false", '""'})


def replace_members(text: str, is_wanted: Callable[[str], bool], change: Callable[[str, str], str]) -> str:
    """
    *text*, which is JSON, with ``change(name, value)`` for each value of a wanted member.

    The values inside an object or a list that is the value of a wanted member are changed too.
    """
    parts, end = [], 0
    walk = _Walk(is_wanted)
    for found in _PIECE.finditer(text):
        name = walk.step(found[0])
        if name is not None:
            value = json.loads(found[0]) if found[0].startswith('"') else found[0]
            parts += [text[end : found.start()], json.dumps(change(name, value), ensure_ascii=False)]
            end = found.end()
    return "".join([*parts, text[end:]])


@dataclass(slots=True)
class _Walk:
    """
    Where in a JSON text one is, piece by piece; there is no recursion, so that no depth is too deep.
    """

    is_wanted: Callable[[str], bool]
    _wanted: str | None = None
    _is_key: bool = False
    _open: list[tuple[bool, str | None]] = field(default_factory=list)
    """For each object (True) or list (False) around, the wanted member that it belongs to."""

    def step(self, piece: str) -> str | None:
        """
        The wanted member that *piece* is a value of, if it is one.
        """
        if piece in {"{", "["}:
            self._open.append((piece == "{", self._wanted))
            self._is_key = piece == "{"
        elif piece in {"}", "]"}:
            self._open.pop()
        elif piece == ",":
            self._is_key, self._wanted = self._open[-1]
        elif piece == ":":
            self._is_key = False
        elif self._is_key:
            name = json.loads(piece)
            self._wanted = self._open[-1][1] or (name if self.is_wanted(name) else None)
        else:
            return None if piece in _NOTHING_TO_HIDE else self._wanted
        return None

"""
JSON that is kept as text, because its bytes matter: one member's value replaced, and all else as it was.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field

_PIECE = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_NO_VALUES = frozenset({"null", "true", "false", '""'})

Change = Callable[[str | None, str, bool], str]
"""The wanted member that a value belongs to, if any, the value, and whether it is a text."""


def replace_values(text: str, is_wanted: Callable[[str], bool], change: Change) -> str:
    """
    *text*, which is JSON, with ``change(name, value, is_text)`` for each text and number.

    The name is that of the wanted member that the value is of, or that holds the object or list around it.
    What does not change is left as it is written.
    """
    parts, end = [], 0
    walk = _Walk(is_wanted)
    for found in _PIECE.finditer(text):
        is_value, name = walk.step(found[0])
        if not is_value:
            continue
        is_text = found[0].startswith('"')
        value = json.loads(found[0]) if is_text else found[0]
        changed = change(name, value, is_text)
        if changed != value:
            parts += [text[end : found.start()], json.dumps(changed, ensure_ascii=False)]
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

    def step(self, piece: str) -> tuple[bool, str | None]:
        """
        Whether *piece* is a value, and the wanted member that it is a value of, if it is one.
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
            return piece not in _NO_VALUES, self._wanted
        return False, None

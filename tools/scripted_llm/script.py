"""
The script: which line answers which message.

A script is TOML. Each ``[[line]]`` has the words that a user's message must contain (``when``), in any order
and in upper or lower case, and what is answered: a text (``say``), or the call of a function (``call``, with
``[line.arguments]``). The first line that fits is taken. After a call, the answer is the ``message`` of its
result, as the functions of the bot have it.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

DEFAULT_SCRIPT: Final = Path(__file__).with_name("script.toml")
_KEYS: Final = frozenset({"when", "say", "call", "arguments"})
_UNKNOWN: Final = "My script has no line for that."


class ScriptError(Exception):
    """
    A script cannot be used; the message says which line, and why.
    """


@dataclass(frozen=True, slots=True)
class Saying:
    text: str


@dataclass(frozen=True, slots=True)
class Calling:
    name: str
    arguments: Mapping[str, Json] = field(default_factory=dict)


Answer: TypeAlias = Saying | Calling


@dataclass(frozen=True, slots=True)
class Line:
    words: frozenset[str]
    answer: Answer

    def fits(self, message: str) -> bool:
        return self.words <= _words(message)


@dataclass(frozen=True, slots=True)
class Script:
    lines: tuple[Line, ...]

    def answer(self, messages: Sequence[Mapping[str, Json]], *, functions: frozenset[str]) -> Answer:
        """
        What comes after *messages*, of which the last decides; only *functions* may be called.
        """
        last = messages[-1] if messages else {}
        if last.get("role") == "tool":
            return Saying(_result(_text(last)))
        message = next((_text(each) for each in reversed(messages) if each.get("role") == "user"), "")
        for line in self.lines:
            if line.fits(message) and _is_possible(line.answer, functions):
                return line.answer
        return Saying(_UNKNOWN)


def read_script(path: Path) -> Script:
    """
    :raises ScriptError: when there is no such file, or a line of it cannot be used.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ScriptError(f"{path} cannot be read: {error}") from error
    lines = document.get("line", [])
    if not isinstance(lines, list) or not lines:
        raise ScriptError(f"{path} has no [[line]]")
    return Script(tuple(_line(each, f"{path}, line {number}") for number, each in enumerate(lines, 1)))


def _line(given: Mapping[str, Json], where: str) -> Line:
    if unknown := sorted(given.keys() - _KEYS):
        raise ScriptError(f"{where}: unknown key {unknown[0]}; there are {', '.join(sorted(_KEYS))}")
    words = _words(str(given.get("when", "")))
    if not words:
        raise ScriptError(f"{where}: `when` has no word")
    return Line(words, _answer(given, where))


def _answer(given: Mapping[str, Json], where: str) -> Answer:
    match given:
        case {"say": str(text), **rest} if not rest.keys() - {"when"}:
            return Saying(text)
        case {"call": str(name), **rest} if not rest.keys() - {"when", "arguments"}:
            arguments = rest.get("arguments", {})
            if isinstance(arguments, dict):
                return Calling(name, arguments)
    raise ScriptError(f"{where}: expected either `say`, or `call` with a table `arguments`")


def _is_possible(answer: Answer, functions: frozenset[str]) -> bool:
    return isinstance(answer, Saying) or answer.name in functions


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[\w']+", text.casefold()))


def _text(message: Mapping[str, Json]) -> str:
    """
    The text of a message, which is one text or a list of parts.
    """
    content = message.get("content")
    if isinstance(content, list):
        parts = (part.get("text") for part in content if isinstance(part, dict))
        return " ".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else ""


def _result(text: str) -> str:
    """
    What the result of a function has to be said; a result without a message is said as it is.
    """
    try:
        result = json.loads(text)
    except ValueError:
        return text
    message = result.get("message") if isinstance(result, dict) else None
    return message if isinstance(message, str) and message else text

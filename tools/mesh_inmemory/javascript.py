"""
JSON as JavaScript reads it, complains about it and writes it.

Mesh's clients saw a JavaScript server: large numbers lose digits, ``1.0`` is ``1``, ``1e400`` is null.
"""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal
from typing import Final, NoReturn, TypeAlias

from mesh_inmemory.json_syntax import first_mistake

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

MAX_DEPTH: Final = 200
_EXACT_DIGITS: Final = 15  # every integer of so many digits is exact in a double
_INTEGRAL_LIMIT: Final = 1e21  # from here on JavaScript writes an exponent
_NUL: Final = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_INSPECTED_DEPTH: Final = 2
_INSPECTED_ITEMS: Final = 10


class JsonError(ValueError):
    """
    The text is not JSON, or not JSON that can be stored; the message is the one of V8.
    """


def loads(text: str) -> Json:
    try:
        value: Json = json.loads(
            text, parse_int=_integer, parse_float=_float, parse_constant=_constant, strict=True
        )
    except json.JSONDecodeError:
        # In V8's words, and not in Python's, which change from one version to the next.
        raise JsonError(first_mistake(text)) from None
    except RecursionError:
        raise JsonError("JSON is nested too deeply") from None
    _reject_depth(text, value)
    _reject_unstorable(text, value)
    return value


def stored(text: str) -> Json:
    """
    JSON that came from the database, and was checked before it went there.
    """
    value: Json = json.loads(text, parse_int=_integer, parse_float=_float)
    return value


def dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def number(value: float) -> int | float | None:
    """
    A double as JavaScript would write it: without a fraction it is an integer, and infinity is null.
    """
    if not math.isfinite(value):
        return None
    if value.is_integer() and abs(value) < _INTEGRAL_LIMIT:
        return int(Decimal(repr(value)))
    return value


def type_of(value: Json) -> str:
    """
    JavaScript's name for the type of *value*, with null and arrays told apart.
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def inspect(value: object, depth: int = 0) -> str:
    """
    *value* as graphql-js prints it in its messages: two levels, and ten items of an array.
    """
    if not isinstance(value, dict | list) or not value:
        return dumps(value)
    if depth > _INSPECTED_DEPTH - 1:
        return "[Object]" if isinstance(value, dict) else "[Array]"
    if isinstance(value, dict):
        inner = ", ".join(f"{key}: {inspect(item, depth + 1)}" for key, item in value.items())
        return f"{{ {inner} }}"
    shown = [inspect(item, depth + 1) for item in value[:_INSPECTED_ITEMS]]
    if (hidden := len(value) - _INSPECTED_ITEMS) > 0:
        shown.append(f"... {hidden} more item{'s' if hidden > 1 else ''}")
    return f"[{', '.join(shown)}]"


def _integer(digits: str) -> int | float | None:
    return int(digits) if len(digits) <= _EXACT_DIGITS else number(float(digits))


def _float(digits: str) -> int | float | None:
    return number(float(digits))


def _constant(name: str) -> NoReturn:
    raise json.JSONDecodeError("JSON knows no such word", name, 0)


def _reject_depth(text: str, value: Json) -> None:
    # Counting brackets is cheap and settles nearly every document.
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    level: list[Json] = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [item for parent in level for item in _children(parent)]
        if not level:
            return
    raise JsonError(f"JSON is nested more than {MAX_DEPTH} levels deep")


def _children(value: Json) -> list[Json]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _reject_unstorable(text: str, value: Json) -> None:
    if "\\u" not in text:
        return
    plain = dumps(value)
    if _NUL.search(plain):
        raise JsonError("JSON contains the character U+0000, which cannot be stored")
    try:
        plain.encode()
    except UnicodeEncodeError:
        raise JsonError("JSON contains half of a surrogate pair, which cannot be stored") from None

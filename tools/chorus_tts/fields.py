"""
Values from outside, checked: each mistake is told by name, with what was expected.
"""

from __future__ import annotations

import difflib
import json
import math
import unicodedata
from typing import TYPE_CHECKING, Final, cast

from chorus_tts.errors import BadRequestError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

_SHOWN: Final = 40


def parsed_object(text: str | bytes, *, what: str) -> dict[str, object]:
    """
    The JSON object in *text*.
    """
    try:
        value: object = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else error
        raise BadRequestError(f"{what} is no JSON: {reason}", code="bad_json") from None
    if not isinstance(value, dict):
        raise BadRequestError(f"{what} must be a JSON object, not {shown(value)}", code="bad_json")
    return cast("dict[str, object]", value)


def refuse_unknown(given: Collection[str], known: Collection[str], *, what: str) -> None:
    for name in given:
        if name not in known:
            raise BadRequestError(
                f"{what} {shown(name)} is unknown{_nearest(name, known)}; known: {', '.join(sorted(known))}",
                code="unknown_parameter",
            )


def string(values: Mapping[str, object], name: str, *, longest: int | None = None) -> str | None:
    value = values.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise _wrong(name, "must be a string", value)
    if longest is not None and len(value) > longest:
        raise _wrong(name, f"may have {longest} characters", f"{len(value)} characters")
    return value


def flag(values: Mapping[str, object], name: str, *, default: bool) -> bool:
    value = values.get(name)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise _wrong(name, "must be true or false", value)
    return value


def number(values: Mapping[str, object], name: str, *, low: float, high: float, default: float) -> float:
    value = values.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _wrong(name, f"must be a number from {low:g} to {high:g}", value)
    if not low <= value <= high:
        raise _wrong(name, f"must be from {low:g} to {high:g}", value)
    return float(value)


def whole(values: Mapping[str, object], name: str, *, low: int, high: int, default: int) -> int:
    value = values.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise _wrong(name, f"must be a whole number from {low} to {high}", value)
    return value


def choice(values: Mapping[str, object], name: str, known: Sequence[str], *, default: str) -> str:
    value = values.get(name)
    if value is None:
        return default
    if not isinstance(value, str) or value not in known:
        nearest = _nearest(value, known) if isinstance(value, str) else ""
        raise _wrong(name, f"must be one of {', '.join(known)}", value, nearest)
    return value


def shown(value: object) -> str:
    """
    *value* in a message, whatever was sent.
    """
    if isinstance(value, str):
        text = quoted(value)
    else:
        text = f"{value:g}" if isinstance(value, float) and math.isfinite(value) else repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def quoted(text: str) -> str:
    """
    *text* as Python writes it, but with characters as they are that an older Python does not know yet.
    """
    quote = repr(text)[0]
    known = (char if unicodedata.category(char) == "Cn" else repr(char)[1:-1] for char in text)
    return f"{quote}{''.join(known)}{quote}"


def _wrong(name: str, expected: str, value: object, nearest: str = "") -> BadRequestError:
    return BadRequestError(f"{name} {expected}, not {shown(value)}{nearest}", code="bad_parameter")


def _nearest(name: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(name[:_SHOWN], list(known), n=1)
    return f" (nearest is {close[0]!r})" if close else ""


def _refuse_constant(constant: str) -> object:
    raise ValueError(f"{constant} is no JSON")

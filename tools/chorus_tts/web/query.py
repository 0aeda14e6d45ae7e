"""
The query of a request, typed.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from chorus_tts import fields
from chorus_tts.errors import BadRequestError
from chorus_tts.parameters import Manner, read_manner

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.datastructures import QueryParams

LONGEST_SILENCE: Final = 3600
SILENCE: Final = 180
_FLAGS: Final = {"true": True, "1": True, "false": False, "0": False}


def read_query(query: QueryParams, known: Mapping[str, Callable[[str], object]]) -> dict[str, object]:
    """
    Each parameter's value, read as *known* says; what is unknown or said twice is refused.
    """
    values: dict[str, object] = {}
    for name, value in query.multi_items():
        fields.refuse_unknown([name], known, what="the parameter")
        if name in values:
            raise BadRequestError(f"{name} is given twice; give it once", code="bad_parameter")
        values[name] = known[name](value)
    return values


def boolean(text: str) -> object:
    return _FLAGS.get(text.lower(), text)


def numeral(text: str) -> object:
    """
    A number as JSON has it; anything else stays text, and is refused by whoever wants a number.
    """
    if not text.isascii() or len(text) > 20:  # noqa: PLR2004 - more digits than any parameter has
        return text
    try:
        value = float(text)
    except ValueError:
        return text
    return int(value) if math.isfinite(value) and value.is_integer() else value


SPEECH: Final[Mapping[str, Callable[[str], object]]] = {
    "api_key": str,
    "enable_logging": boolean,
    "output_format": str,
}
CONVERSATION: Final[Mapping[str, Callable[[str], object]]] = {
    **SPEECH,
    "apply_text_normalization": str,
    "auto_mode": boolean,
    "enable_ssml_parsing": boolean,
    "inactivity_timeout": numeral,
    "language_code": str,
    "model_id": str,
    "seed": numeral,
}


def read_conversation_manner(values: Mapping[str, object]) -> Manner:
    if fields.flag(values, "enable_ssml_parsing", default=False):
        raise BadRequestError(
            "enable_ssml_parsing must be false: SSML is not understood here", code="bad_parameter"
        )
    return read_manner(values)

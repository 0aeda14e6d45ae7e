"""
The parameters of speech: the same names in HTTP bodies and in the messages of a conversation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chorus_tts import fields
from chorus_tts.audio.formats import FORMATS
from chorus_tts.errors import BadRequestError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chorus_tts.audio.formats import OutputFormat

SLOWEST: Final = 0.5
FASTEST: Final = 2.0
HIGHEST_SEED: Final = 2**32 - 1
NORMALIZATION: Final = ("auto", "on", "off")
_LONGEST_NAME: Final = 100
# Asked of cloud voices; accepted, checked, and without effect on these.
_WITHOUT_EFFECT: Final = ("stability", "similarity_boost", "style")
_SETTINGS: Final = (*_WITHOUT_EFFECT, "speed", "use_speaker_boost")
_BODY: Final = (
    "apply_text_normalization",
    "language_code",
    "model_id",
    "seed",
    "text",
    "voice_settings",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """
    How to speak, but for the voice.
    """

    speed: float = 1.0
    seed: int = 0
    normalize: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechRequest:
    text: str
    manner: Manner


def read_speech_request(body: Mapping[str, object]) -> SpeechRequest:
    fields.refuse_unknown(body, _BODY, what="the body's")
    text = fields.string(body, "text")
    if text is None:
        raise BadRequestError("text is missing; it is what to say", code="missing_parameter")
    manner = read_manner(body)
    return SpeechRequest(
        text=text, manner=Manner(speed=read_speed(body), seed=manner.seed, normalize=manner.normalize)
    )


def read_manner(values: Mapping[str, object]) -> Manner:
    """
    What a body says and what a query says alike; speed stands elsewhere.
    """
    fields.string(values, "model_id", longest=_LONGEST_NAME)
    language = fields.string(values, "language_code", longest=_LONGEST_NAME)
    if language is not None and language.lower().replace("_", "-").split("-")[0] != "en":
        raise BadRequestError(
            f"language_code must be en, en-US or en-GB, not {fields.shown(language)}: "
            "only English is spoken here",
            code="bad_parameter",
        )
    normalization = fields.choice(values, "apply_text_normalization", NORMALIZATION, default="auto")
    seed = fields.whole(values, "seed", low=0, high=HIGHEST_SEED, default=0)
    return Manner(seed=seed, normalize=normalization != "off")


def read_speed(values: Mapping[str, object]) -> float:
    """
    The speed in ``voice_settings``, whose other members are checked and change nothing.
    """
    settings = values.get("voice_settings")
    if settings is None:
        return 1.0
    if not isinstance(settings, dict):
        raise BadRequestError(
            f"voice_settings must be an object, not {fields.shown(settings)}", code="bad_parameter"
        )
    fields.refuse_unknown(settings, _SETTINGS, what="the member of voice_settings")
    for name in _WITHOUT_EFFECT:
        fields.number(settings, name, low=0, high=1, default=0)
    fields.flag(settings, "use_speaker_boost", default=False)
    return fields.number(settings, "speed", low=SLOWEST, high=FASTEST, default=1.0)


def read_format(values: Mapping[str, object], *, default: str) -> OutputFormat:
    return FORMATS[fields.choice(values, "output_format", tuple(FORMATS), default=default)]

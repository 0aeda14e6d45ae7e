"""
The voices, and which engine speaks with them.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chorus_tts.errors import UnknownVoiceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_DEFAULT: Final = "af_heart"

# Kokoro names its voices by language and gender: af_heart is American and female.
_LANGUAGES: Final = {
    "a": "en-US",
    "b": "en-GB",
    "e": "es",
    "f": "fr",
    "h": "hi",
    "i": "it",
    "j": "ja",
    "p": "pt-BR",
    "z": "zh",
}
_GENDERS: Final = {"f": "female", "m": "male"}
_SHOWN: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    id: str
    engine: str

    @property
    def name(self) -> str:
        return self.id.partition("_")[2].capitalize() or self.id

    @property
    def language(self) -> str:
        """
        The language whose speakers the voice was made from; whatever it is, the voice speaks English.
        """
        return _LANGUAGES.get(self.id[:1], "en-US")

    @property
    def gender(self) -> str:
        return _GENDERS.get(self.id[1:2], "unknown")

    @property
    def british(self) -> bool:
        return self.language == "en-GB"

    def described(self) -> dict[str, object]:
        return {
            "voice_id": self.id,
            "name": self.name,
            "engine": self.engine,
            "language": self.language,
            "gender": self.gender,
        }


class Catalogue:
    """
    Every voice by its id. Where two engines have a voice of one id, the last one speaks it.
    """

    def __init__(self, voices: Iterable[Voice]) -> None:
        self._voices = {voice.id: voice for voice in voices}

    def __iter__(self) -> Iterator[Voice]:
        return iter(sorted(self._voices.values(), key=lambda voice: voice.id))

    def named(self, voice_id: str) -> Voice:
        voice = self._voices.get(voice_id)
        if voice is None:
            raise UnknownVoiceError(self._unknown(voice_id), code="unknown_voice")
        return voice

    @property
    def default(self) -> Voice:
        return self._voices.get(_DEFAULT) or next(iter(self))

    def _unknown(self, voice_id: str) -> str:
        return (
            f"there is no voice {voice_id[:_SHOWN]!r} here; nearest is {self._nearest(voice_id)!r}; "
            f"known: {', '.join(sorted(self._voices))}. "
            "Kokoro's other voices are spoken when KOKORO_VOICES_PATH names them"
        )

    def _nearest(self, voice_id: str) -> str:
        """
        A voice of the same language and gender, if there is one; of those the one with the nearest name.
        """
        alike = [
            [known for known in sorted(self._voices) if known[:length] == voice_id[:length]]
            for length in (2, 1, 0)
        ]
        return difflib.get_close_matches(voice_id, next(filter(None, alike)), n=1, cutoff=0)[0]

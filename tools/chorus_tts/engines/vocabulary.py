"""
The phonemes that Kokoro was trained on, and the voices distilled from it.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import cast


class Vocabulary:
    """
    Each phoneme's number; the same in all engines.
    """

    def __init__(self) -> None:
        text = (files("hibari") / "assets" / "vocab.json").read_text(encoding="utf-8")
        self._numbers = cast("dict[str, int]", json.loads(text))

    def numbers(self, phonemes: str) -> list[int]:
        """
        *phonemes* as a network reads them: with silence, 0, at both ends.
        """
        return [0, *(self._numbers[phoneme] for phoneme in phonemes if phoneme in self._numbers), 0]

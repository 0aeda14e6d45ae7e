"""
The small English voice of hibari-tts, distilled from Kokoro's af_heart.
"""

from __future__ import annotations

from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Final

import numpy as np

from chorus_tts.engines import vocoder
from chorus_tts.engines.network import Network
from chorus_tts.engines.vocabulary import Vocabulary
from chorus_tts.voices import Voice

if TYPE_CHECKING:
    from chorus_tts.audio.shaping import Wave
    from chorus_tts.engines.engine import Halt
    from chorus_tts.engines.network import Array

NAME: Final = "small"


class SmallEngine:
    name = NAME
    longest = 400
    voices: tuple[Voice, ...] = (Voice(id="af_heart", engine=NAME),)

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        with as_file(files("hibari") / "assets" / "hibari.onnx") as path:
            # One thread is the fastest for a network of this size.
            self._network = Network(path, threads=1)

    def speak(self, phonemes: str, *, voice: str, speed: float, seed: int, halt: Halt) -> Wave:
        """
        *seed* draws the noise of breath and consonants. There is one *voice*.
        """
        del voice
        inputs: dict[str, Array] = {
            "ids": np.array([self._vocabulary.numbers(phonemes)], np.int64),
            "speed": np.array([speed], np.float32),
        }
        spectra = self._network.run(inputs, halt)
        return vocoder.sound([spectrum[0] for spectrum in spectra], seed)

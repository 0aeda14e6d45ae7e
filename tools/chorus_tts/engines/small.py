"""
The small English voice of hibari-tts, distilled from Kokoro's af_heart.

Its network is computed here, not by onnxruntime: whose 8-bit products saturate on processors without VNNI,
and whose floats differ in the last bit between processors. This voice speaks the same bytes on all of them.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Final

from chorus_tts.engines.vocoder import Vocoder
from chorus_tts.networks.onnx_file import read_onnx
from chorus_tts.networks.voice import VoiceNetwork
from chorus_tts.voices import Voice

if TYPE_CHECKING:
    from chorus_tts.audio.shaping import Wave
    from chorus_tts.engines.engine import Halt
    from chorus_tts.engines.vocabulary import Vocabulary

NAME: Final = "small"


class SmallEngine:
    name = NAME
    longest = 400
    voices: tuple[Voice, ...] = (Voice(id="af_heart", engine=NAME),)

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._network = VoiceNetwork(read_onnx((files("hibari") / "assets" / "hibari.onnx").read_bytes()))
        self._vocoder = Vocoder()

    def speak(self, phonemes: str, *, voice: str, speed: float, seed: int, halt: Halt) -> Wave:
        """
        *seed* draws the noise of breath and consonants. There is one *voice*.
        """
        del voice
        numbers = self._vocabulary.numbers(phonemes)
        spectra = self._network.spectra(numbers, speed=speed, proceed=halt.proceed)
        return self._vocoder.sound(spectra, seed=seed, proceed=halt.proceed)

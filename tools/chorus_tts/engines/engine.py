"""
What every engine can do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import onnxruntime

if TYPE_CHECKING:
    from chorus_tts.audio.shaping import Wave
    from chorus_tts.voices import Voice


class Halt:
    """
    Ends what an engine is computing, from another thread and within a fraction of a second.
    """

    def __init__(self) -> None:
        self.options = onnxruntime.RunOptions()
        self.halted = False

    def stop(self) -> None:
        self.halted = True
        self.options.terminate = True


class HaltedError(Exception):
    """
    Nobody waits for this sound any more.
    """


class Engine(Protocol):
    """
    *longest* is how many phonemes it says at once.
    """

    name: str
    longest: int
    voices: tuple[Voice, ...]

    def speak(self, phonemes: str, *, voice: str, speed: float, seed: int, halt: Halt) -> Wave: ...

"""
What every engine can do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from chorus_tts.audio.shaping import Wave
    from chorus_tts.voices import Voice


class Halt:
    """
    Ends what an engine is computing, from another thread and within a fraction of a second.
    """

    def __init__(self) -> None:
        self.halted = False
        self._actions: list[Callable[[], None]] = []

    def stop(self) -> None:
        self.halted = True
        for action in self._actions:
            action()

    def proceed(self) -> None:
        """
        Raises HaltedError if there is no reason to go on.
        """
        if self.halted:
            raise HaltedError

    def on_stop(self, action: Callable[[], None]) -> None:
        """
        *action* is called when the work is to end; now, if that has been said already.
        """
        self._actions.append(action)
        if self.halted:
            action()


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

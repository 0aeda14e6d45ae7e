"""
Where text becomes sound: away from the event loop, and in the order in which it was asked for.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chorus_tts.audio.shaping import frames_of, piece_of, samples_of
from chorus_tts.engines.company import assemble
from chorus_tts.engines.engine import Halt, HaltedError
from chorus_tts.errors import StartupError, UnspeakableError
from chorus_tts.text.phonemes import Phonemizer
from chorus_tts.voices import Catalogue

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from chorus_tts.engines.engine import Engine
    from chorus_tts.parameters import Manner
    from chorus_tts.settings import Settings
    from chorus_tts.voices import Voice

_log = logging.getLogger(__name__)
_WARM_UP: Final = "həlˈO."


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """
    A text that can be said: its pieces are what an engine says at once.
    """

    pieces: tuple[str, ...]
    voice: Voice
    manner: Manner


class Synthesizer:
    def __init__(self, engines: Sequence[Engine], *, threads: int, longest_text: int) -> None:
        self._engines = {engine.name: engine for engine in engines}
        self.voices = Catalogue(voice for engine in engines for voice in engine.voices)
        varieties = {voice.british for voice in self.voices}
        self._phonemizers = {british: Phonemizer(british=british) for british in sorted(varieties)}
        self._longest_text = longest_text
        # Phonemes are a matter of milliseconds: they never wait behind sound.
        self._readers = ThreadPoolExecutor(1, thread_name_prefix="phonemes")
        self._speakers = ThreadPoolExecutor(threads, thread_name_prefix="sound")

    async def prepare(self, text: str, voice: Voice, manner: Manner) -> Speech:
        """
        Refuses what cannot be said, before any of it is.
        """
        if len(text) > self._longest_text:
            raise UnspeakableError(
                f"the text has {len(text)} characters, but {self._longest_text} are said at once; "
                "send it in parts",
                code="text_too_long",
            )
        loop = asyncio.get_running_loop()
        pieces = await loop.run_in_executor(self._readers, self._pieces, text, voice, manner)
        return Speech(pieces=pieces, voice=voice, manner=manner)

    async def perform(self, speech: Speech, rate: int) -> AsyncGenerator[bytes]:
        """
        The samples of *speech*, frame by frame, as they are made. Whoever closes the iterator ends the work.
        """
        loop, halt, said = asyncio.get_running_loop(), Halt(), 0
        try:
            for piece in speech.pieces:
                samples = await loop.run_in_executor(self._speakers, self._say, piece, speech, rate, halt)
                for frame in frames_of(samples, rate):
                    yield frame
                said += 1
        finally:
            halt.stop()
            if said < len(speech.pieces):
                _log.info("a speech ended after %d of its %d pieces", said, len(speech.pieces))

    def close(self) -> None:
        """
        What was asked for and not begun is dropped.
        """
        self._readers.shutdown(wait=False, cancel_futures=True)
        self._speakers.shutdown(wait=False, cancel_futures=True)

    def warm_up(self) -> None:
        """
        The first sound of an engine takes longer than those after it, and shows whether it can speak at all.
        """
        for engine in self._engines.values():
            engine.speak(_WARM_UP, voice=engine.voices[0].id, speed=1.0, seed=0, halt=Halt())

    def _pieces(self, text: str, voice: Voice, manner: Manner) -> tuple[str, ...]:
        longest = self._engines[voice.engine].longest
        return self._phonemizers[voice.british].pieces(text, longest=longest, normalize=manner.normalize)

    def _say(self, piece: str, speech: Speech, rate: int, halt: Halt) -> bytes:
        if halt.halted:
            raise HaltedError
        manner = speech.manner
        wave = self._engines[speech.voice.engine].speak(
            piece, voice=speech.voice.id, speed=manner.speed, seed=manner.seed, halt=halt
        )
        return samples_of(piece_of(wave, piece), rate)


def open_synthesizer(settings: Settings) -> Synthesizer:
    """
    Takes a second or two, mostly to read the weights.
    """
    try:
        synthesizer = Synthesizer(
            assemble(settings), threads=settings.threads, longest_text=settings.longest_text
        )
        synthesizer.warm_up()
    except (StartupError, ModuleNotFoundError):
        raise
    except Exception as error:
        raise StartupError(f"no voice can speak: {type(error).__name__}: {error}") from error
    return synthesizer

"""Speech of a WAV file, in the pieces that a microphone takes."""

from __future__ import annotations

import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_SAMPLE = 2
_FRAMES_A_SECOND = 50


@dataclass(frozen=True, slots=True)
class Clip:
    """
    Signed 16-bit little-endian samples of one channel, *rate* of them a second.
    """

    pcm: bytes
    rate: int

    @property
    def seconds(self) -> float:
        return len(self.pcm) / _SAMPLE / self.rate

    def followed_by_silence(self, seconds: float) -> Clip:
        """
        The same with a pause at its end, by which whoever listens knows that it is over.
        """
        return Clip(self.pcm + bytes(_SAMPLE * int(self.rate * seconds)), self.rate)

    def frames(self) -> Iterator[bytes]:
        """
        Pieces of 20 ms; the last one is filled up with silence.
        """
        size = _SAMPLE * (self.rate // _FRAMES_A_SECOND)
        for start in range(0, len(self.pcm), size):
            yield self.pcm[start : start + size].ljust(size, b"\0")


def read_wav(path: Path) -> Clip:
    """
    :raises ValueError: when the file is no WAV of one channel and 16 bits.
    """
    try:
        with wave.open(str(path), "rb") as file:
            channels, width, rate = file.getnchannels(), file.getsampwidth(), file.getframerate()
            pcm = file.readframes(file.getnframes())
    except (EOFError, wave.Error) as error:
        raise ValueError(f"{path} is no WAV file: {error}") from None
    if (channels, width) != (1, _SAMPLE):
        raise ValueError(f"{path} has {channels} channels of {width * 8} bits; expected one of 16 bits")
    return Clip(pcm, rate)


def write_wav(path: Path, clip: Clip) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(_SAMPLE)
        file.setframerate(clip.rate)
        file.writeframes(clip.pcm)
    return path

"""
From what an engine says to samples of an asked rate.

A piece is spoken sound with a pause behind it, and lasts a whole number of steps of 20 ms: at every rate
that is a whole number of samples, so a piece has the same duration in every format, and pieces are
resampled on their own without a seam.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from chorus_tts.audio.formats import SAMPLE_WIDTH
from chorus_tts.audio.resampling import ENGINE_RATE, STEP, STEPS_A_SECOND, resampled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Wave = NDArray[np.float32]

# How long one frame of a stream lasts; the last of a piece is shorter.
_FRAME_STEPS: Final = 20
_SILENCE: Final = 0.01
_LEAD: Final = ENGINE_RATE // 25
_FULL_SCALE: Final = 32767
_SENTENCE_PAUSE: Final = 0.3
_CLAUSE_PAUSE: Final = 0.1


def piece_of(wave: Wave, phonemes: str) -> Wave:
    """
    *wave* without the silence around it, with the pause that the end of *phonemes* asks for.
    """
    loud = np.flatnonzero(np.abs(wave) > _SILENCE)
    spoken = wave[max(0, loud[0] - _LEAD) : loud[-1] + _LEAD] if loud.size else wave[:0]
    pause = _SENTENCE_PAUSE if phonemes.rstrip('"”’)')[-1:] in ".!?…" else _CLAUSE_PAUSE
    length = spoken.size + int(pause * ENGINE_RATE)
    whole = np.zeros(-(-length // STEP) * STEP, np.float32)
    whole[: spoken.size] = spoken
    return whole


def samples_of(piece: Wave, rate: int) -> bytes:
    scaled = np.rint(np.clip(resampled(piece, rate), -1, 1) * _FULL_SCALE)
    return scaled.astype("<i2").tobytes()


def frames_of(samples: bytes, rate: int) -> Iterator[bytes]:
    size = rate // STEPS_A_SECOND * _FRAME_STEPS * SAMPLE_WIDTH
    for start in range(0, len(samples), size):
        yield samples[start : start + size]

"""
Noise that is the same everywhere.

numpy promises the bits of its generators, but not the numbers that it makes of them. A hash function has no
versions: its digest is as good a source, and as long as one likes.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import numpy as np

from chorus_tts.arithmetic.functions import cosine_of_turns, log, sine_of_turns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Float32 = NDArray[np.float32]

_LEVELS: Final = 2**16


class Noise:
    """
    Complex numbers, both of whose parts are distributed normally, with a deviation of 1 (Box and Muller's
    method).
    """

    def __init__(self) -> None:
        uniform = (np.arange(_LEVELS) + 0.5) / _LEVELS
        self._lengths = np.sqrt(log(uniform) * -2).astype(np.float32)
        self._cosines = cosine_of_turns(uniform).astype(np.float32)
        self._sines = sine_of_turns(uniform).astype(np.float32)

    def draw(self, rows: int, columns: int, *, seed: int) -> tuple[Float32, Float32]:
        """
        The real and the imaginary parts; with more *rows* the first ones stay the same.
        """
        digest = hashlib.shake_128(seed.to_bytes(8, "little")).digest(4 * rows * columns)
        drawn = np.frombuffer(digest, "<u2").reshape(rows, columns, 2)
        lengths, angles = self._lengths[drawn[..., 0]], drawn[..., 1]
        return lengths * self._cosines[angles], lengths * self._sines[angles]

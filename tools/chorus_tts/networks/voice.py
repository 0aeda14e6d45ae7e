"""
The small voice's network: from phonemes to the spectra of sound.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

import numpy as np

from chorus_tts.arithmetic.functions import exp, gelu, log
from chorus_tts.networks.layers import (
    ConvBlock,
    Convolution,
    LayerNorm,
    Linear,
    TransformerBlock,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from chorus_tts.networks.layers import Rows
    from chorus_tts.networks.onnx_file import OnnxFile

_BANDS: Final = 601
# The durations are in steps of this many frames.
_FRAMES: Final = 2
_DILATIONS: Final = (1, 2, 4, 8, 1, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spectra:
    """
    A row of 601 frequencies for each frame of 12.5 ms. Loudness is a natural logarithm.
    """

    voiced_loudness: Rows
    voiced_phase: Rows
    noise_loudness: Rows
    rest_loudness: Rows
    rest_phase: Rows
    pitch: Rows

    def part(self, frames: slice) -> Spectra:
        return Spectra(**{field.name: getattr(self, field.name)[frames] for field in fields(self)})


class TextEncoder:
    """
    *depth* is how many times the one block of attention is passed.
    """

    def __init__(self, file: OnnxFile, name: str, *, depth: int) -> None:
        self._embedding = file.tensor(f"{name}.emb.weight")
        convolutions = [ConvBlock(file, f"{name}.convs.{index}") for index in range(2)]
        attention = TransformerBlock(file, f"{name}.attn", heads=2)
        self._blocks: list[Callable[[Rows], Rows]] = [*convolutions, *[attention] * depth]
        self._norm = LayerNorm(file, f"{name}.norm")

    def __call__(self, numbers: Sequence[int], proceed: Callable[[], None]) -> Rows:
        rows = self._embedding[list(numbers)]
        for block in self._blocks:
            proceed()
            rows = block(rows)
        return self._norm(rows)


class Prosody:
    """
    How long each phoneme lasts, and the melody.
    """

    def __init__(self, file: OnnxFile) -> None:
        self._text = TextEncoder(file, "pn.text", depth=6)
        self._duration = Convolution(file, "pn.dur.0"), Convolution(file, "pn.dur.2")
        self._into_melody = Convolution(file, "pn.pro_in")
        self._melody = [
            ConvBlock(file, f"pn.pro.{index}", dilation=dilation) for index, dilation in enumerate(_DILATIONS)
        ]
        self._out_of_melody = Convolution(file, "pn.pro_out")

    def __call__(
        self, numbers: Sequence[int], speed: float, proceed: Callable[[], None]
    ) -> tuple[NDArray[np.int64], Rows, Rows]:
        """
        The steps of each phoneme; and for each frame its pitch in hertz, and its energy.
        """
        text = self._text(numbers, proceed)
        first, second = self._duration
        steps = _steps(second(gelu(first(text)))[:, 0], speed)
        rows = self._into_melody(np.repeat(text, steps, axis=0))
        for block in self._melody:
            proceed()
            rows = block(rows)
        # Each step holds the pitches of its frames, then their energies.
        melody = self._out_of_melody(rows).reshape(-1, 2, _FRAMES)
        return steps, melody[:, 0].reshape(-1) * np.float32(100), melody[:, 1].reshape(-1) * np.float32(5)


class VoiceNetwork:
    def __init__(self, file: OnnxFile) -> None:
        self._prosody = Prosody(file)
        self._text = TextEncoder(file, "m.text", depth=4)
        self._into_frames = Convolution(file, "m.dec_in")
        self._frames = [ConvBlock(file, f"m.dec.{index}") for index in range(8)]
        self._norm = LayerNorm(file, "m.dec_norm")
        self._head = Linear(file, "m.head.bias")

    def spectra(self, numbers: Sequence[int], *, speed: float, proceed: Callable[[], None]) -> Spectra:
        """
        *proceed* is called between the layers; it raises what is to end the work.
        """
        steps, pitch, energy = self._prosody(numbers, speed, proceed)
        text = np.repeat(self._text(numbers, proceed), steps * _FRAMES, axis=0)
        rows = self._into_frames(np.column_stack([text, _logarithm(pitch) / 5, energy / 5]))
        for block in self._frames:
            proceed()
            rows = block(rows)
        proceed()
        bands = self._head(self._norm(rows)).reshape(-1, 5, _BANDS)
        return Spectra(
            voiced_loudness=bands[:, 0],
            voiced_phase=bands[:, 1],
            noise_loudness=bands[:, 2],
            rest_loudness=bands[:, 3],
            rest_phase=bands[:, 4],
            pitch=pitch,
        )


def _steps(logarithms: Rows, speed: float) -> NDArray[np.int64]:
    lengths = (exp(logarithms.astype(np.float64)) - 1) / speed
    return np.maximum(np.rint(lengths), 1).astype(np.int64)


def _logarithm(pitch: Rows) -> Rows:
    return log(np.maximum(pitch, 0).astype(np.float64) + 1).astype(np.float32)

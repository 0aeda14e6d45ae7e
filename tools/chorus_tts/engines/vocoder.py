"""
From the spectra that the small voice's network predicts to sound.

Each frame of 12.5 ms has a pitch and five spectra: the loudness and phase of what the vocal cords excite, the
loudness of noise, and loudness and phase of the rest. They are put together in the frequency domain. All of
it is computed with :mod:`chorus_tts.arithmetic`, so that the bytes are the same on every processor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from chorus_tts.arithmetic.fourier import Fourier
from chorus_tts.arithmetic.functions import cosine_of_turns, exp, sine_of_turns, tanh
from chorus_tts.engines.noise import Noise

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from chorus_tts.networks.voice import Spectra

    Float32 = NDArray[np.float32]
    Float64 = NDArray[np.float64]
    # Real parts, and imaginary parts.
    Complex = tuple[Float32, Float32]

RATE: Final = 24000
_WINDOW: Final = 1200
_HOP: Final = 300
_OVERLAP: Final = _WINDOW // _HOP
_HANN: Final = (0.5 - 0.5 * cosine_of_turns(np.arange(_WINDOW) / _WINDOW)).astype(np.float32)
_LOWEST_PITCH: Final = 40.0
_HIGHEST_HARMONIC: Final = 11000.0
_LOUDEST: Final = 7.0
_SINGULAR: Final = 2e-3
_TURNS_IN_A_RADIAN: Final = np.float32(0.15915494309189535)
# Turns are added up as whole numbers of this part of a turn: no rounding grows with the length of a sentence.
_TURN: Final = 2**40
# A second of frames at a time, which takes a hundredth of that, and as often a chance to stop.
_BLOCK: Final = 80


class Vocoder:
    def __init__(self) -> None:
        self._fourier = Fourier(_WINDOW)
        self._noise = Noise()

    def sound(self, spectra: Spectra, *, seed: int, proceed: Callable[[], None]) -> Float32:
        """
        *proceed* is called now and then; it raises what is to end the work.
        """
        frames = spectra.pitch.size
        padded = np.pad(pulses(spectra.pitch), _WINDOW // 2, mode="reflect")
        windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP][:frames]
        real, imaginary = self._noise.draw(frames, spectra.noise_loudness.shape[1], seed=seed)
        wave = np.zeros((frames + _OVERLAP - 1, _HOP), np.float32)
        weight = np.zeros_like(wave)
        for start in range(0, frames, _BLOCK):
            proceed()
            block = slice(start, start + _BLOCK)
            excitation = self._fourier.spectra(windows[block] * (_HANN * np.float32(_OVERLAP / _WINDOW)))
            mixed = _mixed(spectra.part(block), excitation, (real[block], imaginary[block]))
            _overlap(wave[start:], weight[start:], self._fourier.signals(*mixed) * _HANN)
        wave /= np.maximum(weight, np.float32(1e-11))
        return wave.reshape(-1)[_WINDOW // 2 :][: frames * _HOP]


def pulses(pitch: Float32) -> Float32:
    """
    The sum of all harmonics of *pitch* that fit, each of amplitude 1; silence where there is no pitch.
    """
    hertz = _interpolated(pitch.astype(np.float64))
    voiced = hertz > _LOWEST_PITCH
    hertz = np.maximum(hertz, _LOWEST_PITCH)
    passed = np.cumsum(np.rint(hertz * (_TURN / RATE)).astype(np.int64)) % _TURN
    turns = passed * (1 / _TURN)
    order = np.floor(_HIGHEST_HARMONIC / hertz) + 0.5
    divisor = 2 * sine_of_turns(turns / 2)
    singular = np.abs(divisor) <= _SINGULAR
    # The closed form of a sum of cosines; where it is 0/0 its limit is the number of terms.
    summed = np.where(singular, order, sine_of_turns(order * turns) / np.where(singular, 1, divisor)) - 0.5
    return np.where(voiced, summed, 0).astype(np.float32)


def _interpolated(pitch: Float64) -> Float64:
    """
    The pitch of each sample, on straight lines between the middles of frames.
    """
    before, after = np.concatenate([pitch[:1], pitch]), np.concatenate([pitch, pitch[-1:]])
    parts = (np.arange(_HOP) + 0.5) / _HOP
    lines: Float64 = before[:, None] + (after - before)[:, None] * parts
    return lines.reshape(-1)[_HOP // 2 :][: pitch.size * _HOP]


def _mixed(spectra: Spectra, excitation: Complex, noise: Complex) -> Complex:
    voiced = _polar(_loudness(spectra.voiced_loudness), tanh(spectra.voiced_phase) * np.float32(0.5))
    rest = _polar(_loudness(spectra.rest_loudness), spectra.rest_phase * _TURNS_IN_A_RADIAN)
    breath = _loudness(spectra.noise_loudness)
    return (
        voiced[0] * excitation[0] - voiced[1] * excitation[1] + breath * noise[0] + rest[0],
        voiced[0] * excitation[1] + voiced[1] * excitation[0] + breath * noise[1] + rest[1],
    )


def _loudness(logarithm: Float32) -> Float32:
    loudness: Float32 = exp(np.minimum(logarithm, _LOUDEST))
    return loudness


def _polar(length: Float32, turns: Float32) -> Complex:
    return length * cosine_of_turns(turns), length * sine_of_turns(turns)


def _overlap(wave: Float32, weight: Float32, windows: Float32) -> None:
    for part in range(_OVERLAP):
        span = slice(part * _HOP, (part + 1) * _HOP)
        wave[part : part + len(windows)] += windows[:, span]
        weight[part : part + len(windows)] += _HANN[span] * _HANN[span]

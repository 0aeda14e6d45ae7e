"""
From the spectra that the small voice's network predicts to sound.

The network describes each frame of 12.5 ms by a pitch and five spectra: the loudness and phase of what the
vocal cords excite, the loudness of noise, and loudness and phase of the rest. They are put together in the
frequency domain. numpy computes it alone, in single precision, so that the same bytes come out whatever
else is installed beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Real = NDArray[np.float32]
    Complex = NDArray[np.complex64]

RATE: Final = 24000
_WINDOW: Final = 1200
_HOP: Final = 300
_HANN: Final = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_WINDOW) / _WINDOW)).astype(np.float32)
_LOWEST_PITCH: Final = 40.0
_HIGHEST_HARMONIC: Final = 11000.0
_LOUDEST: Final = 7.0
_SINGULAR: Final = 2e-3


def sound(spectra: Sequence[Real], seed: int) -> Real:
    """
    *spectra*: cords' loudness, cords' phase, noise's loudness, rest's loudness, rest's phase, and the pitch.
    """
    cords, cords_phase, noise, rest, rest_phase, pitch = spectra
    frames = pitch.size
    whole = _polar(_loudness(cords), np.float32(np.pi) * np.tanh(cords_phase)) * _analysed(
        _pulses(pitch), frames
    )
    whole += _loudness(noise) * _noise(noise.shape, seed)
    whole += _polar(_loudness(rest), rest_phase)
    return _synthesized(whole)


def _loudness(logarithm: Real) -> Real:
    return np.exp(np.minimum(logarithm, np.float32(_LOUDEST)))


def _polar(length: Real, angle: Real) -> Complex:
    turned = np.empty(length.shape, np.complex64)
    turned.real = length * np.cos(angle)
    turned.imag = length * np.sin(angle)
    return turned


def _noise(shape: tuple[int, ...], seed: int) -> Complex:
    drawn = np.random.default_rng(seed).standard_normal((shape[0], 2 * shape[1]), dtype=np.float32)
    return drawn.view(np.complex64)


def _pulses(pitch: Real) -> Real:
    """
    The sum of all harmonics of *pitch* that fit, each of amplitude 1; silence where there is no pitch.
    """
    frames = np.arange(pitch.size * _HOP)
    hertz = np.interp((frames + 0.5) / _HOP - 0.5, np.arange(pitch.size), pitch)
    voiced = hertz > _LOWEST_PITCH
    hertz = np.maximum(hertz, _LOWEST_PITCH)
    phase = 2 * np.pi * (np.cumsum(hertz / RATE) % 1.0)
    order = np.floor(_HIGHEST_HARMONIC / hertz) + 0.5
    divisor = 2 * np.sin(phase / 2)
    singular = np.abs(divisor) <= _SINGULAR
    # The closed form of a sum of cosines; where it is 0/0 its limit is the number of terms.
    summed = np.where(singular, order, np.sin(order * phase) / np.where(singular, 1, divisor)) - 0.5
    return np.where(voiced, summed, 0).astype(np.float32)


def _analysed(wave: Real, frames: int) -> Complex:
    padded = np.pad(wave, _WINDOW // 2, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP][:frames]
    spectrum = np.fft.rfft(windows * (_HANN * np.float32(4 / _WINDOW)), axis=1)
    return spectrum.T.astype(np.complex64, copy=False)


def _synthesized(spectrum: Complex) -> Real:
    frames, overlap = spectrum.shape[1], _WINDOW // _HOP
    waves = np.fft.irfft(spectrum.T, n=_WINDOW, axis=1).astype(np.float32, copy=False) * _HANN
    wave = np.zeros((frames + overlap - 1, _HOP), np.float32)
    weight = np.zeros_like(wave)
    for part in range(overlap):
        span = slice(part * _HOP, (part + 1) * _HOP)
        wave[part : part + frames] += waves[:, span]
        weight[part : part + frames] += _HANN[span] ** 2
    wave /= np.maximum(weight, np.float32(1e-11))
    return wave.reshape(-1)[_WINDOW // 2 :][: frames * _HOP]

"""
From the rate of the engines to that of an answer.

Resampling is the product of a matrix with the samples of a block and their neighbours: each column holds a
low-pass filter where one new sample needs it. A block is a whole number of samples at both rates, so all
blocks share a matrix; and :mod:`chorus_tts.arithmetic.products` makes the product the same everywhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from chorus_tts.arithmetic.functions import cosine_of_turns, sine_of_turns
from chorus_tts.arithmetic.products import Factor
from chorus_tts.audio.formats import RATES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Wave = NDArray[np.float32]
    Float64 = NDArray[np.float64]

ENGINE_RATE: Final = 24000
STEPS_A_SECOND: Final = 50
STEP: Final = ENGINE_RATE // STEPS_A_SECOND
# Up to this part of the band that both rates can hold nothing is lost; beyond the band nothing is left.
_KEPT: Final = 0.92
# The window of Blackman and Harris with four terms, which lets pass -92 dB from 4 of its periods on.
_WINDOW: Final = (0.35875, 0.48829, 0.14128, 0.01168)
_PERIODS: Final = 4
# Of smaller blocks there would be more neighbours than samples.
_BLOCK: Final = 120
_PI: Final = 3.141592653589793


def resampled(wave: Wave, rate: int) -> Wave:
    """
    *wave*, a whole number of steps, at *rate*; beyond its ends there is silence.
    """
    if rate == ENGINE_RATE:
        return wave
    filters = _filters(rate)
    padded = np.pad(wave, filters.reach)
    blocks = np.lib.stride_tricks.sliding_window_view(padded, filters.block + 2 * filters.reach)
    return filters.matrix.times(blocks[:: filters.block]).astype(np.float32).reshape(-1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Filters:
    """
    How many samples are a *block*, and how many neighbours at each side it needs.
    """

    matrix: Factor
    block: int
    reach: int


@lru_cache(len(RATES))
def _filters(rate: int) -> _Filters:
    band = 0.5 * min(1, rate / ENGINE_RATE)
    reach = math.ceil(_PERIODS / (band * (1 - _KEPT)))
    common = math.gcd(rate, ENGINE_RATE)
    parts, apart = rate // common, ENGINE_RATE // common
    block = next(size for size in range(apart, STEP + 1, apart) if STEP % size == 0 and size >= _BLOCK)
    # The times between given and wanted samples, in the parts of a sample that measure all of them.
    given, wanted = np.arange(-reach, block + reach), np.arange(block // apart * parts)
    times = wanted * apart - given[:, None] * parts
    furthest = reach * parts
    response = _low_pass(np.arange(-furthest, furthest + 1) / parts, band * (1 + _KEPT) / 2, reach)
    matrix = Factor(response[np.clip(times, -furthest, furthest) + furthest])
    return _Filters(matrix=matrix, block=block, reach=reach)


def _low_pass(times: Float64, cut_off: float, reach: int) -> Float64:
    """
    The response to an impulse, *times* samples later; from *reach* on it is 0.
    """
    cosines = [cosine_of_turns(times * (order / (2 * reach))) for order in range(len(_WINDOW))]
    window = sum(weight * cosine for weight, cosine in zip(_WINDOW, cosines, strict=True))
    middle = times == 0
    sinc = np.where(middle, 2 * cut_off, sine_of_turns(times * cut_off) / np.where(middle, 1, times * _PI))
    return np.where(np.abs(times) < reach, sinc * window, 0)

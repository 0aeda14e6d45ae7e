"""
Other rates than that of the engines.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from chorus_tts.audio.resampling import ENGINE_RATE, STEP, resampled
from chorus_tts.audio.shaping import samples_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Wave = NDArray[np.float32]

RATES = [8000, 16000, 22050, 44100]
SECOND = np.arange(ENGINE_RATE)


def tone(hertz: float, rate: int = ENGINE_RATE) -> Wave:
    return np.array([math.sin(math.tau * hertz * at / rate) for at in range(rate)], np.float32)


def inner(wave: Wave) -> Wave:
    """
    Without what the silence around it makes of its ends.
    """
    return wave[len(wave) // 10 : -len(wave) // 10]


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("part", [0.001, 0.3, 0.9])
def test_what_both_rates_can_hold_is_kept(rate: int, part: float) -> None:
    hertz = part * min(rate, ENGINE_RATE) / 2

    found = resampled(tone(hertz), rate)

    assert len(found) == rate
    assert np.abs(inner(found) - inner(tone(hertz, rate))).max() < 2**-15


@pytest.mark.parametrize("rate", [8000, 16000, 22050])
@pytest.mark.parametrize("part", [1.01, 1.05])
def test_what_the_lower_rate_cannot_hold_is_gone(rate: int, part: float) -> None:
    found = resampled(tone(part * rate / 2), rate)

    assert np.abs(inner(found)).max() < 2**-15


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("steps", [1, 2, 7])
def test_a_piece_lasts_as_long_at_every_rate(rate: int, steps: int) -> None:
    assert len(resampled(np.ones(steps * STEP, np.float32), rate)) == steps * rate // 50


@pytest.mark.parametrize("rate", RATES)
def test_each_sample_is_where_it_was(rate: int) -> None:
    """
    An impulse that is sampled at both rates is not shifted: the filter is symmetric around it.
    """
    wave = np.zeros(10 * STEP, np.float32)
    wave[5 * STEP] = 1

    found = resampled(wave, rate)

    middle = 5 * rate // 50
    assert np.abs(found).argmax() == middle
    assert np.allclose(found[middle - 50 : middle][::-1], found[middle + 1 : middle + 51], atol=1e-5)


def test_at_the_rate_of_the_engines_nothing_is_changed() -> None:
    wave = tone(440)

    assert resampled(wave, ENGINE_RATE) is wave


def test_what_is_too_loud_is_cut_off() -> None:
    samples = np.frombuffer(
        samples_of(np.array([-2, -1, 0, 1e-5, 0.5, 1, 2], np.float32), ENGINE_RATE), "<i2"
    )

    assert samples.tolist() == [-32767, -32767, 0, 0, 16384, 32767, 32767]

"""
Two recordings of audio, compared as people hear them: how long, how loud, how unlike, and from where on.

Spectra are compared in bands that are wider the higher they are, as the ear hears them, moment by moment over
what both recordings have. It is plain Python: a fast Fourier transform of a few seconds takes some tenths of
one.
"""

from __future__ import annotations

import cmath
import math
from array import array
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from taketwo.cassette.audio.wav import samples_of
from taketwo.cassette.model import Sound

_FULL = 32768.0
_SILENCE = -96.0
_WINDOW = 512
_BANDS = 16
_MOST_WINDOWS = 200  # of a longer take, as many moments, evenly over the whole
_FLOOR = 1e-4  # of a band's power: what is more quiet is no difference


def audio_difference(before: bytes, after: bytes) -> tuple[str, str] | None:
    """
    What to say of two WAV files that differ, of the first and of the second; None when one cannot be heard.
    """
    old, new = samples_of(before), samples_of(after)
    if old is None or new is None:
        return None
    first, second = _mono(*old), _mono(*new)
    if first is None or second is None:
        return None
    apart = (
        _named(new[0], old[0])
        if old[0] != new[0]
        else _sound_difference(old[1], new[1], first, second, old[0])
    )
    return _description(first, old[0]), f"{_description(second, new[0])}; {apart}"


def _description(samples: Sequence[int], sound: Sound) -> str:
    return f"{len(samples) / sound.rate:.2f} s, {_level(samples):.1f} dB"


def _sound_difference(
    before: bytes, after: bytes, first: Sequence[int], second: Sequence[int], sound: Sound
) -> str:
    start = _divergence(before, after)
    if start is None:
        return "the same sound"
    distance = _distance(first, second)
    return f"spectra {distance:.1f} dB apart, different from {start // sound.frame / sound.rate:.2f} s on"


def _named(new: Sound, old: Sound) -> str:
    new_name, old_name = (f"{one.rate} Hz of {one.channels} x {8 * one.width} bits" for one in (new, old))
    return f"{new_name}, it was {old_name}"


def _mono(sound: Sound, content: bytes) -> array[int] | None:
    """
    The first channel, as loud as it is in samples of 16 bits; None for widths that are not played.
    """
    content = content[: len(content) // sound.frame * sound.frame]
    if sound.width == 1:  # the only ones without a sign
        return array("h", ((value - 128) << 8 for value in content))[:: sound.channels]
    if sound.width not in {2, 3, 4}:
        return None
    loudest = bytearray(2 * (len(content) // sound.width))
    loudest[::2] = content[sound.width - 2 :: sound.width]
    loudest[1::2] = content[sound.width - 1 :: sound.width]
    samples = array("h")
    samples.frombytes(bytes(loudest))
    return samples[:: sound.channels]


def _level(samples: Sequence[int]) -> float:
    power = math.fsum(value * value for value in samples) / max(1, len(samples))
    return max(_SILENCE, 10 * math.log10(power / _FULL**2)) if power else _SILENCE


def _divergence(first: bytes, second: bytes) -> int | None:
    """
    The first byte that differs; None when none does.
    """
    if first == second:
        return None
    common = min(len(first), len(second))
    for number in range(common):
        if first[number] != second[number]:
            return number
    return common


def _distance(first: Sequence[int], second: Sequence[int]) -> float:
    """
    By how many decibels the bands differ on average, where there is anything to hear in either.
    """
    common = min(len(first), len(second)) // _WINDOW
    step = max(1, common // _MOST_WINDOWS)
    found: list[float] = []
    for window in range(0, common, step):
        start = window * _WINDOW
        pair = _bands(first[start : start + _WINDOW]), _bands(second[start : start + _WINDOW])
        loudest = max(*pair[0], *pair[1])
        floor = max(loudest * _FLOOR, 1.0)
        found += [
            abs(10 * math.log10(max(old, floor) / max(new, floor)))
            for old, new in zip(*pair, strict=True)
            if max(old, new) > floor
        ]
    return math.fsum(found) / len(found) if found else 0.0


def _bands(samples: Sequence[int]) -> list[float]:
    spectrum = _fft([complex(value * weight) for value, weight in zip(samples, _hann(), strict=True)])
    edges = _edges()
    return [
        math.fsum(abs(spectrum[line]) ** 2 for line in range(low, high)) / (high - low)
        for low, high in pairwise(edges)
    ]


def _fft(values: Sequence[complex]) -> list[complex]:
    if len(values) == 1:
        return list(values)
    even, odd = _fft(values[::2]), _fft(values[1::2])
    turned = [factor * value for factor, value in zip(_factors(len(values)), odd, strict=True)]
    return [a + b for a, b in zip(even, turned, strict=True)] + [
        a - b for a, b in zip(even, turned, strict=True)
    ]


@cache
def _factors(count: int) -> list[complex]:
    return [cmath.exp(-2j * math.pi * number / count) for number in range(count // 2)]


@cache
def _hann() -> list[float]:
    return [0.5 - 0.5 * math.cos(2 * math.pi * number / _WINDOW) for number in range(_WINDOW)]


@cache
def _edges() -> list[int]:
    """
    The lines of the spectrum between which the bands lie, each band a step of the same ratio.
    """
    last = _WINDOW // 2
    found = {round(last ** (number / _BANDS)) for number in range(_BANDS + 1)}
    return sorted(found)

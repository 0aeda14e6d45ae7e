"""
The discrete Fourier transform of real signals, many at a time.

numpy's own is compiled C++, in which a compiler may join a product and a sum where the processor can. This
one is a chain of short transforms (Stockham's), each of which is a few operations on whole arrays. Two real
signals are transformed as one complex one. Real and imaginary parts are arrays of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from chorus_tts.arithmetic.functions import cosine_of_turns, sine_of_turns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Float32 = NDArray[np.float32]
    Complex = tuple[Float32, Float32]


class Fourier:
    """
    Transforms of *length* samples; it is even, and has no prime factors but 2, 3 and 5.
    """

    def __init__(self, length: int) -> None:
        self._length = length
        self._half = length // 2
        self._stages = tuple(_stages(length))

    def spectra(self, signals: Float32) -> Complex:
        """
        The spectrum of each row, from the lowest frequency to the highest: real parts, imaginary parts.
        """
        real, imaginary = self._transformed(*_paired(signals))
        # The spectrum of a real signal is symmetric; what is not belongs to the other of the pair.
        lower, upper = slice(None, self._half + 1), [0, *range(self._length - 1, self._half - 1, -1)]
        real, other_real = real[lower] * 0.5, real[upper] * 0.5
        imaginary, other_imaginary = imaginary[lower] * 0.5, imaginary[upper] * 0.5
        return (
            _unpaired(real + other_real, imaginary + other_imaginary, len(signals)),
            _unpaired(imaginary - other_imaginary, other_real - real, len(signals)),
        )

    def signals(self, real: Float32, imaginary: Float32) -> Float32:
        """
        The signals with these spectra; the imaginary parts of the lowest and the highest frequency are
        ignored.
        """
        (first_real, second_real), (first_imaginary, second_imaginary) = _paired(real), _paired(imaginary)
        for part in (first_imaginary, second_imaginary):
            part[:: self._half] = 0
        whole_real = np.empty((self._length, first_real.shape[1]), np.float32)
        whole_imaginary = np.empty_like(whole_real)
        # From the end down to the middle, then from the beginning up to it.
        np.add(first_real[1:], second_imaginary[1:], out=whole_real[: self._half - 1 : -1])
        np.subtract(second_real[1:], first_imaginary[1:], out=whole_imaginary[: self._half - 1 : -1])
        np.subtract(first_real, second_imaginary, out=whole_real[: self._half + 1])
        np.add(second_real, first_imaginary, out=whole_imaginary[: self._half + 1])
        # With its parts exchanged a signal is transformed backwards.
        second, first = self._transformed(whole_imaginary, whole_real)
        signals = _unpaired(first, second, len(real))
        signals /= self._length
        return signals

    def _transformed(self, real: Float32, imaginary: Float32) -> Complex:
        for stage in self._stages:
            shape = (stage.radix, stage.rest, -1)
            real, imaginary = stage(real.reshape(shape), imaginary.reshape(shape))
        return real.reshape(self._length, -1), imaginary.reshape(self._length, -1)


class _Stage:
    """
    Short transforms over *radix* numbers that are *rest* apart, and the rotation that leads to the next
    stage.
    """

    def __init__(self, radix: int, rest: int) -> None:
        self.radix = radix
        self.rest = rest
        turns = np.outer(np.arange(radix), np.arange(rest)) / (radix * rest)
        self._cosines = cosine_of_turns(turns).astype(np.float32)[:, :, None]
        self._sines = sine_of_turns(turns).astype(np.float32)[:, :, None]
        # Numbers that are equally far from the first have the same cosine, and opposite sines.
        self._half = radix // 2 + 1
        turns = np.outer(np.arange(1, self._half), np.arange(1, self._half)) / radix
        self._weights = list(zip(cosine_of_turns(turns).tolist(), sine_of_turns(turns).tolist(), strict=True))

    def __call__(self, real: Float32, imaginary: Float32) -> Complex:
        """
        What is the first axis of the arguments is the second of the result.
        """
        shape = (self.rest, self.radix, real.shape[2])
        turned_real, turned_imaginary = np.empty(shape, np.float32), np.empty(shape, np.float32)
        short = self._odd(real, imaginary) if self.radix % 2 else _even(real, imaginary)
        for index, (one_real, one_imaginary) in enumerate(short):
            cosine, sine = self._cosines[index], self._sines[index]
            np.add(one_real * cosine, one_imaginary * sine, out=turned_real[:, index])
            np.subtract(one_imaginary * cosine, one_real * sine, out=turned_imaginary[:, index])
        return turned_real, turned_imaginary

    def _odd(self, real: Float32, imaginary: Float32) -> list[Complex]:
        real_sums, real_differences = self._folded(real)
        imaginary_sums, imaginary_differences = self._folded(imaginary)
        ones = [1.0] * len(real_sums)
        first = real[0] + _weighted(real_sums, ones), imaginary[0] + _weighted(imaginary_sums, ones)
        rising, falling = [], []
        for cosines, sines in self._weights:
            even_real = real[0] + _weighted(real_sums, cosines)
            even_imaginary = imaginary[0] + _weighted(imaginary_sums, cosines)
            odd_real = _weighted(imaginary_differences, sines)
            odd_imaginary = _weighted(real_differences, sines)
            rising.append((even_real + odd_real, even_imaginary - odd_imaginary))
            falling.append((even_real - odd_real, even_imaginary + odd_imaginary))
        return [first, *rising, *reversed(falling)]

    def _folded(self, parts: Float32) -> Complex:
        near, far = parts[1 : self._half], parts[: self._half - 1 : -1]
        return near + far, near - far


def _even(real: Float32, imaginary: Float32) -> list[Complex]:
    """
    Of two numbers the sum and the difference.
    """
    return [
        (real[0] + real[1], imaginary[0] + imaginary[1]),
        (real[0] - real[1], imaginary[0] - imaginary[1]),
    ]


def _weighted(parts: Float32, weights: Sequence[float]) -> Float32:
    total: Float32 = parts[0] * weights[0]
    for part, weight in zip(parts[1:], weights[1:], strict=True):
        total += part * weight
    return total


def _stages(length: int) -> Iterator[_Stage]:
    rest = length
    for radix in (5, 3, 2):
        while rest % radix == 0:
            rest //= radix
            yield _Stage(radix, rest)
    if rest != 1 or length % 2:
        raise ValueError(f"{length} is odd, or has prime factors beside 2, 3 and 5")


def _paired(rows: Float32) -> Complex:
    """
    Every second row, and those between, as columns; a last row without a partner is paired with zeros.
    """
    first = np.ascontiguousarray(rows[::2].T)
    second = np.zeros_like(first)
    second[:, : len(rows) // 2] = rows[1::2].T
    return first, second


def _unpaired(first: Float32, second: Float32, count: int) -> Float32:
    rows = np.empty((2 * first.shape[1], len(first)), np.float32)
    rows[::2], rows[1::2] = first.T, second.T
    return rows[:count]

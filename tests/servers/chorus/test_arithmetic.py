"""
The arithmetic of the small voice, beside plain Python.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from chorus_tts.arithmetic import functions
from chorus_tts.arithmetic.fourier import Fourier
from chorus_tts.arithmetic.products import Factor, QuantizedFactor, quantized
from chorus_tts.arithmetic.sums import row_means, row_sums

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Float32 = NDArray[np.float32]
    Float64 = NDArray[np.float64]

RANDOM = np.random.default_rng(5)
FUNCTIONS: list[tuple[Callable[[Any], Any], Callable[[float], float], float, float]] = [
    (functions.exp, math.exp, -80, 80),
    (functions.log, math.log, 1e-30, 1e30),
    (functions.log, math.log, 0.5, 2),
    (functions.tanh, math.tanh, -20, 20),
    (functions.sine_of_turns, lambda turns: math.sin(math.tau * turns), -1, 1),
    (functions.cosine_of_turns, lambda turns: math.cos(math.tau * turns), -1, 1),
]


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize(("function", "reference", "low", "high"), FUNCTIONS)
def test_functions_are_right_to_the_last_digit_or_two(
    function: Callable[[Any], Any],
    reference: Callable[[float], float],
    low: float,
    high: float,
    kind: type[np.float32 | np.float64],
) -> None:
    spread = np.geomspace if low > 0 else np.linspace
    arguments = spread(low, high, 4001).astype(kind)

    found = function(arguments)

    expected = np.array([reference(argument) for argument in arguments.tolist()])
    assert found.dtype == kind
    error = np.abs(found - expected) / np.maximum(1, np.abs(expected))
    assert error.max() < 4 * np.finfo(kind).eps


def test_exp_stays_within_the_normal_numbers() -> None:
    arguments = np.array([-1e6, 1e6])

    doubles, singles = functions.exp(arguments), functions.exp(arguments.astype(np.float32))

    for low, high in (doubles, singles):
        assert np.finfo(low.dtype).tiny < low < 1 < high < np.finfo(high.dtype).max


def test_gelu_is_near_its_definition() -> None:
    arguments = np.linspace(-12, 12, 70000).astype(np.float32)

    found = functions.gelu(arguments.reshape(-1, 7)).reshape(-1)

    expected = [x * (1 + math.erf(x / math.sqrt(2))) / 2 for x in arguments.tolist()]
    assert np.abs(found - expected).max() < 1e-6


@pytest.mark.parametrize("length", [*range(1, 20), 192, 255, 256, 601])
def test_sums_leave_nothing_out(length: int) -> None:
    rows = RANDOM.integers(-1000, 1000, (3, length))

    sums = row_sums(rows.astype(np.float32))

    assert sums.tolist() == [[sum(row)] for row in rows.tolist()]
    assert row_means(rows.astype(np.float64)).tolist() == [[sum(row) / length] for row in rows.tolist()]


def product_of(left: NDArray[Any], right: NDArray[Any]) -> NDArray[Any]:
    """
    Of whole numbers of any size.
    """
    product: NDArray[Any] = np.matmul(left.astype(object), right.astype(object))
    return product


@pytest.mark.parametrize("terms", [1, 7, 910, 4096])
def test_no_sum_of_a_product_is_rounded(terms: int) -> None:
    """
    Also when all of its numbers are as large as they can be.
    """
    largest = 2 ** ((53 - terms.bit_length()) // 2) - 1
    left = RANDOM.integers(-largest, largest, (3, terms), endpoint=True)
    left[0] = largest
    right = RANDOM.integers(-largest, largest, (terms, 5), endpoint=True)
    right[:, 0] = largest

    found = Factor(right.astype(np.float64)).times(left.astype(np.float64))

    assert found.astype(object).tolist() == product_of(left, right).tolist()


def test_a_product_does_not_depend_on_the_order_of_its_terms() -> None:
    """
    A plain product does, with the same numbers: the test can fail.
    """
    left = RANDOM.standard_normal((20, 910)).astype(np.float32)
    right = RANDOM.standard_normal((910, 30)).astype(np.float32)
    other = RANDOM.permutation(910)

    first, second = Factor(right).times(left), Factor(right[other]).times(left[:, other])

    assert first.tobytes() == second.tobytes()
    plain = left.astype(np.float64) @ right
    assert (plain != left[:, other].astype(np.float64) @ right[other]).any()
    assert np.abs(first - plain).max() < 1e-3


def test_stacked_matrices_are_multiplied_each() -> None:
    left, right = RANDOM.standard_normal((2, 4, 6)), RANDOM.standard_normal((2, 6, 3))

    assert np.allclose(Factor(right).times(left), np.matmul(left, right), atol=1e-5)


def test_the_product_with_nothing_is_nothing() -> None:
    assert not Factor(np.zeros((3, 2))).times(np.ones((1, 3))).any()
    assert not Factor(np.ones((3, 2))).times(np.zeros((1, 3))).any()


@pytest.mark.parametrize(("kind", "zero"), [(np.int8, 0), (np.uint8, 128), (np.uint8, 3)])
@pytest.mark.parametrize("terms", [5, 768, 2000])
def test_products_of_bytes_are_exact(terms: int, kind: type[np.int8 | np.uint8], zero: int) -> None:
    """
    Two thousand terms of the largest bytes do not fit single precision, and are cut in parts.
    """
    limits = np.iinfo(kind)
    weights: NDArray[Any] = RANDOM.integers(limits.min, limits.max, (terms, 4), endpoint=True).astype(kind)
    weights[:, 0] = limits.max
    # From 0 to 255 in steps of 1: rounding to bytes changes nothing.
    left = RANDOM.integers(0, 255, (3, terms), endpoint=True)
    left[0], left[1, 0] = 255, 0

    found = QuantizedFactor(weights, scale=np.float32(1), zero=zero).times(left.astype(np.float32))

    exact = product_of(left, weights.astype(int) - zero)
    assert found.tolist() == exact.astype(np.float32).tolist()


def test_a_scale_is_applied_to_a_product() -> None:
    weights = np.array([[2], [-3]], np.int8)

    found = QuantizedFactor(weights, scale=np.float32(0.5), zero=0).times(np.array([[255, 51]], np.float32))

    assert found.tolist() == [[(255 * 2 - 51 * 3) * 0.5]]


def quantized_as_defined(values: list[float]) -> list[int]:
    """
    ONNX's DynamicQuantizeLinear, less its zero point.
    """
    low, high = min(0, *values), max(0, *values)
    step = np.float32((np.float32(high) - np.float32(low)) / np.float32(255))
    zero = min(255, max(0, round(float(np.float32(-low) / step))))
    return [min(255, max(0, round(float(np.float32(value) / step)) + zero)) - zero for value in values]


@pytest.mark.parametrize("shift", [-10, -1, 0, 0.3, 10])
def test_rounding_to_bytes_is_that_of_onnx(shift: float) -> None:
    values = (RANDOM.standard_normal(500) + shift).astype(np.float32)

    whole, step = quantized(values)

    assert whole.tolist() == quantized_as_defined(values.tolist())
    assert np.abs(whole * step - values).max() <= step * 0.51


def test_silence_is_rounded_to_bytes() -> None:
    whole, step = quantized(np.zeros((2, 2), np.float32))

    assert (whole.tolist(), float(step)) == ([[0, 0], [0, 0]], 1)


def spectrum_as_defined(signal: list[float]) -> list[complex]:
    length = len(signal)
    return [
        sum(value * cmath.exp(-2j * math.pi * band * at / length) for at, value in enumerate(signal))
        for band in range(length // 2 + 1)
    ]


@pytest.mark.parametrize("length", [2, 4, 6, 10, 30, 60, 90])
@pytest.mark.parametrize("count", [1, 2, 5])
def test_spectra_are_as_defined(length: int, count: int) -> None:
    signals = RANDOM.standard_normal((count, length)).astype(np.float32)

    real, imaginary = Fourier(length).spectra(signals)

    expected = np.array([spectrum_as_defined(signal) for signal in signals.tolist()])
    assert np.allclose(real, expected.real, atol=2e-5)
    assert np.allclose(imaginary, expected.imag, atol=2e-5)


@pytest.mark.parametrize("length", [2, 4, 30, 1200])
@pytest.mark.parametrize("count", [1, 2, 5])
def test_signals_come_back_from_their_spectra(length: int, count: int) -> None:
    fourier = Fourier(length)
    signals = RANDOM.standard_normal((count, length)).astype(np.float32)

    back = fourier.signals(*fourier.spectra(signals))

    assert np.allclose(back, signals, atol=2e-6)


def test_imaginary_parts_at_both_ends_are_ignored_and_kept_as_they_were() -> None:
    real, imaginary = RANDOM.standard_normal((2, 3, 61)).astype(np.float32)
    before = imaginary.copy()

    found = Fourier(120).signals(real, imaginary)

    expected = np.fft.irfft(real.astype(np.float64) + 1j * imaginary, n=120, axis=1)
    assert np.allclose(found, expected, atol=1e-6)
    assert (imaginary == before).all()


@pytest.mark.parametrize("length", [7, 14, 15])
def test_other_lengths_are_refused(length: int) -> None:
    with pytest.raises(ValueError, match=f"{length} is odd, or has prime factors beside 2, 3 and 5"):
        Fourier(length)

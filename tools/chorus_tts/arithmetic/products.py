"""
Matrix products in which no sum is rounded.

A sum of floats is exact as long as all of it fits the mantissa. It has no order then: every BLAS, with any
number of threads, gives the same. So the factors are rounded first, to whole numbers that are short enough
for the sums of their products.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Float32 = NDArray[np.float32]
    Float64 = NDArray[np.float64]
    Bytes = NDArray[np.int8] | NDArray[np.uint8]

_MANTISSA: Final = 53
_LARGEST_EXACT: Final = 2**24
_LEVELS: Final = 255


class Factor:
    """
    The right side of products: *matrix* as whole numbers times a power of two.

    They have as many bits as sums over all rows allow, about 21; so has the left side.
    """

    def __init__(self, matrix: Float32 | Float64) -> None:
        self._bits = (_MANTISSA - matrix.shape[-2].bit_length()) // 2
        self._whole, self._unit = _whole_numbers(matrix, self._bits)

    def times(self, left: Float32 | Float64) -> Float64:
        """
        Returns *left* @ *matrix*.
        """
        whole, unit = _whole_numbers(left, self._bits)
        product: Float64 = np.matmul(whole, self._whole)
        product *= unit * self._unit
        return product


class QuantizedFactor:
    """
    The right side of products with *weights* of 8 bits; the matrix is ``scale * (weights - zero)``.

    The left side is rounded to 8 bits as well, between its lowest and its highest value, as ONNX's
    ``DynamicQuantizeLinear`` has it.
    """

    def __init__(self, weights: Bytes, *, scale: np.float32, zero: int) -> None:
        whole = weights.astype(np.int32) - zero
        self._parts = tuple(part.astype(np.float32) for part in _exact_parts(whole))
        self._scale = scale

    def times(self, left: Float32) -> Float32:
        """
        Returns *left* @ *matrix*.
        """
        whole, step = quantized(left)
        product = self._product(whole)
        product *= step * self._scale
        return product

    def _product(self, left: Float32) -> Float32:
        if len(self._parts) == 1:
            only: Float32 = np.matmul(left, self._parts[0])
            return only
        ends = np.cumsum([len(part) for part in self._parts])[:-1]
        lefts = np.split(left, ends, axis=-1)
        products = [np.matmul(*pair).astype(np.float64) for pair in zip(lefts, self._parts, strict=True)]
        # Whole numbers below 2**53: this sum is exact too.
        total: Float64 = np.add.reduce(products)
        return total.astype(np.float32)


def quantized(values: Float32) -> tuple[Float32, np.float32]:
    """
    *values* as whole numbers, of which there are at most 256 different ones, and the step between two of
    them.
    """
    low, high = np.minimum(values.min(), np.float32(0)), np.maximum(values.max(), np.float32(0))
    step = (high - low) / np.float32(_LEVELS) or np.float32(1)
    lowest = -np.clip(np.rint(-low / step), 0, _LEVELS)
    whole = values / step
    np.rint(whole, out=whole)
    np.clip(whole, lowest, lowest + _LEVELS, out=whole)
    return whole, step


def _exact_parts(weights: NDArray[np.int32]) -> list[NDArray[np.int32]]:
    """
    *weights* cut between rows, so that sums over each part are exact in single precision.
    """
    for count in range(1, len(weights) + 1):
        parts = np.array_split(weights, count)
        if all(np.abs(part).sum(axis=0).max() * _LEVELS <= _LARGEST_EXACT for part in parts):
            return parts
    raise ValueError(f"weights as large as {np.abs(weights).max()} have no exact products")


def _whole_numbers(values: Float32 | Float64, bits: int) -> tuple[Float64, float]:
    """
    Whole numbers, none beyond 2**bits, and the power of two that is the unit of *values* in them.
    """
    exponent = math.frexp(np.abs(values).max(initial=0))[1] - bits
    whole = np.multiply(values, math.ldexp(1, -exponent), dtype=np.float64)
    np.rint(whole, out=whole)
    return whole, math.ldexp(1, exponent)

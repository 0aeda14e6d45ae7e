"""
Sums in a fixed order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

FloatT = TypeVar("FloatT", np.float32, np.float64)


def row_sums(values: NDArray[FloatT]) -> NDArray[FloatT]:
    """
    The sums over the last axis, which stays as one of length 1.

    The second half is added to the first until one number is left; ``numpy.sum`` promises no order.
    """
    length = values.shape[-1]
    while length > 1:
        half = length // 2
        folded = values[..., :half] + values[..., half : 2 * half]
        if length % 2:
            folded[..., 0] += values[..., -1]
        values, length = folded, half
    return values


def row_means(values: NDArray[FloatT]) -> NDArray[FloatT]:
    means: NDArray[FloatT] = row_sums(values) / values.shape[-1]
    return means

"""
Functions made of additions, multiplications and divisions alone.

They are series, cut off where the rest is below the precision of the argument: single precision in and out,
or double. The last digit may be wrong, but it is the same everywhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Float32 = NDArray[np.float32]

FloatT = TypeVar("FloatT", np.float32, np.float64)

_LOG2_E: Final = float.fromhex("0x1.71547652b82fep+0")
_TWO_PI: Final = float.fromhex("0x1.921fb54442d18p+2")
_SQRT_HALF: Final = float.fromhex("0x1.6a09e667f3bcdp-1")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Precision:
    """
    *ln2* is in two parts, of which the first times any exponent is exact. *exp*, *log* and *sine* are the
    terms of the series. *integer*, *mantissa* and *bias* say how a float is laid out.
    """

    ln2: tuple[float, float]
    largest: float
    exp: tuple[float, ...]
    log: tuple[float, ...]
    sine: tuple[float, ...]
    integer: type[np.signedinteger[Any]]
    mantissa: int
    bias: int


def _exp_terms(count: int) -> tuple[float, ...]:
    return tuple(1 / math.factorial(power) for power in range(count))


def _log_terms(count: int) -> tuple[float, ...]:
    return tuple(2 / (2 * power + 1) for power in range(count))


def _sine_terms(count: int) -> tuple[float, ...]:
    return tuple((-1) ** power / math.factorial(2 * power + 1) for power in range(count))


_SINGLE: Final = _Precision(
    ln2=(float.fromhex("0x1.62e0p-1"), float.fromhex("0x1.0bfbe8e7bcd5ep-15")),
    largest=87.0,
    exp=_exp_terms(8),
    log=_log_terms(5),
    sine=_sine_terms(6),
    integer=np.int32,
    mantissa=23,
    bias=127,
)
_DOUBLE: Final = _Precision(
    ln2=(float.fromhex("0x1.62e42feep-1"), float.fromhex("0x1.a39ef35793c76p-33")),
    largest=700.0,
    exp=_exp_terms(14),
    log=_log_terms(11),
    sine=_sine_terms(11),
    integer=np.int64,
    mantissa=52,
    bias=1023,
)

# Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.28, each term times sqrt(1/2) ** power.
_ERFC_TERMS: Final = (
    1.0,
    4.986734697e-2,
    2.114100615e-2,
    3.277626324e-3,
    3.8003575e-5,
    4.889063564e-5,
    5.382975e-6,
)
# From here on 1 - erf is nothing beside 1 in single precision.
_GELU_LIMIT: Final = 8.0
# As many numbers as stay in the processor's cache from one operation to the next.
_BLOCK: Final = 1 << 15


def exp(values: NDArray[FloatT]) -> NDArray[FloatT]:
    """
    The exponential function of *values*, which are cut off where the result would not be a normal number.
    """
    precision = _precision(values)
    rest = np.clip(values, -precision.largest, precision.largest)
    powers = np.rint(rest * _LOG2_E)
    for part in precision.ln2:
        rest -= powers * part
    result = _polynomial(rest, precision.exp)
    result *= _powers_of_two(powers, precision)
    return result


def log(values: NDArray[FloatT]) -> NDArray[FloatT]:
    """
    The natural logarithm of *values*, which are normal positive numbers.
    """
    precision = _precision(values)
    fractions, exponents = np.frexp(values)
    small = fractions < _SQRT_HALF
    fractions = np.where(small, fractions * 2, fractions)
    powers = (exponents - small).astype(values.dtype)
    ratio = (fractions - 1) / (fractions + 1)
    result: NDArray[FloatT] = _polynomial(ratio * ratio, precision.log)
    result *= ratio
    high, low = precision.ln2
    result += powers * low
    result += powers * high
    return result


def tanh(values: NDArray[FloatT]) -> NDArray[FloatT]:
    result: NDArray[FloatT] = exp(values * 2)
    result += 1
    np.divide(-2, result, out=result)
    result += 1
    return result


def sine_of_turns(turns: NDArray[FloatT]) -> NDArray[FloatT]:
    """
    The sine of angles in whole turns: 0.25 is a right angle.
    """
    turns = turns - np.rint(turns)
    # The second and the third quarter mirror the first and the fourth.
    turns = np.minimum(np.maximum(turns, -0.5 - turns), 0.5 - turns)
    angles = turns * _TWO_PI
    result = _polynomial(angles * angles, _precision(turns).sine)
    result *= angles
    return result


def cosine_of_turns(turns: NDArray[FloatT]) -> NDArray[FloatT]:
    return sine_of_turns(turns + 0.25)


def gelu(values: Float32) -> Float32:
    """
    The Gaussian error linear unit, x (1 + erf(x / sqrt 2)) / 2, to 1e-6.

    Beside their products this is where the networks spend their time, so it works in blocks and in place.
    """
    result = np.empty(values.shape, np.float32)
    flat, out = values.reshape(-1), result.reshape(-1)
    work = np.empty((2, min(_BLOCK, flat.size)), np.float32)
    for start in range(0, flat.size, _BLOCK):
        block = flat[start : start + _BLOCK]
        _gelu_block(block, out[start : start + _BLOCK], work[0, : block.size], work[1, : block.size])
    return result


def _gelu_block(values: Float32, result: Float32, size: Float32, power: Float32) -> None:
    """
    It is max(x, 0) - |x| / 2 * erfc(|x| / sqrt 2), and erfc is near 1 / the 16th power of a polynomial.
    """
    np.abs(values, out=size)
    np.minimum(size, _GELU_LIMIT, out=size)
    np.multiply(size, _ERFC_TERMS[-1], out=power)
    for term in _ERFC_TERMS[-2:0:-1]:
        power += term
        power *= size
    power += _ERFC_TERMS[0]
    for _ in range(4):
        power *= power
    size *= 0.5
    size /= power
    np.maximum(values, 0, out=result)
    result -= size


def _precision(values: NDArray[FloatT]) -> _Precision:
    return _SINGLE if values.dtype == np.float32 else _DOUBLE


def _polynomial(values: NDArray[FloatT], terms: Sequence[float]) -> NDArray[FloatT]:
    """
    The sum of terms[n] * values ** n.
    """
    result: NDArray[FloatT] = values * terms[-1]
    for term in terms[-2:0:-1]:
        result += term
        result *= values
    result += terms[0]
    return result


def _powers_of_two(exponents: NDArray[FloatT], precision: _Precision) -> NDArray[FloatT]:
    """
    2 to the power of whole numbers, made by writing them where a float has its exponent.
    """
    biased = exponents.astype(precision.integer)
    biased += precision.bias
    biased <<= precision.mantissa
    return biased.view(exponents.dtype)

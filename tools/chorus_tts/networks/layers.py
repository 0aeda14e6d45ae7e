"""
What the networks are made of.

Everything works on rows: one row of features for each phoneme, frame or letter. Each layer takes its weights
from the file by the names that they have there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from chorus_tts.arithmetic.functions import exp, gelu
from chorus_tts.arithmetic.products import Factor, QuantizedFactor
from chorus_tts.arithmetic.sums import row_means, row_sums
from chorus_tts.networks.onnx_file import QuantizedMatrix

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from chorus_tts.networks.onnx_file import OnnxFile

    Rows: TypeAlias = NDArray[np.float32]

_EPSILON: Final = np.float32(1e-5)


class Linear:
    """
    A product with a matrix, of 8 bits or of floats, and a bias.
    """

    def __init__(self, file: OnnxFile, bias: str) -> None:
        matrix = file.matrix(bias)
        self._factor: Factor | QuantizedFactor
        if isinstance(matrix, QuantizedMatrix):
            self._factor = QuantizedFactor(matrix.weights, scale=matrix.scale, zero=matrix.zero)
        else:
            self._factor = Factor(matrix)
        self._bias = file.tensor(bias)

    def __call__(self, rows: Rows) -> Rows:
        return self._factor.times(rows).astype(np.float32, copy=False) + self._bias


class Convolution:
    """
    Each row becomes a mixture of itself and its neighbours, with zeros beyond the ends.
    """

    def __init__(self, file: OnnxFile, name: str) -> None:
        kernel = file.tensor(f"{name}.weight")
        outputs, inputs, self._width = kernel.shape
        self._factor = Factor(kernel.transpose(2, 1, 0).reshape(self._width * inputs, outputs))
        self._bias = file.tensor(f"{name}.bias")

    def __call__(self, rows: Rows) -> Rows:
        padded = _padded(rows, self._width)
        neighbours = [padded[start : start + len(rows)] for start in range(self._width)]
        return self._factor.times(np.concatenate(neighbours, axis=1)).astype(np.float32) + self._bias


class DepthwiseConvolution:
    """
    A convolution of each feature with itself alone; with a *dilation* of 2, of every second row.
    """

    def __init__(self, file: OnnxFile, name: str, *, dilation: int = 1) -> None:
        self._dilation = dilation
        self._kernel = file.tensor(f"{name}.weight")[:, 0, :].T
        self._bias = file.tensor(f"{name}.bias")

    def __call__(self, rows: Rows) -> Rows:
        padded = _padded(rows, self._dilation * (len(self._kernel) - 1) + 1)
        result = np.broadcast_to(self._bias, rows.shape).copy()
        term = np.empty_like(result)
        for index, weights in enumerate(self._kernel):
            start = index * self._dilation
            np.multiply(padded[start : start + len(rows)], weights, out=term)
            result += term
        return result


class LayerNorm:
    def __init__(self, file: OnnxFile, name: str) -> None:
        self._weight = file.tensor(f"{name}.weight")
        self._bias = file.tensor(f"{name}.bias")

    def __call__(self, rows: Rows) -> Rows:
        centred = rows - row_means(rows)
        deviation = np.sqrt(row_means(centred * centred) + _EPSILON)
        centred /= deviation
        centred *= self._weight
        centred += self._bias
        return centred


class ConvBlock:
    """
    ConvNeXt's block.
    """

    def __init__(self, file: OnnxFile, name: str, *, dilation: int = 1) -> None:
        self._mix = DepthwiseConvolution(file, f"{name}.dw", dilation=dilation)
        self._norm = LayerNorm(file, f"{name}.norm")
        self._widen = Linear(file, f"{name}.pw1.bias")
        self._narrow = Linear(file, f"{name}.pw2.bias")
        self._gamma = file.tensor(f"{name}.gamma")

    def __call__(self, rows: Rows) -> Rows:
        return rows + self._narrow(gelu(self._widen(self._norm(self._mix(rows))))) * self._gamma


class TransformerBlock:
    """
    Attention over all rows, then two layers for each row, both with the norm in front.
    """

    def __init__(self, file: OnnxFile, name: str, *, heads: int) -> None:
        self._heads = heads
        self._first_norm = LayerNorm(file, f"{name}.norm1")
        self._into_heads = Linear(file, f"{name}.self_attn.in_proj_bias")
        self._out_of_heads = Linear(file, f"{name}.self_attn.out_proj.bias")
        self._second_norm = LayerNorm(file, f"{name}.norm2")
        self._widen = Linear(file, f"{name}.linear1.bias")
        self._narrow = Linear(file, f"{name}.linear2.bias")

    def __call__(self, rows: Rows) -> Rows:
        heads = self._into_heads(self._first_norm(rows))
        rows = rows + self._out_of_heads(attention(heads, heads=self._heads))
        return rows + self._narrow(gelu(self._widen(self._second_norm(rows))))


def attention(rows: Rows, *, heads: int) -> Rows:
    """
    Scaled dot product attention; *rows* hold the queries, the keys and the values of all heads.
    """
    queries, keys, values = rows.reshape(len(rows), 3, heads, -1).transpose(1, 2, 0, 3)
    root = np.sqrt(np.float32(queries.shape[-1]))
    likeness = Factor(keys.transpose(0, 2, 1)).times(queries).astype(np.float32) / root
    mixed = Factor(values).times(softmax(likeness)).astype(np.float32)
    return mixed.transpose(1, 0, 2).reshape(len(rows), -1)


def softmax(rows: Rows) -> Rows:
    powers = exp((rows - rows.max(axis=-1, keepdims=True)).astype(np.float64))
    powers /= row_sums(powers)
    return powers.astype(np.float32)


def _padded(rows: Rows, width: int) -> Rows:
    beyond = width // 2
    padded = np.zeros((len(rows) + 2 * beyond, rows.shape[1]), np.float32)
    padded[beyond : beyond + len(rows)] = rows
    return padded

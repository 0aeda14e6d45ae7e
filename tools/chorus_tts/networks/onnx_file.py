"""
The weights in an ONNX file.

Only the little of the format is read that is needed here: the tensors of the graph, and which matrix belongs
to which bias. The packages that read all of it (onnx, onnxruntime) are larger than all else that this voice
needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from chorus_tts.errors import StartupError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    Float32 = NDArray[np.float32]
    Tensor = NDArray[np.float32] | NDArray[np.int8] | NDArray[np.uint8] | NDArray[np.int64]

# Numbers of fields, as onnx.proto gives them.
_MODEL_GRAPH: Final = 7
_GRAPH_NODE: Final = 1
_GRAPH_TENSOR: Final = 5
_TENSOR_SHAPE: Final = 1
_TENSOR_TYPE: Final = 2
_TENSOR_FLOATS: Final = 4
_TENSOR_INTEGERS: Final = 5
_TENSOR_NAME: Final = 8
_TENSOR_CONTENT: Final = 9
_NODE_INPUT: Final = 1
_NODE_OUTPUT: Final = 2
_NODE_OPERATOR: Final = 4

_TYPES: Final = {1: "<f4", 2: "u1", 3: "i1", 7: "<i8"}
# How a protocol buffer encodes a field.
_VARINT: Final = 0
_BYTES: Final = 2
_FIXED_SIZES: Final = {1: 8, 5: 4}


@dataclass(frozen=True, slots=True)
class Node:
    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QuantizedMatrix:
    """
    ``scale * (weights - zero)``
    """

    weights: NDArray[np.int8] | NDArray[np.uint8]
    scale: np.float32
    zero: int


@dataclass(frozen=True, slots=True)
class OnnxFile:
    tensors: Mapping[str, Tensor]
    nodes: tuple[Node, ...]

    def tensor(self, name: str) -> Float32:
        found = self.tensors.get(name)
        if found is None or found.dtype != np.float32:
            raise _unknown(f"no tensor {name} of floats")
        # A copy, so that the bytes of the whole file need not be kept for it.
        return found.astype(np.float32)

    def matrix(self, bias: str) -> Float32 | QuantizedMatrix:
        """
        The matrix whose product *bias* is added to: exporters give it no name of its own.
        """
        product = self._product_before(bias)
        if product.operator == "MatMul":
            return self.tensor(product.inputs[1])
        return self._quantized(product.inputs[1], product.inputs[3])

    def _product_before(self, bias: str) -> Node:
        """
        Between the product and the addition there may be casts, and scaling.
        """
        producers = {output: node for node in self.nodes for output in node.outputs}
        node = next((node for node in self.nodes if node.operator == "Add" and bias in node.inputs), None)
        while node is not None and node.operator not in {"MatMul", "MatMulInteger"}:
            node = next((producers[name] for name in node.inputs if name in producers), None)
        if node is None:
            raise _unknown(f"no matrix whose product {bias} is added to")
        return node

    def _quantized(self, name: str, zero: str) -> QuantizedMatrix:
        weights = self.tensors[name]
        if weights.dtype not in (np.int8, np.uint8):
            raise _unknown(f"{name} of type {weights.dtype}")
        scale = self.tensor(f"{name.removesuffix('_quantized')}_scale")
        return QuantizedMatrix(weights, np.float32(scale), int(self.tensors[zero]))  # type: ignore[arg-type]


def read_onnx(content: bytes) -> OnnxFile:
    try:
        graph = _parts(_parts(memoryview(content))[_MODEL_GRAPH][0])
        tensors = dict(_tensor(_parts(part)) for part in graph[_GRAPH_TENSOR])
        nodes = tuple(_node(_parts(part)) for part in graph[_GRAPH_NODE])
    except (IndexError, KeyError, ValueError) as error:
        raise StartupError(
            f"a network's file is damaged ({type(error).__name__}: {error}); "
            "try: pip install --force-reinstall hibari-tts"
        ) from error
    return OnnxFile(tensors, nodes)


def _unknown(what: str) -> StartupError:
    return StartupError(f"a network's file is of a version that is unknown here: there is {what}")


def _tensor(parts: Mapping[int, list[memoryview]]) -> tuple[str, Tensor]:
    [name], [kind] = parts[_TENSOR_NAME], _numbers(parts[_TENSOR_TYPE])
    return _text(name), _values(parts, np.dtype(_TYPES[kind])).reshape(_numbers(parts.get(_TENSOR_SHAPE, [])))


def _values(parts: Mapping[int, list[memoryview]], kind: np.dtype[Any]) -> Tensor:
    """
    Large tensors are bytes; a single number may stand in a field for numbers.
    """
    if _TENSOR_INTEGERS in parts:
        return np.array(_numbers(parts[_TENSOR_INTEGERS]), kind)
    [content] = parts[_TENSOR_FLOATS if _TENSOR_FLOATS in parts else _TENSOR_CONTENT]
    return np.frombuffer(content, kind)


def _node(parts: Mapping[int, list[memoryview]]) -> Node:
    [operator] = parts[_NODE_OPERATOR]
    inputs, outputs = parts.get(_NODE_INPUT, []), parts.get(_NODE_OUTPUT, [])
    return Node(_text(operator), tuple(map(_text, inputs)), tuple(map(_text, outputs)))


def _text(part: memoryview) -> str:
    return str(part, "utf-8")


def _parts(content: memoryview) -> dict[int, list[memoryview]]:
    """
    What each field of a message holds, by the field's number; numbers stay encoded.
    """
    parts: dict[int, list[memoryview]] = {}
    at = 0
    while at < len(content):
        key, at = _varint(content, at)
        start, at = _extent(content, at, key & 7)
        if at > len(content):
            raise ValueError(f"it ends after {len(content)} bytes, within a field of {at - start}")
        parts.setdefault(key >> 3, []).append(content[start:at])
    return parts


def _extent(content: memoryview, at: int, encoding: int) -> tuple[int, int]:
    """
    Where a field's value begins and ends.
    """
    if encoding == _BYTES:
        size, start = _varint(content, at)
        return start, start + size
    if encoding == _VARINT:
        return at, _varint(content, at)[1]
    return at, at + _FIXED_SIZES[encoding]


def _numbers(parts: Iterable[memoryview]) -> list[int]:
    numbers = []
    for part in parts:
        at = 0
        while at < len(part):
            number, at = _varint(part, at)
            numbers.append(number)
    return numbers


def _varint(content: memoryview, at: int) -> tuple[int, int]:
    """
    A number in groups of 7 bits, the lowest first, and where it ends.
    """
    number = shift = 0
    while True:
        byte = content[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004 - the highest bit says that more follows
            return number, at
        shift += 7

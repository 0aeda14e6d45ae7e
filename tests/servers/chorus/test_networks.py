"""
The networks of the small voice: their files, their layers beside plain loops, and the whole beside
onnxruntime.
"""

from __future__ import annotations

import math
import struct
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from chorus_tts.arithmetic.functions import gelu
from chorus_tts.engines.vocabulary import Vocabulary
from chorus_tts.errors import StartupError
from chorus_tts.networks.layers import (
    ConvBlock,
    Convolution,
    DepthwiseConvolution,
    LayerNorm,
    Linear,
    attention,
    softmax,
)
from chorus_tts.networks.onnx_file import Node, OnnxFile, QuantizedMatrix, read_onnx
from chorus_tts.networks.spelling import Spelling
from chorus_tts.networks.voice import VoiceNetwork

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows = NDArray[np.float32]

RANDOM = np.random.default_rng(11)
ASSETS = files("hibari") / "assets"
PHONEMES = "həlˈO, ˌI ɐm ɡlˈæd ðæt ju ɑɹ hˈɪɹ."
WORDS = [
    "zorblax",
    "Kubernetes",
    "Xochimilco",
    "brontoraptors",
    "glimmerquist",
    "Pytest",
    "ouvrière",
    "TensorFlow",
    "Öresund",
    "qqq",
    "antidisestablishmentarianistically",
    "a",
    "I'd",
    "x9",
    "Æther",
]


def random(*shape: int) -> Rows:
    return RANDOM.standard_normal(shape).astype(np.float32)


# ---------------------------------------------------------------- files


def field(number: int, value: bytes | int) -> bytes:
    """
    A field of a protocol buffer.
    """
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def varint(number: int) -> bytes:
    groups = []
    while number > 0x7F:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*groups, number])


def tensor(name: str, kind: int, shape: bytes, content: bytes) -> bytes:
    return field(5, shape + field(2, kind) + field(8, name.encode()) + content)


def node(operator: str, inputs: str, output: str) -> bytes:
    names = b"".join(field(1, name.encode()) for name in inputs.split())
    attribute = field(5, field(1, b"alpha") + varint(2 << 3 | 5) + struct.pack("<f", 0.5))
    return field(1, names + field(2, output.encode()) + field(4, operator.encode()) + attribute)


def model(*parts: bytes) -> bytes:
    return field(1, 8) + field(7, b"".join(parts))


FLOATS = np.arange(6, dtype="<f4")
BYTES = np.array([[-128, 127], [3, 0]], np.int8)


def test_tensors_are_read_however_they_are_written() -> None:
    shape = field(1, 2) + field(1, 3)
    packed = field(1, varint(2) + varint(3))
    file = read_onnx(
        model(
            node("Relu", "a", "b"),
            tensor("raw", 1, shape, field(9, FLOATS.tobytes())),
            tensor("packed", 1, packed, field(9, FLOATS.tobytes())),
            tensor("scalar", 1, b"", field(4, struct.pack("<f", 0.25))),
            tensor("byte", 3, b"", field(5, 7)),
            tensor("long", 1, field(1, 300), field(9, bytes(1200))),
        )
    )

    assert file.tensor("raw").tolist() == file.tensor("packed").tolist() == FLOATS.reshape(2, 3).tolist()
    assert file.tensor("scalar") == 0.25
    assert file.tensors["byte"] == 7
    assert file.tensor("long").shape == (300,)
    assert file.nodes == (Node("Relu", ("a",), ("b",)),)


def test_a_bias_leads_to_its_matrix() -> None:
    file = read_onnx(
        model(
            tensor("onnx::MatMul_7", 1, field(1, 2) + field(1, 3), field(9, FLOATS.tobytes())),
            tensor("w_quantized", 3, field(1, 2) + field(1, 2), field(9, BYTES.tobytes())),
            tensor("w_scale", 1, b"", field(4, struct.pack("<f", 0.5))),
            tensor("w_zero", 3, b"", field(5, 1)),
            node("MatMul", "x onnx::MatMul_7", "y"),
            node("Add", "first.bias y", "z"),
            node("MatMulInteger", "z w_quantized z_zero w_zero", "i"),
            node("Cast", "i", "c"),
            node("Mul", "c scales", "m"),
            node("Add", "second.bias m", "out"),
        )
    )

    plain, quantized = file.matrix("first.bias"), file.matrix("second.bias")

    assert isinstance(plain, np.ndarray)
    assert plain.tolist() == FLOATS.reshape(2, 3).tolist()
    assert isinstance(quantized, QuantizedMatrix)
    assert (quantized.weights.tolist(), float(quantized.scale), quantized.zero) == (BYTES.tolist(), 0.5, 1)


def test_what_a_file_does_not_have_is_named() -> None:
    file = read_onnx(model(node("Relu", "a", "b"), tensor("byte", 3, b"", field(5, 7))))

    with pytest.raises(
        StartupError, match=r"^a network's file is of a version that is unknown here: .* emb of floats$"
    ):
        file.tensor("emb")
    with pytest.raises(StartupError, match=r"there is no tensor byte of floats$"):
        file.tensor("byte")
    with pytest.raises(StartupError, match=r"there is no matrix whose product head\.bias is added to$"):
        file.matrix("head.bias")


@pytest.mark.parametrize("content", [b"", b"\x3a", b"no network", model(node("Relu", "a", "b"))])
def test_a_damaged_file_is_refused_with_a_way_out(content: bytes) -> None:
    with pytest.raises(
        StartupError, match=r"^a network's file is damaged \(.*install --force-reinstall hibari-tts$"
    ):
        read_onnx(content)


def test_a_file_that_was_cut_is_damaged() -> None:
    whole = (ASSETS / "oov.onnx").read_bytes()

    with pytest.raises(StartupError, match="damaged"):
        read_onnx(whole[: len(whole) // 2])


# --------------------------------------------------------------- layers


def holding(nodes: tuple[Node, ...] = (), **tensors: NDArray[Any]) -> OnnxFile:
    """
    A file with *tensors*; two underscores stand for a dot.
    """
    return OnnxFile({name.replace("__", "."): tensor for name, tensor in tensors.items()}, nodes)


def linear_nodes(bias: str, matrix: str) -> tuple[Node, ...]:
    return (
        Node("MatMul", ("x", matrix), (f"{matrix} x",)),
        Node("Add", (bias, f"{matrix} x"), (f"{bias} y",)),
    )


def test_a_linear_layer_multiplies_and_adds() -> None:
    matrix, bias, rows = random(7, 4), random(4), random(3, 7)

    layer = Linear(holding(linear_nodes("l.bias", "w"), w=matrix, l__bias=bias), "l.bias")

    expected = [
        [sum(row[k] * matrix[k, column] for k in range(7)) + bias[column] for column in range(4)]
        for row in rows
    ]
    assert np.allclose(layer(rows), expected, atol=1e-5)


def test_a_linear_layer_of_bytes_is_near_the_same_of_floats() -> None:
    weights, bias, rows = RANDOM.integers(-128, 128, (64, 8)).astype(np.int8), random(8), random(5, 64)
    nodes = (
        Node("MatMulInteger", ("x", "w_quantized", "x_zero", "w_zero"), ("product",)),
        Node("Add", ("l.bias", "product"), ("y",)),
    )
    file = holding(
        nodes,
        w_quantized=weights,
        w_scale=np.array(0.01, np.float32),
        w_zero=np.array(2, np.int8),
        l__bias=bias,
    )

    found = Linear(file, "l.bias")(rows)

    expected = rows @ (weights.astype(np.float32) - 2) * np.float32(0.01) + bias
    assert np.abs(found - expected).max() < 0.02 * np.abs(expected).max()


def test_a_convolution_mixes_neighbours() -> None:
    kernel, bias, rows = random(2, 3, 5), random(2), random(6, 3)

    found = Convolution(holding(c__weight=kernel, c__bias=bias), "c")(rows)

    for at in range(6):
        near = [(k, at + k - 2) for k in range(5) if 0 <= at + k - 2 < 6]
        expected = [bias[out] + sum(kernel[out, :, k] @ rows[place] for k, place in near) for out in range(2)]
        assert np.allclose(found[at], expected, atol=1e-5)


@pytest.mark.parametrize("dilation", [1, 2, 8])
def test_a_depthwise_convolution_keeps_features_apart(dilation: int) -> None:
    kernel, bias, rows = random(3, 1, 7), random(3), random(20, 3)

    found = DepthwiseConvolution(holding(c__weight=kernel, c__bias=bias), "c", dilation=dilation)(rows)

    for at in range(20):
        near = [(k, at + (k - 3) * dilation) for k in range(7) if 0 <= at + (k - 3) * dilation < 20]
        assert np.allclose(found[at], bias + sum(kernel[:, 0, k] * rows[p] for k, p in near), atol=1e-5)


def test_a_norm_leaves_a_mean_of_0_and_a_deviation_of_1() -> None:
    weight, bias, rows = random(9), random(9), random(4, 9) * 7 + 3

    found = LayerNorm(holding(n__weight=weight, n__bias=bias), "n")(rows)

    for row, normed in zip(rows.tolist(), found, strict=True):
        mean = sum(row) / 9
        deviation = math.sqrt(sum((value - mean) ** 2 for value in row) / 9 + 1e-5)
        assert np.allclose(normed, (np.array(row) - mean) / deviation * weight + bias, atol=1e-5)


def test_softmax_is_as_defined() -> None:
    rows = random(4, 11) * 20

    found = softmax(rows)

    for row, shares in zip(rows.tolist(), found.tolist(), strict=True):
        powers = [math.exp(value) for value in row]
        assert shares == pytest.approx([power / sum(powers) for power in powers], abs=1e-6)


@pytest.mark.parametrize("heads", [1, 2, 4])
def test_attention_is_as_defined(heads: int) -> None:
    rows = random(6, 3 * 8)

    found = attention(rows, heads=heads)

    width = 8 // heads
    for head in range(heads):
        queries, keys, values = (
            rows[:, part * 8 + head * width : part * 8 + (head + 1) * width] for part in range(3)
        )
        for at in range(6):
            powers = [math.exp(queries[at] @ key / math.sqrt(width)) for key in keys]
            expected = sum(power * value for power, value in zip(powers, values, strict=True)) / sum(powers)
            assert np.allclose(found[at, head * width : (head + 1) * width], expected, atol=1e-4)


def test_a_block_adds_to_what_it_is_given() -> None:
    tensors = {
        "b__dw__weight": random(4, 1, 3),
        "b__dw__bias": random(4),
        "b__norm__weight": random(4),
        "b__norm__bias": random(4),
        "b__pw1__bias": random(8),
        "b__pw2__bias": random(4),
        "b__gamma": random(4),
        "wide": random(4, 8),
        "narrow": random(8, 4),
    }
    nodes = (*linear_nodes("b.pw1.bias", "wide"), *linear_nodes("b.pw2.bias", "narrow"))
    file, rows = holding(nodes, **tensors), random(5, 4)

    found = ConvBlock(file, "b")(rows)

    normed = LayerNorm(file, "b.norm")(DepthwiseConvolution(file, "b.dw")(rows))
    widened = gelu(normed @ tensors["wide"] + tensors["b__pw1__bias"])
    expected = rows + (widened @ tensors["narrow"] + tensors["b__pw2__bias"]) * tensors["b__gamma"]
    assert np.allclose(found, expected, atol=1e-4)


# ---------------------------------------------------- beside onnxruntime


def test_the_voice_is_near_that_of_onnxruntime() -> None:
    """
    Not the same: on some processors its products of bytes saturate, and a last bit may round a duration
    otherwise.
    """
    runtime = pytest.importorskip(
        "onnxruntime", reason="onnxruntime is not installed: pip install -e '.[kokoro]'"
    )
    content, numbers = (ASSETS / "hibari.onnx").read_bytes(), Vocabulary().numbers(PHONEMES)
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = runtime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    inputs = {"ids": np.array([numbers]), "speed": np.ones(1, np.float32)}
    voiced, _, noise, rest, _, pitch = (output[0].T for output in session.run(None, inputs))

    found = VoiceNetwork(read_onnx(content)).spectra(numbers, speed=1, proceed=lambda: None)

    assert len(found.pitch) == pytest.approx(len(pitch), rel=0.03)
    assert np.median(found.pitch) == pytest.approx(np.median(pitch), rel=0.03)
    for ours, theirs in (
        (found.voiced_loudness, voiced),
        (found.noise_loudness, noise),
        (found.rest_loudness, rest),
    ):
        assert np.abs(ours.mean(axis=0) - theirs.mean(axis=0)).max() < 0.3


def test_unknown_words_are_read_as_by_onnxruntime() -> None:
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed: pip install -e '.[kokoro]'")
    from hibari.g2p.oov import OOV  # noqa: PLC0415 - it is not typed, and used here alone

    assert list(map(Spelling(british=False), WORDS)) == list(map(OOV(), WORDS))


def test_a_word_of_unknown_letters_has_no_phonemes() -> None:
    assert Spelling(british=True)("!?") is None

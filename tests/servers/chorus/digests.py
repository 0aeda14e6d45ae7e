"""
What the small voice computes, as digests: ``python -m tests.servers.chorus.digests``

Run it with other kernels (``OPENBLAS_CORETYPE``, ``NPY_DISABLE_CPU_FEATURES``), with another numpy or Python,
or on another machine, and compare with ``digests.json``. A digest is over all bits of floats, not over what
is heard of them.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import platform
import sys
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
from numpy._core import _multiarray_umath as kernels  # type: ignore[attr-defined]

from chorus_tts.arithmetic import functions
from chorus_tts.arithmetic.fourier import Fourier
from chorus_tts.arithmetic.products import Factor, QuantizedFactor
from chorus_tts.arithmetic.sums import row_sums
from chorus_tts.audio.formats import RATES
from chorus_tts.audio.shaping import piece_of, samples_of
from chorus_tts.engines.engine import Halt
from chorus_tts.engines.noise import Noise
from chorus_tts.engines.small import SmallEngine
from chorus_tts.engines.vocabulary import Vocabulary
from chorus_tts.networks.layers import softmax
from chorus_tts.networks.onnx_file import read_onnx
from chorus_tts.networks.spelling import Spelling
from chorus_tts.networks.voice import VoiceNetwork

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

# "Hello, I am glad that you are here." and "It was a long day; we went home, and slept. Then it rang 3
# times!"
PHONEMES: Final = (
    "həlˈO, ˌI ɐm ɡlˈæd ðæt ju ɑɹ hˈɪɹ.",
    "ˌɪt wʌz ɐ lˈɔŋ dˈA; wi wˈɛnt hˈOm, ænd slˈɛpt.",
    "ðˈɛn ɪt ɹˈæŋ θɹˈi tˈImz!",
)
WORDS: Final = ("zorblax", "Kubernetes", "Xochimilco", "brontoraptors")


_EXPECTED: Final = Path(__file__).with_name("digests.json")


def expected() -> dict[str, str]:
    return cast("dict[str, str]", json.loads(_EXPECTED.read_text(encoding="utf-8")))


def digests() -> dict[str, str]:
    return dict([*_arithmetic(), *_networks(), *_speech()])


def plain() -> str:
    """
    The digest of a product that is numpy's own.
    """
    return _digest(np.matmul(_numbers(61, 770), _numbers(770, 67)))


def machine() -> dict[str, object]:
    """
    What the digests were computed with.
    """
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "processor": platform.machine(),
        "blas": blas_kernel(),
        "features": [name for name, there in kernels.__cpu_features__.items() if there],
    }


def blas_kernel() -> str | None:
    """
    The name of the kernel that OpenBLAS has chosen; None with another library.
    """
    folder = Path(np.__file__).parent
    for library in [*folder.with_name("numpy.libs").glob("*openblas*"), *folder.glob(".dylibs/*openblas*")]:
        ask = ctypes.CDLL(str(library)).scipy_openblas_get_corename64_
        ask.restype = ctypes.c_char_p
        return str(ask().decode())
    return None


def _digest(*arrays: NDArray[Any]) -> str:
    return hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()[:16]


def _numbers(*shape: int) -> NDArray[np.float64]:
    """
    Numbers of both signs and many sizes, made of whole numbers alone.
    """
    count = int(np.prod(shape))
    whole = np.arange(1, count + 1, dtype=np.int64) * 2654435761 % 4294967291
    return ((whole - 2**31) / 2.0**31 * (whole % 13)).reshape(shape)


def _arithmetic() -> Iterator[tuple[str, str]]:
    for kind in (np.float32, np.float64):
        values = _numbers(20001).astype(kind)
        for name in ("exp", "tanh", "sine_of_turns", "cosine_of_turns"):
            yield f"{name} {kind.__name__}", _digest(getattr(functions, name)(values))
        yield f"log {kind.__name__}", _digest(functions.log(np.abs(values) + kind(1e-3)))
        yield f"row_sums {kind.__name__}", _digest(row_sums(values.reshape(59, 339)))
    rows = _numbers(61, 770).astype(np.float32)
    yield "gelu", _digest(functions.gelu(rows))
    yield "softmax", _digest(softmax(rows))
    yield "Factor", _digest(Factor(_numbers(770, 67)).times(rows))
    weights = (_numbers(770, 67) * 9).astype(np.int8)
    yield "QuantizedFactor", _digest(QuantizedFactor(weights, scale=np.float32(0.01), zero=3).times(rows))
    fourier = Fourier(1200)
    spectra = fourier.spectra(_numbers(7, 1200).astype(np.float32))
    yield "Fourier.spectra", _digest(*spectra)
    yield "Fourier.signals", _digest(fourier.signals(*spectra))
    yield "Noise", _digest(*Noise().draw(11, 601, seed=7))


def _networks() -> Iterator[tuple[str, str]]:
    network = VoiceNetwork(read_onnx((files("hibari") / "assets" / "hibari.onnx").read_bytes()))
    spectra = network.spectra(Vocabulary().numbers(PHONEMES[0]), speed=1.1, proceed=lambda: None)
    yield "VoiceNetwork", _digest(*(getattr(spectra, name) for name in spectra.__dataclass_fields__))
    for british in (False, True):
        read = Spelling(british=british)
        written = " ".join(str(read(word)) for word in WORDS)
        yield f"Spelling, british={british}", hashlib.sha256(written.encode()).hexdigest()[:16]


def _speech() -> Iterator[tuple[str, str]]:
    engine = SmallEngine(Vocabulary())
    pieces = [
        piece_of(engine.speak(phonemes, voice="af_heart", speed=1.0, seed=seed, halt=Halt()), phonemes)
        for seed, phonemes in enumerate(PHONEMES)
    ]
    for rate in RATES:
        samples = b"".join(samples_of(piece, rate) for piece in pieces)
        yield f"speech at {rate} Hz", hashlib.sha256(samples).hexdigest()[:16]


def main() -> None:
    found = {} if "--plain" in sys.argv else digests()
    if "--write" in sys.argv:
        _EXPECTED.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    json.dump({"machine": machine(), "plain": plain(), "digests": found}, sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()

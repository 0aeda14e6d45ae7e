"""
Kokoro-82M.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from chorus_tts.engines.onnx_session import OnnxSession
from chorus_tts.errors import StartupError
from chorus_tts.voices import Voice

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from chorus_tts.audio.shaping import Wave
    from chorus_tts.engines.engine import Halt
    from chorus_tts.engines.onnx_session import Array
    from chorus_tts.engines.vocabulary import Vocabulary

NAME: Final = "kokoro"
_NEEDED: Final = {"style": "tensor(float)", "speed": "tensor(float)"}


class KokoroEngine:
    """
    *styles* are the voices: for each number of phonemes, from 1, a row that tells the network who speaks.
    """

    name = NAME
    # A longer sentence is said clause by clause, so that its beginning need not wait for its end.
    longest = 120

    def __init__(
        self,
        model: Path | bytes,
        styles: Mapping[str, NDArray[np.float32]],
        vocabulary: Vocabulary,
        *,
        threads: int,
    ) -> None:
        self.voices = tuple(Voice(id=voice, engine=NAME) for voice in sorted(styles))
        self._styles = styles
        self._vocabulary = vocabulary
        self._session = OnnxSession(model, threads=threads)
        self._tokens = _name_of_tokens(self._session.inputs)

    def speak(self, phonemes: str, *, voice: str, speed: float, seed: int, halt: Halt) -> Wave:
        """
        *seed* changes nothing: this network draws no noise.
        """
        del seed
        numbers = self._vocabulary.numbers(phonemes)
        styles = self._styles[voice]
        inputs: dict[str, Array] = {
            self._tokens: np.array([numbers], np.int64),
            "style": styles[min(len(numbers) - 2, len(styles)) - 1][None],
            "speed": np.array([speed], np.float32),
        }
        return self._session.run(inputs, halt)[0].reshape(-1)


def _name_of_tokens(inputs: Mapping[str, str]) -> str:
    """
    Exports of the model differ in the name of this input.
    """
    names = [name for name in ("tokens", "input_ids") if name in inputs]
    if not names or any(inputs.get(name) != kind for name, kind in _NEEDED.items()):
        raise StartupError(
            f"the model is no export of Kokoro that is known here: its inputs are {dict(inputs)}, "
            f"expected are tokens and {_NEEDED}; look at KOKORO_MODEL_PATH"
        )
    return names[0]

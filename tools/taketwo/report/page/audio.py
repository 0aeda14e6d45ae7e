"""
Audio on the page: what it is, the shape of its sound, and the sound itself as far as there is room for it.
"""

from __future__ import annotations

import base64
import struct
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from taketwo.cassette.audio.wav import wav_of
from taketwo.cassette.model import JsonValue, Sound

_COLUMNS = 240  # of a waveform
_HEIGHT = 100  # in the steps that a waveform is drawn in
_LARGEST = 2_000_000
_LARGEST_SUM = 12_000_000
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_CODES = {(_PCM, 8): "B", (_PCM, 16): "h", (_PCM, 32): "i", (_FLOAT, 32): "f", (_FLOAT, 64): "d"}
_LOUDEST = {"B": 128.0, "h": 32768.0, "i": 2147483648.0, "f": 1.0, "d": 1.0}
_CHUNK = struct.Struct("<4sI")
_FORMAT = struct.Struct("<HHIIHH")
_RIFF_HEAD = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """
    The samples of a wav file, each channel after the other in every frame.
    """

    rate: int
    channels: int
    samples: Sequence[float]
    loudest: float
    middle: float = 0.0

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.channels / self.rate


def read_wave(content: bytes) -> Wave | None:
    """
    None when *content* is no wav file that is understood: what cannot be drawn can still be played.
    """
    chunks = dict(_chunks(content))
    head, data = chunks.get(b"fmt ", b""), chunks.get(b"data", b"")
    if len(head) < _FORMAT.size:
        return None
    kind, channels, rate, _, _, bits = _FORMAT.unpack_from(head)
    if kind == _EXTENSIBLE and len(head) >= _FORMAT.size + 10:
        (kind,) = struct.unpack_from("<H", head, _FORMAT.size + 8)
    code = _CODES.get((kind, bits))
    if code is None or not channels or not rate:
        return None
    samples = array(code, data[: len(data) - len(data) % (bits // 8)])
    middle = _LOUDEST[code] if code == "B" else 0.0
    return Wave(rate=rate, channels=channels, samples=samples, loudest=_LOUDEST[code], middle=middle)


def peaks(wave: Wave, columns: int = _COLUMNS) -> list[int]:
    """
    For each column its lowest and its highest sample, in steps of a hundredth.
    """
    total = len(wave.samples)
    columns = min(columns, total)
    bounds = [total * column // columns for column in range(columns + 1)] if columns else [0]
    found: list[int] = []
    for start, stop in pairwise(bounds):
        part = wave.samples[start:stop]
        found += [_step(min(part), wave), _step(max(part), wave)]
    return found


def is_audio(media_type: str, content: bytes) -> bool:
    return media_type.lower().startswith("audio/") or (content[:4] == b"RIFF" and content[8:12] == b"WAVE")


class Sounds:
    """
    The sounds of a page by their hashes, each once, with a limit on what they weigh together.
    """

    def __init__(self) -> None:
        self._sounds: dict[str, JsonValue] = {}
        self._weight = 0
        self.left_out = 0

    def add(self, sha256: str, media_type: str, content: bytes) -> str:
        """
        The name under which the page knows a sound.
        """
        name = sha256[:16]
        if name not in self._sounds:
            self._sounds[name] = self._sound(media_type, content)
        return name

    def json(self) -> JsonValue:
        return self._sounds

    def _sound(self, media_type: str, content: bytes) -> JsonValue:
        fits = len(content) <= _LARGEST and self._weight + len(content) <= _LARGEST_SUM
        self._weight += len(content) if fits else 0
        self.left_out += not fits
        content = _playable(media_type, content)
        wave = read_wave(content)
        kind = "audio/wav" if wave else media_type.partition(";")[0].strip().lower()
        return {
            "type": kind if kind.startswith("audio/") else "audio/wav",
            "size": len(content),
            "data": base64.b64encode(content).decode() if fits else None,
            "seconds": round(wave.seconds, 3) if wave else None,
            "rate": wave.rate if wave else None,
            "channels": wave.channels if wave else None,
            "peaks": peaks(wave) if wave else None,
        }


def _playable(media_type: str, content: bytes) -> bytes:
    """
    *content* as a wav file, when it is plain samples and the media type has their format.
    """
    kind, *parameters = (part.strip().lower() for part in media_type.split(";"))
    given = dict(parameter.partition("=")[::2] for parameter in parameters)
    rate, channels = given.get("rate", ""), given.get("channels", "1")
    if kind not in {"audio/pcm", "audio/l16"} or not (rate.isdecimal() and channels.isdecimal()):
        return content
    if given.get("bits", "16") != "16":
        return content
    return wav_of(content, Sound(int(rate), channels=int(channels)))


def _step(sample: float, wave: Wave) -> int:
    height = (sample - wave.middle) / wave.loudest * _HEIGHT
    # A float may be anything, and what is no number has no height.
    return round(max(-_HEIGHT, min(_HEIGHT, height))) if height == height else 0  # noqa: PLR0124


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        return
    place = _RIFF_HEAD
    while place + _CHUNK.size <= len(content):
        name, size = _CHUNK.unpack_from(content, place)
        place += _CHUNK.size
        # A stream's length is not known when its head is written: then the head says that it is endless.
        yield name, content[place : place + size]
        place += size + size % 2

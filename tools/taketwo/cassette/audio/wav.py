"""
Audio as files that one can play: raw samples get the header of a WAV file, and lose it again on replay.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from urllib.parse import urlsplit

from taketwo.cassette.model import JsonValue, Pairs, Sound
from taketwo.config.audio import HIGHEST_RATE, LOWEST_RATE, MOST_CHANNELS, AudioRule

_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_PCM, _EXTENSIBLE = 1, 0xFFFE
_OF_EXTENSIBLE = 24  # where it tells what it is
_FORMAT = re.compile(r"pcm(?:_s16le)?_(\d{4,6})(?:_(\d))?\Z", re.IGNORECASE)
_RATE_NAMES = frozenset({"rate", "samplerate", "sampleratehz", "audiosamplerate"})
_FORMAT_NAMES = frozenset({"outputformat", "audioformat", "format", "encoding"})
RAW_KINDS = frozenset({"audio/l16", "audio/pcm", "audio/x-pcm", "audio/raw"})


def wav_of(samples: bytes, sound: Sound) -> bytes:
    """
    *samples* as a WAV file, the same one for the same samples.
    """
    size = len(samples)
    header = _HEADER.pack(
        b"RIFF",
        36 + size,
        b"WAVE",
        b"fmt ",
        16,
        _PCM,
        sound.channels,
        sound.rate,
        sound.rate * sound.frame,
        sound.frame,
        8 * sound.width,
        b"data",
        size,
    )
    return header + samples


def is_wav(start: bytes) -> bool:
    """
    Whether what begins with the twelve bytes of *start* is a WAV file.
    """
    return start[:4] == b"RIFF" and start[8:12] == b"WAVE"


def samples_of(wav: bytes) -> tuple[Sound, bytes] | None:
    """
    What is in a WAV file of whole samples; None when it is none that we can read.
    """
    if not is_wav(wav[:12]):
        return None
    sound, start = None, 12
    while start + 8 <= len(wav):
        name, size = wav[start : start + 4], int.from_bytes(wav[start + 4 : start + 8], "little")
        content = wav[start + 8 : start + 8 + size]
        if name == b"fmt " and len(content) >= 16:  # noqa: PLR2004 - the length of the chunk
            kind, channels, rate, _, _, bits = struct.unpack("<HHIIHH", content[:16])
            if kind == _EXTENSIBLE and len(content) >= _OF_EXTENSIBLE + 2:
                kind = int.from_bytes(content[_OF_EXTENSIBLE : _OF_EXTENSIBLE + 2], "little")
            sound = Sound(rate, bits // 8, channels) if kind == _PCM and bits % 8 == 0 and channels else None
        if name == b"data":
            return (sound, content) if sound is not None and sound.frame else None
        start += 8 + size + size % 2
    return None


def sound_of_members(members: Mapping[str, JsonValue]) -> Sound | None:
    """
    What the members of an object say about the audio beside them.
    """
    texts = ((name, value) for name, value in members.items() if isinstance(value, str | int))
    return _sound((name, str(value)) for name, value in texts if not isinstance(value, bool))


def sound_of_opening(query: Pairs, headers: Pairs) -> Sound | None:
    """
    What the parameters and headers of a request, or of an answer, say about the audio in it.
    """
    kinds = [value for name, value in headers if name.lower() == "content-type"]
    return _sound([*query, *headers]) or next((sound for kind in kinds if (sound := _of_kind(kind))), None)


def sound_by_rule(rules: Sequence[AudioRule], url: str, headers: Pairs) -> Sound | None:
    """
    The sound that the first of *rules* gives which applies to *url* and *headers*.
    """
    if not rules:
        return None
    path = urlsplit(url).path
    content_type = next((value for name, value in headers if name.lower() == "content-type"), "")
    kind = content_type.partition(";")[0].strip().lower()
    rule = next((rule for rule in rules if rule.is_about(path, kind)), None)
    return Sound(rule.rate, 2, rule.channels) if rule else None


def _sound(pairs: Iterable[tuple[str, str]]) -> Sound | None:
    for name, value in pairs:
        plain = _plain(name)
        found = _FORMAT.match(value) if plain in _FORMAT_NAMES else None
        if found:
            return _checked(found[1], found[2] or "1")
        if plain in _RATE_NAMES and value.isdecimal():
            return _checked(value, "1")
    return None


@lru_cache(maxsize=1024)
def _plain(name: str) -> str:
    return re.sub(r"[-_ ]", "", name.lower()).removeprefix("x")


@lru_cache(maxsize=64)
def _of_kind(content_type: str) -> Sound | None:
    """
    The sound of ``audio/L16;rate=24000`` and ``audio/pcm; rate=16000; channels=2``.
    """
    kind, *parameters = (part.strip().lower() for part in content_type.split(";"))
    known = dict(part.split("=", 1) for part in parameters if "=" in part)
    if kind not in RAW_KINDS:
        return None
    return _checked(known.get("rate", ""), known.get("channels", "1"))


def _checked(rate: str, channels: str) -> Sound | None:
    if not (rate.isdecimal() and channels.isdecimal()):
        return None
    sound = Sound(int(rate), 2, int(channels))
    is_likely = LOWEST_RATE <= sound.rate <= HIGHEST_RATE and 1 <= sound.channels <= MOST_CHANNELS
    return sound if is_likely else None

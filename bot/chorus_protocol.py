"""
What goes over a connection to Chorus: messages out, events in. Nothing here opens one.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import quote, urlencode

from bot.voice_settings import VoiceSettings

Event: TypeAlias = "Connected | Audio | Final | Refused"

END = json.dumps({"text": ""})


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """
    How a voice is to sound; what is None is left to Chorus. ``speed`` is a factor: 2.0 is twice as fast.
    """

    stability: float | None = None
    similarity_boost: float | None = None
    style: float | None = None
    use_speaker_boost: bool | None = None
    speed: float | None = None
    chunk_lengths: tuple[int, ...] = ()

    @property
    def voice_settings(self) -> dict[str, object]:
        given = {
            "stability": self.stability,
            "similarity_boost": self.similarity_boost,
            "style": self.style,
            "use_speaker_boost": self.use_speaker_boost,
            "speed": self.speed,
        }
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Connected:
    """
    The greeting: nothing may be sent before it.
    """

    session_id: str
    voice_id: str


@dataclass(frozen=True, slots=True)
class Audio:
    """
    A piece of speech: signed 16-bit little-endian samples of one channel, *sample_rate* of them a second.
    """

    pcm: bytes
    sample_rate: int

    @property
    def seconds(self) -> float:
        return len(self.pcm) / 2 / self.sample_rate


@dataclass(frozen=True, slots=True)
class Final:
    """
    An utterance is complete.
    """

    chunks: int | None
    duration_ms: float | None


@dataclass(frozen=True, slots=True)
class Refused:
    """
    An utterance cannot be spoken; the connection is as good as before.
    """

    message: str


def headers(settings: VoiceSettings) -> dict[str, str]:
    return {"xi-api-key": settings.api_key} if settings.api_key else {}


def socket_address(settings: VoiceSettings) -> str:
    query = urlencode(
        {
            "output_format": settings.output_format,
            "auto_mode": "false",
            "enable_logging": "true",
            "enable_ssml_parsing": "false",
        }
    )
    return f"{settings.socket_url}/v1/text-to-speech/{quote(settings.voice_id, safe='')}/stream-input?{query}"


def opening(tuning: Tuning) -> str:
    """
    The first message: a space to wake the voice, and how it is to sound.
    """
    message: dict[str, object] = {"text": " "}
    if tuning.voice_settings:
        message["voice_settings"] = tuning.voice_settings
    if tuning.chunk_lengths:
        message["generation_config"] = {"chunk_length_schedule": list(tuning.chunk_lengths)}
    return json.dumps(message)


def utterance(text: str) -> str:
    """
    A whole utterance, to be spoken at once. It ends with a space, by which Chorus knows that a word is over.
    """
    return json.dumps({"text": f"{text} ", "flush": True, "try_trigger_generation": True}, ensure_ascii=False)


def read_event(message: str | bytes, *, sample_rate: int) -> Event | None:
    """
    What a message says; None for one that says nothing to us. *sample_rate* is that of audio that names none.
    """
    try:
        body = json.loads(message)
    except ValueError:
        return None
    return (
        _EVENTS.get(str(body.get("event")), _nothing)(body, sample_rate) if isinstance(body, dict) else None
    )


def _connected(body: Mapping[str, object], _rate: int) -> Event | None:
    return Connected(str(body.get("session_id", "")), str(body.get("voice_id", "")))


def _audio(body: Mapping[str, object], rate: int) -> Event | None:
    audio, named = body.get("audio"), body.get("sample_rate")
    try:
        pcm = base64.b64decode(audio, validate=True) if isinstance(audio, str) else b""
    except binascii.Error:
        return None
    return Audio(pcm, named if isinstance(named, int) and named > 0 else rate) if pcm else None


def _final(body: Mapping[str, object], _rate: int) -> Event | None:
    chunks, duration = body.get("chunks"), body.get("duration_ms")
    return Final(
        chunks if isinstance(chunks, int) else None,
        duration if isinstance(duration, int | float) else None,
    )


def _refused(body: Mapping[str, object], _rate: int) -> Event | None:
    return Refused(str(body.get("message") or "no reason given"))


def _nothing(_body: Mapping[str, object], _rate: int) -> Event | None:
    return None


_EVENTS = {"connected": _connected, "audioOutput": _audio, "finalOutput": _final, "error": _refused}

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

Event: TypeAlias = "Connected | Audio | Final | Refused | Damaged"

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


@dataclass(frozen=True, slots=True)
class Refused:
    """
    An utterance cannot be spoken; the connection is as good as before.
    """

    message: str


@dataclass(frozen=True, slots=True)
class Damaged:
    """
    A message that cannot be what Chorus said: some of the speech may be lost with it.
    """

    reason: str


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
        return Damaged("a message is no JSON")
    if not isinstance(body, dict) or not isinstance(body.get("event"), str):
        return Damaged("a message names no event")
    return _EVENTS.get(body["event"], _nothing)(body, sample_rate)


def _connected(_body: Mapping[str, object], _rate: int) -> Event | None:
    return Connected()


def _audio(body: Mapping[str, object], rate: int) -> Event | None:
    audio, named = body.get("audio"), body.get("sample_rate", rate)
    if not isinstance(audio, str) or not isinstance(named, int) or named < 1:
        return Damaged("a message of audio has none, or no rate for it")
    try:
        pcm = base64.b64decode(audio, validate=True)
    except binascii.Error:
        return Damaged("a message of audio is no base64")
    return Audio(pcm, named) if pcm else None


def _final(_body: Mapping[str, object], _rate: int) -> Event | None:
    return Final()


def _refused(body: Mapping[str, object], _rate: int) -> Event | None:
    return Refused(str(body.get("message") or "no reason given"))


def _nothing(_body: Mapping[str, object], _rate: int) -> Event | None:
    return None


_EVENTS = {"connected": _connected, "audioOutput": _audio, "finalOutput": _final, "error": _refused}

"""
A conversation's decisions: what of the text that has come is to be said now. No I/O.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeAlias

from chorus_tts import fields
from chorus_tts.errors import BadRequestError
from chorus_tts.parameters import Manner, read_speed

if TYPE_CHECKING:
    pass

_MESSAGE: Final = ("flush", "generation_config", "text", "try_trigger_generation", "voice_settings")
_SENTENCES: Final = re.compile(r".*[.!?…][\"'”’)\]]*\s", re.DOTALL)
_WORDS: Final = re.compile(r".*\s", re.DOTALL)
_SCHEDULE: Final = (120, 160, 250, 290)
_LONGEST_SCHEDULE: Final = 50
HIGHEST_SCHEDULE: Final = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """
    *final*: the client awaits word that this was all.
    """

    text: str
    manner: Manner
    final: bool


@dataclass(frozen=True, slots=True)
class End:
    """
    The client has nothing more to say than *last*.
    """

    last: Say | None


Cue: TypeAlias = Say | End


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    text: str
    flush: bool = False
    trigger: bool = False
    speed: float | None = None
    schedule: tuple[int, ...] | None = None


class StreamProtocol:
    """
    Collects text until something says that it is to be spoken: ``flush`` all of it, a trigger what is whole
    sentences, the schedule as much as it says.
    """

    def __init__(self, manner: Manner, *, automatic: bool, longest: int) -> None:
        self._manner = manner
        self._automatic = automatic
        self._longest = longest
        self._schedule: tuple[int, ...] = _SCHEDULE
        self._scheduled = 0
        self._text = ""

    def hear(self, message: Message) -> Cue | None:
        if message.speed is not None:
            self._manner = replace(self._manner, speed=message.speed)
        if message.schedule is not None:
            self._schedule, self._scheduled = message.schedule, 0
        if not message.text:
            return End(self._all() if self._text.strip() else None)
        self._collect(message.text)
        if message.flush:
            return self._all()
        if message.trigger or self._automatic:
            return self._up_to(_SENTENCES)
        return self._as_scheduled()

    def _collect(self, text: str) -> None:
        if len(self._text) + len(text) > self._longest:
            raise BadRequestError(
                f"{len(text)} characters more would make {len(self._text) + len(text)} that wait to be said, "
                f"but {self._longest} are said at once; this text is left out: "
                "flush what waits, then send it again",
                code="text_too_long",
            )
        self._text += text

    def _as_scheduled(self) -> Say | None:
        if len(self._text) < self._schedule[min(self._scheduled, len(self._schedule) - 1)]:
            return None
        self._scheduled += 1
        return self._up_to(_SENTENCES) or self._up_to(_WORDS)

    def _up_to(self, end: re.Pattern[str]) -> Say | None:
        found = end.match(self._text)
        if found is None or not found.group().strip():
            return None
        self._text = self._text[found.end() :]
        return Say(text=found.group(), manner=self._manner, final=False)

    def _all(self) -> Say:
        text, self._text, self._scheduled = self._text, "", 0
        return Say(text=text, manner=self._manner, final=True)


def read_message(raw: str) -> Message:
    values = fields.parsed_object(raw, what="the message")
    fields.refuse_unknown(values, _MESSAGE, what="the message's")
    text = fields.string(values, "text")
    if text is None:
        raise BadRequestError(
            "text is missing; it is what to say, and empty to end", code="missing_parameter"
        )
    return Message(
        text=text,
        flush=fields.flag(values, "flush", default=False),
        trigger=fields.flag(values, "try_trigger_generation", default=False),
        speed=read_speed(values) if values.get("voice_settings") is not None else None,
        schedule=_read_schedule(values.get("generation_config")),
    )


def _read_schedule(config: object) -> tuple[int, ...] | None:
    if config is None:
        return None
    if not isinstance(config, dict):
        raise BadRequestError(
            f"generation_config must be an object, not {fields.shown(config)}", code="bad_parameter"
        )
    fields.refuse_unknown(config, ["chunk_length_schedule"], what="the member of generation_config")
    schedule = config.get("chunk_length_schedule")
    return None if schedule is None else _lengths(schedule)


def _lengths(schedule: object) -> tuple[int, ...]:
    lengths = schedule if isinstance(schedule, list) else []
    if not 0 < len(lengths) <= _LONGEST_SCHEDULE or not all(_is_length(length) for length in lengths):
        raise BadRequestError(
            f"chunk_length_schedule must list 1 to {_LONGEST_SCHEDULE} whole numbers "
            f"from 1 to {HIGHEST_SCHEDULE}, not {fields.shown(schedule)}",
            code="bad_parameter",
        )
    return tuple(lengths)


def _is_length(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= HIGHEST_SCHEDULE

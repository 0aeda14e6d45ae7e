"""What the page is sent, over the data channel of its connection: JSON objects with a ``type``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

Message: TypeAlias = dict[str, object]
Speaker: TypeAlias = Literal["user", "bot"]
State: TypeAlias = Literal["listening", "thinking", "speaking", "quiet"]


def said(speaker: Speaker, text: str) -> Message:
    return {"type": "said", "speaker": speaker, "text": text}


def state(now: State) -> Message:
    """
    What the bot does now.
    """
    return {"type": "state", "state": now}


def event(name: str, payload: Mapping[str, object]) -> Message:
    """
    Something changed: ``applet.created``, ``note.updated`` and the like.
    """
    return {"type": "event", "name": name, "payload": dict(payload)}


def failure(text: str) -> Message:
    """
    Something did not work, in a sentence for the user.
    """
    return {"type": "failure", "text": text}


def typed_text(message: object) -> str:
    """
    What the user typed, as the page sends it: ``{"type": "typed", "text": …}``; empty for anything else.
    """
    match message:
        case {"type": "typed", "text": str(text)}:
            return text.strip()
        case _:
            return ""

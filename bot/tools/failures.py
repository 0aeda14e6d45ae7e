"""Failures of tools: what users hear of them, and what the log has."""

from __future__ import annotations

import traceback

from bot.errors import (
    BotError,
    InvalidValueError,
    MeshRejectedError,
    MeshTimeoutError,
    MeshUnreachableError,
    NotAllowedError,
)
from bot.tools.tool import ArgumentsError, Unable

_THINGS = {"Notes": "note", "HtmlGeneration": "applet"}


def spoken(error: Exception) -> str:
    """
    The failure in a sentence for the user: no id, no address, no technical word.
    """
    match error:
        case Unable():
            return str(error)
        case ArgumentsError() | InvalidValueError():
            return f"I cannot do that: {error}."
        case NotAllowedError():
            thing = _THINGS.get(error.resource_type, "thing")
            return f"You are not allowed to {error.action} this {thing}. Its owner could share it with you."
        case MeshUnreachableError() | MeshTimeoutError():
            return "I cannot reach the place where things are kept. Please try again in a moment."
        case MeshRejectedError():
            return "The place where things are kept did not accept that."
        case _:
            return "Something went wrong on my side. Please try again."


def logged(error: Exception) -> str:
    """
    The failure for the log. Our own errors are masked where they are made; of any other one its message is
    left out, since it may quote anything, and the places it came through say where to look.
    """
    if isinstance(error, BotError):
        return f"{type(error).__name__}: {error}"
    frames = traceback.extract_tb(error.__traceback__)
    places = " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    return f"{type(error).__name__} at {places}"

"""
What a participant hears of the bot: its messages, when it speaks, and which tools it calls.

The bot reports these by messages of its own (``bot/session/messages.py``), and Pipecat by those of RTVI, its
protocol for clients; one of either kind is read by :func:`read`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

_T = TypeVar("_T")


class Kind(Enum):
    """
    * ``STARTED``, ``STOPPED``: the bot began to speak, and ended
    * ``SAID``: a sentence of the bot
    * ``HEARD``: what the bot understood of the participant
    * ``TOOL``: the name of a tool that the bot calls
    * ``EVENT``: the name of an event for the page, such as ``note.created``
    * ``FAILED``: an error that the bot reports
    """

    STARTED = "the bot starts speaking"
    STOPPED = "the bot stops speaking"
    SAID = "the bot says"
    HEARD = "the bot hears"
    TOOL = "the bot calls the tool"
    EVENT = "the page gets"
    FAILED = "the bot fails"


@dataclass(frozen=True, slots=True)
class Event:
    kind: Kind
    text: str = ""

    def __str__(self) -> str:
        return f"{self.kind.value} {self.text}".rstrip()


@dataclass(frozen=True, slots=True)
class Message:
    """
    What the bot said in one go, and whether it has stopped.
    """

    text: str
    is_over: bool


class ConversationError(AssertionError):
    """
    What was waited for did not come; the message lists what did.
    """


class Conversation:
    """
    Everything that was heard, in order. Used in one event loop.

    A wait looks at what comes after *since*, a :attr:`position` noted before: what is heard between a
    question and the wait for its answer counts.
    """

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._news = asyncio.Event()

    @property
    def position(self) -> int:
        return len(self.events)

    def hear(self, event: Event) -> None:
        self.events.append(event)
        self._news.set()

    def messages(self, *, since: int = 0) -> list[Message]:
        """
        What the bot said: sentences up to where it stops are one message.
        """
        found: list[Message] = []
        for event in self.events[since:]:
            if event.kind is Kind.SAID:
                joined = found.pop().text + " " if found and not found[-1].is_over else ""
                found.append(Message(joined + event.text, is_over=False))
            elif event.kind is Kind.STOPPED and found:
                found[-1] = Message(found[-1].text, is_over=True)
        return found

    async def wait_for_messages(
        self, count: int = 1, *, since: int = 0, until_stopped: bool = True, patience: float
    ) -> list[str]:
        """
        The texts of the first *count* messages, as soon as the last of them is there, or, with
        *until_stopped*, has been spoken.
        """

        def found() -> list[str] | None:
            messages = self.messages(since=since)[:count]
            enough = len(messages) == count and (messages[-1].is_over or not until_stopped)
            return [message.text for message in messages] if enough else None

        what = f"{count} message{'s'[: count != 1]} of the bot{' and its end' if until_stopped else ''}"
        return await self._wait(found, what, since, patience)

    async def wait_for(self, kind: Kind, text: str = "", *, since: int = 0, patience: float) -> Event:
        """
        The first event of *kind*, of this *text* if there is one.
        """

        def found() -> Event | None:
            events = self.events[since:]
            return next((e for e in events if e.kind is kind and (not text or e.text == text)), None)

        return await self._wait(found, f"{Event(kind, text)!s}", since, patience)

    async def _wait(self, found: Callable[[], _T | None], what: str, since: int, patience: float) -> _T:
        try:
            async with asyncio.timeout(patience):
                while (value := found()) is None:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise ConversationError(self._waited_for(what, since, patience)) from None
        return value

    def _waited_for(self, what: str, since: int, patience: float) -> str:
        heard = [f"  {event}" for event in self.events[since:]] or ["  nothing"]
        title = f"waited {patience:g} s for: {what}"
        advice = "a slower bot is given longer with PIPECAT_ASSISTANT_TIMEOUT_SECS"
        return "\n".join((title, "heard in this time:", *heard, advice))


def read(message: object) -> Event | None:
    """
    The event of one message; None for one that says nothing of these.
    """
    kind, text = _read(message) or (Kind.SAID, "")
    if kind in {Kind.STARTED, Kind.STOPPED}:
        return Event(kind)
    return Event(kind, text.strip()) if text.strip() else None


def _read(message: object) -> tuple[Kind, str] | None:
    found: tuple[Kind, str] | None = None
    match message:
        case {"type": "state", "state": "speaking"}:
            found = Kind.STARTED, ""
        case {"type": "state", "state": "listening" | "quiet"}:
            found = Kind.STOPPED, ""
        case {"type": "said", "speaker": "bot", "text": str(text)}:
            found = Kind.SAID, text
        case {"type": "said", "speaker": "user", "text": str(text)}:
            found = Kind.HEARD, text
        case {"type": "event", "name": str(text)}:
            found = Kind.EVENT, text
        case {
            "label": "rtvi-ai",
            "type": "llm-function-call-in-progress",
            "data": {"function_name": str(text)},
        }:
            found = Kind.TOOL, text
        case {"type": "failure", "text": str(text)} | {
            "label": "rtvi-ai",
            "type": "error",
            "data": {"error": str(text)},
        }:
            found = Kind.FAILED, text
    return found

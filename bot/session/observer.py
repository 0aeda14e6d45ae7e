"""What happens in a pipeline, as messages for the page."""

from __future__ import annotations

import logging
from collections.abc import Callable

from pipecat.frames.frames import (
    BotStartedSpeakingFrame,
    BotStoppedSpeakingFrame,
    ErrorFrame,
    Frame,
    LLMFullResponseStartFrame,
    TranscriptionFrame,
    TTSTextFrame,
    VADUserStartedSpeakingFrame,
)
from pipecat.observers.base_observer import BaseObserver, FramePushed

from bot.session.forwarder import Send
from bot.session.messages import Message, State, failure, said, state

_LOG = logging.getLogger(__name__)
_STATES: dict[type[Frame], State] = {
    VADUserStartedSpeakingFrame: "listening",
    LLMFullResponseStartFrame: "thinking",
    BotStartedSpeakingFrame: "speaking",
    BotStoppedSpeakingFrame: "quiet",
}
_FAILED = "Something went wrong on my side. Please try again."


class PageObserver(BaseObserver):
    """
    Sends what is said, what the bot does, and what fails.

    A frame is seen once for each processor that it passes; it is sent the first time.
    """

    def __init__(self, send: Send, *, mask: Callable[[str], str]) -> None:
        super().__init__()
        self._send = send
        self._mask = mask
        self._seen: set[int] = set()

    async def on_push_frame(self, data: FramePushed) -> None:
        frame = data.frame
        if frame.id in self._seen:
            return
        message = self._message(frame)
        if message is not None:
            self._seen.add(frame.id)
            await self._send(message)

    def _message(self, frame: Frame) -> Message | None:
        match frame:
            case TranscriptionFrame():
                return said("user", frame.text)
            case TTSTextFrame():
                return said("bot", frame.text)
            case ErrorFrame():
                _LOG.warning("the pipeline reported: %s", self._mask(frame.error))
                return failure(_FAILED)
            case _:
                now = _STATES.get(type(frame))
                return state(now) if now is not None else None

"""Who talks to the bot in a Daily room: a client with a microphone that plays clips."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Protocol, TypeAlias

from tests.live.clip import Clip
from tests.live.conversation import Conversation, Event, Kind, read

MICROPHONE = "pipecat-test-microphone"
RATE = 24_000

_SILENCE = 1.2  # seconds; whoever detects the end of speech waits for less
_TO_JOIN = 20.0
_TO_LEAVE = 10.0

Completion: TypeAlias = Callable[..., None]


class Call(Protocol):
    """
    ``daily.CallClient``, as far as it is used.
    """

    def set_user_name(self, user_name: str) -> None: ...

    def join(
        self,
        meeting_url: str,
        meeting_token: str | None = None,
        client_settings: Mapping[str, object] | None = None,
        completion: Completion | None = None,
    ) -> None: ...

    def leave(self, completion: Completion | None = None) -> None: ...

    def release(self) -> None: ...


class Microphone(Protocol):
    """
    ``daily.VirtualMicrophoneDevice``, blocking: it takes as long as what is written lasts.
    """

    def write_frames(self, frames: bytes, completion: Completion | None = None) -> int: ...


class Listener(Protocol):
    """
    What a call reports, from any thread.
    """

    def on_app_message(self, message: object, sender: str) -> None: ...

    def on_error(self, message: str) -> None: ...


OpenCall: TypeAlias = Callable[[Listener], Call]


class ParticipantError(Exception):
    """
    The participant could not join or leave.
    """


class DailyParticipant:
    """
    A participant of one room. Used in one event loop; Daily reports from threads of its own.
    """

    def __init__(
        self, open_call: OpenCall, microphone: Microphone, *, name: str = "Integration Tester"
    ) -> None:
        self.conversation = Conversation()
        self._loop = asyncio.get_running_loop()
        self._microphone = microphone
        self._call = open_call(self)
        self._name = name
        self._is_in = False

    async def join(self, room_url: str, token: str) -> None:
        """
        :raises ParticipantError: when Daily does not let it in.
        """
        self._call.set_user_name(self._name)
        completion, done = self._completion(arguments=2)
        self._call.join(room_url, token, client_settings=_CLIENT_SETTINGS, completion=completion)
        try:
            await self._finish(done, f"could not join {room_url}", _TO_JOIN)
        except ParticipantError:
            self._call.release()
            raise
        self._is_in = True

    async def play(self, clip: Clip) -> None:
        """
        Say *clip*, and then nothing for a moment; takes as long as both do.

        :raises ValueError: when the clip has another rate than the microphone.
        """
        if clip.rate != RATE:
            raise ValueError(f"the microphone takes {RATE} samples a second, and the clip has {clip.rate}")
        for frame in clip.followed_by_silence(_SILENCE).frames():
            await asyncio.to_thread(self._microphone.write_frames, frame)

    async def leave(self) -> None:
        """
        Whoever has left does nothing.

        :raises ParticipantError: when Daily does not confirm it; the client is released all the same.
        """
        if not self._is_in:
            return
        self._is_in = False
        completion, done = self._completion(arguments=1)
        try:
            self._call.leave(completion=completion)
            await self._finish(done, "could not leave", _TO_LEAVE)
        finally:
            self._call.release()

    def on_app_message(self, message: object, sender: str) -> None:
        del sender  # the bot is the only one who sends any
        if (event := read(message)) is not None:
            self._loop.call_soon_threadsafe(self.conversation.hear, event)

    def on_error(self, message: str) -> None:
        self._loop.call_soon_threadsafe(self.conversation.hear, Event(Kind.FAILED, message))

    def _completion(self, *, arguments: int) -> tuple[Completion, asyncio.Future[str | None]]:
        """
        What Daily calls with its error, None for success, as the last of its *arguments*.
        """
        done: asyncio.Future[str | None] = self._loop.create_future()

        def complete(*given: object) -> None:
            error = given[arguments - 1]
            self._loop.call_soon_threadsafe(_resolve, done, None if error is None else str(error))

        return complete, done

    async def _finish(self, done: asyncio.Future[str | None], problem: str, patience: float) -> None:
        try:
            error = await asyncio.wait_for(done, patience)
        except TimeoutError:
            error = f"Daily did not answer within {patience:g} s"
        if error is not None:
            raise ParticipantError(f"the participant {problem}: {error}")


_CLIENT_SETTINGS: Mapping[str, object] = {
    "inputs": {
        "camera": False,
        "microphone": {"isEnabled": True, "settings": {"deviceId": MICROPHONE}},
    },
}


def _resolve(done: asyncio.Future[str | None], error: str | None) -> None:
    if not done.done():  # it may have been given up
        done.set_result(error)

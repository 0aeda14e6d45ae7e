"""
The participant of a live test, in a room that is not there: Daily's client is a fake with its signatures.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from threading import Thread

import pytest

from tests.live.clip import Clip
from tests.live.conversation import Event, Kind
from tests.live.participant import RATE, Completion, DailyParticipant, Listener, ParticipantError

pytestmark = pytest.mark.asyncio

ROOM = "https://example.daily.co/ours"


class FakeCall:
    """
    Completes what it is asked in a thread of its own, as Daily does, with *error*.
    """

    def __init__(self, error: str | None = None) -> None:
        self.asked: list[object] = []
        self._error = error

    def set_user_name(self, user_name: str) -> None:
        self.asked.append(user_name)

    def join(
        self,
        meeting_url: str,
        meeting_token: str | None = None,
        client_settings: Mapping[str, object] | None = None,
        completion: Completion | None = None,
    ) -> None:
        self.asked.append((meeting_url, meeting_token, client_settings))
        _complete(completion, None if self._error else {}, self._error)

    def leave(self, completion: Completion | None = None) -> None:
        self.asked.append("leave")
        _complete(completion, self._error)

    def release(self) -> None:
        self.asked.append("release")


class FakeMicrophone:
    def __init__(self) -> None:
        self.written = b""

    def write_frames(self, frames: bytes, completion: Completion | None = None) -> int:
        del completion
        self.written += frames
        return len(frames) // 2


def _complete(completion: Completion | None, *given: object) -> None:
    assert completion is not None
    thread = Thread(target=completion, args=given)
    thread.start()
    thread.join()


def participant(call: FakeCall, microphone: FakeMicrophone | None = None) -> DailyParticipant:
    return DailyParticipant(lambda _: call, microphone or FakeMicrophone(), name="Ada")


async def test_it_joins_with_its_microphone_and_leaves() -> None:
    call = FakeCall()
    joined = participant(call)

    await joined.join(ROOM, "token")
    await joined.leave()
    await joined.leave()

    microphone = {"isEnabled": True, "settings": {"deviceId": "pipecat-test-microphone"}}
    settings = {"inputs": {"camera": False, "microphone": microphone}}
    assert call.asked == ["Ada", (ROOM, "token", settings), "leave", "release"]


async def test_a_refusal_is_named_and_the_client_released() -> None:
    call = FakeCall("not allowed")

    with pytest.raises(ParticipantError, match=f"the participant could not join {ROOM}: not allowed"):
        await participant(call).join(ROOM, "token")

    assert call.asked[-1] == "release"


async def test_it_plays_a_clip_and_then_silence() -> None:
    microphone = FakeMicrophone()
    speech = b"\x01\x02" * RATE

    await participant(FakeCall(), microphone).play(Clip(speech, RATE))

    assert microphone.written.startswith(speech)
    silence = microphone.written.removeprefix(speech)
    assert set(silence) == {0}
    assert len(silence) == 2 * RATE * 6 // 5


async def test_a_clip_of_another_rate_is_refused() -> None:
    with pytest.raises(
        ValueError, match="the microphone takes 24000 samples a second, and the clip has 8000"
    ):
        await participant(FakeCall()).play(Clip(b"\0\0", 8000))


async def test_messages_of_another_thread_are_heard() -> None:
    listeners: list[Listener] = []

    def open_call(listener: Listener) -> FakeCall:
        listeners.append(listener)
        return FakeCall()

    joined = DailyParticipant(open_call, FakeMicrophone())

    def report() -> None:
        listeners[0].on_app_message({"type": "said", "speaker": "bot", "text": "Hello."}, "bot")
        listeners[0].on_app_message({"type": "typed"}, "somebody")
        listeners[0].on_error("the network is gone")

    thread = Thread(target=report)
    thread.start()
    await joined.conversation.wait_for(Kind.FAILED, "the network is gone", patience=60)
    thread.join()

    assert joined.conversation.events == [
        Event(Kind.SAID, "Hello."),
        Event(Kind.FAILED, "the network is gone"),
    ]


@pytest.mark.skipif(find_spec("daily") is None, reason="daily-python is not installed")
@pytest.mark.parametrize(
    ("fake", "real"), [(FakeCall, "CallClient"), (FakeMicrophone, "VirtualMicrophoneDevice")]
)
async def test_the_fakes_have_the_signatures_of_daily(fake: type, real: str) -> None:
    theirs = getattr(import_module("daily"), real)
    for name, method in inspect.getmembers(fake, inspect.isfunction):
        if not name.startswith("_"):
            assert list(inspect.signature(method).parameters) == list(
                inspect.signature(getattr(theirs, name)).parameters
            )

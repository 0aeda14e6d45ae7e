"""
Who closed a conversation first, read from the bytes of its connection.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from websockets.frames import Close, Frame, Opcode

from taketwo.cassette.model import Closer
from taketwo.intercept.websockets.frames import FrameListener
from taketwo.playback.conversations.recorder import ConversationRecorder, Ending

Step = Callable[[FrameListener], None]


def _close(code: int, *, masked: bool) -> bytes:
    return Frame(Opcode.CLOSE, Close(code, "").serialize()).serialize(mask=masked)


def client_begins(listener: FrameListener) -> None:
    listener.closing()


def client_closes(listener: FrameListener) -> None:
    listener.sent(_close(1000, masked=True))


def service_closes(listener: FrameListener) -> None:
    listener.received(_close(1001, masked=False))


_BY_CLIENT = Ending(code=1000, by=Closer.CLIENT, answer=1001)
_BY_SERVICE = Ending(code=1001, by=Closer.SERVICE)


@pytest.mark.parametrize(
    ("steps", "ending"),
    [
        ((client_closes, service_closes), _BY_CLIENT),
        ((client_begins, client_closes, service_closes), _BY_CLIENT),
        # The client waits for something before it sends its close.
        ((client_begins, service_closes, client_closes), _BY_CLIENT),
        ((service_closes, client_closes), _BY_SERVICE),
        # The client closes because of what it read.
        ((service_closes, client_begins, client_closes), _BY_SERVICE),
        # It began, but never sent one.
        ((client_begins, service_closes), _BY_SERVICE),
    ],
)
def test_who_began_to_close_was_first(steps: tuple[Step, ...], ending: Ending) -> None:
    recorder = ConversationRecorder(lambda: 0, lambda: 0.0)
    listener = FrameListener(recorder)

    for step in steps:
        step(listener)

    assert recorder.ending() == ending

"""Daily's own client, imported by those tests alone that meet in a room. It is initialised once a process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from daily import CallClient, Daily, EventHandler

from tests.live.participant import MICROPHONE, RATE, Call, Listener, Microphone


class _Handler(EventHandler):
    def __init__(self, listener: Listener) -> None:
        super().__init__()
        self._listener = listener

    def on_app_message(self, message: object, sender: str) -> None:
        self._listener.on_app_message(message, sender)

    def on_error(self, message: str) -> None:
        self._listener.on_error(message)


@contextmanager
def open_microphone() -> Iterator[Microphone]:
    """
    A virtual microphone; Daily allows one that is active for each process.
    """
    Daily.init()
    try:
        yield Daily.create_microphone_device(MICROPHONE, sample_rate=RATE, channels=1)
    finally:
        Daily.deinit()


def open_call(listener: Listener) -> Call:
    call: Call = CallClient(event_handler=_Handler(listener))
    return call

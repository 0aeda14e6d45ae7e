"""
The client's side of a recording: ``freeze = true`` gives a test the clock and the chance of its recording.

A recording starts at a whole second, which is kept in the head of its cassette, and the clock goes on from
there; a replay starts at the same second. So a token that was valid when it was recorded is valid when it is
replayed. Python's own random generator, that of numpy and uuid4 begin with a seed made of the id of the test.
"""

from __future__ import annotations

import os
import random
import sys
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

from taketwo.cassette.model import DEFAULT_TIME
from taketwo.cassette.volatile.generate import seed_of
from taketwo.config.extras import needed_for


def moment_to_freeze(recorded: str | None, *, records: bool) -> str:
    """
    The time at which a test starts: that of its recording, or now while one is made of nothing.
    """
    if recorded is None and records:
        return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return recorded or DEFAULT_TIME


@contextmanager
def frozen(test: str, moment: str) -> Iterator[None]:
    """
    While open, the clock goes on from *moment* and chance begins with the seed of *test*.

    :raises MissingPackage: when time-machine is not installed.
    """
    with needed_for("freeze = true"):
        import time_machine  # noqa: PLC0415 - an extra
    with ExitStack() as stack:
        stack.enter_context(_seeded(seed_of(test)))
        stack.enter_context(time_machine.travel(datetime.fromisoformat(moment), tick=True))
        yield


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    before = random.getstate()
    random.seed(seed)
    numpy = sys.modules.get("numpy")
    before_numpy = numpy.random.get_state() if numpy is not None else None
    if numpy is not None:
        numpy.random.seed(seed % 2**32)
    # uuid4 asks the module os for random bytes. Whoever has imported the function itself gets ours too, since
    # it looks the module up in its own. Checked with Python 3.11 to 3.14; undone below.
    vars(uuid)["os"] = _SeededOs(seed)
    try:
        yield
    finally:
        vars(uuid)["os"] = os
        random.setstate(before)
        if numpy is not None:
            numpy.random.set_state(before_numpy)


class _SeededOs:
    """
    The module ``os`` with random bytes that are the same each time.
    """

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(f"uuid {seed}")  # noqa: S311 - to be the same each time is its purpose

    def urandom(self, size: int, /) -> bytes:
        return self._dice.randbytes(size)

    def __getattr__(self, name: str) -> object:
        return getattr(os, name)

"""
What may happen to a cassette, and what the run of pytest around it was asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum

from taketwo.value import Value


class Mode(Enum):
    """
    What happens to a request that the cassette has no answer to.

    * ``NONE``: an error; nothing is ever recorded
    * ``ONCE``: as ``NONE`` when the test has a cassette, as ``REWRITE`` when it has none
    * ``NEW_EPISODES``: the request is sent, and its answer recorded beside what the cassette holds
    * ``REWRITE``, ``ALL``: every request is sent, and the new recording replaces the cassette
    """

    NONE = "none"
    ONCE = "once"
    NEW_EPISODES = "new_episodes"
    REWRITE = "rewrite"
    ALL = "all"

    def records(self, *, has_cassette: bool) -> bool:
        return self is not Mode.NONE and not (self is Mode.ONCE and has_cassette)


def mode_name(asked: object) -> str:
    """
    The name of the mode that is *asked* for: by its name, or as a member of ``vcr.mode``.
    """
    return str(getattr(asked, "value", asked))


class RunModes(Value):
    """
    What a run of pytest was asked for, which cassettes that are opened inside of its tests follow.

    * ``asked``: the record mode of the command line, None where it names none
    * ``only_replays``: nothing else can ask for a recording
    * ``is_disabled``: nothing is replayed either
    """

    asked: str | None
    only_replays: bool
    is_disabled: bool


_runs: list[RunModes] = []


@contextmanager
def running(run: RunModes) -> Iterator[None]:
    """
    While open, cassettes are opened in *run*.
    """
    _runs.append(run)
    try:
        yield
    finally:
        _runs.remove(run)


def current_run() -> RunModes | None:
    return _runs[-1] if _runs else None

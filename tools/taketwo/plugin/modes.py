"""
What may happen to the cassette of a test.
"""

from __future__ import annotations

from enum import Enum


class Mode(Enum):
    """
    What happens to a request that the cassette has no answer to.

    * ``NONE``: an error; nothing is ever recorded
    * ``ONCE``: as ``NONE`` when the test has a cassette, as ``REWRITE`` when it has none
    * ``NEW_EPISODES``: the request is sent, and its answer recorded beside what the cassette holds
    * ``REWRITE``, ``ALL``: every request is sent, and the take takes the cassette's place
    """

    NONE = "none"
    ONCE = "once"
    NEW_EPISODES = "new_episodes"
    REWRITE = "rewrite"
    ALL = "all"

    def records(self, *, has_cassette: bool) -> bool:
        return self is not Mode.NONE and not (self is Mode.ONCE and has_cassette)

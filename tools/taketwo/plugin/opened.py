"""
One test between the opening of its cassette and the end of its teardown.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path

from taketwo.cassette import Cassette, Claim, Exchange, LiveConversation
from taketwo.config import Unplayed
from taketwo.playback import ConversationRouter, Player, Recorder
from taketwo.plugin.place import Place


@dataclass(slots=True, kw_only=True)
class OpenTest:
    """
    * ``own`` is what the test plays of its cassette, None where it has none
    * ``recorder`` and ``claim`` are those of a test that is recorded; ``staged`` is its take, once written
    * ``drops_unplayed``: what was recorded before and is not played leaves a cassette that is added to
    * ``head`` is that of its recording, where it is no test's
    * ``contradictions``: how many things in ``own`` the locks contradict
    """

    test: str
    place: Place
    player: Player
    recorder: Recorder | None
    board: ConversationRouter
    own: Cassette | None = None
    claim: Claim | None = None
    staged: Path | None = None
    head: Cassette | None = None
    contradictions: int = 0
    drops_unplayed: bool = False

    @property
    def exchanges(self) -> list[Exchange]:
        """
        What is recorded: what was known before, as far as it is kept, and what is new.
        """
        if self.recorder is None:
            return []
        every, known = self.recorder.exchanges, self.recorder.earlier
        return [one for n, one in enumerate(every) if n >= known or self._keeps(n, self.player.plays)]

    @property
    def conversations(self) -> list[LiveConversation]:
        """
        The same of conversations.
        """
        known = self.recorder.known_conversations if self.recorder else []
        kept = (talk for n, talk in enumerate(known) if self._keeps(n, self.board.opened))
        return [*kept, *self.board.conversations]

    def _keeps(self, number: int, played: Container[int]) -> bool:
        return not self.drops_unplayed or number in played

    @property
    def unplayed(self) -> list[int]:
        """
        The interactions of the test's own cassette that were never played, by number.

        Those of a cassette that other tests recorded are not its own.
        """
        own = self.own
        if own is None or self.recorder is not None or (own.tests and self.test not in own.tests):
            return []
        count = len(own.interactions)
        return [number for number in self.player.unplayed_numbers if number < count]

    @property
    def unplayed_problem(self) -> str:
        """
        What to say of a test that has to play all that is recorded, and did not.
        """
        if self.player.playback.unplayed is not Unplayed.FAIL:
            return ""
        spoken = self.board.unplayed if self.recorder is None else 0
        if not (self.unplayed or spoken):
            return ""
        from taketwo.playback import never_played  # noqa: PLC0415 - seldom needed

        return never_played(
            self.player.lines(self.unplayed),
            conversations=spoken,
            cassette=self.player.name,
            test=self.player.test,
        )

    def release(self) -> None:
        """
        Let other processes record the same.
        """
        if self.claim is not None:
            self.claim.release()
            self.claim = None

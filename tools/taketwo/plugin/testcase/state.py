"""
The state of a test from the opening of its cassette to the end of its teardown, and its result.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from taketwo.cassette.model import Cassette, Ending, Exchange, LiveConversation
from taketwo.cassette.parts import part_of
from taketwo.cassette.store.read import read_cassette
from taketwo.config.playback import Unplayed
from taketwo.errors import CassetteFormatError

if TYPE_CHECKING:
    from taketwo.cassette.record import NewRecording
    from taketwo.cassette.store.locks import Claim
    from taketwo.network.children import Children
    from taketwo.playback.conversations.routing import ConversationsOfTest
    from taketwo.playback.player import Player
    from taketwo.playback.recorder import Recorder
    from taketwo.plugin.reads.observed import ObservedReads
    from taketwo.plugin.testcase.cassette_path import CassettePath
    from taketwo.usage.reads import Reads


class CassetteFailure(pytest.fail.Exception):  # type: ignore[name-defined,misc]  # its only public name
    """
    Something is wrong with a cassette or a service, and no failure that a test could expect.
    """

    # As pytest's own failures are shown, without the module.
    __module__, __qualname__ = "builtins", "Failed"

    def __init__(self, message: str) -> None:
        super().__init__(message, pytrace=False)


@dataclass(slots=True, kw_only=True)
class RunningTest:
    """
    * ``own`` is what the test plays of its cassette, None where it has none
    * ``recorder`` and ``claim`` are those of a test that is recorded; ``staged`` is its recording, once
      written
    * ``drops_unplayed``: what was recorded before and is not played leaves a cassette that is added to
    * ``head`` is that of its recording, where it is no test's
    * ``children`` are the processes that it starts
    * ``contradictions``: how many things in ``own`` the locks contradict
    * ``contradicted``: what of its recording the contract of its service contradicts, as sentences
    * ``ending``: how it ended, where it neither passed nor failed
    * ``kept_because``: why its recording does not replace the accepted cassette
    * ``observed``: what it reads of the answers while it is recorded, and ``recording`` what it recorded
    * ``reads``: what it read, in the words of the contract of each service
    """

    test: str
    place: CassettePath
    player: Player
    recorder: Recorder | None
    ws_conversations: ConversationsOfTest
    own: Cassette | None = None
    claim: Claim | None = None
    staged: Path | None = None
    head: Cassette | None = None
    moment: str = ""
    children: Children | None = None
    contradictions: int = 0
    contradicted: list[str] = field(default_factory=list)
    drops_unplayed: bool = False
    ending: Ending | None = None
    kept_because: str = ""
    observed: ObservedReads | None = None
    recording: NewRecording | None = None
    reads: Mapping[str, Reads] = field(default_factory=dict)

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
        kept = (
            conversation
            for n, conversation in enumerate(known)
            if self._keeps(n, self.ws_conversations.opened)
        )
        return [*kept, *self.ws_conversations.recorded]

    @property
    def has_nothing_new(self) -> bool:
        """
        Whether all that it would record was recorded before.
        """
        if self.recorder is None or self.own is None or self.ws_conversations.recorded:
            return False
        return len(self.recorder.exchanges) == self.recorder.earlier

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
    def unmet_faults(self) -> str:
        """
        What to say of a test that asks for faults, of which its requests met one or more not.
        """
        unmet = self.player.faults.unmet if self.player.faults is not None else []
        if not unmet:
            return ""
        names = ", ".join(fault.name for fault in unmet)
        return (
            f"the test passed, but none of its requests met the fault {names}\n"
            "send a request that on= names, or take the fault out of the test"
        )

    @property
    def unplayed_problem(self) -> str:
        """
        What to say of a test that has to play all that is recorded, and did not.
        """
        if self.player.playback.unplayed is not Unplayed.FAIL:
            return ""
        spoken = self.ws_conversations.unplayed if self.recorder is None else 0
        if not (self.unplayed or spoken):
            return ""
        from taketwo.playback.messages import never_played  # noqa: PLC0415 - seldom needed

        return never_played(
            self.player.lines(self.unplayed),
            conversations=spoken,
            cassette=self.player.name,
            test=self.player.test,
        )

    @property
    def is_empty(self) -> bool:
        """
        Whether there is nothing to be recorded.
        """
        return not (self.exchanges or self.conversations)

    @property
    def unanswered_problem(self) -> str:
        """
        What to say of a recording that would be empty although something was sent.
        """
        calls = [] if self.recorder is None else self.recorder.unanswered_calls
        calls = [*calls, *(["a WebSocket connection"] * self.ws_conversations.unanswered)]
        if not calls or not self.is_empty:
            return ""
        counted = Counter(calls)
        listed = (f"  - {call}{f', {times} times' if times > 1 else ''}" for call, times in counted.items())
        sent = "what it sent got no answer" if len(calls) == 1 else "nothing that it sent got an answer"
        advice = (
            "a replay could not repeat that; let the service answer, or take @pytest.mark.vcr from the test "
            "and raise the error in it, with httpx.MockTransport or the like"
        )
        return "\n".join(
            [
                f"the recording of {self.test} was refused: {sent}, and the cassette would be empty:",
                *listed,
                advice,
            ]
        )

    def release(self) -> None:
        """
        Let other processes record the same.
        """
        if self.claim is not None:
            self.claim.release()
            self.claim = None


class State(Enum):
    """
    What became of a test's cassette.

    * ``PENDING``: the new recording waits for a review
    * ``KEPT``: it was not put in place
    * ``NONE``: there is none, since the test sends nothing
    * ``REMOVED``: the same, and there was one before
    """

    REPLAYED = "replayed"
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    PENDING = "pending"
    KEPT = "kept"
    NONE = "none"
    REMOVED = "removed"


def result_of(running: RunningTest, *, files: list[str], state: State, passed: bool) -> dict[str, Any]:
    """
    The result of a test at its end; what it left unplayed or unanswered counts only where it has *passed*.
    """
    recorder = running.recorder
    # Who is skipped in the midst of it leaves the rest unplayed.
    passed_or_as_recorded = running.ending in {None, running.own.ended if running.own else None}
    judged = passed and recorder is None and running.player.playback.unplayed is not Unplayed.ALLOW
    judged = judged and passed_or_as_recorded
    left = running.unplayed if judged else []
    return {
        "test": running.test,
        "cassette": running.player.name,
        "files": files,
        "state": state.value,
        "missing": recorder is None and running.own is None and running.ending is None,
        "unmatched": len(running.player.unmatched),
        "loose": _loose(running.player) if running.player.loose else [],
        "unplayed": len(left) + running.ws_conversations.unplayed if judged else 0,
        "left": left if judged and running.own and not running.own.tests else None,
        "contradictions": running.contradictions,
        "contradicted": sorted(set(running.contradicted)) if running.contradicted else [],
        "ended": _ending_text(running.ending),
        "kept_because": running.kept_because,
        "unanswered": recorder.unanswered + running.ws_conversations.unanswered if passed and recorder else 0,
        "left_alone": recorder.left_alone if passed and recorder else 0,
        "reads": {service: reads.as_json() for service, reads in running.reads.items()},
    }


def _loose(player: Player) -> list[dict[str, Any]]:
    return [
        {"request": line, "differences": [[one.path, one.before, one.after] for one in found]}
        for line, found in player.loose_requests
    ]


def _ending_text(ending: Ending | None) -> str:
    if ending is None:
        return ""
    return f"{ending.outcome.value} ({ending.raised})" if ending.raised else ending.outcome.value


def part_of_test(test: str, cassette: Cassette, is_deleted: Callable[[str], bool]) -> Cassette | None:
    """
    What *test* need not record: its part, or all of one that was recorded by tests that are gone.
    """
    renamed = all(map(is_deleted, cassette.tests))
    return part_of(cassette, test) or (cassette if renamed else None)


def read_undamaged(path: Path) -> Cassette | None:
    try:
        return read_cassette(path)
    except CassetteFormatError:
        return None

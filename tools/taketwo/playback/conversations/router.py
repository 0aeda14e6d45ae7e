"""
Where a new WebSocket connection of the running test is led: to a recorded conversation, or to a tape.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from taketwo.cassette.match import fingerprint
from taketwo.cassette.model import LiveConversation, LiveRequest, StoredRequest
from taketwo.cassette.volatile.drawn import aligned, holds_drawn
from taketwo.config.faults import Fault
from taketwo.config.playback import Manner, Pace
from taketwo.errors import CassetteNotFound, NoMatch
from taketwo.playback.conversations.faulty import with_fault
from taketwo.playback.conversations.player import ConversationPlayer, RecordedConversation
from taketwo.playback.conversations.recorder import ConversationRecorder
from taketwo.playback.faults import Faults
from taketwo.playback.player import Player
from taketwo.playback.recorder import Recorder


class ConversationRouter:
    """
    The conversations of one test, replayed and recorded.

    Equal openings get the recorded conversations in their order, until what their clients send tells which
    one is whose.
    """

    def __init__(self, player: Player, recorder: Recorder | None, manner: Manner) -> None:
        self._player = player
        self._recorder = recorder
        self._manner = manner
        self._lock = threading.RLock()
        self._conversation_recorders: list[ConversationRecorder] = []
        self._scripts: list[ConversationPlayer] = []
        self._waiting = [player.replay.expected(number) for number in range(_count(player))]
        self._held: dict[int, ConversationPlayer] = {}

    def connect(self, url: str, now: Callable[[], float]) -> ConversationPlayer | ConversationRecorder:
        """
        What the connection to *url* is to be; *now* tells the time in seconds.

        :raises NoMatch: when the cassette has no conversation for it, and nothing is recorded.
        """
        found = self.find(url)
        if found is not None:
            return found
        if self._recorder is None:
            raise self.refuse(url)
        conversation_recorder = ConversationRecorder(self._recorder.tick, now, thread=self._recorder.thread())
        with self._lock:
            self._conversation_recorders.append(conversation_recorder)
        return conversation_recorder

    def find(self, url: str) -> ConversationPlayer | None:
        """
        The recorded conversation that a connection to *url* is now; None if there is none, or none is left.
        """
        opening = self._opening(url)
        with self._lock:
            for number, expected in enumerate(self._waiting):
                if number not in self._held and self._is_opened(number, opening):
                    faults = self._player.faults
                    fault = faults and faults.strike_conversation(number, expected.request, url)
                    if fault:
                        return self._player_of(with_fault(self._recorded(number), fault), fault)
                    script = self._held[number] = self._player_of(self._recorded(number))
                    self._scripts.append(script)
                    return script
        return None

    def _is_opened(self, number: int, opening: StoredRequest) -> bool:
        """
        Whether *opening* is the one of conversation *number*; then it is known what the client drew for it.
        """
        expected, wanted = self._waiting[number].request, fingerprint(opening)
        if fingerprint(expected) == wanted:
            return True
        if not holds_drawn(expected):
            return False
        drawn = self._player.replay.drawn_in(number)
        found = aligned(expected, opening, drawn)
        if fingerprint(found.request) != wanted:
            return False
        drawn.update(found.bindings)
        return True

    def refuse(self, url: str) -> NoMatch | CassetteNotFound:
        """
        The error for a connection to *url* that :meth:`find` found no conversation for.
        """
        from taketwo.playback.conversations.messages import no_conversation  # noqa: PLC0415 - seldom needed

        message = no_conversation(
            self._opening(url),
            [expected.request for expected in self._waiting],
            is_there=self._player.cassette is not None,
            cassette=self._player.name,
            test=self._player.test,
        )
        self._player.unmatched.append(message)
        return NoMatch(message) if self._player.cassette is not None else CassetteNotFound(message)

    def rewind(self) -> None:
        """
        Play everything from the beginning again.
        """
        with self._lock:
            self._held.clear()
            self._scripts.clear()

    def _opening(self, url: str) -> StoredRequest:
        opening = LiveRequest(method="GET", url=url)
        return self._player.replay.incoming_opening(opening, self._player.bases)

    @property
    def conversations(self) -> list[LiveConversation]:
        """
        Those that have been recorded so far, in the order in which they were opened.
        """
        with self._lock:
            found = [
                conversation_recorder.conversation() for conversation_recorder in self._conversation_recorders
            ]
        return [conversation for conversation in found if conversation is not None]

    @property
    def unanswered(self) -> int:
        """
        How many connections were tried, and got no answer to their opening.
        """
        with self._lock:
            return sum(
                conversation_recorder.conversation() is None
                for conversation_recorder in self._conversation_recorders
            )

    @property
    def opened(self) -> frozenset[int]:
        """
        The recorded conversations that were opened, by number.
        """
        with self._lock:
            return frozenset(self._held) | self._struck

    @property
    def unplayed(self) -> int:
        """
        How many recorded conversations were not opened, or not played to their end.
        """
        with self._lock:
            left = sum(script.is_unfinished for script in self._scripts)
            return len(self._waiting) - len(self._held.keys() | self._struck) + left

    @property
    def _struck(self) -> frozenset[int]:
        faults = self._player.faults
        return frozenset() if faults is None else faults.struck_conversations

    def _player_of(self, recorded: RecordedConversation, fault: Fault | None = None) -> ConversationPlayer:
        faults = self._player.faults or Faults()
        return ConversationPlayer(
            recorded=recorded,
            fault=fault,
            waits_forever=faults.waits_forever,
            reassign=self._reassign,
            report=self._player.unmatched.append,
            paced=self._manner.pace is Pace.RECORDED,
            patience=self._manner.patience,
            lock=self._lock,
        )

    def _recorded(self, number: int) -> RecordedConversation:
        from taketwo.playback.conversations.messages import (  # noqa: PLC0415 - few tests converse
            MismatchMessages,
        )

        player, expected = self._player, self._waiting[number]
        words = MismatchMessages(
            cassette=player.name,
            test=player.test,
            number=number + 1,
            conversation=expected,
            drawn=player.replay.drawn_in(number),
        )
        return RecordedConversation(
            number=number,
            conversation=player.replay.conversation(number),
            expected=expected,
            incoming=lambda content, is_binary: player.replay.incoming_frame(
                number, content, player.bases, is_binary=is_binary
            ),
            messages=words.messages,
            echoes=player.replay.echoes(number),
            frame=lambda place: player.replay.frame(number, place),
            drawn=player.replay.drawn_in(number),
        )

    def _reassign(self, script: ConversationPlayer) -> bool:
        """
        Whether *script* got another conversation that holds all that its client has sent.
        """
        before = script.recorded
        alike = self._alike(before)
        self._held.pop(before.number, None)  # it is not there after a rewind
        if len(alike) > 1 and self._assign(script, alike, set()):
            return True
        self._held[before.number] = script
        return False

    def _assign(
        self, script: ConversationPlayer, alike: Mapping[int, RecordedConversation], tried: set[int]
    ) -> bool:
        """
        Give *script* one of *alike*, be it one that another client has, which may get another one in turn.
        """
        for number in sorted(alike, key=self._held.__contains__):
            if number in tried or not script.may_be(alike[number]):
                continue
            tried.add(number)
            holder = self._held.get(number)
            if holder is None or self._assign(holder, alike, tried):
                script.become(alike[number])
                self._held[number] = script
                return True
        return False

    def _alike(self, recorded: RecordedConversation) -> dict[int, RecordedConversation]:
        """
        The conversations whose opening is that of *recorded*, by their numbers.
        """
        opening = fingerprint(recorded.expected.request)
        numbers = [
            number
            for number, expected in enumerate(self._waiting)
            if fingerprint(expected.request) == opening
        ]
        return {
            number: self._held[number].recorded if number in self._held else self._recorded(number)
            for number in numbers
        }


def _count(player: Player) -> int:
    return len(player.cassette.conversations) if player.cassette else 0

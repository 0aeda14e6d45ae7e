"""
What to say when a client does not talk as it did when a conversation was recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from taketwo.cassette.model import Body, Conversation, Direction, Frame, JsonValue, StoredRequest
from taketwo.cassette.text.websocket import frame_lines, opening_lines
from taketwo.cassette.volatile.drawn import aligned_body
from taketwo.cassette.volatile.generate import Bindings
from taketwo.compare.structure import differences
from taketwo.playback.conversations.player import ConversationMessages
from taketwo.playback.messages import advice, line_of
from taketwo.playback.request_differences import body_differences, listed, short

_COMPARED = {"json", "text", "base64", "file"}


@dataclass(frozen=True, slots=True, kw_only=True)
class MismatchMessages:
    """
    The messages about the conversation of a *number*, which *test* replays; ``drawn`` is what it has drawn.
    """

    cassette: str
    test: str
    number: int
    conversation: Conversation
    drawn: Bindings = field(default_factory=Bindings)

    @property
    def messages(self) -> ConversationMessages:
        return ConversationMessages(
            changed=self._changed,
            unknown=self._unknown,
            missing=self._missing,
            unended=self._unended,
            closed=self._closed,
        )

    def _changed(self, number: int, body: Body) -> str:
        recorded = self.conversation.frames[number - 1]
        found = body_differences(aligned_body(recorded.body, body, self.drawn).request.body, body)
        return self._mismatch(
            f"frame {number} is not what the test sends now; it differs in:", listed(found), "like this"
        )

    def _unknown(self, number: int, body: Body) -> str:
        return self._mismatch(
            f"the test sends a frame that was not recorded, frame {number}:",
            [f"  - {short(_content(body))}"],
            "this too",
        )

    def _missing(self, number: int) -> str:
        recorded = _content(self.conversation.frames[number - 1].body)
        return self._mismatch(
            f"the test has not sent frame {number}, and what it waits for comes after it:",
            [f"  - {short(recorded)}"],
            "no longer",
        )

    def _unended(self) -> str:
        return self._mismatch(
            "the test waits for another frame, and none was recorded: it closed the connection here",
            [],
            "otherwise",
        )

    def _closed(self, code: int, reason: str) -> str:
        close = self.conversation.close
        before = f"{close.code} {close.reason}".rstrip() if close else ""
        return self._mismatch(
            f"the test closes with {code} {reason}".rstrip() + f", and {before} was recorded",
            [],
            "like this",
        )

    def _mismatch(self, what: str, lines: Sequence[str], how: str) -> str:
        place = f"{self.cassette}, conversation {self.number} with {self.conversation.request.url}: {what}"
        return "\n".join([place, *lines, advice(how, self.test)])


def no_conversation(
    request: StoredRequest,
    recorded: Sequence[StoredRequest],
    *,
    is_there: bool,
    cassette: str,
    test: str,
) -> str:
    """
    The message for an opening that no recorded conversation has, or no longer.
    """
    line = line_of(request)
    if not is_there:
        return f"there is no cassette {cassette}, and the test opened {line}\n{advice('now', test)}"
    if not recorded:
        return f"{cassette} holds no conversation, and the test opened {line}\n{advice('now', test)}"
    nearest = max(recorded, key=lambda other: SequenceMatcher(a=line_of(other), b=line).ratio())
    found = list(differences(_opening(nearest), _opening(request)))
    if not found:
        times = sum(_opening(other) == _opening(request) for other in recorded)
        count = "once" if times == 1 else f"{times} times"
        return (
            f"{cassette} has no further conversation for {line}: it was recorded {count}, "
            f"and opened once more\n{advice('more often', test)}"
        )
    return "\n".join(
        [
            f"{cassette} has no conversation for {line}",
            f"nearest is {line_of(nearest)}, which differs in:",
            *listed(found),
            advice("like this", test),
        ]
    )


def _opening(request: StoredRequest) -> JsonValue:
    return {key: value for key, value in opening_lines(request).items() if key != "headers"}


def _content(body: Body) -> JsonValue:
    lines = frame_lines(Frame(direction=Direction.SEND, at=0, body=body))[Direction.SEND.value]
    # How JSON is laid out is not compared.
    return {key: value for key, value in lines.items() if key in _COMPARED} if isinstance(lines, dict) else {}

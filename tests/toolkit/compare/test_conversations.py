"""
Two takes of a conversation are compared by what was said, and not by when.
"""

from __future__ import annotations

from dataclasses import replace

from taketwo.cassette.model import (
    Cassette,
    Close,
    Closer,
    Conversation,
    Direction,
    Frame,
    JsonBody,
    JsonStyle,
    JsonValue,
    StoredRequest,
    StoredResponse,
)
from taketwo.compare.recordings import compare_cassettes


def take(*frames: Frame, url: str = "ws://talk.test/", close: int = 1000) -> Cassette:
    conversation = Conversation(
        request=StoredRequest(method="GET", url=url),
        response=StoredResponse(status=101),
        frames=frames,
        close=Close(code=close, by=Closer.SERVICE, at=len(frames)),
    )
    return Cassette(test="tests/test_a.py::test_a", conversations=(conversation,))


def heard(value: JsonValue, *, at: int = 0, style: JsonStyle = JsonStyle.COMPACT) -> Frame:
    return Frame(direction=Direction.RECEIVE, at=at, body=JsonBody(value, style))


def sent(value: JsonValue) -> Frame:
    return Frame(direction=Direction.SEND, at=0, body=JsonBody(value))


def told(before: Cassette, after: Cassette) -> list[tuple[str, str, str]]:
    return [
        (str(one.location), one.kind.value, one.severity.value) for one in compare_cassettes(before, after)
    ]


def test_when_something_was_said_and_how_it_was_laid_out_is_no_drift() -> None:
    later = heard({"a": 1}, at=70, style=JsonStyle.SPACED)

    assert told(take(heard({"a": 1})), take(later)) == []


def test_what_was_said_is_drift_with_its_frame_and_path() -> None:
    before = take(sent({"say": "a"}), heard({"word": "a", "id": 1}))
    after = take(sent({"say": "b"}), heard({"word": "b", "id": "1", "new": True}), close=4000)

    place = "conversation 1. ws://talk.test/"
    assert told(before, after) == [
        (f"{place}  frames[0].send.json.say", "changed", "dangerous"),
        (f"{place}  frames[1].receive.json.word", "changed", "dangerous"),
        (f"{place}  frames[1].receive.json.id", "changed", "breaking"),
        (f"{place}  frames[1].receive.json.new", "added", "safe"),
        (f"{place}  close.code", "changed", "breaking"),
    ]


def test_a_frame_more_and_a_frame_less_are_told_as_such() -> None:
    before = take(heard({"n": 1}), heard({"n": 2}))
    after = take(heard({"n": 1}), heard({"n": 2}), heard({"n": 3}))

    assert told(before, after) == [("conversation 1. ws://talk.test/  frames[2]", "added", "dangerous")]
    assert told(after, before) == [("conversation 1. ws://talk.test/  frames[2]", "removed", "dangerous")]


def test_a_conversation_elsewhere_is_another_one() -> None:
    assert told(take(url="ws://talk.test/a"), take(url="ws://talk.test/b")) == [
        ("conversation 1. ws://talk.test/a", "removed", "dangerous"),
        ("conversation 1. ws://talk.test/b", "added", "dangerous"),
    ]


def test_more_of_a_stream_that_the_client_left_is_safe_and_another_beginning_is_not() -> None:
    def left(*words: str) -> Cassette:
        whole = take(sent({"say": "a"}), *(heard({"word": word}) for word in words))
        (talk,) = whole.conversations
        close = Close(code=1000, by=Closer.CLIENT, at=0)
        return replace(whole, conversations=(replace(talk, close=close),))

    place = "conversation 1. ws://talk.test/"
    assert told(left("a"), left("a", "b")) == [(f"{place}  frames[2]", "added", "safe")]
    assert told(left("a"), left("c", "b")) == [
        (f"{place}  frames[1].receive.json.word", "changed", "dangerous"),
        (f"{place}  frames[2]", "added", "dangerous"),
    ]

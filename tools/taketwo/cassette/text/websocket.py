"""
The text form of conversations.

The bodies of frames are those of messages; :mod:`taketwo.cassette.text.format` has what writes and reads
them.
"""

from __future__ import annotations

from enum import Enum
from typing import TypeVar

from taketwo.cassette.model import (
    BinaryBody,
    Close,
    Closer,
    Conversation,
    Direction,
    Frame,
    JsonValue,
    StoredRequest,
)
from taketwo.cassette.text.bodies import (
    BODY_NAMES,
    Attached,
    body_lines,
    in_memory,
    load_body,
    pair_lines,
)
from taketwo.cassette.text.body_files import NO_FILES, BodyFiles
from taketwo.cassette.text.fields import Fields
from taketwo.cassette.text.heads import load_pairs
from taketwo.cassette.text.messages import load_response, response_lines

_Member = TypeVar("_Member", bound=Enum)


def conversation_lines(conversation: Conversation, files: BodyFiles = NO_FILES) -> dict[str, JsonValue]:
    """
    A conversation as the file shows it; those of its messages that are in *files* are not in it.
    """
    lines: dict[str, JsonValue] = {
        "request": opening_lines(conversation.request),
        "response": response_lines(conversation.response),
    }
    if conversation.frames:
        lines["frames"] = [frame_lines(frame, files) for frame in conversation.frames]
    if conversation.close:
        lines["close"] = close_lines(conversation.close)
    return {**lines, "lost": True} if conversation.lost else lines


def opening_lines(request: StoredRequest) -> dict[str, JsonValue]:
    """
    The request of an opening: it is a GET without a body by the protocol.
    """
    query, headers = pair_lines("query", request.query), pair_lines("headers", request.headers)
    return {"url": request.url, **query, **headers}


def frame_lines(frame: Frame, files: BodyFiles = NO_FILES) -> dict[str, JsonValue]:
    kept = files.get(id(frame.body))
    body = body_lines(frame.body) if kept is None else dict(kept.lines)
    if frame.is_binary and not isinstance(frame.body, BinaryBody):
        body["binary"] = True
    if frame.fragments:
        body["fragments"] = list(frame.fragments)
    return {"at": frame.at, frame.direction.value: body}


def close_lines(close: Close) -> dict[str, JsonValue]:
    reason: dict[str, JsonValue] = {"reason": close.reason} if close.reason else {}
    answer: dict[str, JsonValue] = {} if close.answer is None else {"answer": close.answer}
    return {"at": close.at, "code": close.code, **reason, "by": close.by.value, **answer}


def load_conversation(node: Fields, attached: Attached | None) -> Conversation:
    """
    :raises CassetteFormatError: naming the file, the place and the reason.
    """
    node = node.only("request", "response", "frames", "close", "lost")
    request = node.node("request").only("url", "query", "headers")
    frames = node.nodes("frames") if "frames" in node.names else []
    return Conversation(
        request=StoredRequest(
            method="GET",
            url=request.text("url"),
            query=load_pairs(request, "query"),
            headers=load_pairs(request, "headers"),
        ),
        response=load_response(node.node("response"), attached),
        frames=tuple(_load_frame(frame, attached) for frame in frames),
        close=_load_close(node.node("close")) if "close" in node.names else None,
        lost=node.flag("lost"),
    )


def _load_frame(node: Fields, attached: Attached | None) -> Frame:
    node = node.only("at", *(direction.value for direction in Direction))
    ways = [direction for direction in Direction if direction.value in node.names]
    if len(ways) != 1:
        node.refuse("a frame is either sent or received")
    message = node.node(ways[0].value).only(*BODY_NAMES, "binary", "fragments")
    body = in_memory(load_body(message, attached))
    return Frame(
        direction=ways[0],
        at=node.integer("at"),
        body=body,
        is_binary=isinstance(body, BinaryBody) or message.flag("binary"),
        fragments=tuple(message.integers("fragments")) if "fragments" in message.names else (),
    )


def _load_close(node: Fields) -> Close:
    node = node.only("at", "code", "reason", "by", "answer")
    return Close(
        at=node.integer("at"),
        code=node.integer("code"),
        reason=node.text("reason", ""),
        by=_member(node, "by", Closer),
        answer=node.integer("answer") if "answer" in node.names else None,
    )


def _member(node: Fields, key: str, kind: type[_Member]) -> _Member:
    name = node.text(key)
    found = next((member for member in kind if member.value == name), None)
    if found is None:
        node.refuse(f"{key!r} is not one of {', '.join(str(member.value) for member in kind)}")
    return found

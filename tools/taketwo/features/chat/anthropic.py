"""
The dialect of Anthropic: messages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from taketwo.cassette.model import JsonValue
from taketwo.features.chat.dialogue import (
    Call,
    Dialogue,
    Draft,
    Object,
    Tokens,
    Turn,
    a_count,
    a_text,
    an_object,
    objects,
)

_CACHED = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")


def message(asked: Object, answer: Object, events: Sequence[Object]) -> Dialogue:
    """
    A call of ``/messages``; *events* are the data of a stream, *answer* what came in one piece.
    """
    system = [*_turns("system", asked.get("system"))] if asked.get("system") else []
    spoken = [
        turn
        for one in objects(asked.get("messages"))
        for turn in _turns(a_text(one.get("role")), one.get("content"))
    ]
    answered = _turns("assistant", answer.get("content")) if answer.get("content") else _stream(events)
    return Dialogue(
        dialect="message",
        model=a_text(asked.get("model")),
        asked=(*system, *spoken),
        answered=tuple(answered),
        tokens=_tokens([answer, *events]),
    )


def _tokens(parts: Iterable[Object]) -> Tokens | None:
    sent = received = 0
    is_counted = False
    for part in parts:
        for usage in (an_object(part.get("usage")), an_object(an_object(part.get("message")).get("usage"))):
            # A stream counts anew in each event: the last number is that of the whole.
            is_counted = is_counted or bool(usage)
            sent = sum(a_count(usage.get(name)) for name in _CACHED) or sent
            received = a_count(usage.get("output_tokens")) or received
    return Tokens(sent, received) if is_counted else None


def _turns(role: str, content: JsonValue) -> Iterator[Turn]:
    """
    What a role says; the results of tools are turns of their own.
    """
    if isinstance(content, str):
        yield Turn(role=role, text=content)
        return
    draft = Draft(role)
    is_empty = True
    for block in objects(content):
        kind = a_text(block.get("type"))
        if kind == "tool_result":
            [inner] = _turns(f"tool {a_text(block.get('tool_use_id'))}", block.get("content") or "")
            yield inner
            continue
        is_empty = False
        _add(draft, block, kind)
    if not is_empty:
        yield _finished(draft, content)


def _add(draft: Draft, block: Object, kind: str) -> None:
    if kind == "text":
        draft.texts.append(a_text(block.get("text")))
    elif not kind.endswith("tool_use"):
        draft.others.append(kind)


def _finished(draft: Draft, content: JsonValue) -> Turn:
    calls = (
        Call(a_text(block.get("name")), block.get("input"), a_text(block.get("id")))
        for block in objects(content)
        if a_text(block.get("type")).endswith("tool_use")
    )
    return Turn(role=draft.role, text="\n".join(draft.texts), calls=tuple(calls), others=tuple(draft.others))


def _stream(events: Iterable[Object]) -> Iterator[Turn]:
    draft = Draft()
    for event in events:
        index, block = event.get("index"), an_object(event.get("content_block"))
        delta = an_object(event.get("delta"))
        if a_text(block.get("type")).endswith("tool_use"):
            draft.call(index, name=a_text(block.get("name")), call_id=a_text(block.get("id")))
        elif block:
            _add(draft, block, a_text(block.get("type")))
        if delta.get("type") == "text_delta":
            draft.texts.append(a_text(delta.get("text")))
        elif delta.get("type") == "input_json_delta":
            draft.call(index, arguments=a_text(delta.get("partial_json")))
    if draft.texts or draft.calls or draft.others:
        yield draft.turn()

"""
The two dialects of OpenAI, which many other services speak too: chat completions and responses.
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
    arguments_of,
    objects,
)


def chat_completion(asked: Object, answer: Object, events: Sequence[Object]) -> Dialogue:
    """
    A call of ``/chat/completions``; *events* are the data of a stream, *answer* what came in one piece.
    """
    answered = [_message(an_object(choice.get("message"))) for choice in objects(answer.get("choices"))]
    usages = [an_object(one.get("usage")) for one in (answer, *events) if one.get("usage")]
    return Dialogue(
        dialect="chat completion",
        model=a_text(asked.get("model")),
        asked=tuple(map(_message, objects(asked.get("messages")))),
        answered=tuple(answered or _chunks(events)),
        tokens=_tokens(usages[-1], "prompt_tokens", "completion_tokens") if usages else None,
    )


def response(asked: Object, answer: Object, events: Sequence[Object]) -> Dialogue:
    """
    A call of ``/responses``.
    """
    whole = [an_object(event["response"]) for event in events if "response" in event]
    done = answer or next((one for one in reversed(whole) if one.get("output")), {})
    instructions = a_text(asked.get("instructions"))
    system = [Turn(role="system", text=instructions)] if instructions else []
    usage = an_object(done.get("usage"))
    return Dialogue(
        dialect="response",
        model=a_text(asked.get("model")),
        asked=(*system, *_items(asked.get("input"))),
        answered=tuple(_items(done.get("output")) if done else _deltas(events)),
        tokens=_tokens(usage, "input_tokens", "output_tokens") if usage else None,
    )


def _tokens(usage: Object, sent: str, received: str) -> Tokens:
    return Tokens(a_count(usage.get(sent)), a_count(usage.get(received)))


def _message(message: Object) -> Turn:
    text, others = _content(message.get("content"))
    refusal = a_text(message.get("refusal"))
    calls = [
        {**an_object(call.get("function")), "id": call.get("id")}
        for call in objects(message.get("tool_calls"))
    ]
    role = a_text(message.get("role")) or "assistant"
    answers = a_text(message.get("tool_call_id"))
    return Turn(
        role=f"{role} {answers}" if answers else role,
        text=text or refusal,
        calls=tuple(map(_call, calls)),
        others=others,
    )


def _call(function: Object) -> Call:
    arguments = function.get("arguments")
    value = arguments_of(arguments) if isinstance(arguments, str) else arguments
    return Call(a_text(function.get("name")), value, a_text(function.get("id") or function.get("call_id")))


def _content(content: JsonValue) -> tuple[str, tuple[str, ...]]:
    """
    The text of a message, and what else is in it.
    """
    if isinstance(content, str):
        return content, ()
    parts = list(objects(content))
    texts = [a_text(part.get("text")) for part in parts if isinstance(part.get("text"), str)]
    others = [a_text(part.get("type")) for part in parts if not isinstance(part.get("text"), str)]
    return "\n".join(texts), tuple(others)


def _chunks(events: Iterable[Object]) -> Iterator[Turn]:
    drafts: dict[int, Draft] = {}
    for choice in (choice for event in events for choice in objects(event.get("choices"))):
        draft = drafts.setdefault(a_count(choice.get("index")), Draft())
        delta = an_object(choice.get("delta"))
        draft.role = a_text(delta.get("role")) or draft.role
        draft.texts.append(a_text(delta.get("content")) or a_text(delta.get("refusal")))
        for call in objects(delta.get("tool_calls")):
            function = an_object(call.get("function"))
            draft.call(
                call.get("index", 0),
                name=a_text(function.get("name")),
                call_id=a_text(call.get("id")),
                arguments=a_text(function.get("arguments")),
            )
    yield from (drafts[number].turn() for number in sorted(drafts))


def _items(value: JsonValue) -> Iterator[Turn]:
    """
    What goes in and comes out of a response: messages, calls, their results.
    """
    if isinstance(value, str):
        yield Turn(role="user", text=value)
        return
    for item in objects(value):
        kind = a_text(item.get("type")) or "message"
        if kind == "message":
            text, others = _content(item.get("content"))
            yield Turn(role=a_text(item.get("role")) or "user", text=text, others=others)
        elif kind == "function_call_output":
            text, others = _content(item.get("output"))
            yield Turn(role=f"tool {a_text(item.get('call_id'))}".rstrip(), text=text, others=others)
        elif kind.endswith("_call"):
            named = {"name": kind.removesuffix("_call"), **item, "id": item.get("call_id")}
            yield Turn(role="assistant", calls=(_call(named),))
        else:
            text, _ = _content(item.get("summary") or item.get("content"))
            yield Turn(role="assistant", text=text, others=(kind,))


def _deltas(events: Iterable[Object]) -> Iterator[Turn]:
    """
    What came of a response that was never finished.
    """
    draft = Draft()
    for event in events:
        kind = a_text(event.get("type"))
        if kind == "response.output_text.delta":
            draft.texts.append(a_text(event.get("delta")))
        elif (
            kind == "response.output_item.added"
            and an_object(event.get("item")).get("type") == "function_call"
        ):
            item = an_object(event.get("item"))
            draft.call(
                event.get("output_index"), name=a_text(item.get("name")), call_id=a_text(item.get("call_id"))
            )
        elif kind == "response.function_call_arguments.delta":
            draft.call(event.get("output_index"), arguments=a_text(event.get("delta")))
    if draft.texts or draft.calls:
        yield draft.turn()

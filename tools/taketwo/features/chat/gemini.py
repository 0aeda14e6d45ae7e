"""
The dialect of Gemini: ``generateContent``.
"""

from __future__ import annotations

from collections.abc import Sequence

from taketwo.cassette.model import JsonValue
from taketwo.features.chat.dialogue import (
    Call,
    Dialogue,
    Object,
    Tokens,
    Turn,
    a_count,
    a_text,
    an_object,
    objects,
)


def content(asked: Object, answer: Object, events: Sequence[Object], *, model: str) -> Dialogue:
    """
    A call of ``models/…:generateContent``, or of ``:streamGenerateContent``.
    """
    pieces = [answer] if answer else list(events)
    system = an_object(asked.get("systemInstruction") or asked.get("system_instruction"))
    usages = [an_object(one["usageMetadata"]) for one in pieces if "usageMetadata" in one]
    spoken = [
        an_object(candidate.get("content")) for one in pieces for candidate in objects(one.get("candidates"))
    ]
    parts: JsonValue = [part for one in spoken for part in objects(one.get("parts"))]
    return Dialogue(
        dialect="content",
        model=model,
        asked=(
            *([_turn("system", system.get("parts"))] if system else []),
            *(
                _turn(a_text(one.get("role")) or "user", one.get("parts"))
                for one in objects(asked.get("contents"))
            ),
        ),
        answered=(_turn("model", parts),) if spoken else (),
        tokens=_tokens(usages[-1]) if usages else None,
    )


def _tokens(usage: Object) -> Tokens:
    received = a_count(usage.get("candidatesTokenCount")) + a_count(usage.get("thoughtsTokenCount"))
    return Tokens(a_count(usage.get("promptTokenCount")), received)


def _turn(role: str, parts: JsonValue) -> Turn:
    texts, calls, others = [], [], []
    for part in objects(parts):
        call = an_object(part.get("functionCall"))
        if isinstance(part.get("text"), str):
            texts.append(a_text(part.get("text")))
        elif call:
            calls.append(Call(a_text(call.get("name")), call.get("args"), a_text(call.get("id"))))
        else:
            others += list(part)[:1]
    return Turn(role=role, text="".join(texts), calls=tuple(calls), others=tuple(others))

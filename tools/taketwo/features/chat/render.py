"""
Calls of models as people read conversations.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from taketwo.cassette.model import Cassette, Interaction, JsonValue
from taketwo.compare.side_by_side import paired
from taketwo.features.chat.dialogue import Call, Dialogue, Turn
from taketwo.features.chat.read import dialogue_of
from taketwo.features.chat.words import word_changes
from taketwo.report.text import Line, one_line

_STYLES = {"system": "dim", "user": "cyan", "assistant": "green", "model": "green"}


def dialogue_parts(item: Interaction) -> tuple[list[Line], list[Line]] | None:
    """
    What was asked and what was answered, in lines; None where *item* is no call of a model.
    """
    found = dialogue_of(item)
    if found is None or not found.asked:
        return None
    head = Line(one_line(f"({found.dialect} of {found.model or 'a model'})"), "dim")
    asked = [head, *(line for turn in found.asked for line in _turn(turn))]
    answered = [line for turn in found.answered for line in _turn(turn)]
    return asked, [*answered, *_tokens(found)] if answered else []


def described_dialogue(item: Interaction) -> Mapping[str, JsonValue]:
    """
    The same for a program; nothing where it is no call of a model.
    """
    found = dialogue_of(item)
    if found is None:
        return {}
    tokens = found.tokens
    dialogue: JsonValue = {
        "dialect": found.dialect,
        "model": found.model,
        "asked": [_turn_json(turn) for turn in found.asked],
        "answered": [_turn_json(turn) for turn in found.answered],
        "tokens": None if tokens is None else {"input": tokens.sent, "output": tokens.received},
    }
    return {"dialogue": dialogue}


def changed_words(before: Cassette, after: Cassette) -> list[Line]:
    """
    What models were asked and answered in other words, word by word.
    """
    lines: list[Line] = []
    for index, other in paired(before.interactions, after.interactions):
        if index is None or other is None:
            continue
        old, new = dialogue_of(before.interactions[index]), dialogue_of(after.interactions[other])
        if old is not None and new is not None:
            changes = [
                *_changes("prompt", old.asked, new.asked),
                *_changes("answer", old.answered, new.answered),
            ]
            lines += [Line(f"  interaction {other + 1}, in words", "bold")] if changes else []
            lines += [Line(f"    {one_line(change)}") for change in changes]
    return lines


def is_only_text(before: Cassette, after: Cassette) -> bool:
    """
    Whether two recordings differ in nothing but the words of models and of those who asked them.
    """
    if before.conversations != after.conversations or before.services.keys() != after.services.keys():
        return False
    found = False
    for index, other in paired(before.interactions, after.interactions):
        if index is None or other is None:
            return False
        one, two = before.interactions[index], after.interactions[other]
        if one == two:
            continue
        old, new = dialogue_of(one), dialogue_of(two)
        if old is None or new is None or old.without_text != new.without_text:
            return False
        if (one.request.url, one.response.status) != (two.request.url, two.response.status):
            return False
        found = True
    return found


def _turn(turn: Turn) -> Iterator[Line]:
    style = _STYLES.get(turn.role.partition(" ")[0], "")
    texts = turn.text.rstrip("\n").split("\n") if turn.text else []
    others = f" ({', '.join(turn.others)})" if turn.others else ""
    first = f" {texts[0]}" if texts else ""
    yield Line(one_line(f"{turn.role}{others}:{first}"), style)
    yield from (Line(one_line(f"  {text}"), style) for text in texts[1:])
    yield from (Line(one_line(f"  -> {_call(call)}"), "yellow") for call in turn.calls)


def _call(call: Call) -> str:
    arguments = "" if call.arguments is None else json.dumps(call.arguments, ensure_ascii=False)
    return f"{call.name}({arguments}){f'  {call.id}' if call.id else ''}"


def _tokens(found: Dialogue) -> list[Line]:
    if found.tokens is None:
        return []
    return [Line(f"({found.tokens.sent} tokens in, {found.tokens.received} out)", "dim")]


def _turn_json(turn: Turn) -> JsonValue:
    return {
        "role": turn.role,
        "text": turn.text,
        "calls": [{"name": call.name, "arguments": call.arguments, "id": call.id} for call in turn.calls],
        **({"others": list(turn.others)} if turn.others else {}),
    }


def _changes(what: str, before: Sequence[Turn], after: Sequence[Turn]) -> Iterator[str]:
    for old, new in zip(before, after, strict=False):
        if old.text != new.text and old.text and new.text:
            yield f"{what}, {new.role}: {word_changes(old.text, new.text)}"
    if len(before) != len(after):
        yield f"{what}: {len(before)} turns are {len(after)}"

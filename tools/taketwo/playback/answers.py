"""
A cassette with changed answers: those that a test asks for, and those that ``taketwo survive`` tries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from taketwo.cassette.body.codec import parse_json
from taketwo.cassette.model import (
    Body,
    Cassette,
    Interaction,
    JsonBody,
    JsonStyle,
    JsonValue,
    Pairs,
    StoredResponse,
    TextBody,
)
from taketwo.config.answers import ChangedAnswer
from taketwo.errors import ConfigError

_OF_THE_BODY = frozenset({"content-encoding", "content-length", "content-type", "etag", "transfer-encoding"})


def with_changed_answers(cassette: Cassette, changed: Sequence[ChangedAnswer]) -> Cassette:
    """
    *cassette* with every change of *changed*, in their order.

    :raises ConfigError: when it holds no such interaction, or its answer nothing at that place.
    """
    interactions = list(cassette.interactions)
    for one in changed:
        numbers = _numbers(interactions, one)
        if not numbers:
            raise ConfigError(_no_interaction(cassette.interactions, one))
        for number in numbers:
            item = interactions[number]
            interactions[number] = replace(item, response=_changed_response(item, one))
    return replace(cassette, interactions=tuple(interactions))


def _numbers(interactions: Sequence[Interaction], changed: ChangedAnswer) -> list[int]:
    if isinstance(changed.on, int):
        return [changed.on - 1] if changed.on <= len(interactions) else []
    return [number for number, item in enumerate(interactions) if _line(item) == changed.on]


def _line(item: Interaction) -> str:
    return f"{item.request.method} {item.request.url}"


def _no_interaction(interactions: Sequence[Interaction], changed: ChangedAnswer) -> str:
    listed = [f"  {number}. {_line(item)}" for number, item in enumerate(interactions, 1)]
    return "\n".join(
        [
            f"vcr(answer=…) is about interaction {changed.on}, and the cassette has no such interaction",
            *(["it has:", *listed] if listed else ["it has none"]),
        ]
    )


def _changed_response(item: Interaction, changed: ChangedAnswer) -> StoredResponse:
    response = item.response
    if changed.status is not None:
        response = replace(response, status=changed.status, reason="")
    if changed.has_value or changed.removed:
        if not changed.at:
            response = replace(response, headers=_without_body_headers(response.headers))
        response = replace(response, headers=_with_headers(response.headers, changed.headers))
        body = _whole_body(response, changed) if not changed.at else _changed_body(item, changed)
        return replace(response, body=body, chunks=(), ended="")
    return replace(response, headers=_with_headers(response.headers, changed.headers))


def _without_body_headers(headers: Pairs) -> Pairs:
    return tuple(pair for pair in headers if pair[0].lower() not in _OF_THE_BODY - {"content-type"})


def _with_headers(headers: Pairs, other: Mapping[str, str]) -> Pairs:
    names = {name.lower() for name in other}
    return (*(pair for pair in headers if pair[0].lower() not in names), *other.items())


def _whole_body(response: StoredResponse, changed: ChangedAnswer) -> Body:
    if changed.removed:
        return None
    kinds = [value for name, value in response.headers if name.lower() == "content-type"]
    if isinstance(changed.value, str) and kinds and "json" not in kinds[0].lower():
        return TextBody(changed.value)
    return JsonBody(changed.value)


def _changed_body(item: Interaction, changed: ChangedAnswer) -> Body:
    body, style = item.response.body, JsonStyle.COMPACT
    match body:
        case JsonBody(value, layout):
            style = layout if isinstance(layout, JsonStyle) else layout.base
        case TextBody(text):
            is_json, value = parse_json(text.encode("utf-8", "surrogatepass"))
            if not is_json:
                raise ConfigError(_no_place(item, changed, "the body is no JSON"))
        case _:
            raise ConfigError(_no_place(item, changed, "the body is no JSON"))
    return JsonBody(_changed_json(value, changed.steps, item, changed), style)


def _changed_json(
    value: JsonValue, steps: Sequence[str], item: Interaction, changed: ChangedAnswer
) -> JsonValue:
    """
    *value* with what *steps* lead to changed: a member that is new is added, as is an item behind the last.
    """
    step, rest = steps[0], steps[1:]
    if isinstance(value, Mapping):
        if step not in value and (rest or changed.removed):
            near = ", ".join(map(repr, list(value)[:10])) or "nothing"
            raise ConfigError(_no_place(item, changed, f"there is no {step!r}; the object has {near}"))
        others = dict(value)
        if rest:
            others[step] = _changed_json(value[step], rest, item, changed)
        elif changed.removed:
            del others[step]
        else:
            others[step] = changed.value
        return others
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise ConfigError(
            _no_place(item, changed, f"{step!r} is looked for in what is no object and no list")
        )
    index = int(step) if step.isdecimal() else len(value) if step == "-" else -1
    if not 0 <= index < len(value) + (not rest and not changed.removed):
        raise ConfigError(_no_place(item, changed, f"there is no item {step}; the list has {len(value)}"))
    if rest:
        return [*value[:index], _changed_json(value[index], rest, item, changed), *value[index + 1 :]]
    return [*value[:index], *([] if changed.removed else [changed.value]), *value[index + 1 :]]


def _no_place(item: Interaction, changed: ChangedAnswer, why: str) -> str:
    return f"vcr(answer=…) changes {changed.at!r} in the answer to {_line(item)}: {why}"

"""
Every text and number inside a message, with its path: to look at, or to replace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import TypeAlias, TypeVar

from taketwo.cassette.model import (
    DATA_OF_EVENT,
    BinaryBody,
    Body,
    Event,
    EventsBody,
    FormBody,
    Interaction,
    JsonBody,
    JsonLayout,
    JsonValue,
    MultipartBody,
    Pairs,
    Part,
    StoredRequest,
    StoredResponse,
    TextBody,
)
from taketwo.cassette.multipart.body import places_of

Change = Callable[[str], str]
ChangeValue = Callable[[str], JsonValue]

Path: TypeAlias = tuple[str | int, ...]
Scalar: TypeAlias = str | int | float | bool | None
Visit: TypeAlias = Callable[[Path, Scalar], Scalar]
Message = TypeVar("Message", StoredRequest, StoredResponse)

NAME: Path = ()
"""The path of what is itself a name: a key of JSON, the name of a parameter."""


def map_interaction(
    interaction: Interaction, change: Change, *, values: ChangeValue | None = None
) -> Interaction:
    return Interaction(
        map_request(interaction.request, change, values=values),
        map_response(interaction.response, change, values=values),
    )


def map_request(
    request: StoredRequest, change: Change, *, values: ChangeValue | None = None
) -> StoredRequest:
    """
    *request* with every text changed, those of JSON by *values* where that is given, its keys excepted.
    """
    return replace(
        request,
        url=change(request.url),
        query=map_pairs(request.query, change),
        headers=_map_values(request.headers, change),
        body=map_body(request.body, change, values=values),
    )


def map_response(
    response: StoredResponse, change: Change, *, values: ChangeValue | None = None
) -> StoredResponse:
    return replace(
        response,
        reason=change(response.reason),
        headers=_map_values(response.headers, change),
        body=map_body(response.body, change, values=values),
        ended=change(response.ended),
    )


def map_body(body: Body, change: Change, *, values: ChangeValue | None = None) -> Body:
    match body:
        case JsonBody(value, style):
            return JsonBody(map_json(value, change, values or change), style)
        case TextBody(text):
            return TextBody(change(text))
        case FormBody(fields, spelling):
            return FormBody(map_pairs(fields, change), spelling)
        case EventsBody():
            return replace(body, events=tuple(_map_event(event, change, values) for event in body.events))
        case MultipartBody():
            return replace(
                body,
                parts=tuple(_map_part(part, change, values) for part in body.parts),
                preamble=change(body.preamble),
                epilogue=change(body.epilogue),
            )
        case _:
            return body


def _map_event(event: Event, change: Change, values: ChangeValue | None) -> Event:
    data = map_body(event.data, change, values=values)
    return Event(fields=_map_values(event.fields, change), data=data if isinstance(data, JsonBody) else None)


def _map_part(part: Part, change: Change, values: ChangeValue | None) -> Part:
    return replace(
        part,
        fields=_map_values(part.fields, change),
        headers=_map_values(part.headers, change),
        body=map_body(part.body, change, values=values),
    )


def map_json(value: JsonValue, change: Change, values: ChangeValue) -> JsonValue:
    """
    *value* with every text changed by *values*, and the keys of objects by *change*.
    """
    if isinstance(value, str):
        return values(value)
    if value is None or isinstance(value, (int, float)):
        return value
    # The plain types are checked first: the checks of abstract ones take long.
    if isinstance(value, (dict, Mapping)):
        changed = {change(key): map_json(item, change, values) for key, item in value.items()}
        return changed if len(changed) == len(value) else _kept_apart(value, change, values)
    return [map_json(item, change, values) for item in value]


def _kept_apart(value: Mapping[str, JsonValue], change: Change, values: ChangeValue) -> JsonValue:
    """
    An object of which two keys become one, as two encodings of a secret may: the later one has a mark.
    """
    changed: dict[str, JsonValue] = {}
    for key, item in value.items():
        name = change(key)
        while name in changed:
            name += "'"
        changed[name] = map_json(item, change, values)
    return changed


def map_pairs(pairs: Pairs, change: Change) -> Pairs:
    return tuple((change(key), change(value)) for key, value in pairs)


def plain_texts(message: StoredRequest | StoredResponse, *, whole: bool = False) -> list[str]:
    """
    Each text that the functions above change, without its place: quickly, to see whether any needs it.

    With *whole*, also what they leave as it is: the method, the names of headers, numbers and spellings.
    """
    texts = [message.url] if isinstance(message, StoredRequest) else [message.reason, message.ended]
    for name, value in message.query if isinstance(message, StoredRequest) else ():
        texts += (name, value)
    if whole:
        texts += [name for name, _ in message.headers]
        texts += [message.method] if isinstance(message, StoredRequest) else []
    texts += [value for _, value in message.headers]
    return texts + plain_body_texts(message.body, whole=whole)


def may_hold_placeholders(body: Body, content: bytes) -> bool:
    """
    Whether there may be a placeholder in a body, which is *content* as it stands.
    """
    if isinstance(body, FormBody | MultipartBody):  # they escape and encode what they hold
        return "<" in "".join(plain_body_texts(body))
    return b"<" in content and not isinstance(body, BinaryBody)


def plain_body_texts(body: Body, *, whole: bool = False) -> list[str]:
    texts: list[str] = []
    if isinstance(body, JsonBody):
        _add_texts(body.value, texts, str if whole else None)
        if whole and isinstance(body.style, JsonLayout):
            texts += [spelling for _, spelling in body.style.spelled]
    elif isinstance(body, TextBody):
        texts.append(body.text)
    elif isinstance(body, EventsBody):
        for event in body.events:
            texts += [value for _, value in event.fields]
            texts += plain_body_texts(event.data, whole=whole)
    elif isinstance(body, FormBody):
        texts += chain.from_iterable(body.fields)
    elif isinstance(body, MultipartBody):
        texts += (body.preamble, body.epilogue)
        for part in body.parts:
            texts += [value for _, value in (*part.fields, *part.headers)]
            texts += [name for name, _ in part.headers] if whole else []
            texts += plain_body_texts(part.body, whole=whole)
    return texts


def _add_texts(value: JsonValue, texts: list[str], written: Callable[[float], str] | None) -> None:
    """
    Add the texts in *value*, and its numbers as they are *written*, if they are.
    """
    if isinstance(value, str):
        texts.append(value)
        return
    if value is None or isinstance(value, (int, float)):
        if written and value is not None and not isinstance(value, bool):
            texts.append(written(value))
        return
    items: Iterable[JsonValue] = value
    if isinstance(value, (dict, Mapping)):
        texts.extend(value)
        items = value.values()
    for item in items:
        # The commonest come first, without a call.
        if isinstance(item, str):
            texts.append(item)
        elif item is not None and (written or not isinstance(item, (int, float))):
            _add_texts(item, texts, written)


def request_texts(request: StoredRequest) -> Iterator[tuple[str, str]]:
    """
    Each text of a request with the place where it stands, in the order of the file.
    """
    yield "url", request.url
    yield from _pair_texts("query", request.query)
    yield from _pair_texts("headers", request.headers)
    yield from body_texts(request.body)


def response_texts(response: StoredResponse) -> Iterator[tuple[str, str]]:
    """
    Each text of a response with the place where it stands, in the order of the file.
    """
    yield "reason", response.reason
    yield from _pair_texts("headers", response.headers)
    yield from body_texts(response.body)
    yield "ended", response.ended


def body_texts(body: Body) -> Iterator[tuple[str, str]]:
    match body:
        case JsonBody(value, style):
            yield from _json_texts("json", value)
            if isinstance(style, JsonLayout):
                yield from ((f"spelled.{number}", spelling) for number, spelling in style.spelled)
        case TextBody(text):
            yield "text", text
        case FormBody(fields):
            yield from _pair_texts("form", fields)
        case EventsBody():
            for number, event in enumerate(body.events):
                yield from ((f"events[{number}].{place}", text) for place, text in _event_texts(event))
        case MultipartBody():
            for number, part in enumerate(body.parts):
                yield from ((f"parts[{number}].{place}", text) for place, text in _part_texts(part))
            yield "framing.preamble", body.preamble
            yield "framing.epilogue", body.epilogue
        case _:
            return


def _event_texts(event: Event) -> Iterator[tuple[str, str]]:
    yield from (pair for pair in event.fields if pair[0] != DATA_OF_EVENT)
    yield from body_texts(event.data)


def _part_texts(part: Part) -> Iterator[tuple[str, str]]:
    yield from part.fields
    yield from _pair_texts("headers", part.headers)
    yield from body_texts(part.body)


def _json_texts(place: str, value: JsonValue) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield place, value
    elif value is None or isinstance(value, (int, float)):
        if value is not None and not isinstance(value, bool):
            yield place, str(value)
    elif isinstance(value, (dict, Mapping)):
        for position, (key, item) in enumerate(value.items()):
            # A key may itself be what must not be shown, so its place is named by position.
            yield f"{place} (key {position + 1})", key
            yield from _json_texts(f"{place}.{key}", item)
    else:
        for index, item in enumerate(value):
            yield from _json_texts(f"{place}[{index}]", item)


def _pair_texts(place: str, pairs: Pairs) -> Iterator[tuple[str, str]]:
    for key, value in pairs:
        yield place, key
        yield f"{place}.{key}", value


def _map_values(pairs: Pairs, change: Change) -> Pairs:
    return tuple((key, change(value)) for key, value in pairs)


def map_scalars(message: Message, visit: Visit) -> Message:
    """
    *message* with ``visit(path, value)`` in the place of each value, in the order of the file.
    """
    if isinstance(message, StoredRequest):
        return replace(
            message,
            url=_text(visit, ("request", "url"), message.url),
            query=_pairs(message.query, visit, ("request", "query"), names=True),
            headers=_pairs(message.headers, visit, ("request", "headers")),
            body=map_body_scalars(message.body, visit, ("request",)),
        )
    return replace(
        message,
        reason=_text(visit, ("response", "reason"), message.reason),
        headers=_pairs(message.headers, visit, ("response", "headers")),
        body=map_body_scalars(message.body, visit, ("response",)),
        ended=_text(visit, ("response", "ended"), message.ended),
    )


def scalars_of(message: StoredRequest | StoredResponse) -> list[tuple[Path, Scalar]]:
    """
    Each value of *message* with its path, in the order of the file.
    """
    found: list[tuple[Path, Scalar]] = []
    if isinstance(message, StoredRequest):
        found.append((("request", "url"), message.url))
        for name, value in message.query:
            found += ((NAME, name), (("request", "query", name), value))
        _add_headers_and_body(message, "request", found)
    else:
        found.append((("response", "reason"), message.reason))
        _add_headers_and_body(message, "response", found)
        found.append((("response", "ended"), message.ended))
    return found


def _add_headers_and_body(
    message: StoredRequest | StoredResponse, side: str, found: list[tuple[Path, Scalar]]
) -> None:
    found += [((side, "headers", name), value) for name, value in message.headers]
    if isinstance(message.body, JsonBody):
        _add_json(message.body.value, (side, "json"), found)
    elif isinstance(message.body, TextBody):
        found.append(((side, "text"), message.body.text))
    elif isinstance(message.body, FormBody | MultipartBody | EventsBody):
        found += body_scalars(message.body, (side,))


def _add_json(value: JsonValue, path: Path, found: list[tuple[Path, Scalar]]) -> None:
    if value is None or isinstance(value, (str, int, float)):
        found.append((path, value))
    elif isinstance(value, (dict, Mapping)):
        for key, item in value.items():
            found.append((NAME, key))
            # The commonest come without a call.
            if isinstance(item, (str, int)):
                found.append(((*path, key), item))
            else:
                _add_json(item, (*path, key), found)
    else:
        for index, item in enumerate(value):
            _add_json(item, (*path, index), found)


def map_body_scalars(body: Body, visit: Visit, side: Path) -> Body:
    """
    A body, of a request, a response or a frame; *side* is how the paths in it begin.
    """
    match body:
        case JsonBody(value, style):
            return JsonBody(_json(value, visit, (*side, "json")), style)
        case TextBody(text):
            return TextBody(_text(visit, (*side, "text"), text))
        case FormBody(fields, spelling):
            return FormBody(_pairs(fields, visit, (*side, "form"), names=True), spelling)
        case EventsBody():
            at = (*side, "events")
            return replace(
                body, events=tuple(_event(event, visit, (*at, n)) for n, event in enumerate(body.events))
            )
        case MultipartBody():
            return replace(body, parts=tuple(_parts(body.parts, visit, (*side, "parts"))))
        case _:
            return body


def _event(event: Event, visit: Visit, at: Path) -> Event:
    fields = tuple(
        (name, text if name == DATA_OF_EVENT else _text(visit, (*at, name), text))
        for name, text in event.fields
    )
    data = map_body_scalars(event.data, visit, at)
    return Event(fields=fields, data=data if isinstance(data, JsonBody) else None)


def _parts(parts: Sequence[Part], visit: Visit, path: Path) -> Iterator[Part]:
    for part, place in zip(parts, places_of(parts), strict=True):
        at = (*path, place)
        fields = _pairs(part.fields, visit, at)
        headers = _pairs(part.headers, visit, (*at, "headers"))
        yield replace(part, fields=fields, headers=headers, body=map_body_scalars(part.body, visit, at))


def body_scalars(body: Body, side: Path) -> list[tuple[Path, Scalar]]:
    return _collected(lambda visit: map_body_scalars(body, visit, side))


def is_in_json(path: Path) -> bool:
    """
    Whether a value there has a type of its own, so that a number is not a text.
    """
    if path[1:2] == ("events",):
        return path[3:4] == ("json",)
    return path[1:2] == ("json",) or (path[1:2] == ("parts",) and is_in_json(path[2:]))


def _collected(walk: Callable[[Visit], object]) -> list[tuple[Path, Scalar]]:
    found: list[tuple[Path, Scalar]] = []

    def note(path: Path, value: Scalar) -> Scalar:
        found.append((path, value))
        return value

    walk(note)
    return found


def _json(value: JsonValue, visit: Visit, path: Path) -> JsonValue:
    # The plain types are checked first: the checks of abstract ones take long.
    if value is None or isinstance(value, (str, int, float)):
        return visit(path, value)
    if isinstance(value, (dict, Mapping)):
        return dict(_members(value, visit, path))
    return [_json(item, visit, (*path, index)) for index, item in enumerate(value)]


def _members(value: Mapping[str, JsonValue], visit: Visit, path: Path) -> Iterator[tuple[str, JsonValue]]:
    for key, item in value.items():
        yield _text(visit, NAME, key), _json(item, visit, (*path, key))


def _pairs(pairs: Pairs, visit: Visit, path: Path, *, names: bool = False) -> Pairs:
    return tuple(
        (_text(visit, NAME, name) if names else name, _text(visit, (*path, name), value))
        for name, value in pairs
    )


def _text(visit: Visit, path: Path, text: str) -> str:
    return str(visit(path, text))

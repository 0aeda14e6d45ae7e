"""
Cassettes in which one thing is not as it was recorded, to see which tests notice.

What counts is what a client reads or relies on, so that whoever lists the survivors lists work to do:

* the status; each value of a JSON body that the test takes out of it (another one, none, one of another
  type), text and binary bodies (another, cut in half); of a conversation each frame that was received, its
  opening and its close; of audio one sample
* an answer that is gone, or changed places with its neighbour: the same answers in another order
* what of a request must match, in query and body, a frame that was sent, the close of the client: what the
  test does itself is then to be refused
* headers by which a client acts: where to go next, how long to wait, what it sends back later

Left out, but for ``everything``: values of JSON that nobody takes out of the parsed answer, since no test can
notice what its client throws away; the other headers (what is for caches, browsers and proxies); and the
phrase beside the status.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias

from taketwo.cassette.body.codec import body_to_bytes
from taketwo.cassette.body.embedded import reference_in
from taketwo.cassette.model import (
    BinaryBody,
    Body,
    Cassette,
    Closer,
    Conversation,
    Direction,
    EventsBody,
    FormBody,
    Frame,
    Interaction,
    JsonBody,
    JsonValue,
    MultipartBody,
    Pairs,
    StoredRequest,
    StoredResponse,
    TextBody,
)
from taketwo.cassette.multipart.body import places_of
from taketwo.cassette.visit import request_texts
from taketwo.cassette.volatile.generate import PLACEHOLDER, stands_for_number

_ACTED_ON = frozenset(
    {"content-disposition", "content-range", "link", "location", "retry-after", "www-authenticate"}
)
_FAR = 900  # of a placeholder: another value of the same kind, which the cassette does not hold
_TELLING = 4  # signs; a shorter value stands in a later request by chance
_LONGEST = 60
_ANY_ID = re.compile(r"<[^<>]*>|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NUMBER = re.compile(r"\[\d+\]")
_OTHER_TYPES = (" → null", " → 7", " → 'seven'")
_PLACE = re.compile(r"(?<=json)|(?<=form)|(?<=parts)|(?<=query)|(?<=headers)")
_OK, _FIRST_ERROR, _BROKEN, _REFUSED = 200, 400, 500, 503
_NORMAL, _GOING_WRONG = 1000, 1011
_QUIET_CLOSES = {_NORMAL, 1001, 1005}  # what a client does not take for an error
_LAST = 10**12 - 1  # sample


@dataclass(frozen=True, slots=True)
class Mutant:
    """
    A change of a cassette: where, what, and the cassette that has it.

    * ``message`` is the one that changes, as it is reported, ``alike`` as every message like it is named
    * ``part`` is what of it changes, such as ``response.json.title``; empty when the message itself does
    """

    message: str
    alike: str
    part: str
    mutation: str
    apply: Callable[[Cassette], Cassette]

    @property
    def place(self) -> str:
        """
        Where the change is, as it is reported.
        """
        return f"{self.message}  {self.part}" if self.part else self.message

    @property
    def change(self) -> str:
        """
        What is the same change wherever a test meets the same answer: without ids, positions and values.
        """
        place = f"{self.alike}  {self.part}" if self.part else self.alike
        place = _ANY_ID.sub("<id>", _NUMBER.sub("[]", place))
        if " → " not in self.mutation:
            return f"{place}: {self.mutation}"
        return f"{place}: another {'type' if self.mutation.endswith(_OTHER_TYPES) else 'value'}"

    @property
    def kind(self) -> tuple[str, str]:
        """
        The message it changes, and what of it.
        """
        return self.message, _PLACE.split(self.part)[0] if self.part else self.mutation


_Change: TypeAlias = tuple[str, str, Body]
_Steps: TypeAlias = tuple[int, ...]
_Container: TypeAlias = "Mapping[str, JsonValue] | Sequence[JsonValue]"
_IsRead: TypeAlias = Callable[[_Steps], bool]


def mutants_of(cassette: Cassette, *, is_read: Callable[[int, _Steps], bool] | None = None) -> list[Mutant]:
    """
    Every mutant of *cassette*, in the order of the file.

    *is_read* says of each answer, by its number, whether the value at a place is read; without it,
    everything is mutated. Frames are numbered behind the answers, sent ones too. A place of JSON is given by
    the positions of its keys and items.
    """
    found: list[Mutant] = []
    for number, item in enumerate(cassette.interactions):
        found += _of_interaction(cassette, number, item, partial(is_read, number) if is_read else None)
    count = sum(len(conversation.frames) for conversation in cassette.conversations)
    numbers = range(len(cassette.interactions), len(cassette.interactions) + count)
    reads = iter([partial(is_read, number) if is_read else _is_anything for number in numbers])
    for number, conversation in enumerate(cassette.conversations):
        found += _of_conversation(number, conversation, reads)
    return found


def _of_interaction(
    cassette: Cassette, number: int, item: Interaction, is_read: _IsRead | None
) -> Iterator[Mutant]:
    alike = f"{item.request.method} {item.request.url}"
    line = f"{number + 1}. {alike}"
    for part, mutation, request in _of_request(item.request):
        yield Mutant(line, alike, part, mutation, _with_request(item.request, request))
    sent_back = partial(_is_sent_back, cassette.interactions, number)
    for part, mutation, response in _of_response(item.response, sent_back, is_read):
        yield Mutant(line, alike, part, mutation, _with(number, replace(item, response=response)))
    yield Mutant(line, alike, "", "dropped", _without(number))
    after = cassette.interactions[number + 1 : number + 2]
    if after and after[0].response != item.response:
        yield Mutant(line, alike, "", "answer swapped with the next one", _swapped(number))


def _with(number: int, item: Interaction) -> Callable[[Cassette], Cassette]:
    def apply(cassette: Cassette) -> Cassette:
        items = cassette.interactions
        return replace(cassette, interactions=(*items[:number], item, *items[number + 1 :]))

    return apply


def _with_request(before: StoredRequest, after: StoredRequest) -> Callable[[Cassette], Cassette]:
    """
    *after* wherever *before* is recorded: else an equal one would answer the test.
    """

    def apply(cassette: Cassette) -> Cassette:
        items = (
            replace(item, request=after) if item.request == before else item for item in cassette.interactions
        )
        return replace(cassette, interactions=tuple(items))

    return apply


def _without(number: int) -> Callable[[Cassette], Cassette]:
    def apply(cassette: Cassette) -> Cassette:
        items = cassette.interactions
        return replace(cassette, interactions=(*items[:number], *items[number + 1 :]))

    return apply


def _swapped(number: int) -> Callable[[Cassette], Cassette]:
    def apply(cassette: Cassette) -> Cassette:
        items = list(cassette.interactions)
        first, second = items[number], items[number + 1]
        items[number] = replace(first, response=second.response)
        items[number + 1] = replace(second, response=first.response)
        return replace(cassette, interactions=tuple(items))

    return apply


def _of_request(request: StoredRequest) -> Iterator[tuple[str, str, StoredRequest]]:
    for index, (name, value) in enumerate(request.query):
        query = (*request.query[:index], (name, _other_text(value)), *request.query[index + 1 :])
        yield f"request.query.{name}", _arrow(value, _other_text(value)), replace(request, query=query)
    for place, mutation, body in _of_what_must_match(request.body):
        yield f"request.{place}", mutation, replace(request, body=body)


def _of_what_must_match(body: Body) -> Iterator[_Change]:
    for place, mutation, changed in _of_body(body):
        # One of each value is enough: what must match matches by value.
        if not mutation.startswith("removed") and not mutation.endswith("→ null"):
            yield place, mutation, changed


def _of_response(
    response: StoredResponse, sent_back: Callable[[str], bool], is_read: _IsRead | None
) -> Iterator[tuple[str, str, StoredResponse]]:
    status = _BROKEN if response.status < _FIRST_ERROR else _OK
    yield "response.status", _arrow(response.status, status), replace(response, status=status)
    for place, mutation, body in _of_body(response.body, is_read or _is_anything):
        yield f"response.{place}", mutation, replace(response, body=body, chunks=())
    for index, (name, value) in enumerate(response.headers):
        if is_read is None or name in _ACTED_ON or sent_back(value):
            for mutation, headers in _of_header(response.headers, index, _other_text(value)):
                yield f"response.headers.{name}", mutation, replace(response, headers=headers)
    if is_read is None and response.reason:
        yield "response.reason", "removed", replace(response, reason="")


def _is_sent_back(items: Sequence[Interaction], number: int, value: str) -> bool:
    """
    Whether a later request has it, and none before the answer: what the client knew, it had not from there.
    """

    def sent(some: Sequence[Interaction]) -> bool:
        return any(value in text for one in some for _, text in request_texts(one.request))

    return len(value) >= _TELLING and sent(items[number + 1 :]) and not sent(items[: number + 1])


def _of_header(headers: Pairs, index: int, other: str) -> Iterator[tuple[str, Pairs]]:
    name, value = headers[index]
    yield _arrow(value, other), (*headers[:index], (name, other), *headers[index + 1 :])
    yield "removed", (*headers[:index], *headers[index + 1 :])


def _is_anything(_steps: _Steps) -> bool:
    return True


def _of_body(body: Body, is_read: _IsRead = _is_anything) -> Iterator[_Change]:
    """
    Each change of a body: its place, what it is, and the body that has it.
    """
    match body:
        case JsonBody(value, style):
            for place, mutation, changed in _of_json(value, "json", (), is_read):
                yield place, mutation, JsonBody(changed, style)
        case TextBody(text):
            yield "text", "another text", TextBody(_other_text(text))
        case BinaryBody(content):
            yield "body", "another byte", BinaryBody(bytes([content[:1][0] ^ 1]) + content[1:])
        case FormBody():
            yield from _of_form(body)
        case EventsBody():
            yield from _of_events(body)
        case MultipartBody():
            yield from _of_multipart(body)
        case None:
            return
    content = body_to_bytes(body)
    if len(content) > 1:
        yield "body", "cut in half", _cut(body, content)


def _of_form(body: FormBody) -> Iterator[_Change]:
    fields = body.fields
    for index, (name, value) in enumerate(fields):
        others = (*fields[:index], *fields[index + 1 :])
        yield f"form.{name}", "removed", replace(body, fields=others)
        other = (*fields[:index], (name, _other_text(value)), *fields[index + 1 :])
        yield f"form.{name}", _arrow(value, _other_text(value)), replace(body, fields=other)


def _of_events(body: EventsBody) -> Iterator[_Change]:
    """
    Each event that is left out, and each change of its data.
    """
    for index, event in enumerate(body.events):
        before, after = body.events[:index], body.events[index + 1 :]
        yield f"events.{index}", "removed", replace(body, events=(*before, *after))
        for place, mutation, changed in _of_body(event.data) if event.data is not None else ():
            if isinstance(changed, JsonBody):
                other = replace(body, events=(*before, replace(event, data=changed), *after))
                yield f"events.{index}.{place}", mutation, other


def _of_multipart(body: MultipartBody) -> Iterator[_Change]:
    """
    Each change of a part, whose values nobody tells whether they are read.
    """
    for index, (part, name) in enumerate(zip(body.parts, places_of(body.parts), strict=True)):
        place = f"parts.{name}"
        before, after = body.parts[:index], body.parts[index + 1 :]
        yield place, "removed", replace(body, parts=(*before, *after))
        for inside, mutation, changed in _of_body(part.body):
            if mutation != "cut in half":
                other = replace(part, body=changed)
                yield f"{place}.{inside}", mutation, replace(body, parts=(*before, other, *after))


def _cut(body: Body, content: bytes) -> Body:
    half = content[: len(content) // 2]
    is_binary = isinstance(body, BinaryBody | MultipartBody)
    return BinaryBody(half) if is_binary else TextBody(half.decode("utf-8", "ignore"))


def _of_json(
    value: JsonValue, place: str, steps: _Steps, is_read: _IsRead
) -> Iterator[tuple[str, str, JsonValue]]:
    """
    Each change of a JSON value, from the outside to the inside.
    """
    if isinstance(value, Mapping | list | tuple):
        for index, (inside, item) in enumerate(_inside(value, place)):
            here = (*steps, index)
            # One that is none or no is most often left out by services that mean the same.
            if is_read(here) and not (item is None or isinstance(item, bool)):
                yield inside, "removed", _without_one(value, index)
            for where, mutation, changed in _of_json(item, inside, here, is_read):
                yield where, mutation, _with_one(value, index, changed)
    elif is_read(steps):
        for other in _other_values(value):
            is_sound = reference_in(value) is not None and reference_in(other) is not None
            yield place, "without its first sample" if is_sound else _arrow(value, other), other


def _inside(value: _Container, place: str) -> Iterator[tuple[str, JsonValue]]:
    if isinstance(value, Mapping):
        yield from ((f"{place}.{key}", item) for key, item in value.items())
    else:
        yield from ((f"{place}[{index}]", item) for index, item in enumerate(value))


def _without_one(value: _Container, index: int) -> JsonValue:
    if isinstance(value, Mapping):
        return {key: item for position, (key, item) in enumerate(value.items()) if position != index}
    return [*value[:index], *value[index + 1 :]]


def _with_one(value: _Container, index: int, changed: JsonValue) -> JsonValue:
    if isinstance(value, Mapping):
        items = enumerate(value.items())
        return {key: changed if position == index else item for position, (key, item) in items}
    return [*value[:index], changed, *value[index + 1 :]]


def _other_values(value: JsonValue) -> Iterator[JsonValue]:
    """
    Another value of the same type, and one of another type; of a flag the one other value that it has.
    """
    if value is None:
        yield "mutated"
        return
    if isinstance(value, bool):
        yield not value
        return
    if isinstance(value, int | float):
        yield value + 1
    elif isinstance(value, str):
        yield _other_text(value)
        yield 7 if not stands_for_number(value) else "seven"
        return
    yield None


def _other_text(text: str) -> str:
    """
    Another text of the same kind: another uuid for that of a placeholder, else one that is a little longer.
    """
    if (piece := reference_in(text)) is not None and piece[0].endswith(".wav"):
        # It sounds the same but for one sample, which whoever counts them or compares them notices.
        name, start, stop = piece
        return f"<pcm:{name}:{start + 1}-{_LAST if stop is None else stop}>"
    found = next((each for each in PLACEHOLDER.finditer(text) if not each[1] and each[2] != "secret"), None)
    if found is None:
        return f"{text}~"
    number, colon, form = found[3].partition(":")
    other = str(int(number) + _FAR) if number.isdecimal() else f"{number}~"
    return f"{text[: found.start(3)]}{other}{colon}{form}{text[found.end(3) :]}"


def _of_conversation(number: int, conversation: Conversation, reads: Iterator[_IsRead]) -> Iterator[Mutant]:
    """
    Every change of a conversation; *reads* says of each frame in turn what of it is read.
    """
    url = conversation.request.url
    line = f"conversation {number + 1}"
    whole = f"{line}. {url}"
    for part, mutation, changed in _of_opening(conversation):
        yield Mutant(whole, url, part, mutation, _with_conversation(number, changed))
    for index, frame in enumerate(conversation.frames):
        here, alike = f"{line}, frame {index + 1}", f"{url}, {_kind_of(frame)}"
        for part, mutation, body in _of_frame(frame, next(reads)):
            other = _with_frames(number, index, (replace(frame, body=body, fragments=()),))
            yield Mutant(here, alike, part, mutation, other)
        yield Mutant(here, alike, "", "dropped", _with_frames(number, index, ()))
    for part, mutation, changed in _of_ending(conversation):
        apply = _with_conversation(number, changed)
        yield Mutant(f"{line}, close", f"{url}, close", part, mutation, apply)
    yield Mutant(whole, url, "", "dropped", _with_conversation(number))


def _kind_of(frame: Frame) -> str:
    """
    What the frames like it are: which way they go, and the names in them.
    """
    body = frame.body
    if isinstance(body, JsonBody) and isinstance(body.value, Mapping):
        return f"{frame.direction.value} {{{', '.join(body.value)}}}"
    return f"{frame.direction.value} {'bytes' if isinstance(body, BinaryBody) else 'text'}"


def _of_opening(conversation: Conversation) -> Iterator[tuple[str, str, Conversation]]:
    for place, mutation, request in _of_request(conversation.request):
        yield place, mutation, replace(conversation, request=request)
    refusal = StoredResponse(status=_REFUSED)
    if conversation.response.status != _REFUSED:
        mutation = _arrow(conversation.response.status, _REFUSED)
        yield (
            "response.status",
            mutation,
            replace(conversation, response=refusal, frames=(), close=None, lost=True),
        )


def _of_frame(frame: Frame, is_read: _IsRead) -> Iterator[_Change]:
    if frame.direction is Direction.RECEIVE:
        yield from _of_body(frame.body, is_read)
    else:
        yield from _of_what_must_match(frame.body)


def _of_ending(conversation: Conversation) -> Iterator[tuple[str, str, Conversation]]:
    """
    Another close of the side that closed, and, where that was the service, none.
    """
    close = conversation.close
    if close is None:
        return
    code = _GOING_WRONG if close.code in _QUIET_CLOSES else _NORMAL
    yield "code", _arrow(close.code, code), replace(conversation, close=replace(close, code=code))
    if close.reason:
        reason = _other_text(close.reason)
        yield (
            "reason",
            _arrow(close.reason, reason),
            replace(conversation, close=replace(close, reason=reason)),
        )
    if close.by is Closer.SERVICE:
        yield "code", "the connection is lost", replace(conversation, close=None, lost=True)


def _with_conversation(number: int, *changed: Conversation) -> Callable[[Cassette], Cassette]:
    def apply(cassette: Cassette) -> Cassette:
        talks = cassette.conversations
        return replace(cassette, conversations=(*talks[:number], *changed, *talks[number + 1 :]))

    return apply


def _with_frames(number: int, index: int, frames: tuple[Frame, ...]) -> Callable[[Cassette], Cassette]:
    def apply(cassette: Cassette) -> Cassette:
        changed = list(cassette.conversations)
        before = changed[number].frames
        changed[number] = replace(changed[number], frames=(*before[:index], *frames, *before[index + 1 :]))
        return replace(cassette, conversations=tuple(changed))

    return apply


def _arrow(before: JsonValue, after: JsonValue) -> str:
    return f"{_short(before)} → {_short(after)}"


def _short(value: JsonValue) -> str:
    text = "null" if value is None else str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"

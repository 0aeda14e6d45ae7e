"""
A cassette as people read HTTP.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus

from taketwo.cassette.body.codec import body_to_bytes
from taketwo.cassette.model import (
    BinaryBody,
    Body,
    Cassette,
    Conversation,
    EventsBody,
    FormBody,
    Interaction,
    JsonBody,
    JsonValue,
    MultipartBody,
    Pairs,
    StoredRequest,
    StoredResponse,
    TextBody,
)
from taketwo.cassette.multipart.body import part_headers
from taketwo.cassette.text.messages import request_lines, response_lines
from taketwo.cassette.text.websocket import conversation_lines
from taketwo.report.render.conversation import frames_parts
from taketwo.report.text import Code, Line, one_line, query_text, readable_size, status_line

_LANGUAGES = {
    "html": "html",
    "xml": "xml",
    "json": "json",
    "javascript": "javascript",
    "css": "css",
    "graphql": "graphql",
    "yaml": "yaml",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownParts:
    """
    What is shown of a cassette: all of it, or those of one number, which begin with 1.
    """

    interaction: int | None = None
    conversation: int | None = None

    @property
    def is_all(self) -> bool:
        return self.interaction is None and self.conversation is None

    def interactions(self, cassette: Cassette) -> Iterator[tuple[int, Interaction]]:
        for number, interaction in enumerate(cassette.interactions, 1):
            if self.is_all or number == self.interaction:
                yield number, interaction

    def conversations(self, cassette: Cassette) -> Iterator[tuple[int, Conversation]]:
        for number, conversation in enumerate(cassette.conversations, 1):
            if self.is_all or number == self.conversation:
                yield number, conversation


_ALL = ShownParts()

Bodies = tuple[Sequence[Line], Sequence[Line]]
"""What is shown in the place of the body of a request, and of that of its response."""

InWords = Callable[[Interaction], Bodies | None]
Described = Callable[[Interaction], Mapping[str, JsonValue]]


def _as_it_is(_: Interaction) -> None:
    return None


def _undescribed(_: Interaction) -> Mapping[str, JsonValue]:
    return {}


def cassette_parts(
    name: str, cassette: Cassette, *, only: ShownParts = _ALL, in_words: InWords = _as_it_is
) -> list[Line | Code]:
    """
    The head of a cassette and what is chosen of it.

    Audio that came in many frames is one line, except in a conversation that is chosen by itself. What
    *in_words* knows to say better is shown in the place of a request's body and that of its response.
    """
    parts: list[Line | Code] = [
        Line(one_line(name), "bold"),
        Line(one_line(", ".join(cassette.tests)), "dim"),
    ]
    for number, interaction in only.interactions(cassette):
        parts += [Line(""), Line(f"# {number} of {len(cassette.interactions)}", "dim")]
        parts += _interaction(interaction, in_words(interaction))
    for number, conversation in only.conversations(cassette):
        parts += [Line(""), Line(f"# conversation {number} of {len(cassette.conversations)}", "dim")]
        parts += _conversation(conversation, cassette.files, folds=only.is_all)
    return parts


def _interaction(item: Interaction, bodies: Bodies | None) -> Iterator[Line | Code]:
    if bodies is None or not bodies[1]:
        yield from [*_request(item.request), Line(""), *_response(item.response)]
        return
    asked, answered = bodies
    yield from [*_request(replace(item.request, body=None)), Line(""), *asked, Line("")]
    yield from [*_response(replace(item.response, body=None)), Line(""), *answered]


def cassette_json(
    name: str, cassette: Cassette, *, only: ShownParts = _ALL, described: Described = _undescribed
) -> JsonValue:
    """
    The same for a program; *described* adds members to those of an interaction.
    """
    return {
        "cassette": name,
        "test": ", ".join(cassette.tests),
        "services": dict(sorted(cassette.services.items())),
        "interactions": [
            {
                "number": number,
                "request": request_lines(interaction.request),
                "response": response_lines(interaction.response),
                **described(interaction),
            }
            for number, interaction in only.interactions(cassette)
        ],
        **_conversations_json(cassette, only),
    }


def _conversations_json(cassette: Cassette, only: ShownParts) -> dict[str, JsonValue]:
    chosen = list(only.conversations(cassette))
    if not chosen:
        return {}
    return {
        "conversations": [
            {"number": number, **conversation_lines(conversation)} for number, conversation in chosen
        ]
    }


def _conversation(
    conversation: Conversation, files: Mapping[str, bytes], *, folds: bool
) -> Iterator[Line | Code]:
    yield from _request(conversation.request)
    yield Line("")
    yield from _response(conversation.response)
    yield Line("")
    yield from frames_parts(conversation, files, folds=folds)


def _request(request: StoredRequest) -> Iterator[Line | Code]:
    yield Line(one_line(f"{request.method} {request.url}{query_text(request.query)}"), "bold cyan")
    yield from _headers(request.headers)
    yield from _body(request.body, request.headers)


def _response(response: StoredResponse) -> Iterator[Line | Code]:
    style = "bold green" if response.status < HTTPStatus.BAD_REQUEST else "bold red"
    yield Line(one_line(status_line(response)), style)
    yield from _headers(response.headers)
    yield from _body(response.body, response.headers)


def _headers(headers: Pairs) -> Iterator[Line]:
    for name, value in headers:
        yield Line(one_line(f"{name}: {value}"))


def _body(body: Body, headers: Pairs) -> Iterator[Line | Code]:
    if body is None:
        return
    yield Line("")
    match body:
        case JsonBody(value):
            yield Code(json.dumps(value, indent=2, ensure_ascii=False), "json")
        case TextBody(text):
            yield Code(text.rstrip("\n"), _language(headers))
        case BinaryBody(content):
            yield Line(f"(binary, {readable_size(len(content))})", "dim")
        case EventsBody():
            yield Code(body_to_bytes(body).decode().rstrip("\n"), _language(headers))
        case FormBody(fields):
            yield from (Line(f"{name}={value}") for name, value in fields)
        case MultipartBody():
            yield from _parts(body)


def _parts(body: MultipartBody) -> Iterator[Line | Code]:
    for number, part in enumerate(body.parts):
        yield from [Line("")] if number else []
        yield Line(f"--{body.boundary}", "dim")
        headers = () if part.raw else part_headers(part)
        yield from _headers(headers)
        yield from _body(part.body, headers)


def _language(headers: Pairs) -> str:
    kinds = (value.partition(";")[0].lower() for name, value in headers if name.lower() == "content-type")
    kind = next(kinds, "")
    return next((language for word, language in _LANGUAGES.items() if word in kind), "")

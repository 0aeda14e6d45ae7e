"""
A cassette as it may be shown: without secrets, wherever it came from.

No recording holds one. But a cassette of VCR.py holds what it was recorded with, one that was recorded before
a secret was known holds it too, and either may be looked at.
"""

from __future__ import annotations

from dataclasses import replace

from taketwo.cassette.body.frames import ConversationParts, together
from taketwo.cassette.content import whole
from taketwo.cassette.model import (
    BinaryBody,
    Body,
    Cassette,
    Conversation,
    Direction,
    Interaction,
    MultipartBody,
)
from taketwo.cassette.parts import join, parts_of
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.secrets.split import without_split_secrets


def mask(cassette: Cassette, redactor: Redactor) -> Cassette:
    """
    *cassette* without the secrets that *redactor* knows, or knows by the places where they stand.

    In bytes, and in pieces that were sent, where nothing can stand for a secret, there are signs of as many.
    """
    return join([_mask_one(part, redactor) for part in parts_of(cassette)])


def _mask_one(part: Cassette, redactor: Redactor) -> Cassette:
    talks = [ConversationParts(talk) for talk in part.conversations]
    everything = [*part.interactions, *(item for talk in talks for item in talk.interactions)]
    messages = [message for item in everything for message in (item.request, item.response)]
    knowing = redactor.knowing(redactor.found_by_name(messages))
    exchanged, spoken = together([_interaction(item, knowing) for item in everything], talks)
    return replace(
        part,
        test=knowing.path(part.test),
        interactions=exchanged,
        conversations=tuple(_in_one_piece(talk, knowing) for talk in spoken),
        files={name: knowing.blanked(content) for name, content in part.files.items()},
    )


def _interaction(item: Interaction, redactor: Redactor) -> Interaction:
    request, response = redactor.request(item.request), redactor.response(item.response)
    return Interaction(
        replace(request, body=_body(request.body, redactor)),
        replace(response, body=_body(response.body, redactor)),
    )


def _body(body: Body, redactor: Redactor) -> Body:
    if isinstance(body, MultipartBody):
        parts = (replace(part, body=_body(part.body, redactor)) for part in body.parts)
        return replace(body, parts=tuple(parts))
    if isinstance(body, BinaryBody) and isinstance(body.content, bytes):
        return replace(body, content=redactor.blanked(body.content))
    return body  # of one in a file nothing is ever shown but its length


def _in_one_piece(talk: Conversation, redactor: Redactor) -> Conversation:
    frames = list(without_split_secrets(talk, redactor, number=1, everywhere=True).conversation.frames)
    for direction in Direction:
        binary = [
            (number, frame.body)
            for number, frame in enumerate(frames)
            if frame.direction is direction and isinstance(frame.body, BinaryBody)
        ]
        joined = redactor.blanked(b"".join(whole(body.content) for _, body in binary))
        for number, body in binary:
            content, joined = joined[: len(body.content)], joined[len(body.content) :]
            frames[number] = replace(frames[number], body=replace(body, content=content))
    return replace(talk, frames=tuple(frames))

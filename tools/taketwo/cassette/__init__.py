"""
Cassettes: their model, their text, and what may and may not stand in them.
"""

from __future__ import annotations

from taketwo.cassette.attachments import attachments
from taketwo.cassette.carrying import carried_over
from taketwo.cassette.files import (
    PENDING,
    SUFFIX,
    Workshop,
    discard,
    file_name,
    find_cassettes,
    find_pending,
    promote,
    read_cassette,
    read_text,
)
from taketwo.cassette.matching import Fingerprint, Index, fingerprint
from taketwo.cassette.model import (
    CLIENT,
    BinaryBody,
    Body,
    Cassette,
    Close,
    Closer,
    Conversation,
    Direction,
    Exchange,
    Frame,
    Interaction,
    JsonBody,
    JsonLayout,
    JsonStyle,
    JsonValue,
    LiveConversation,
    LiveFrame,
    LiveRequest,
    LiveResponse,
    Pairs,
    StoredRequest,
    StoredResponse,
    TextBody,
)
from taketwo.cassette.redaction import Redactor, secrets_of_environment
from taketwo.cassette.take import Bases, Replay, make_take, seed_of
from taketwo.cassette.text import dump_cassette, load_cassette, request_lines, response_lines
from taketwo.cassette.vcrpy import load_vcrpy, vcrpy_text

__all__ = [
    "CLIENT",
    "PENDING",
    "SUFFIX",
    "Bases",
    "BinaryBody",
    "Body",
    "Cassette",
    "Close",
    "Closer",
    "Conversation",
    "Direction",
    "Exchange",
    "Fingerprint",
    "Frame",
    "Index",
    "Interaction",
    "JsonBody",
    "JsonLayout",
    "JsonStyle",
    "JsonValue",
    "LiveConversation",
    "LiveFrame",
    "LiveRequest",
    "LiveResponse",
    "Pairs",
    "Redactor",
    "Replay",
    "StoredRequest",
    "StoredResponse",
    "TextBody",
    "Workshop",
    "attachments",
    "carried_over",
    "discard",
    "dump_cassette",
    "file_name",
    "find_cassettes",
    "find_pending",
    "fingerprint",
    "load_cassette",
    "load_vcrpy",
    "make_take",
    "promote",
    "read_cassette",
    "read_text",
    "request_lines",
    "response_lines",
    "secrets_of_environment",
    "seed_of",
    "vcrpy_text",
]

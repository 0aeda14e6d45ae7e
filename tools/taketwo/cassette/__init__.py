"""
Cassettes: their model, their text, and what may and may not stand in them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from taketwo.contents import on_demand

if TYPE_CHECKING:
    from taketwo.cassette.attaching import attachment_name, attachments, file_content
    from taketwo.cassette.audio import samples_of
    from taketwo.cassette.bases import Bases
    from taketwo.cassette.body import body_to_bytes
    from taketwo.cassette.carrying import carried_over
    from taketwo.cassette.conversation_carrying import is_cut_short
    from taketwo.cassette.conversation_text import close_lines, conversation_lines, frame_lines, opening_lines
    from taketwo.cassette.dumping import dump_cassette
    from taketwo.cassette.embedding import expanded_conversation, reference_in
    from taketwo.cassette.files import (
        Workshop,
        discard,
        is_vcrpy_file,
        owners_of,
        promote,
        read_cassette,
        read_text,
    )
    from taketwo.cassette.finding import Finder
    from taketwo.cassette.folder import (
        PENDING,
        SUFFIX,
        file_name,
        find_cassettes,
        find_pending,
        short_name,
    )
    from taketwo.cassette.inherited import Inherited
    from taketwo.cassette.locking import Claim
    from taketwo.cassette.masking import masked
    from taketwo.cassette.matching import Fingerprint, Group, Index, Wire, fingerprint, same_body
    from taketwo.cassette.mint import seed_of
    from taketwo.cassette.model import (
        CLIENT,
        WAITING,
        BinaryBody,
        Body,
        Cassette,
        Close,
        Closer,
        Conversation,
        Direction,
        Ending,
        Exchange,
        FormBody,
        FormSpelling,
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
        MultipartBody,
        Outcome,
        Pairs,
        Part,
        Sound,
        StoredRequest,
        StoredResponse,
        TextBody,
    )
    from taketwo.cassette.phrases import usual_phrase
    from taketwo.cassette.redaction import Named, Redactor, secrets_of_environment
    from taketwo.cassette.replay import Replay
    from taketwo.cassette.retelling import moments_of
    from taketwo.cassette.sharing import join, part_of, parts_of, with_part
    from taketwo.cassette.strings import body_texts
    from taketwo.cassette.take import Take, make_take, make_take_after
    from taketwo.cassette.text import load_cassette, request_lines, response_lines
    from taketwo.cassette.vcrpy import load_vcrpy, vcrpy_text
else:
    __getattr__ = on_demand(
        __name__,
        {
            "attaching": ("attachment_name", "attachments", "file_content"),
            "audio": ("samples_of",),
            "bases": ("Bases",),
            "body": ("body_to_bytes",),
            "carrying": ("carried_over",),
            "conversation_carrying": ("is_cut_short",),
            "conversation_text": ("close_lines", "conversation_lines", "frame_lines", "opening_lines"),
            "dumping": ("dump_cassette",),
            "embedding": ("expanded_conversation", "reference_in"),
            "files": (
                "Workshop",
                "discard",
                "is_vcrpy_file",
                "owners_of",
                "promote",
                "read_cassette",
                "read_text",
            ),
            "finding": ("Finder",),
            "folder": ("PENDING", "SUFFIX", "file_name", "find_cassettes", "find_pending", "short_name"),
            "inherited": ("Inherited",),
            "locking": ("Claim",),
            "masking": ("masked",),
            "matching": ("Fingerprint", "Group", "Index", "Wire", "fingerprint", "same_body"),
            "mint": ("seed_of",),
            "model": (
                "CLIENT",
                "WAITING",
                "BinaryBody",
                "Body",
                "Cassette",
                "Close",
                "Closer",
                "Conversation",
                "Direction",
                "Ending",
                "Exchange",
                "FormBody",
                "FormSpelling",
                "Frame",
                "Interaction",
                "JsonBody",
                "JsonLayout",
                "JsonStyle",
                "JsonValue",
                "LiveConversation",
                "LiveFrame",
                "LiveRequest",
                "LiveResponse",
                "MultipartBody",
                "Outcome",
                "Pairs",
                "Part",
                "Sound",
                "StoredRequest",
                "StoredResponse",
                "TextBody",
            ),
            "phrases": ("usual_phrase",),
            "redaction": ("Named", "Redactor", "secrets_of_environment"),
            "replay": ("Replay",),
            "retelling": ("moments_of",),
            "sharing": ("join", "part_of", "parts_of", "with_part"),
            "strings": ("body_texts",),
            "take": ("Take", "make_take", "make_take_after"),
            "text": ("load_cassette", "request_lines", "response_lines"),
            "vcrpy": ("load_vcrpy", "vcrpy_text"),
        },
    )

__all__ = [
    "CLIENT",
    "PENDING",
    "SUFFIX",
    "WAITING",
    "Bases",
    "BinaryBody",
    "Body",
    "Cassette",
    "Claim",
    "Close",
    "Closer",
    "Conversation",
    "Direction",
    "Ending",
    "Exchange",
    "Finder",
    "Fingerprint",
    "FormBody",
    "FormSpelling",
    "Frame",
    "Group",
    "Index",
    "Inherited",
    "Interaction",
    "JsonBody",
    "JsonLayout",
    "JsonStyle",
    "JsonValue",
    "LiveConversation",
    "LiveFrame",
    "LiveRequest",
    "LiveResponse",
    "MultipartBody",
    "Named",
    "Outcome",
    "Pairs",
    "Part",
    "Redactor",
    "Replay",
    "Sound",
    "StoredRequest",
    "StoredResponse",
    "Take",
    "TextBody",
    "Wire",
    "Workshop",
    "attachment_name",
    "attachments",
    "body_texts",
    "body_to_bytes",
    "carried_over",
    "close_lines",
    "conversation_lines",
    "discard",
    "dump_cassette",
    "expanded_conversation",
    "file_content",
    "file_name",
    "find_cassettes",
    "find_pending",
    "fingerprint",
    "frame_lines",
    "is_cut_short",
    "is_vcrpy_file",
    "join",
    "load_cassette",
    "load_vcrpy",
    "make_take",
    "make_take_after",
    "masked",
    "moments_of",
    "opening_lines",
    "owners_of",
    "part_of",
    "parts_of",
    "promote",
    "read_cassette",
    "read_text",
    "reference_in",
    "request_lines",
    "response_lines",
    "same_body",
    "samples_of",
    "secrets_of_environment",
    "seed_of",
    "short_name",
    "usual_phrase",
    "vcrpy_text",
    "with_part",
]

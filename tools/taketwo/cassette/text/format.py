"""
A cassette as its text holds it: the version, the head, the interactions and conversations below it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from taketwo.cassette.content import whole
from taketwo.cassette.model import (
    DEFAULT_TIME,
    Body,
    Cassette,
    Conversation,
    Ending,
    EventsBody,
    FormBody,
    Interaction,
    JsonValue,
    MultipartBody,
    Outcome,
)
from taketwo.cassette.parts import join, parts_of
from taketwo.cassette.text.bodies import RESTORE, Attached, load_file
from taketwo.cassette.text.fields import Fields
from taketwo.cassette.text.messages import load_interaction
from taketwo.cassette.text.websocket import load_conversation
from taketwo.cassette.text.yaml_reader import load_yaml

VERSION = 3
"""
The newest version of the format: since the second, forms and multipart bodies are structure, and the head may
tell how a test ended and where its counters begin; since the third, streams are lists of events, and a
response may tell its version of HTTP and how the names of its headers were written.

A cassette names the oldest one that has all it holds, so that no other release of taketwo changes it.
"""

_WITH_STRUCTURE = 2

_PART = (
    "test",
    "services",
    "seed",
    "time",
    "counters",
    "ended",
    "holds",
    "interactions",
    "conversations",
    "files",
)
Interactions = Callable[[Fields], Sequence[Interaction]]
"""Makes the interactions below a head."""


def load_cassette(text: str, *, name: str, attached: Attached | None = None) -> Cassette:
    """
    The cassette that *text* holds; *attached* reads the files that it refers to.

    :raises CassetteFormatError: naming the file, the place and the reason.
    """
    return load_tree(load_yaml(text, name=name), name=name, attached=attached)


def load_tree(
    tree: JsonValue, *, name: str, attached: Attached | None, interactions: Interactions | None = None
) -> Cassette:
    """
    The same from what the text means; *interactions* makes those of a cassette that nobody shares.

    :raises CassetteFormatError: naming the file, the place and the reason.
    """
    top = Fields(tree, name)
    _check_version(top)
    if "parts" not in top.names:
        return _load_part(top.only("taketwo", *_PART), attached, interactions)
    parts = [_load_part(node.only(*_PART), attached) for node in top.only("taketwo", "parts").nodes("parts")]
    if len({part.test for part in parts}) != len(parts) or not parts:
        top.refuse(f"'parts' is not one part for each test that shares it; {RESTORE}")
    return join(parts)


def _load_part(
    head: Fields, attached: Attached | None, make_interactions: Interactions | None = None
) -> Cassette:
    interactions = (
        make_interactions(head)
        if make_interactions
        else tuple(load_interaction(node, attached) for node in head.nodes("interactions"))
    )
    conversations = _load_conversations(head, attached)
    _check_count(head, "interactions", len(interactions))
    _check_count(head, "conversations", len(conversations))
    services = head.node("services")
    return Cassette(
        test=head.text("test"),
        services={key: services.text(key) for key in services.names},
        seed=head.integer("seed"),
        time=head.time("time", DEFAULT_TIME),
        counters=head.integer("counters") if "counters" in head.names else 0,
        ended=_load_ending(head.node("ended")) if "ended" in head.names else None,
        interactions=interactions,
        conversations=conversations,
        files=_load_files(head, attached),
    )


def version_of(cassette: Cassette) -> int:
    """
    The oldest version of the format that has all that *cassette* holds.
    """
    bodies = [body for item in cassette.interactions for body in (item.request.body, item.response.body)]
    if any(isinstance(body, EventsBody) or _has_events(body) for body in bodies):
        return VERSION
    if any(item.response.version or item.response.lowercase_names for item in cassette.interactions):
        return VERSION
    if any(part.counters or part.ended for part in parts_of(cassette)):
        return _WITH_STRUCTURE
    return _WITH_STRUCTURE if any(isinstance(body, FormBody | MultipartBody) for body in bodies) else 1


def _has_events(body: Body) -> bool:
    parts = body.parts if isinstance(body, MultipartBody) else ()
    return any(isinstance(part.body, EventsBody) or _has_events(part.body) for part in parts)


def _check_version(top: Fields) -> None:
    if "taketwo" not in top.names:
        top.refuse("it has no line 'taketwo: 1', so it is no cassette of ours")
    version = top.integer("taketwo")
    if version > VERSION:
        top.refuse(
            f"it has format version {version}, and this release reads up to {VERSION}: upgrade taketwo"
        )
    if version < 1:
        top.refuse(f"there is no format version {version}; record again with --record-mode=rewrite")


def _check_count(head: Fields, what: str, found: int) -> None:
    holds = head.node("holds").only("interactions", "conversations")
    held = holds.integer(what) if what in holds.names or what == "interactions" else 0
    if held != found:
        head.refuse(
            f"the header says {held} {what} but the file holds {found}: it may be truncated or hand-edited; "
            f"{RESTORE}"
        )


def _load_ending(node: Fields) -> Ending:
    node = node.only("outcome", "raised")
    outcome = node.text("outcome")
    known = [each.value for each in Outcome]
    if outcome not in known:
        node.refuse(f"the outcome {outcome!r} is not known; known are {', '.join(known)}")
    return Ending(Outcome(outcome), node.text("raised", ""))


def _load_files(head: Fields, attached: Attached | None) -> dict[str, bytes]:
    nodes = head.nodes("files") if "files" in head.names else []
    return {
        node.text("name"): whole(load_file(node.only("name", "size", "sha256"), attached)) for node in nodes
    }


def _load_conversations(head: Fields, attached: Attached | None) -> tuple[Conversation, ...]:
    if "conversations" not in head.names:
        return ()
    return tuple(load_conversation(node, attached) for node in head.nodes("conversations"))

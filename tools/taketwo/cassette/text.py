"""
How a cassette is read from its text, and how the parts of it are shown in it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from taketwo.cassette.body import body_to_bytes
from taketwo.cassette.body_text import (
    BODY_NAMES,
    RESTORE,
    Attached,
    body_lines,
    load_body,
    load_file,
    load_pairs,
    pair_lines,
)
from taketwo.cassette.chunks import read_sizes, write_sizes
from taketwo.cassette.model import (
    DEFAULT_TIME,
    Body,
    Cassette,
    Conversation,
    Ending,
    FormBody,
    Interaction,
    JsonValue,
    MultipartBody,
    Outcome,
    StoredRequest,
    StoredResponse,
)
from taketwo.cassette.sharing import join, parts_of
from taketwo.cassette.text_node import Node
from taketwo.cassette.yaml_form import load_yaml

VERSION = 2
"""
The newest version of the format: since the second, forms and multipart bodies are structure, and the head may
tell how a test ended and where its counters begin.

A cassette names the oldest one that has all it holds, so that no other release of taketwo changes it.
"""

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
_REQUEST = dict.fromkeys(("method", "url", "query", "headers", *BODY_NAMES))
_RESPONSE = dict.fromkeys(("status", "reason", "headers", *BODY_NAMES, "chunks", "ended"))

Interactions = Callable[[Node], Sequence[Interaction]]
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
    top = Node(tree, name)
    _check_version(top)
    if "parts" not in top.names:
        return _load_part(top.only("taketwo", *_PART), attached, interactions)
    parts = [_load_part(node.only(*_PART), attached) for node in top.only("taketwo", "parts").nodes("parts")]
    if len({part.test for part in parts}) != len(parts) or not parts:
        top.refuse(f"'parts' is not one part for each test that shares it; {RESTORE}")
    return join(parts)


def _load_part(
    head: Node, attached: Attached | None, make_interactions: Interactions | None = None
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
    if any(part.counters or part.ended for part in parts_of(cassette)):
        return VERSION
    bodies = (body for item in cassette.interactions for body in (item.request.body, item.response.body))
    return VERSION if any(isinstance(body, FormBody | MultipartBody) for body in bodies) else 1


def request_lines(request: StoredRequest) -> dict[str, JsonValue]:
    """
    A request as the file shows it.
    """
    return {
        "method": request.method,
        "url": request.url,
        **pair_lines("query", request.query),
        **pair_lines("headers", request.headers),
        **body_lines(request.body, request.headers),
    }


def response_lines(response: StoredResponse) -> dict[str, JsonValue]:
    """
    A response as the file shows it.
    """
    status: dict[str, JsonValue] = {"status": response.status}
    if response.reason:
        status["reason"] = response.reason
    return {
        **status,
        **pair_lines("headers", response.headers),
        **body_lines(response.body, response.headers),
        **({"chunks": write_sizes(response.chunks)} if response.chunks else {}),
        **({"ended": response.ended} if response.ended else {}),
    }


def _check_version(top: Node) -> None:
    if "taketwo" not in top.names:
        top.refuse("it has no line 'taketwo: 1', so it is no cassette of ours")
    version = top.integer("taketwo")
    if version > VERSION:
        top.refuse(
            f"it is of format version {version}, and this release reads up to {VERSION}: upgrade taketwo"
        )
    if version < 1:
        top.refuse(f"there is no format version {version}; record again with --record-mode=rewrite")


def _check_count(head: Node, what: str, found: int) -> None:
    holds = head.node("holds").only("interactions", "conversations")
    held = holds.integer(what) if what in holds.names or what == "interactions" else 0
    if held != found:
        head.refuse(
            f"the head promises {held} {what} and {found} follow: the file is cut, or was edited; {RESTORE}"
        )


def _load_ending(node: Node) -> Ending:
    node = node.only("outcome", "raised")
    outcome = node.text("outcome")
    known = [each.value for each in Outcome]
    if outcome not in known:
        node.refuse(f"the outcome {outcome!r} is not known; known are {', '.join(known)}")
    return Ending(Outcome(outcome), node.text("raised", ""))


def _load_files(head: Node, attached: Attached | None) -> dict[str, bytes]:
    nodes = head.nodes("files") if "files" in head.names else []
    return {node.text("name"): load_file(node.only("name", "size", "sha256"), attached) for node in nodes}


def _load_conversations(head: Node, attached: Attached | None) -> tuple[Conversation, ...]:
    if "conversations" not in head.names:
        return ()
    from taketwo.cassette.conversation_text import load_conversation  # noqa: PLC0415 - made of what is here

    return tuple(load_conversation(node, attached) for node in head.nodes("conversations"))


def load_interaction(node: Node, attached: Attached | None) -> Interaction:
    node = node.only("request", "response")
    request, response = node.node("request"), node.node("response")
    return Interaction(load_request(request, attached), load_response(response, attached))


def load_request(node: Node, attached: Attached | None) -> StoredRequest:
    node = node.among(_REQUEST)
    return StoredRequest(
        method=node.text("method"),
        url=node.text("url"),
        query=load_pairs(node, "query"),
        headers=load_pairs(node, "headers"),
        body=load_body(node, attached),
    )


def load_response(node: Node, attached: Attached | None) -> StoredResponse:
    node = node.among(_RESPONSE)
    body = load_body(node, attached)
    return StoredResponse(
        status=node.integer("status"),
        reason=node.text("reason", ""),
        headers=load_pairs(node, "headers"),
        body=body,
        chunks=_load_chunks(node, body),
        ended=node.text("ended", ""),
    )


def _load_chunks(node: Node, body: Body) -> tuple[int, ...]:
    if "chunks" not in node.names:
        return ()
    sizes, length = read_sizes(node.text("chunks")), len(body_to_bytes(body))
    if sizes is None or sum(sizes) != length:
        node.refuse(
            f"'chunks' is {node.text('chunks')!r}, which are no sizes that make up the {length} bytes of the "
            "body; take the line away to have it played in one piece"
        )
    return sizes

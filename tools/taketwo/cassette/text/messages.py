"""
Requests and responses as a cassette's text holds them.
"""

from __future__ import annotations

from taketwo.cassette.body.chunks import read_pauses, read_sizes, write_sizes
from taketwo.cassette.body.codec import content_of
from taketwo.cassette.model import Body, Interaction, JsonValue, StoredRequest, StoredResponse
from taketwo.cassette.text.bodies import (
    BODY_NAMES,
    Attached,
    body_lines,
    in_memory,
    load_body,
    pair_lines,
)
from taketwo.cassette.text.fields import Fields
from taketwo.cassette.text.heads import HEAD, LOWERCASE, load_head, load_pairs

_REQUEST = dict.fromkeys(("method", "url", "query", "headers", *BODY_NAMES))
_RESPONSE = dict.fromkeys((*HEAD, *BODY_NAMES, "chunks", "pauses", "ended"))


def request_lines(request: StoredRequest) -> dict[str, JsonValue]:
    """
    A request as the file shows it.
    """
    headers = request.headers
    return {**request_start(request), **pair_lines("headers", headers), **body_lines(request.body, headers)}


def request_start(request: StoredRequest) -> dict[str, JsonValue]:
    """
    The lines of a request above its headers.
    """
    lines: dict[str, JsonValue] = {"method": request.method, "url": request.url}
    return {**lines, **pair_lines("query", request.query)} if request.query else lines


def response_lines(response: StoredResponse) -> dict[str, JsonValue]:
    """
    A response as the file shows it.
    """
    headers = response.headers
    return {
        **response_start(response),
        **pair_lines("headers", headers),
        **body_lines(response.body, headers),
        **response_end(response),
    }


def response_start(response: StoredResponse) -> dict[str, JsonValue]:
    """
    The lines of a response above its headers.
    """
    return {
        "status": response.status,
        **({"http_version": response.version} if response.version else {}),
        **({"reason": response.reason} if response.reason else {}),
        **({"header_names": LOWERCASE} if response.lowercase_names else {}),
    }


def response_end(response: StoredResponse) -> dict[str, JsonValue]:
    """
    The lines of a response below its body.
    """
    return {
        **({"chunks": write_sizes(response.chunks)} if response.chunks else {}),
        **({"pauses": write_sizes(response.pauses)} if response.pauses else {}),
        **({"ended": response.ended} if response.ended else {}),
    }


def load_interaction(node: Fields, attached: Attached | None) -> Interaction:
    node = node.only("request", "response")
    request, response = node.node("request"), node.node("response")
    return Interaction(load_request(request, attached), load_response(response, attached))


def load_request(node: Fields, attached: Attached | None) -> StoredRequest:
    node = node.among(_REQUEST)
    body = load_body(node, attached)
    return StoredRequest(
        method=node.text("method"),
        url=node.text("url"),
        query=load_pairs(node, "query"),
        headers=load_pairs(node, "headers"),
        body=in_memory(body),
    )


def load_response(node: Fields, attached: Attached | None) -> StoredResponse:
    node = node.among(_RESPONSE)
    body = load_body(node, attached)
    chunks = _load_chunks(node, body)
    pauses = _load_pauses(node, len(chunks))
    return load_head(node, body=body, chunks=chunks, pauses=pauses, ended=node.text("ended", ""))


def _load_chunks(node: Fields, body: Body) -> tuple[int, ...]:
    if "chunks" not in node.names:
        return ()
    sizes, length = read_sizes(node.text("chunks")), len(content_of(body))
    if sizes is None or sum(sizes) != length:
        node.refuse(
            f"'chunks' is {node.text('chunks')!r}, which are no sizes that make up the {length} bytes of the "
            "body; take the line away to have it played in one piece"
        )
    return sizes


def _load_pauses(node: Fields, count: int) -> tuple[int, ...]:
    if "pauses" not in node.names:
        return ()
    pauses = read_pauses(node.text("pauses"))
    if pauses is None or len(pauses) != count:
        node.refuse(
            f"'pauses' is {node.text('pauses')!r}, which are no milliseconds for each of {count} pieces; "
            "take the line away to have them played without a wait"
        )
    return pauses

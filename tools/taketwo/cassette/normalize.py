"""
From what went over the wire to its stored form, before redaction and placeholders.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from operator import itemgetter
from typing import TypeVar
from urllib.parse import parse_qsl

from taketwo.cassette.base_urls import BaseUrls
from taketwo.cassette.body.codec import body_to_bytes, read_body
from taketwo.cassette.body.coding import NotPacked, coding_of, unpacked
from taketwo.cassette.body.frames import ConversationParts, stored_frame
from taketwo.cassette.body.limits import LARGEST_TEXT, MAX_BYTES, is_decompression_bomb
from taketwo.cassette.content import Content, pieces_of_content, whole
from taketwo.cassette.header_names import are_lowercase, first_values, header
from taketwo.cassette.model import (
    CRC32,
    Conversation,
    Exchange,
    Interaction,
    LiveConversation,
    LiveRequest,
    LiveResponse,
    Pairs,
    StoredRequest,
    StoredResponse,
    is_multipart,
)
from taketwo.cassette.reason_phrases import is_usual
from taketwo.cassette.visit import map_interaction, map_request, map_response, plain_texts

# What differs between two machines, two clients or two moments, and means nothing to either side.
REQUEST_NOISE = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "host",
        "keep-alive",
        "sec-ch-ua",
        "sec-ch-ua-mobile",
        "sec-ch-ua-platform",
        "traceparent",
        "tracestate",
        "transfer-encoding",
        "user-agent",
    }
)
_RESPONSE_NOISE = frozenset(
    {
        "age",
        "alt-svc",
        "connection",
        "content-length",
        "date",
        "expires",
        "keep-alive",
        "last-modified",
        "server",
        "server-timing",
        "transfer-encoding",
        "via",
        "x-response-time",
        "x-runtime",
    }
)
CRC32_OF_BODY = "crc32 of the body"
"""In the place of a checksum, which a replay computes for the ids that it puts into the body."""

# A cookie has expired, or it has not: the moment itself is another one in each recording, and one that
# has passed by the time of a replay would have every client drop the cookie. The epoch stays: aiohttp takes
# it for no date.
_EXPIRES = re.compile(r"(;\s*expires\s*=\s*)([^;]+)", re.IGNORECASE)
_EXPIRED, _LASTING = "Thu, 01 Jan 1970 00:00:01 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
COOKIE_DATES = frozenset({format_datetime(_EPOCH, usegmt=True), _EXPIRED, _LASTING})
"""When the cookies in cassettes expire, which no replay may change."""

_MOST_AGAIN = 2
"""How often a body is packed beyond what its header says."""

_DATED_CONDITIONS = frozenset({"if-modified-since", "if-unmodified-since", "if-range"})
# What the protocol puts into every opening, and what differs from one to the next.
OPENING_NOISE = frozenset(
    {
        "sec-websocket-accept",
        "sec-websocket-extensions",
        "sec-websocket-key",
        "sec-websocket-version",
        "upgrade",
    }
)
_Message = TypeVar("_Message", LiveRequest, LiveResponse)


def normalize_request(request: LiveRequest, bases: BaseUrls) -> StoredRequest:
    """
    A request in stored form, before redaction and placeholders.
    """
    url, _, query = request.url.partition("#")[0].partition("?")
    content, headers, encoded = _decoded_request(request)
    headers = kept_headers(headers, REQUEST_NOISE)
    media_type = header(headers, "content-type")
    body, kept_type = read_body(content, media_type, encoded=encoded)
    stored = StoredRequest(
        method=request.method.upper(),
        url=url,
        query=_parameters(query),
        headers=headers if kept_type == media_type else with_header(headers, "content-type", kept_type),
        body=body,
    )
    return map_request(stored, bases.stable) if are_in(bases, stored) else stored


def are_in(bases: BaseUrls, message: StoredRequest | StoredResponse) -> bool:
    """
    Whether there may be anything in *message* for :meth:`BaseUrls.stable` to change.
    """
    hosts = bases.hosts()
    if not hosts:
        return False
    text = "\n".join(plain_texts(message))
    return any(host in text for host in hosts)


def _parameters(query: str) -> Pairs:
    if "%" in query or "+" in query:
        return tuple(parse_qsl(query, keep_blank_values=True))
    # The same of what holds nothing to decode, in a third of the time.
    parts = (part.partition("=") for part in query.split("&") if part)
    return tuple((name, value) for name, _, value in parts)


def normalize_exchange(exchange: Exchange, bases: BaseUrls, *, dates: Collection[str] = ()) -> Interaction:
    """
    An exchange in stored form; *dates* are those that a client sends back, which are no noise in an answer.
    """
    is_head = exchange.request.method.upper() == "HEAD"
    response = _normalize_response(exchange.response, dates, is_head=is_head)
    return Interaction(
        normalize_request(exchange.request, bases),
        map_response(response, bases.stable) if are_in(bases, response) else response,
    )


def normalize_conversation(live: LiveConversation, bases: BaseUrls) -> Conversation:
    opening = normalize_exchange(
        Exchange(
            request=without_headers(live.request, OPENING_NOISE),
            response=without_headers(live.response, OPENING_NOISE),
            issued=live.issued,
            answered=live.answered,
        ),
        bases,
    )
    whole = Conversation(
        request=opening.request,
        response=opening.response,
        frames=tuple(map(stored_frame, live.frames)),
        close=live.close,
        lost=live.lost,
    )
    parts = ConversationParts(whole)
    return parts.with_interactions([map_interaction(item, bases.stable) for item in parts.interactions])


def without_headers(message: _Message, noise: frozenset[str]) -> _Message:
    return replace(message, headers=tuple(pair for pair in message.headers if pair[0].lower() not in noise))


def with_usual_boundary(request: LiveRequest) -> LiveRequest:
    """
    *request* with the boundary that multipart requests have in cassettes.
    """
    media_type = header(request.headers, "content-type")
    if not is_multipart(media_type):
        return request
    body, kept_type = read_body(request.body, media_type)
    headers = with_header(request.headers, "content-type", kept_type)
    return replace(request, headers=headers, body=body_to_bytes(body))


def dates_sent_back(exchanges: Iterable[Exchange]) -> frozenset[str]:
    """
    The dates in the conditions of requests, such as ``If-Modified-Since``, which came from answers.
    """
    return frozenset(
        value
        for exchange in exchanges
        for name, value in exchange.request.headers
        if name.lower() in _DATED_CONDITIONS
    )


def _normalize_response(response: LiveResponse, dates: Collection[str], *, is_head: bool) -> StoredResponse:
    known = first_values(response.headers)
    is_packed = "content-encoding" in known and not is_head
    body, headers, encoded = decoded(response) if is_packed else (response.body, response.headers, False)
    # Where the body itself does not tell the length, a client may still want to know it.
    tells_length = is_head or bool(response.ended)
    noise = _RESPONSE_NOISE - {"content-length"} if tells_length else _RESPONSE_NOISE
    if dates and known.get("last-modified") in dates:
        noise -= {"last-modified"}
    if "set-cookie" in known:
        headers = _with_lasting_cookies(headers, known.get("date", ""))
    headers = kept_headers(headers, noise)
    if (checksum := known.get(CRC32)) and checksum == str(crc32_of(response.body)):
        headers = with_header(headers, CRC32, CRC32_OF_BODY)
    media_type = known.get("content-type", "")
    stored_body, kept_type = read_body(body, media_type, encoded=encoded, keeps_words=True)
    return StoredResponse(
        status=response.status,
        version=response.version,
        lowercase_names=_has_lowercase_names(response, noise),
        reason="" if is_usual(response.status, response.reason) else response.reason,
        headers=headers if kept_type == media_type else with_header(headers, "content-type", kept_type),
        body=stored_body,
        ended=response.ended,
    )


def _with_lasting_cookies(headers: Pairs, date: str) -> Pairs:
    """
    *headers* in which each cookie expired long ago, or never expires, as the answer's own *date* has it.
    """
    now = _moment(date) or _EPOCH

    def kept(found: re.Match[str]) -> str:
        moment = _moment(found[2])
        if moment is None or moment == _EPOCH:
            return found[0]
        return f"{found[1]}{_EXPIRED if moment <= now else _LASTING}"

    return tuple(
        (name, _EXPIRES.sub(kept, value) if name.lower() == "set-cookie" else value)
        for name, value in headers
    )


def _moment(date: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _has_lowercase_names(response: LiveResponse, noise: Collection[str]) -> bool:
    if response.lowercase_names or not response.keeps_names:
        return response.lowercase_names
    # What a server adds has another spelling at times, and is not in the cassette.
    names = [name for name, _ in response.headers if name.lower() not in noise]
    return bool(names) and are_lowercase(names)


def crc32_of(content: Content) -> int:
    found = 0
    for piece in pieces_of_content(content):
        found = zlib.crc32(piece, found)
    return found


def decoded(response: LiveResponse) -> tuple[Content, Pairs, bool]:
    """
    The body without the compression that can be undone, since nobody can review what is compressed.

    A text keeps its header, and is packed again for a replay; of what is no text the header goes.
    """
    coding = header(response.headers, "content-encoding").strip().lower()
    if coding in {"", "identity"} or not response.body:
        return response.body, response.headers, False
    if response.stays_packed or len(response.body) > MAX_BYTES:
        return response.body, response.headers, True
    packed = whole(response.body)
    if is_decompression_bomb(packed):
        return response.body, response.headers, True
    try:
        body = unpacked(packed, coding, is_whole=not response.ended)
    except NotPacked:
        return response.body, response.headers, True
    if len(body) <= LARGEST_TEXT and _is_text(body):
        return body, response.headers, False
    return body, kept_headers(response.headers, frozenset({"content-encoding"})), False


def _decoded_request(request: LiveRequest) -> tuple[bytes, Pairs, bool]:
    """
    The same of a request; what a client packed more often than its header says is unpacked as well, since
    nobody has to unpack it again.
    """
    coding = header(request.headers, "content-encoding").strip().lower()
    body = bytes(request.body)
    if coding in {"", "identity"} or not body:
        return body, request.headers, False
    try:
        body = _unpacked_whole(body, coding)
    except NotPacked:
        return body, request.headers, True
    if _is_text(body):
        return body, request.headers, False
    return body, kept_headers(request.headers, frozenset({"content-encoding"})), False


def _unpacked_whole(body: bytes, coding: str) -> bytes:
    found = unpacked(body, coding)
    for _ in range(_MOST_AGAIN):
        again = coding_of(found)
        if again is None:
            break
        found = unpacked(found, again)
    return found


def _is_text(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def kept_headers(headers: Iterable[tuple[str, str]], noise: frozenset[str]) -> Pairs:
    """
    The headers that mean something, with lower-case names and in one order.
    """
    kept = [(low, value) for name, value in headers if (low := name.lower()) not in noise]
    kept.sort(key=itemgetter(0))
    return tuple(kept)


def with_header(headers: Pairs, wanted: str, value: str) -> Pairs:
    """
    *headers* with another *value* in the place of the first that has the *wanted* name.
    """
    place = next(number for number, (name, _) in enumerate(headers) if name.lower() == wanted)
    return (*headers[:place], (headers[place][0], value), *headers[place + 1 :])

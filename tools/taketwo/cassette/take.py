"""
From what went over the wire to a cassette, and from a cassette to what a replay needs.

This is the one way to the disk: whatever is stored has been through :func:`make_take`.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from taketwo.audio_rules import AudioRule
from taketwo.cassette.body import body_from_bytes, body_to_bytes
from taketwo.cassette.bomb import is_bomb
from taketwo.cassette.chunks import filled_pieces, sizes_kept
from taketwo.cassette.conversation import Parts, frame_body, order_of, stored_frame, together
from taketwo.cassette.embedding import (
    Embedder,
    expanded,
    expanded_conversation,
    expanded_response,
    with_files,
)
from taketwo.cassette.later import Later
from taketwo.cassette.matching import Wire
from taketwo.cassette.mint import Mint, escape, names_of_secrets
from taketwo.cassette.model import (
    DEFAULT_TIME,
    BinaryBody,
    Body,
    Cassette,
    Conversation,
    Exchange,
    Interaction,
    LiveConversation,
    LiveRequest,
    LiveResponse,
    Pairs,
    StoredRequest,
    StoredResponse,
)
from taketwo.cassette.outline import NO_OUTLINE, read_outline
from taketwo.cassette.redaction import Redactor
from taketwo.cassette.sharing import parts_of
from taketwo.cassette.strings import map_body, map_interaction, map_request, map_response, plain_texts
from taketwo.errors import SecretLeak

if TYPE_CHECKING:
    from taketwo.cassette.finding import Finder

# What differs between two machines, two clients or two moments, and means nothing to either side.
_REQUEST_NOISE = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "host",
        "keep-alive",
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
# What the protocol puts into every opening, and what differs from one to the next.
_OPENING_NOISE = frozenset(
    {
        "sec-websocket-accept",
        "sec-websocket-extensions",
        "sec-websocket-key",
        "sec-websocket-version",
        "upgrade",
    }
)
_Message = TypeVar("_Message", LiveRequest, LiveResponse)
_Stored = TypeVar("_Stored", StoredRequest, StoredResponse)
_DECODERS: Mapping[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "x-gzip": gzip.decompress,
    "deflate": zlib.decompress,
}
# What follows a host, so that neither http://shop:80 is found in http://shop:8000 nor shop in shop.org.
_END_OF_HOST = r"(?![\w-]|[.:]\w)"


@dataclass(frozen=True, slots=True)
class Bases:
    """
    The addresses of the services today, each with the name under which recordings know it.
    """

    live_to_stable: Mapping[str, str]

    def stable(self, text: str) -> str:
        for live, stable in self.live_to_stable.items():
            if live != stable and _netloc(live) in text:
                text = _put(stable, _address(live), text)
                text = _put(urlsplit(stable).netloc, _host(live), text)
        return text

    def are_in(self, message: StoredRequest | StoredResponse) -> bool:
        """
        Whether there may be anything in *message* for :meth:`stable` to change.
        """
        hosts = [_netloc(live) for live, stable in self.live_to_stable.items() if live != stable]
        said = "\n".join(plain_texts(message)) if hosts else ""
        return any(host in said for host in hosts)

    def names(self) -> Iterator[str]:
        """
        The texts that stand in recordings for the addresses of today.
        """
        for live, stable in self.live_to_stable.items():
            if live != stable:
                yield from (stable, urlsplit(stable).netloc)


def _put(value: str, place: re.Pattern[str], text: str) -> str:
    return place.sub(lambda _: value, text)


@cache
def _netloc(url: str) -> str:
    return urlsplit(url).netloc


@cache
def _address(url: str) -> re.Pattern[str]:
    return re.compile(re.escape(url) + _END_OF_HOST)


@cache
def _host(url: str) -> re.Pattern[str]:
    """
    The host of *url* by itself; one that has no port is a word like any other, except behind ``//``.
    """
    host = _netloc(url)
    before = r"(?<![\w.-])" if ":" in host else "(?<=//)"
    return re.compile(before + re.escape(host) + _END_OF_HOST)


def make_take(
    exchanges: Sequence[Exchange],
    *,
    test: str,
    services: Mapping[str, str],
    redactor: Redactor,
    bases: Bases,
    conversations: Sequence[LiveConversation] = (),
    finder: Finder | None = None,
    audio: Sequence[AudioRule] = (),
) -> Cassette:
    """
    The cassette of what *test* recorded, in the order in which it was issued.

    *finder* finds what the services mint by the rules of the project too, and notes what it found. *audio*
    tells what raw samples are where nothing beside them does.

    :raises SecretLeak: when a secret is still in it.
    """
    from taketwo.cassette.ordering import is_concurrent  # noqa: PLC0415 - a replay has no use for these
    from taketwo.cassette.placeholders import put_placeholders  # noqa: PLC0415

    ordered = sorted(exchanges, key=lambda exchange: exchange.issued)
    opened = sorted(conversations, key=lambda conversation: conversation.issued)
    parts = [Parts(_store_conversation(conversation, bases)) for conversation in opened]
    exchanged = [_store(exchange, bases) for exchange in ordered]
    everything = [*exchanged, *(item for part in parts for item in part.interactions)]
    stored = [Interaction(_escaped(item.request), _escaped(item.response)) for item in everything]
    messages = [message for item in stored for message in (item.request, item.response)]
    knowing = redactor.knowing(redactor.found_by_name(messages))
    embedder = Embedder(knowing.hides, audio)
    kept = _embedded(stored, [exchange.response for exchange in ordered], parts, embedder)
    redacted = [Interaction(knowing.request(item.request), knowing.response(item.response)) for item in kept]
    named = redactor.text(test)
    places = [f"interaction {number}" for number in range(1, len(ordered) + 1)]
    places += [name for number, part in enumerate(parts, 1) for name in part.names(number)]
    redacted, split = _without_split(redacted, parts, knowing)
    leaks = [*knowing.leaks(redacted, places), *split]
    _refuse_leaks([*(["the id of the test"] if named != test else []), *leaks], named)
    spoken_order = [moments for conversation in opened for moments in order_of(conversation)]
    if is_concurrent(ordered):
        ordered, redacted = _reordered(ordered, redacted, spoken_order, finder)
    order = [*_moments(ordered), *spoken_order]
    interactions, spoken = together(put_placeholders(redacted, order, finder), parts)
    cassette = Cassette(
        test=test,
        interactions=tuple(
            _in_chunks(item, exchange.response, bases)
            for item, exchange in zip(interactions, ordered, strict=True)
        ),
        conversations=spoken,
        services=services,
        seed=seed_of(test),
    )
    return with_files(cassette, embedder.files)


def _escaped(message: _Stored) -> _Stored:
    if "<" not in "".join(plain_texts(message)):
        return message
    if isinstance(message, StoredRequest):
        return map_request(message, escape)
    return map_response(message, escape)


def _reordered(
    exchanges: Sequence[Exchange],
    items: Sequence[Interaction],
    spoken_order: Sequence[tuple[int, int]],
    finder: Finder | None,
) -> tuple[list[Exchange], list[Interaction]]:
    """
    Both in canonical order; what belongs to conversations stays behind.
    """
    from taketwo.cassette.ordering import canonical_order  # noqa: PLC0415 - a replay has no use for these
    from taketwo.cassette.placeholders import put_placeholders  # noqa: PLC0415

    placed = put_placeholders(items, [*_moments(exchanges), *spoken_order], finder)
    order = canonical_order(exchanges, placed)
    return [exchanges[n] for n in order], [*(items[n] for n in order), *items[len(exchanges) :]]


def _moments(exchanges: Sequence[Exchange]) -> list[tuple[int, int]]:
    return [(exchange.issued, exchange.answered) for exchange in exchanges]


def _without_split(
    items: Sequence[Interaction], parts: Sequence[Parts], redactor: Redactor
) -> tuple[list[Interaction], list[str]]:
    """
    *items* without the secrets that conversations hold in pieces, and where some are left.
    """
    from taketwo.cassette.split_secrets import without_split_secrets  # noqa: PLC0415 - a replay has no use for it

    exchanged, spoken = together(items, parts)
    wholes = [without_split_secrets(talk, redactor, number=n) for n, talk in enumerate(spoken, 1)]
    found = [item for whole in wholes for item in Parts(whole.conversation).interactions]
    return [*exchanged, *found], [leak for whole in wholes for leak in whole.leaks]


def _embedded(
    items: Sequence[Interaction], answers: Sequence[LiveResponse], parts: Sequence[Parts], embedder: Embedder
) -> list[Interaction]:
    """
    *items* with files in the place of long base64; where a streamed body is cut is told by what is in it.
    """
    exchanged, spoken = together(items, parts)
    kept = [
        embedder.interaction(item, is_cut=len(answer.chunks) > 1)
        for item, answer in zip(exchanged, answers, strict=True)
    ]
    talks = (Parts(embedder.conversation(talk)) for talk in spoken)
    return [*kept, *(item for part in talks for item in part.interactions)]


def _in_chunks(interaction: Interaction, response: LiveResponse, bases: Bases) -> Interaction:
    """
    *interaction* with the pieces in which *response* came, where nobody could have told its length before.
    """
    if len(response.chunks) < 2 or _header(response.headers, "content-length"):  # noqa: PLR2004 - one is no cut
        return interaction
    chunks = sizes_kept(response, interaction.response, bases.names())
    return replace(interaction, response=replace(interaction.response, chunks=chunks))


def seed_of(test: str) -> int:
    """
    The seed of a test's cassette: the same on every machine, another one for every test.
    """
    return int.from_bytes(hashlib.sha256(test.encode()).digest()[:4], "big")


class Replay:
    """
    A cassette made ready to be played: requests to compare with, responses to hand out.

    *reveal* holds the values in force of secrets; a secret that has none is played as a dummy.
    """

    def __init__(
        self,
        cassette: Cassette,
        *,
        redactor: Redactor,
        reveal: Mapping[str, str],
        audio: Sequence[AudioRule] = (),
    ) -> None:
        self._redactor = redactor
        self._audio = audio
        self._knows_played_secrets = False
        self._reveal = reveal
        self._lock = threading.Lock()
        self._interactions = cassette.interactions
        self._parts = [Parts(conversation) for conversation in cassette.conversations]
        self._files = cassette.files
        # For each interaction and conversation that of its part: what two call <uuid:1> are two values.
        self._mints: list[Mint] = []
        self._spoken_mints: list[Mint] = []
        self._foreign: set[int] = set()
        for part in parts_of(cassette):
            mint = Mint(seed=part.seed, time=part.time or DEFAULT_TIME, reveal=self._secret)
            start = len(self._mints)
            self._mints += [mint] * len(part.interactions)
            self._spoken_mints += [mint] * len(part.conversations)
            self._foreign |= set() if part.test else set(range(start, len(self._mints)))

    def requests(self) -> Sequence[StoredRequest]:
        """
        The recorded requests, with the values that this replay mints.
        """
        if self._outline is not None:
            return Later(len(self._interactions), lambda number: self._interactions[number].request, {})
        filled = [request for request, _ in self._ready]
        if not self._foreign:
            return filled
        # A cassette of VCR.py may hold what would have been redacted here, as it is in what comes in.
        foreign = [filled[number] for number in sorted(self._foreign)]
        redactor = self._knowing().knowing(self._redactor.found_by_name(foreign))
        return [
            redactor.request(request) if number in self._foreign else request
            for number, request in enumerate(filled)
        ]

    def wires(self) -> list[Wire]:
        """
        The recorded requests as they go over the wire, as far as that decides on a match.
        """
        return [wire for _, wire in self._ready] if self._outline is None else self._outline[0]

    def equals(self) -> list[int]:
        """
        For each recorded request the number of the first that is equal to it, as far as that is known.
        """
        return [] if self._outline is None else self._outline[1]

    @cached_property
    def _outline(self) -> tuple[list[Wire], list[int]] | None:
        kept = self._interactions.outline if isinstance(self._interactions, Later) else NO_OUTLINE
        return read_outline(kept) if kept else None

    @cached_property
    def _ready(self) -> list[tuple[StoredRequest, Wire]]:
        pairs = zip(self._interactions, self._mints, strict=True)
        return [_ready(item.request, mint) for item, mint in pairs]

    def response(self, index: int) -> LiveResponse:
        """
        The response of the interaction at *index*, as it goes to the client.
        """
        stored, mint = self._interactions[index].response, self._mints[index]
        if self._files:
            stored = expanded_response(stored, self._files)
        if not stored.chunks and not stored.ended and not any("<" in value for _, value in stored.headers):
            body = body_to_bytes(stored.body)
            if b"<" not in body or isinstance(stored.body, BinaryBody):
                return _whole(stored, body)
        filled = map_response(stored, mint.fill, values=mint.fill_value)
        pieces = list(filled_pieces(stored.body, stored.chunks, mint.fill))
        if not pieces and not filled.ended:
            return _whole(filled, body_to_bytes(filled.body))
        return LiveResponse(
            status=filled.status,
            reason=filled.reason,
            headers=filled.headers,
            body=b"".join(pieces) or body_to_bytes(filled.body),
            chunks=tuple(map(len, pieces)),
            ended=filled.ended,
        )

    def live_request(self, index: int) -> LiveRequest:
        """
        The request of the interaction at *index*, as a client would send it.
        """
        mint = self._mints[index]
        filled = map_request(self._interactions[index].request, mint.fill, values=mint.fill_value)
        return LiveRequest(
            method=filled.method,
            url=_with_query(filled.url, filled.query),
            headers=filled.headers,
            body=body_to_bytes(expanded(filled.body, self._files)),
        )

    def conversation(self, index: int) -> Conversation:
        """
        The conversation at *index* as it goes to the client.
        """
        mint = self._spoken_mints[index]
        part = Parts(expanded_conversation(self._parts[index].whole, self._files))
        filled = [map_interaction(item, mint.fill, values=mint.fill_value) for item in part.interactions]
        return part.with_interactions(filled)

    def messages(self, index: int) -> list[tuple[bytes, bool]]:
        """
        The bytes of each frame of the conversation at *index*, and whether they are binary.
        """
        return [(body_to_bytes(frame.body), frame.is_binary) for frame in self.conversation(index).frames]

    def expected(self, index: int) -> Conversation:
        """
        The same to compare with: secrets and files are as they are stored.
        """
        part, mint = self._parts[index], self._spoken_mints[index]
        fill, values = mint.fill_but_secrets, mint.fill_value_but_secrets
        filled = [map_interaction(item, fill, values=values) for item in part.interactions]
        return part.with_interactions(filled)

    def incoming_opening(self, request: LiveRequest, bases: Bases) -> StoredRequest:
        """
        The request of an opening that the client makes, in the form that :meth:`expected` has.
        """
        return self.incoming(_without(request, _OPENING_NOISE), bases)

    def incoming_frame(self, index: int, content: bytes, bases: Bases, *, is_binary: bool) -> Body:
        """
        A message of the client in the conversation at *index*, in the form that :meth:`expected` has.
        """
        body = map_body(frame_body(content, is_binary=is_binary), bases.stable)
        opening = self._parts[index].whole
        embedder = self._embedder
        kept = embedder.body(body, embedder.sound_of(opening), is_binary=is_binary)
        return self._redacted(StoredRequest(method="", url="", body=kept)).body

    def incoming(self, request: LiveRequest, bases: Bases) -> StoredRequest:
        """
        A request of the client, in the form that :meth:`requests` has.

        A secret that the test holds itself is known by its place, as it was when it was recorded, and by its
        value from then on.
        """
        return self._redacted(self._embedder.request(store_request(request, bases)))

    @property
    def _embedder(self) -> Embedder:
        return Embedder(self._redactor.hides, self._audio)

    @property
    def redactor(self) -> Redactor:
        """
        What finds the secrets that are known by now, and those that are played.
        """
        with self._lock:
            return self._knowing()

    def learn(self, headers: Pairs) -> None:
        """
        Know the secrets that stand in headers of the client from now on, as :meth:`incoming` does.
        """
        self._redacted(StoredRequest(method="", url="", headers=_kept(headers, _REQUEST_NOISE)))

    def _redacted(self, stored: StoredRequest) -> StoredRequest:
        with self._lock:
            redactor = self._knowing()
            self._redactor = redactor.knowing(redactor.found_by_name([stored]))
            return self._redactor.request(stored)

    def _knowing(self) -> Redactor:
        """
        The redactor, which knows the values that are played for secrets; most replays never need it.
        """
        if not self._knows_played_secrets:
            spoken = [item for part in self._parts for item in part.interactions]
            names = names_of_secrets([*self._interactions, *spoken])
            self._redactor = self._redactor.knowing({name: self._secret(name) for name in names}.items())
            self._knows_played_secrets = True
        return self._redactor

    def _secret(self, name: str) -> str:
        return self._reveal.get(name, f"secret-{name}")


def wires_of(cassette: Cassette) -> list[Wire]:
    """
    The requests of *cassette* as they would go over the wire if nothing in them were minted.
    """
    return [_wire(item.request) for item in cassette.interactions]


def _ready(request: StoredRequest, mint: Mint) -> tuple[StoredRequest, Wire]:
    """
    *request* with minted values, for a comparison, and as it goes over the wire.
    """
    wire = _wire(request)
    in_body = b"<" in wire.body and not isinstance(request.body, BinaryBody)
    if "<" not in wire.url and "%3C" not in wire.url and not in_body:
        return request, wire
    filled = map_request(request, mint.fill, values=mint.fill_value)
    return map_request(request, mint.fill_but_secrets, values=mint.fill_value_but_secrets), _wire(filled)


def _wire(request: StoredRequest) -> Wire:
    body = b"" if request.body is None else body_to_bytes(request.body)
    media_type = _header(request.headers, "content-type") if body else ""
    return Wire(request.method, _with_query(request.url, request.query), media_type, body)


def _whole(response: StoredResponse, body: bytes) -> LiveResponse:
    # The answer to a HEAD tells the length of what it leaves out.
    is_told = any(name == "content-length" for name, _ in response.headers)
    has_length = not is_told and (body or response.status not in {204, 304})
    length = (("content-length", str(len(body))),) if has_length else ()
    return LiveResponse(
        status=response.status, reason=response.reason, headers=(*response.headers, *length), body=body
    )


def store_request(request: LiveRequest, bases: Bases) -> StoredRequest:
    """
    A request in stored form, before redaction and placeholders.
    """
    url, _, query = request.url.partition("#")[0].partition("?")
    stored = StoredRequest(
        method=request.method.upper(),
        url=url,
        query=tuple(parse_qsl(query, keep_blank_values=True)),
        headers=_kept(request.headers, _REQUEST_NOISE),
        body=body_from_bytes(request.body, media_type=_header(request.headers, "content-type")),
    )
    return map_request(stored, bases.stable) if bases.are_in(stored) else stored


def _store(exchange: Exchange, bases: Bases) -> Interaction:
    response = _store_response(exchange.response, is_head=exchange.request.method.upper() == "HEAD")
    return Interaction(
        store_request(exchange.request, bases),
        map_response(response, bases.stable) if bases.are_in(response) else response,
    )


def _store_conversation(live: LiveConversation, bases: Bases) -> Conversation:
    opening = _store(
        Exchange(
            request=_without(live.request, _OPENING_NOISE),
            response=_without(live.response, _OPENING_NOISE),
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
    parts = Parts(whole)
    return parts.with_interactions([map_interaction(item, bases.stable) for item in parts.interactions])


def _without(message: _Message, noise: frozenset[str]) -> _Message:
    return replace(message, headers=tuple(pair for pair in message.headers if pair[0].lower() not in noise))


def _store_response(response: LiveResponse, *, is_head: bool) -> StoredResponse:
    body, headers, encoded = (response.body, response.headers, False) if is_head else decoded(response)
    noise = _RESPONSE_NOISE - {"content-length"} if is_head else _RESPONSE_NOISE
    return StoredResponse(
        status=response.status,
        reason=response.reason if response.reason != _usual_reason(response.status) else "",
        headers=_kept(headers, noise),
        body=body_from_bytes(body, media_type=_header(headers, "content-type"), encoded=encoded),
        ended=response.ended,
    )


def decoded(response: LiveResponse) -> tuple[bytes, Pairs, bool]:
    """
    The body without the compression that can be undone, since nobody can review what is compressed.
    """
    coding = _header(response.headers, "content-encoding").strip().lower()
    if coding in {"", "identity"}:
        return response.body, response.headers, False
    if is_bomb(response.body):
        return response.body, response.headers, True
    try:
        body = _DECODERS[coding](response.body)
    except (KeyError, OSError, EOFError, zlib.error):
        return response.body, response.headers, True
    return body, _kept(response.headers, frozenset({"content-encoding"})), False


def _usual_reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _kept(headers: Iterable[tuple[str, str]], noise: frozenset[str]) -> Pairs:
    """
    The headers that mean something, with lower-case names and in one order.
    """
    kept = [(name.lower(), value) for name, value in headers if name.lower() not in noise]
    return tuple(sorted(kept, key=lambda header: header[0]))


def _header(headers: Pairs, wanted: str) -> str:
    return next((value for name, value in headers if name.lower() == wanted), "")


def _with_query(url: str, query: Pairs) -> str:
    return f"{url}?{urlencode(query)}" if query else url


def _refuse_leaks(leaks: Sequence[str], test: str) -> None:
    if leaks:
        raise SecretLeak(
            "\n".join(
                [
                    f"the take of {test} was refused: it still holds a secret",
                    *(f"  - {leak}" for leak in leaks),
                    "keep the secret out of what is recorded, or name its header, parameter or JSON member",
                    "in pyproject.toml: [tool.taketwo] redact = [...]",
                ]
            )
        )

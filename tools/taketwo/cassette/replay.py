"""
From a cassette to what a replay needs: requests to compare with, responses to hand out.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property, partial
from itertools import accumulate, pairwise

from taketwo.cassette.base_urls import BaseUrls
from taketwo.cassette.body.chunks import filled_pieces
from taketwo.cassette.body.codec import body_to_bytes, content_of
from taketwo.cassette.body.coding import can_pack, packed, packed_pieces
from taketwo.cassette.body.embedded import (
    Embedder,
    expanded,
    expanded_conversation,
    expanded_response,
    may_embed,
)
from taketwo.cassette.body.frames import ConversationParts, frame_body
from taketwo.cassette.body.gist import Gist, gist_of
from taketwo.cassette.cache.compiled import CompiledInteractions, LazySequence, Outline
from taketwo.cassette.content import Content, FileContent
from taketwo.cassette.credentials import CredentialNumbers, numbered, numbered_names
from taketwo.cassette.deciding_headers import names_in_vary
from taketwo.cassette.glance import ABOUT_BODY, answer_at_a_glance, in_one_piece, may_be_drawn, outline_of
from taketwo.cassette.header_names import header
from taketwo.cassette.index import Index, Wire
from taketwo.cassette.match import fingerprint
from taketwo.cassette.model import (
    CRC32,
    DEFAULT_TIME,
    SENT,
    BinaryBody,
    Body,
    Cassette,
    Conversation,
    Frame,
    LiveRequest,
    LiveResponse,
    Pairs,
    StoredRequest,
    StoredResponse,
)
from taketwo.cassette.normalize import (
    CRC32_OF_BODY,
    OPENING_NOISE,
    REQUEST_NOISE,
    crc32_of,
    kept_headers,
    normalize_request,
    with_header,
    without_headers,
)
from taketwo.cassette.parts import parts_of
from taketwo.cassette.secrets.names import plain
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.secrets.stand_ins import dummy, plain_name, played
from taketwo.cassette.visit import (
    body_texts,
    map_body,
    map_interaction,
    map_request,
    map_response,
    may_hold_placeholders,
    response_texts,
)
from taketwo.cassette.volatile.drawn import holds_drawn
from taketwo.cassette.volatile.generate import Bindings, Generator, names_of_secrets
from taketwo.cassette.wire import wire_of, with_query
from taketwo.config.audio import AudioRule


class Replay:
    """
    A cassette made ready to be played: requests to compare with, responses to hand out.

    *reveal* holds the values in force of secrets; a secret that has none is played as a dummy. *listed* are
    headers that count for a match beside the usual ones. With *pauses* the pieces of streams have theirs.
    """

    def __init__(
        self,
        cassette: Cassette,
        *,
        redactor: Redactor,
        reveal: Mapping[str, str],
        audio: Sequence[AudioRule] = (),
        listed: Collection[str] = (),
        pauses: bool = False,
    ) -> None:
        self._pauses = pauses
        self._listed = listed
        self._redactor = redactor
        self._audio = audio
        self._knows_played_secrets = False
        self._credential_numbers: CredentialNumbers | None = None
        self._reveal = reveal
        self._lock = threading.Lock()
        # What the test sends under the name of a secret, and for each interaction what it had sent by then.
        self._sent: dict[str, str] = {}
        self._sent_before: dict[int, Mapping[str, str]] = {}
        self._repeating: dict[int, bool] = {}
        self._interactions = cassette.interactions
        self._cassette = cassette
        self._compiled = (
            cassette.interactions if isinstance(cassette.interactions, CompiledInteractions) else None
        )
        self._parts = [ConversationParts(conversation) for conversation in cassette.conversations]
        self._files = cassette.files
        # For each interaction and conversation that of its part: what two call <uuid:1> are two values.
        self._moment = int(datetime.fromisoformat(cassette.time).timestamp())
        self._generators: list[Generator] = []
        self._conversation_generators: list[Generator] = []
        self._foreign: set[int] = set()
        # No method: what refers to itself stays in memory until the garbage is collected.
        secret = partial(_secret, reveal)
        for part in parts_of(cassette):
            generator = Generator(
                seed=part.seed, time=part.time or DEFAULT_TIME, counters=part.counters, reveal=secret
            )
            start = len(self._generators)
            self._generators += [generator] * len(part.interactions)
            self._conversation_generators += [generator] * len(part.conversations)
            self._foreign |= set() if part.test else set(range(start, len(self._generators)))

    def requests(self) -> Sequence[StoredRequest]:
        """
        The recorded requests, with the values that this replay generates.
        """
        if self._outline is not None:
            return LazySequence(len(self._interactions), lambda number: self._interactions[number].request)
        filled = [request for request, _ in self._ready]
        if not self._foreign:
            return filled
        # A cassette of VCR.py may hold what would have been redacted here, as it is in what comes in.
        foreign = [filled[number] for number in sorted(self._foreign)]
        redactor = self._knowing().knowing(self._redactor.found_by_name(foreign))
        numbers = numbered(
            self._interactions, hides=redactor.hides_header, name_of=self._redactor.variable_of
        )
        if numbers:
            self._credential_numbers = CredentialNumbers({}, numbers=numbers)
            redactor = redactor.with_numbers(numbers)
        return [
            redactor.request(request) if number in self._foreign else request
            for number, request in enumerate(filled)
        ]

    def drawn_requests(self) -> dict[int, StoredRequest]:
        """
        The recorded requests that hold what the client draws anew, by their numbers, with the values that
        this replay generates for all else.
        """
        if self._compiled is not None and not may_be_drawn(self._compiled):
            return {}
        return {
            number: map_request(item.request, generator.fill_but_drawn, values=generator.fill_value_but_drawn)
            for number, (item, generator) in enumerate(zip(self._interactions, self._generators, strict=True))
            if holds_drawn(item.request)
        }

    def bound(self, number: int) -> Bindings:
        """
        What the client has drawn so far for the part of the cassette that the interaction *number* is in.
        """
        return self._generators[number].bound

    def wires(self) -> Sequence[Wire]:
        """
        The recorded requests as they go over the wire, as far as that decides on a match.
        """
        return [wire for _, wire in self._ready] if self._outline is None else self._outline.wires

    def equals(self) -> Sequence[int]:
        """
        For each recorded request the number of the first that is equal to it, as far as that is known.
        """
        return [] if self._outline is None else self._outline.equals

    def index(self) -> Index:
        """
        The recorded requests, made ready to find one.
        """
        variants = None if self._outline is None else self._outline.variants
        return Index(
            self.requests(),
            partial(fingerprint, listed=self._listed),
            self.wires(),
            self.equals(),
            variants=variants,
            vary=self._vary,
        )

    def _vary(self, number: int) -> tuple[str, ...]:
        return names_in_vary(self._interactions[number].response.headers)

    @cached_property
    def _outline(self) -> Outline | None:
        return outline_of(self._cassette, self._listed)

    @cached_property
    def _ready(self) -> list[tuple[StoredRequest, Wire]]:
        pairs = zip(self._interactions, self._generators, strict=True)
        return [_ready(item.request, generator, self._listed) for item, generator in pairs]

    def response(self, index: int) -> LiveResponse:
        """
        The response of the interaction at *index*, as it goes to the client.
        """
        found = self._unpacked_response(index)
        if not any(name in ABOUT_BODY for name, _ in found.headers):
            return found
        coding = header(found.headers, "content-encoding")
        if coding and found.body and not isinstance(self._interactions[index].response.body, BinaryBody):
            found = _packed(found, coding)
        if header(found.headers, CRC32) == CRC32_OF_BODY:
            checksum = str(crc32_of(found.body))
            found = replace(found, headers=with_header(found.headers, CRC32, checksum))
        return found

    def _unpacked_response(self, index: int) -> LiveResponse:
        if self._compiled and not self._files:
            ready = answer_at_a_glance(self._compiled, index)
            if ready is not None:
                return ready
        stored, generator = self._interactions[index].response, self._generators[index]
        if sent := self._sent_before.get(index):
            generator = generator.revealing(sent)
        if self._files:
            stored = expanded_response(stored, self._files)
        if not stored.chunks and not stored.ended and not any("<" in value for _, value in stored.headers):
            body = content_of(stored.body)
            if isinstance(body, FileContent) or not may_hold_placeholders(stored.body, body):
                return in_one_piece(stored, body)
        filled = map_response(stored, generator.fill, values=generator.fill_value)
        if isinstance(filled.body, BinaryBody) and isinstance(filled.body.content, FileContent):
            if not filled.chunks and not filled.ended:
                return in_one_piece(filled, filled.body.content)
            return self._in_pieces(filled, filled.body.content, filled.chunks)
        pieces = list(filled_pieces(stored.body, stored.chunks, generator.fill, filled.body))
        if not pieces and not filled.ended:
            return in_one_piece(filled, body_to_bytes(filled.body))
        body = b"".join(pieces) or body_to_bytes(filled.body)
        return self._in_pieces(filled, body, tuple(map(len, pieces)))

    def _in_pieces(self, filled: StoredResponse, body: Content, chunks: tuple[int, ...]) -> LiveResponse:
        return LiveResponse(
            status=filled.status,
            version=filled.version,
            lowercase_names=filled.lowercase_names,
            reason=filled.reason,
            headers=filled.headers,
            body=body,
            chunks=chunks,
            pauses=filled.pauses if self._pauses else (),
            ended=filled.ended,
        )

    def repeats_secrets(self, index: int) -> bool:
        """
        Whether a secret is in the response of the interaction at *index*, perhaps one that the test sends.
        """
        if self._compiled is not None and not self._compiled.may_say("<secret:"):
            return False
        if index not in self._repeating:
            texts = response_texts(self._interactions[index].response)
            self._repeating[index] = any("<secret:" in text for _, text in texts)
        return self._repeating[index]

    def note_sent(self, index: int) -> None:
        """
        Have the interaction at *index* repeat the secrets that the test has sent by now, as the service did.
        """
        with self._lock:
            self._sent_before[index] = dict(self._sent)

    def live_request(self, index: int) -> LiveRequest:
        """
        The request of the interaction at *index*, as a client would send it.
        """
        generator = self._generators[index]
        filled = map_request(self._interactions[index].request, generator.fill, values=generator.fill_value)
        body, coding = expanded(filled.body, self._files), header(filled.headers, "content-encoding")
        content = body_to_bytes(body)
        is_packed = bool(coding and content) and not isinstance(body, BinaryBody) and can_pack(coding)
        return LiveRequest(
            method=filled.method,
            url=with_query(filled.url, filled.query),
            headers=filled.headers,
            body=packed(content, coding) if is_packed else content,
        )

    def conversation(self, index: int) -> Conversation:
        """
        The conversation at *index* as it goes to the client.
        """
        generator = self._conversation_generators[index]
        part = ConversationParts(expanded_conversation(self._parts[index].whole, self._files))
        filled = [
            map_interaction(item, generator.fill, values=generator.fill_value) for item in part.interactions
        ]
        return part.with_interactions(filled)

    def echoes(self, index: int) -> frozenset[int]:
        """
        The places of the frames of the conversation at *index* that hold what the client drew anew, or a
        secret, which the client may have sent.
        """
        frames = self._parts[index].whole.frames
        return frozenset(place for place, frame in enumerate(frames) if _repeats(frame))

    def frame(self, index: int, place: int) -> Frame:
        """
        The frame at *place* of the conversation at *index*, with what the client has drawn and sent by now.
        """
        whole = self._parts[index].whole
        generator = self._conversation_generators[index]
        with self._lock:
            generator = generator.revealing(dict(self._sent)) if self._sent else generator
        part = ConversationParts(
            expanded_conversation(replace(whole, frames=whole.frames[place : place + 1]), self._files)
        )
        opening, frame, close = part.interactions
        filled = map_interaction(frame, generator.fill, values=generator.fill_value)
        return part.with_interactions([opening, filled, close]).frames[0]

    def drawn_in(self, index: int) -> Bindings:
        """
        What the client has drawn so far for the part of the cassette that the conversation *index* is in.
        """
        return self._conversation_generators[index].bound

    def messages(self, index: int) -> list[tuple[bytes, bool]]:
        """
        The bytes of each frame of the conversation at *index*, and whether they are binary.
        """
        return [(body_to_bytes(frame.body), frame.is_binary) for frame in self.conversation(index).frames]

    def expected(self, index: int) -> Conversation:
        """
        The same to compare with: secrets, files and what the client draws anew are as they are stored.
        """
        part, generator = self._parts[index], self._conversation_generators[index]
        fill, values = generator.fill_but_drawn, generator.fill_value_but_drawn
        filled = [map_interaction(item, fill, values=values) for item in part.interactions]
        return part.with_interactions(filled)

    def incoming_opening(self, request: LiveRequest, bases: BaseUrls) -> StoredRequest:
        """
        The request of an opening that the client makes, in the form that :meth:`expected` has.
        """
        return self.incoming(without_headers(request, OPENING_NOISE), bases)

    def incoming_frame(self, index: int, content: bytes, bases: BaseUrls, *, is_binary: bool) -> Body:
        """
        A message of the client in the conversation at *index*, in the form that :meth:`expected` has.
        """
        body = map_body(frame_body(content, is_binary=is_binary), bases.stable)
        opening = self._parts[index].whole
        embedder = self._embedder
        kept = embedder.body(body, embedder.sound_of(opening), is_binary=is_binary)
        return self._redacted(StoredRequest(method="", url="", body=kept)).body

    def incoming(self, request: LiveRequest, bases: BaseUrls) -> StoredRequest:
        """
        A request of the client, in the form that :meth:`requests` has.

        A secret that the test holds itself is known by its place, as it was when it was recorded, and by its
        value from then on.
        """
        stored = normalize_request(request, bases)
        gist = gist_of(stored)
        if may_embed(gist):
            stored = self._embedder.request(stored)
            gist = gist_of(stored)
        return self._redacted(stored, gist)

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

    def played_secrets(self) -> list[tuple[str, str]]:
        """
        The secrets that the cassette names, with the values that are played for them.
        """
        spoken = [item for part in self._parts for item in part.interactions]
        names = names_of_secrets([*self._interactions, *spoken])
        return [(name, self._played(name)) for name in sorted(names)]

    def _played(self, name: str) -> str:
        return played(name, partial(_secret, self._reveal), at=self._moment)

    def learn(self, headers: Pairs) -> None:
        """
        Know the secrets that stand in headers of the client from now on, as :meth:`incoming` does.
        """
        self._redacted(StoredRequest(method="", url="", headers=kept_headers(headers, REQUEST_NOISE)))

    def _redacted(self, stored: StoredRequest, gist: Gist | None = None) -> StoredRequest:
        with self._lock:
            redactor = self._knowing()
            if self._credential_numbers:
                # Before they are known by their places, so that a variable goes by its own name.
                self._credential_numbers.note(stored.headers, redactor)
                redactor = redactor.with_numbers(self._credential_numbers.numbers)
            self._note_sent(redactor, stored)
            reader, found = redactor.having_read([stored], [gist or gist_of(stored)])
            self._redactor = redactor.knowing(found)
            return (self._redactor if found else reader).request(stored)

    def _note_sent(self, redactor: Redactor, stored: StoredRequest) -> None:
        if self._may_play_secrets:
            sent = redactor.sent_in(stored)
            kept = {name: value for name, value in sent.items() if name not in self._reveal}
            # A service may repeat it under the same name in another case.
            self._sent |= {**{plain(name): value for name, value in kept.items()}, **kept}

    @cached_property
    def _may_play_secrets(self) -> bool:
        frames = (frame for part in self._parts for frame in part.whole.frames)
        return any(map(self.repeats_secrets, range(len(self._interactions)))) or any(map(_repeats, frames))

    def _knowing(self) -> Redactor:
        """
        The redactor, which knows the values that are played for secrets; most replays never need it.
        """
        if not self._knows_played_secrets:
            spoken = [item for part in self._parts for item in part.interactions]
            read = self._interactions if not self._compiled or self._compiled.may_say("secret") else ()
            names = names_of_secrets([*read, *spoken])
            values = {name: self._played(name) for name in names}
            requests = [request for request, _ in self._ready] if names else []
            redactor = self._redactor.knowing(values.items())
            self._redactor = redactor.with_stored(map(plain_name, names), requests)
            apart = numbered_names(read, self._redactor.is_secret) if names else set()
            if apart and self._credential_numbers is None:
                self._credential_numbers = CredentialNumbers(values, apart)
            self._knows_played_secrets = True
        return self._redactor


def _repeats(frame: Frame) -> bool:
    return any(f"<{SENT}:" in text or "<secret:" in text for _, text in body_texts(frame.body))


def _secret(reveal: Mapping[str, str], name: str) -> str:
    return reveal.get(name, dummy(name))


def _ready(
    request: StoredRequest, generator: Generator, listed: Collection[str]
) -> tuple[StoredRequest, Wire]:
    """
    *request* with generated values, for a comparison, and as it goes over the wire.
    """
    wire = wire_of(request, listed)
    inside = may_hold_placeholders(request.body, wire.body) or any("<" in value for _, value in wire.headers)
    if "<" not in wire.url and "%3C" not in wire.url and not inside:
        return request, wire
    filled = map_request(request, generator.fill, values=generator.fill_value)
    return map_request(request, generator.fill_but_secrets, values=generator.fill_value_but_secrets), wire_of(
        filled, listed
    )


def _packed(response: LiveResponse, coding: str) -> LiveResponse:
    """
    *response* with its body compressed as the headers say; without these where nothing here can do it.
    """
    if not can_pack(coding):
        return without_headers(response, frozenset({"content-encoding"}))
    content = response.body[:]
    cuts = pairwise([0, *accumulate(response.chunks or (len(content),))])
    pieces = (content[start:end] for start, end in cuts)
    together = list(packed_pieces(pieces, coding, is_whole=not response.ended))
    body = b"".join(together)
    chunks = tuple(map(len, together)) if response.chunks else ()
    if response.chunks or response.ended:
        return replace(response, body=body, chunks=chunks)
    headers = without_headers(response, frozenset({"content-length"})).headers
    return replace(response, headers=(*headers, ("content-length", str(len(body)))), body=body)

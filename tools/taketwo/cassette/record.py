"""
From what went over the wire to a cassette.

This is the one way to the disk: whatever is stored has been through :func:`make_take`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from http import HTTPStatus
from typing import TypeAlias

from taketwo.cassette.base_urls import BaseUrls
from taketwo.cassette.body.chunks import pieces_kept
from taketwo.cassette.body.codec import body_to_bytes
from taketwo.cassette.body.embedded import Embedder, may_embed, with_files
from taketwo.cassette.body.frames import ConversationParts, order_of, together
from taketwo.cassette.body.gist import Gist, Gists
from taketwo.cassette.credentials import numbered
from taketwo.cassette.header_names import header
from taketwo.cassette.large_texts import largest_answers, with_answer_in_file
from taketwo.cassette.match import fingerprint
from taketwo.cassette.model import (
    Cassette,
    Exchange,
    Interaction,
    LiveConversation,
    LiveResponse,
    StoredRequest,
    StoredResponse,
)
from taketwo.cassette.normalize import dates_sent_back, normalize_conversation, normalize_exchange
from taketwo.cassette.ordering import (
    canonical_order,
    equal_and_concurrent,
    order_of_conversations,
    sections_of,
)
from taketwo.cassette.secrets.known import Named
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.secrets.split import without_split_secrets
from taketwo.cassette.visit import map_request, map_response, plain_texts
from taketwo.cassette.volatile.assign import IsConstant, assign_placeholders, names_in, with_names
from taketwo.cassette.volatile.detect import Detector, VolatileValue
from taketwo.cassette.volatile.generate import escape, seed_of
from taketwo.cassette.volatile.inherited import Inherited, with_inherited
from taketwo.config.audio import AudioRule
from taketwo.errors import RecordingRefused, SecretLeak

_Placing: TypeAlias = Callable[[Sequence[Interaction], Sequence[tuple[int, int]]], Sequence[Interaction]]
"""Puts placeholders in the place of volatile values."""


@dataclass(frozen=True, slots=True)
class NewRecording:
    """
    A new recording; ``inherited`` and ``secrets`` are what recordings after it have to know of it.

    ``answers`` are what the service answered, in the order of the interactions.
    """

    cassette: Cassette
    inherited: Inherited
    secrets: Sequence[Named] = field(repr=False)
    answers: Sequence[LiveResponse] = field(default=(), repr=False)


def make_cassette(
    exchanges: Sequence[Exchange],
    *,
    test: str,
    services: Mapping[str, str],
    redactor: Redactor,
    bases: BaseUrls,
    conversations: Sequence[LiveConversation] = (),
    finder: Detector | None = None,
    audio: Sequence[AudioRule] = (),
) -> Cassette:
    """
    The cassette of what *test* recorded, in the order in which it was issued.

    *finder* finds what the services generate, by the rules of the project too, and notes what it found.
    *audio* describes raw samples that nothing beside them describes.

    :raises SecretLeak: when a secret is still in it.
    """
    return make_cassette_after(
        exchanges,
        head=Cassette(test=test, services=services, seed=seed_of(test)),
        redactor=redactor,
        bases=bases,
        conversations=conversations,
        finder=finder or Detector(),
        audio=audio,
    ).cassette


def make_cassette_after(
    exchanges: Sequence[Exchange],
    *,
    head: Cassette,
    redactor: Redactor,
    bases: BaseUrls,
    conversations: Sequence[LiveConversation],
    finder: Detector,
    audio: Sequence[AudioRule],
    inherited: Sequence[Inherited] = (),
    is_constant: IsConstant = lambda _: True,
) -> NewRecording:
    """
    The same below *head*, which holds nothing yet, with the values that are *inherited* from recordings
    before it. What *is_constant* was not drawn anew by the client.

    :raises SecretLeak: when a secret is still in it.
    """
    test = head.test
    ordered = sorted(exchanges, key=lambda exchange: exchange.issued)
    _refuse_upgrades(ordered, test, redactor)
    opened = sorted(conversations, key=lambda conversation: conversation.issued)
    parts = [ConversationParts(normalize_conversation(conversation, bases)) for conversation in opened]
    exchanged = _normalized(ordered, bases)
    spoken_items = (item for part in parts for item in part.interactions)
    everything = [_without_dropped(item, finder) for item in (*exchanged, *spoken_items)]
    gists = Gists()
    stored = [_escaped(item, gists) for item in everything]
    messages = [message for item in stored for message in (item.request, item.response)]
    said = list(map(gists.of, messages))
    sections = sections_of(ordered)
    redactor, secrets = redactor.having_read(messages, said)
    numbers = numbered(
        stored[: len(ordered)],
        hides=cache(redactor.hides_header),
        name_of=redactor.variable_of,
        concurrent=bool(sections),
    )
    secrets = redactor.apart(secrets, numbers, _moment_of_issue(stored) if sections else None)
    knowing = redactor.knowing(secrets).with_numbers(numbers)
    embedder = Embedder(knowing.hides, audio)
    kept = _embedded(stored, [exchange.response for exchange in ordered], parts, embedder, said)
    redacted = [_redacted(item, knowing) for item in kept]
    named = redactor.path(test)
    places = [f"interaction {number}" for number in range(1, len(ordered) + 1)]
    places += [name for number, part in enumerate(parts, 1) for name in part.names(number)]
    redacted, split = _without_split(redacted, parts, knowing)
    leaks = [*knowing.leaks(redacted, places), *split]
    _refuse_leaks([*(["the id of the test"] if named != test else []), *leaks], named)
    spoken_order = [moments for conversation in opened for moments in order_of(conversation)]
    redacted, known = with_inherited(redacted, inherited, finder), _known(inherited)
    placing = partial(assign_placeholders, finder=finder, known=known, is_constant=is_constant, gists=gists)
    if len(opened) > 1:
        opened, parts, redacted = _talks_reordered(ordered, opened, parts, redacted, placing)
        spoken_order = [moments for conversation in opened for moments in order_of(conversation)]
    if sections:
        ordered, redacted = _reordered(ordered, redacted, spoken_order, placing)
    order = [*_moments(ordered), *spoken_order]
    names = names_in(
        redacted, order, finder, known=known, is_constant=is_constant, sections=sections, gists=gists
    )
    interactions, spoken = together(with_names(redacted, names), parts)
    cassette = replace(
        head,
        interactions=tuple(
            _in_chunks(item, exchange.response, bases)
            for item, exchange in zip(interactions, ordered, strict=True)
        ),
        conversations=spoken,
    )
    answers = [exchange.response for exchange in ordered]
    return NewRecording(with_files(cassette, embedder.files), Inherited(names, head), secrets, answers)


def _normalized(exchanges: Sequence[Exchange], bases: BaseUrls) -> list[Interaction]:
    """
    The exchanges in stored form, no more text of which is to be written than a cassette may hold.
    """
    dates = dates_sent_back(exchanges)
    items = [normalize_exchange(exchange, bases, dates=dates) for exchange in exchanges]
    for number in largest_answers(exchanges, items):
        # With the addresses as they are: nothing is filled into a file.
        live = normalize_exchange(exchanges[number], BaseUrls({}), dates=dates)
        items[number] = with_answer_in_file(items[number], body_to_bytes(live.response.body))
    return items


def _moment_of_issue(items: Sequence[Interaction]) -> Callable[[str], str]:
    """
    What tells the order of the secrets that were issued, where that of the requests is chance.
    """

    def order(value: str) -> str:
        held = (item for item in items if any(value in text for text in plain_texts(item.response)))
        return min((repr(fingerprint(item.request)) for item in held), default="")

    return order


def _with(item: Interaction, request: StoredRequest, response: StoredResponse) -> Interaction:
    """
    *item* with those messages; most have been changed in no way.
    """
    is_same = request is item.request and response is item.response
    return item if is_same else Interaction(request, response)


def _without_dropped(item: Interaction, finder: Detector) -> Interaction:
    return _with(item, finder.without_dropped(item.request), finder.without_dropped(item.response))


def _redacted(item: Interaction, redactor: Redactor) -> Interaction:
    return _with(item, redactor.request(item.request), redactor.response(item.response))


def _known(inherited: Iterable[Inherited]) -> list[VolatileValue]:
    return [found for earlier in inherited for found in earlier.known]


def _escaped(item: Interaction, gists: Gists) -> Interaction:
    """
    *item* without texts that look like placeholders.
    """
    request, response = item.request, item.response
    return _with(
        item,
        map_request(request, escape) if gists.of(request).odd else request,
        map_response(response, escape) if gists.of(response).odd else response,
    )


def _reordered(
    exchanges: Sequence[Exchange],
    items: Sequence[Interaction],
    spoken_order: Sequence[tuple[int, int]],
    placing: _Placing,
) -> tuple[list[Exchange], list[Interaction]]:
    """
    Both in canonical order; what belongs to conversations stays behind.
    """
    placed = placing(items, [*_moments(exchanges), *spoken_order])
    order = canonical_order(exchanges, placed)
    return [exchanges[n] for n in order], [*(items[n] for n in order), *items[len(exchanges) :]]


def _talks_reordered(
    exchanges: Sequence[Exchange],
    opened: Sequence[LiveConversation],
    parts: Sequence[ConversationParts],
    items: Sequence[Interaction],
    placing: _Placing,
) -> tuple[list[LiveConversation], list[ConversationParts], list[Interaction]]:
    """
    Conversations, their parts and the items that these have below those of *exchanges*, in canonical order.
    """
    if not any(len(group) > 1 for group in equal_and_concurrent(opened, [one.request.url for one in opened])):
        return list(opened), list(parts), list(items)
    moments = [*_moments(exchanges), *(pair for one in opened for pair in order_of(one))]
    _, placed = together(placing(items, moments), parts)
    order = order_of_conversations(opened, placed)
    _, spoken = together(items, parts)
    sorted_items = [item for n in order for item in ConversationParts(spoken[n]).interactions]
    return [opened[n] for n in order], [parts[n] for n in order], [*items[: len(exchanges)], *sorted_items]


def _moments(exchanges: Sequence[Exchange]) -> list[tuple[int, int]]:
    return [(exchange.issued, exchange.answered) for exchange in exchanges]


def _without_split(
    items: Sequence[Interaction], parts: Sequence[ConversationParts], redactor: Redactor
) -> tuple[list[Interaction], list[str]]:
    """
    *items* without the secrets that conversations hold in pieces, and where some are left.
    """
    exchanged, spoken = together(items, parts)
    wholes = [without_split_secrets(talk, redactor, number=n) for n, talk in enumerate(spoken, 1)]
    found = [item for whole in wholes for item in ConversationParts(whole.conversation).interactions]
    return [*exchanged, *found], [leak for whole in wholes for leak in whole.leaks]


def _embedded(
    items: Sequence[Interaction],
    answers: Sequence[LiveResponse],
    parts: Sequence[ConversationParts],
    embedder: Embedder,
    said: Sequence[Gist],
) -> list[Interaction]:
    """
    *items* with files in the place of long base64; a streamed body is cut by what is in it.

    *said* has the gists of their messages.
    """
    exchanged, spoken = together(items, parts)
    kept = [
        embedder.interaction(item, is_cut=len(answer.chunks) > 1)
        if may_embed(asked) or may_embed(answered)
        else item
        for item, answer, asked, answered in zip(exchanged, answers, said[::2], said[1::2], strict=False)
    ]
    talks = (ConversationParts(embedder.conversation(talk)) for talk in spoken)
    return [*kept, *(item for part in talks for item in part.interactions)]


def _in_chunks(interaction: Interaction, response: LiveResponse, bases: BaseUrls) -> Interaction:
    """
    *interaction* with the pieces in which *response* came, where its length was not known before.
    """
    if len(response.chunks) < 2 or header(response.headers, "content-length"):  # noqa: PLR2004 - one is no cut
        return interaction
    return replace(interaction, response=pieces_kept(response, interaction.response, bases.names()))


def _refuse_upgrades(exchanges: Sequence[Exchange], test: str, redactor: Redactor) -> None:
    """
    Refuse what goes on in another protocol than HTTP, which nobody has listened to.
    """
    for exchange in exchanges:
        if exchange.response.status == HTTPStatus.SWITCHING_PROTOCOLS:
            request, protocol = exchange.request, header(exchange.response.headers, "upgrade") or "another"
            reason = (
                f"the recording of {test} was refused: {request.method} {request.url.partition('?')[0]} was "
                f"answered with 101, and what follows in the protocol {protocol!r} cannot be recorded\n"
                "WebSockets can, where aiohttp, httpx2, httpx-ws or websockets opens them; leave others out "
                "with ignore_hosts in vcr_config"
            )
            raise RecordingRefused(redactor.text(reason))


def _advice_on_bytes(leaks: Sequence[str]) -> list[str]:
    """
    What helps where no name does.
    """
    if not any(leak.endswith(" body") for leak in leaks):
        return []
    return [
        (
            "a body of bytes is recorded as it is, with what is packed in it: send it with its "
            "Content-Encoding, which is unpacked, or without the secret"
        )
    ]


def _refuse_leaks(leaks: Sequence[str], test: str) -> None:
    if leaks:
        raise SecretLeak(
            "\n".join(
                [
                    f"the recording of {test} was refused: it still holds a secret",
                    *(f"  - {leak}" for leak in leaks),
                    (
                        "if it is one: keep it out of what is recorded, or name its header, parameter or "
                        "JSON member"
                    ),
                    "in pyproject.toml: [tool.taketwo] redact = [...]",
                    *_advice_on_bytes(leaks),
                    "if it is none: name it, its path or a /pattern/ of its value under keep = [...]",
                ]
            )
        )

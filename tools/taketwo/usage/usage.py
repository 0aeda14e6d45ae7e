"""
Usage: what each cassette touches of the contracts of the services, and where it contradicts them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final, Protocol

from taketwo.cassette.base_urls import is_at
from taketwo.cassette.model import Cassette, Conversation, Interaction
from taketwo.config.services import ServiceConfig
from taketwo.contract.changes import Kind
from taketwo.contract.document import Contract, Contracts
from taketwo.results import Steps
from taketwo.usage.content import DefinitionReader
from taketwo.usage.notes import Fault, Mistake, Notes
from taketwo.usage.openapi import OpenApiReader

if TYPE_CHECKING:
    from taketwo.usage.graphql.reader import GraphQLReader

# A fingerprint is compared only with one that was made by the same rules.
_RULES_OF_FINGERPRINTS: Final = "1"


class _Reader(Protocol):
    def read(self, interaction: Interaction, notes: Notes) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Usage:
    """
    What one cassette touches of one service's contracts; ``by_interaction`` holds the notes of each
    interaction with the service, by its number in the cassette, ``by_conversation`` those of conversations.
    """

    service: str
    by_interaction: Mapping[int, tuple[Notes, ...]] = field(repr=False)
    by_conversation: Mapping[int, tuple[Notes, ...]] = field(default_factory=dict, repr=False)

    @property
    def is_empty(self) -> bool:
        """
        Whether the service was never asked.
        """
        return not (self.by_interaction or self.by_conversation)

    @cached_property
    def touched(self) -> Mapping[Kind, Mapping[str, str]]:
        """
        The coordinates of each kind, with what the contract says of each.
        """
        touched: dict[Kind, dict[str, str]] = {}
        for notes in self._notes():
            touched.setdefault(notes.kind, {}).update(notes.touched)
        return touched

    @cached_property
    def omitted(self) -> Mapping[Kind, frozenset[str]]:
        """
        What might have been in some interaction, and was not.
        """
        omitted: dict[Kind, set[str]] = {}
        for notes in self._notes():
            omitted.setdefault(notes.kind, set()).update(notes.omitted)
        return {kind: frozenset(coordinates) for kind, coordinates in omitted.items()}

    @property
    def mistakes(self) -> tuple[tuple[int, Mistake], ...]:
        """
        Each mistake with the number of its interaction.
        """
        return tuple(
            (number, mistake)
            for number, noted in self.by_interaction.items()
            for notes in noted
            for mistake in notes.mistakes
        )

    @property
    def fingerprint(self) -> str:
        """
        What the head of a cassette carries: another one when, and only when, the contract says another thing
        of something that the cassette touches.
        """
        digest = hashlib.sha256()
        for kind, coordinates in sorted(self.touched.items()):
            for coordinate, says in sorted(coordinates.items()):
                digest.update(f"{kind}\0{coordinate}\0{says}\0".encode("utf-8", "surrogatepass"))
        return f"{_RULES_OF_FINGERPRINTS}-{digest.hexdigest()[:12]}"

    def _notes(self) -> Iterator[Notes]:
        spoken = (*self.by_interaction.values(), *self.by_conversation.values())
        return (notes for noted in spoken for notes in noted)


def is_comparable(fingerprint: str) -> bool:
    """
    Whether a head was written by the rules that hold here.
    """
    return fingerprint.startswith(f"{_RULES_OF_FINGERPRINTS}-")


class UsageReader:
    """
    Reads cassettes by the contracts of one service; what it has made ready serves all of them.
    """

    def __init__(self, service: ServiceConfig, contracts: Contracts) -> None:
        self.service = service.name
        self._config = service
        self._contracts = contracts
        self._readers: dict[Kind, _Reader] = {}

    def usage(self, cassette: Cassette) -> Usage:
        """
        What *cassette* touches; nothing when it was never asked.
        """
        return Usage(
            service=self.service,
            by_interaction={
                number: self.notes(interaction)
                for number, interaction in enumerate(cassette.interactions)
                if is_at(interaction.request.url, self._config.url)
            },
            by_conversation={
                number: self._spoken(conversation)
                for number, conversation in enumerate(cassette.conversations)
                if is_at(_http_of(conversation.request.url), self._config.url)
            },
        )

    def is_asked_at(self, url: str) -> bool:
        """
        Whether *url*, of HTTP or of a WebSocket, leads to the service.
        """
        return is_at(_http_of(url), self._config.url)

    def notes(self, interaction: Interaction) -> tuple[Notes, ...]:
        """
        What one interaction touches, one value for each kind of contract.
        """
        return tuple(self._noted(contract, interaction) for contract in self._contracts)

    def traced(self, interaction: Interaction) -> tuple[Notes, ...]:
        """
        The same, with the places of the message at which each coordinate is used.
        """
        return tuple(self._noted(contract, interaction, is_traced=True) for contract in self._contracts)

    def described(self, interaction: Interaction) -> tuple[Notes, ...]:
        """
        The same, with what the contracts say of each value.
        """
        return tuple(
            self._noted(contract, interaction, is_traced=True, is_described=True)
            for contract in self._contracts
        )

    def _spoken(self, conversation: Conversation) -> tuple[Notes, ...]:
        """
        Of the messages of a WebSocket no contract of HTTP speaks in words that are agreed on.
        """
        opening = opening_of(conversation)
        return tuple(
            self._noted(contract, opening) for contract in self._contracts if contract.kind is Kind.OPENAPI
        )

    def _noted(
        self,
        contract: Contract,
        interaction: Interaction,
        *,
        is_traced: bool = False,
        is_described: bool = False,
    ) -> Notes:
        places: dict[Steps, dict[str, str]] | None = {} if is_traced else None
        notes = Notes(kind=contract.kind, places=places, described=[] if is_described else None)
        if contract.kind is Kind.GRAPHQL and not self._is_graphql(interaction):
            return notes
        if contract.kind not in self._readers:
            self._readers[contract.kind] = self._made(contract)
        self._readers[contract.kind].read(interaction, notes)
        if contract.kind is Kind.OPENAPI and self._is_own(interaction):
            # A document need not describe where it is itself, nor where GraphQL is.
            notes.mistakes = [one for one in notes.mistakes if one.fault is not Fault.UNDESCRIBED]
        return notes

    def _made(self, contract: Contract) -> _Reader:
        address = self._config.url
        if contract.kind is Kind.GRAPHQL:
            return self._graphql(contract)
        if contract.kind is Kind.OPENAPI:
            return OpenApiReader(contract.document(), address=address)
        paths = self._config.contract.content
        return DefinitionReader(contract.document(), address=address, paths=paths)

    def _graphql(self, contract: Contract) -> GraphQLReader:
        from taketwo.usage.graphql.reader import GraphQLReader  # noqa: PLC0415 - see taketwo.contract.sdl

        path = self._config.contract.graphql or "/graphql"
        return GraphQLReader(contract.schema(), address=self._config.url, path=path)

    def _is_graphql(self, interaction: Interaction) -> bool:
        path = self._config.contract.graphql or "/graphql"
        return interaction.request.url.rstrip("/") == (self._config.url + path).rstrip("/")

    def _is_own(self, interaction: Interaction) -> bool:
        paths = self._config.contract
        reset = self._config.reset.path if self._config.reset else ""
        own = (paths.graphql, paths.openapi, paths.definitions, self._config.health or "/", reset)
        return any(path and interaction.request.url == self._config.url + path for path in own)


def opening_of(conversation: Conversation) -> Interaction:
    """
    The GET that opens a WebSocket, which contracts of HTTP describe.
    """
    request = replace(conversation.request, method="GET", url=_http_of(conversation.request.url))
    return Interaction(request, replace(conversation.response, body=None))


def _http_of(url: str) -> str:
    """
    The address that a WebSocket shares with HTTP.
    """
    return f"http{url.removeprefix('ws')}" if url.startswith(("ws:", "wss:")) else url


def usages_of(cassette: Cassette, readers: Iterable[UsageReader]) -> dict[str, Usage]:
    """
    What *cassette* touches of each service that it talks to.
    """
    found = (reader.usage(cassette) for reader in readers)
    return {usage.service: usage for usage in found if not usage.is_empty}

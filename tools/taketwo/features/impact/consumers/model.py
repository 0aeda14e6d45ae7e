"""
What one consumer sends to a service and reads of its answers, as a value and as JSON.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from taketwo.cassette.model import Cassette, Interaction, Pairs, StoredRequest, StoredResponse
from taketwo.config.services import ContractPaths, Reset, ResetKind, ServiceConfig
from taketwo.contract.changes import Kind
from taketwo.contract.read_locks import UnreadLock
from taketwo.errors import ContractError
from taketwo.features.impact.consumers.bodies import body_from_json, body_to_json

_FORMAT: Final = 1
_FORMAT_KEY: Final = "taketwo-consumer"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumerTest:
    """
    What one test recorded of the service.

    * ``cassette`` holds those interactions alone
    * ``reads`` are the coordinates that its requests use and that it reads of the answers, ``unread`` those
      that the answers hold and the test never reads
    """

    cassette_name: str
    cassette: Cassette = field(repr=False)
    reads: Mapping[Kind, frozenset[str]] = field(default_factory=dict)
    unread: Mapping[Kind, frozenset[str]] = field(default_factory=dict)

    @property
    def unread_lock(self) -> UnreadLock:
        return UnreadLock(source="", unread=self.unread)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer:
    """
    What the suite called ``name`` needs of one service; its locks lie beside the file that says so.
    """

    name: str
    service: ServiceConfig
    tests: tuple[ConsumerTest, ...] = ()

    @property
    def file_name(self) -> str:
        return f"{self.service.name}.consumer.json"

    def as_json(self) -> dict[str, Any]:
        paths = self.service.contract
        service = {
            "name": self.service.name,
            "url": self.service.url,
            "health": self.service.health,
            "reset": self.service.reset.path if self.service.reset else "",
            "graphql": paths.graphql,
            "openapi": paths.openapi,
            "definitions": paths.definitions,
            "content": list(paths.content),
        }
        return {
            _FORMAT_KEY: _FORMAT,
            "consumer": self.name,
            "service": {key: value for key, value in service.items() if value},
            "tests": [_test_as_json(one) for one in self.tests],
        }


def consumer_from_json(found: Any) -> Consumer:  # noqa: ANN401 - JSON of any form
    """
    :raises ContractError: when *found* is something else, or of a later version.
    """
    version = found.get(_FORMAT_KEY) if isinstance(found, dict) else None
    if version != _FORMAT:
        raise ContractError(
            f"expected {_FORMAT_KEY} {_FORMAT}, got {version!r}\nexport it again: taketwo contract export"
        )
    try:
        return Consumer(
            name=found["consumer"],
            service=_service(found["service"]),
            tests=tuple(map(_test, found["tests"])),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ContractError(
            f"it is damaged ({type(error).__name__}: {error})\nexport it again: taketwo contract export"
        ) from None


def _service(found: Mapping[str, Any]) -> ServiceConfig:
    reset = found.get("reset")
    return ServiceConfig(
        name=found["name"],
        command=(),
        url=found["url"],
        health=found.get("health"),
        reset=Reset(kind=ResetKind.REQUEST, path=reset) if reset else None,
        contract=ContractPaths(
            graphql=found.get("graphql"),
            openapi=found.get("openapi"),
            definitions=found.get("definitions"),
            content=tuple(found.get("content", ())),
        ),
    )


def _test_as_json(test: ConsumerTest) -> dict[str, Any]:
    return {
        "test": test.cassette.test,
        "cassette": test.cassette_name,
        "reads": _listed(test.reads),
        "unread": _listed(test.unread),
        "interactions": [_interaction_as_json(one) for one in test.cassette.interactions],
    }


def _test(found: Mapping[str, Any]) -> ConsumerTest:
    interactions = tuple(map(_interaction, found["interactions"]))
    return ConsumerTest(
        cassette_name=found["cassette"],
        cassette=Cassette(test=found["test"], interactions=interactions),
        reads=_by_kind(found["reads"]),
        unread=_by_kind(found["unread"]),
    )


def _listed(coordinates: Mapping[Kind, frozenset[str]]) -> dict[str, list[str]]:
    return {kind.value: sorted(names) for kind, names in sorted(coordinates.items()) if names}


def _by_kind(found: Mapping[str, Sequence[str]]) -> dict[Kind, frozenset[str]]:
    return {Kind(kind): frozenset(names) for kind, names in found.items()}


def _interaction_as_json(interaction: Interaction) -> dict[str, Any]:
    request, response = interaction.request, interaction.response
    return {
        "request": {
            "method": request.method,
            "url": request.url,
            "query": [list(pair) for pair in request.query],
            "headers": [list(pair) for pair in request.headers],
            **body_to_json(request.body),
        },
        "response": {
            "status": response.status,
            "headers": [list(pair) for pair in response.headers],
            **body_to_json(response.body),
        },
    }


def _interaction(found: Mapping[str, Any]) -> Interaction:
    request, response = found["request"], found["response"]
    return Interaction(
        StoredRequest(
            method=request["method"],
            url=request["url"],
            query=_pairs(request["query"]),
            headers=_pairs(request["headers"]),
            body=body_from_json(request),
        ),
        StoredResponse(
            status=int(response["status"]),
            headers=_pairs(response["headers"]),
            body=body_from_json(response),
        ),
    )


def _pairs(found: Sequence[Sequence[str]]) -> Pairs:
    return tuple((name, value) for name, value in found)

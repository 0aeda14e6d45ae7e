"""
Contracts asked of a running service.

How a request is sent is the caller's: this module gets a function and knows no HTTP client.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from taketwo.contract.canonical import Json, JsonObject, parse_json
from taketwo.contract.changes import Kind
from taketwo.contract.document import Contract, Contracts, parse_document
from taketwo.contract.sources import Download, read_source
from taketwo.errors import ContractError

if TYPE_CHECKING:
    from taketwo.config.services import ContractPaths

#: Sends one request, given method, path, body and headers, and returns status and body.
#: The path is as ``[tool.taketwo]`` has it; the service's address is the function's own affair.
#: What it raises when there is no answer at all passes through.
Fetch: TypeAlias = Callable[[str, str, bytes | None, Mapping[str, str]], tuple[int, bytes]]

_OK: Final = 200
_NOT_FOUND: Final = 404
_REFUSED: Final = frozenset({401, 403})
_LONGEST_QUOTE: Final = 300


def fetch_contracts(
    fetch: Fetch,
    *,
    service: str,
    paths: ContractPaths,
    headers: Mapping[str, str] | None = None,
    root: Path = Path(),
    download: Download | None = None,
) -> Contracts:
    """
    Every contract that *paths* names: all of them, or a ContractError.

    *headers* are sent along to the service. No message holds the value of one, even when the service repeats
    it. What the service does not show itself is a file in *root*, in a package, or got by *download*.
    """
    source = _Source(fetch=fetch, service=service, headers=dict(headers or {}))
    asked = (
        (_graphql, paths.graphql),
        (_openapi, paths.openapi),
        (_definitions, paths.definitions),
    )
    shown = (read(source, path) for read, path in asked if path is not None)
    elsewhere = (
        read_source(one, service=service, kind=Kind(kind), root=root, download=download)
        for kind, one in paths.sources.items()
    )
    return Contracts(service=service, documents=(*shown, *elsewhere))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    fetch: Fetch
    service: str
    headers: dict[str, str] = field(repr=False)

    def get(self, path: str, kind: Kind) -> Json:
        status, body = self.fetch("GET", path, None, {**self.headers, "accept": "application/json"})
        if status != _OK:
            raise self.error(_refusal(status), kind, f"GET {path}", _advice_on_status(status))
        return self.json(body, kind, f"GET {path}")

    def post(self, path: str, query: str) -> tuple[int, bytes]:
        headers = {**self.headers, "accept": "application/json", "content-type": "application/json"}
        return self.fetch("POST", path, json.dumps({"query": query}).encode(), headers)

    def json(self, body: bytes, kind: Kind, call: str) -> Json:
        document: Json = None
        with suppress(ContractError):
            document = parse_document(body)
        if isinstance(document, dict | list):
            return document
        what = f"an answer that is neither JSON nor YAML ({len(body)} bytes)" if body else "an empty answer"
        raise self.error(what, kind, call, "see that the path is the contract's, not a page's")

    def error(self, found: str, kind: Kind, call: str, advice: str) -> ContractError:
        table = f"[tool.taketwo.services.{self.service}]"
        return ContractError(
            f"cannot fetch the {kind} contract of {self.service}: {call} gave {self._scrubbed(found)}\n"
            f"{advice}; it is set in {table}, contract.{kind}"
        )

    def _scrubbed(self, text: str) -> str:
        for value in sorted(filter(None, self.headers.values()), key=len, reverse=True):
            text = text.replace(value, "…")
        return text


def _graphql(source: _Source, path: str) -> Contract:
    """
    Asks for all that the schema can tell, and for less as long as the server refuses the question.
    """
    from taketwo.contract.graphql.sdl import introspection_queries  # noqa: PLC0415 - see there

    refusal = source.error("no answer", Kind.GRAPHQL, f"POST {path}", "see that the service runs")
    for query in introspection_queries():
        answer = _introspected(source, path, query)
        if isinstance(answer, ContractError):
            refusal = answer
            continue
        return _read(source, path, Kind.GRAPHQL, answer)
    raise refusal


def _introspected(source: _Source, path: str, query: str) -> JsonObject | ContractError:
    """
    The answer's data; the error when asking for less may help; raises when it cannot.
    """
    call = f"POST {path}"
    status, body = source.post(path, query)
    answer = _object(body)
    if status not in _REFUSED and answer.get("errors"):
        return source.error(_graphql_errors(answer["errors"]), Kind.GRAPHQL, call, _INTROSPECTION)
    if status != _OK:
        raise source.error(_refusal(status), Kind.GRAPHQL, call, _advice_on_status(status))
    source.json(body, Kind.GRAPHQL, call)
    data = answer.get("data")
    if not isinstance(data, dict) or not data.get("__schema"):
        return source.error("an answer without a schema", Kind.GRAPHQL, call, _INTROSPECTION)
    return data


_INTROSPECTION: Final = "introspection may be switched off: switch it on where the tests' service runs"


def _openapi(source: _Source, path: str) -> Contract:
    return _read(source, path, Kind.OPENAPI, source.get(path, Kind.OPENAPI))


def _definitions(source: _Source, path: str) -> Contract:
    """
    Definitions by name, plain or in the envelope ``{"success": true, "data": {…}}``.
    """
    answer = source.get(path, Kind.DEFINITIONS)
    if isinstance(answer, dict) and isinstance(answer.get("success"), bool):
        answer = answer.get("data")
    return _read(source, path, Kind.DEFINITIONS, answer)


def _read(source: _Source, path: str, kind: Kind, document: Json) -> Contract:
    try:
        if kind is Kind.GRAPHQL:
            return Contract.from_introspection(document, service=source.service)
        return Contract.from_document(document, service=source.service, kind=kind)
    except ContractError as error:
        call = f"{'POST' if kind is Kind.GRAPHQL else 'GET'} {path}"
        raise source.error(f"something else ({error})", kind, call, "see that the path is right") from None


def _object(body: bytes) -> JsonObject:
    try:
        answer = parse_json(body)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _refusal(status: int) -> str:
    return f"status {status}"


def _advice_on_status(status: int) -> str:
    if status in _REFUSED:
        return "the service wants another secret: see that the table's headers give the right one"
    if status == _NOT_FOUND:
        return "there is nothing at this path: correct it"
    return "see what the service's own output says about it"


def _graphql_errors(errors: Json) -> str:
    listed = errors if isinstance(errors, list) else [errors]
    texts = [str(error.get("message")) if isinstance(error, dict) else str(error) for error in listed]
    return "GraphQL errors: " + "; ".join(texts)[:_LONGEST_QUOTE]

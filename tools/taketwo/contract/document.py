"""
A contract, and the contracts of one service.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from taketwo.contract.canonical import CANONICAL, Json, JsonObject, copied, json_text, parse_json
from taketwo.contract.changes import Kind
from taketwo.errors import ContractError

if TYPE_CHECKING:
    from graphql import GraphQLSchema

_SUFFIX: Final = {
    Kind.GRAPHQL: ".graphql",
    Kind.OPENAPI: ".openapi.json",
    Kind.DEFINITIONS: ".definitions.json",
}

# A service's name becomes a file's name.
_SERVICE: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """
    What one service promises, in one kind of document.

    ``text`` is canonical: two documents that promise the same, ordered or formatted differently, have the
    same text. ``parse`` and the two beside it see to that; build a contract with them.
    """

    service: str
    kind: Kind
    text: str

    def __post_init__(self) -> None:
        _check_name(self.service)

    @classmethod
    def parse(cls, text: str | bytes, *, service: str, kind: Kind) -> Contract:
        """
        The contract in a file's *text*: SDL for GraphQL, JSON or YAML for the others.
        """
        if kind is Kind.GRAPHQL:
            from taketwo.contract.graphql.sdl import canonical_sdl  # noqa: PLC0415 - see there

            return cls(service=service, kind=kind, text=canonical_sdl(_decoded(text)))
        return cls._of(parse_document(text), service=service, kind=kind)

    @classmethod
    def from_document(cls, document: Json, *, service: str, kind: Kind) -> Contract:
        """
        The contract that JSON describes: an OpenAPI document, or definitions by name.
        """
        return cls._of(copied(document), service=service, kind=kind)

    @classmethod
    def _of(cls, document: Json, *, service: str, kind: Kind) -> Contract:
        if not isinstance(document, dict):
            raise ContractError("the document is not a JSON object")
        if kind is Kind.OPENAPI:
            _check_openapi(document)
        else:
            _check_definitions(document)
        try:
            text = json_text(CANONICAL[kind](document))
        except RecursionError:
            raise ContractError("the document is nested too deep to be read") from None
        return cls(service=service, kind=kind, text=text)

    @classmethod
    def from_introspection(cls, data: Json, *, service: str) -> Contract:
        """
        The contract that the ``data`` of an introspection answer describes.
        """
        from taketwo.contract.graphql.sdl import introspected_sdl  # noqa: PLC0415 - see there

        return cls(service=service, kind=Kind.GRAPHQL, text=introspected_sdl(data))

    @property
    def file_name(self) -> str:
        """
        The name of the lock: ``shop.graphql``, ``shop.openapi.json``, ``shop.definitions.json``.
        """
        return file_name(self.service, self.kind)

    @property
    def hash(self) -> str:
        """
        Twelve hex digits that are equal when the texts are.
        """
        return _short_hash(self.text)

    def document(self) -> JsonObject:
        """
        The JSON of an OpenAPI document or of definitions; a copy of the caller's own.
        """
        if self.kind is Kind.GRAPHQL:
            raise TypeError("a GraphQL contract has a schema(), not a document()")
        document = parse_json(self.text)
        return document if isinstance(document, dict) else {}

    def schema(self) -> GraphQLSchema:
        """
        The schema of a GraphQL contract; shared, so not to be changed.
        """
        if self.kind is not Kind.GRAPHQL:
            raise TypeError(f"a contract of kind {self.kind} has a document(), not a schema()")
        from taketwo.contract.graphql.sdl import schema_of  # noqa: PLC0415 - see there

        return schema_of(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contracts:
    """
    The contracts of one service, at most one of each kind.
    """

    service: str
    documents: tuple[Contract, ...] = ()

    def __post_init__(self) -> None:
        _check_name(self.service)
        ordered = tuple(sorted(self.documents, key=lambda contract: contract.kind))
        if len({contract.kind for contract in ordered}) != len(ordered):
            raise ValueError("a service has at most one contract of each kind")
        if any(contract.service != self.service for contract in ordered):
            raise ValueError(f"these are not all contracts of {self.service}")
        object.__setattr__(self, "documents", ordered)

    def __iter__(self) -> Iterator[Contract]:
        return iter(self.documents)

    def of(self, kind: Kind) -> Contract | None:
        return next((contract for contract in self.documents if contract.kind is kind), None)

    @property
    def hash(self) -> str:
        """
        Twelve hex digits over all of them: what the head of a cassette carries.
        """
        return _short_hash(*(f"{contract.kind} {contract.text}" for contract in self.documents))


def parse_document(text: str | bytes) -> Json:
    """
    The document in *text*, JSON or YAML.

    :raises ContractError: when it is neither.
    """
    try:
        return parse_json(text)
    except ValueError as error:
        if _looks_like_json(text):
            raise ContractError(f"this is not JSON: {error}") from error
        from taketwo.contract.yaml_document import parse_yaml  # noqa: PLC0415 - see there
    try:
        document = parse_yaml(text)
        json_text(document).encode()
    except ValueError as error:
        raise ContractError(f"this is neither JSON nor YAML: {error}") from error
    return document


def _looks_like_json(text: str | bytes) -> bool:
    start = text.lstrip()[:1]
    return start in {"{", "[", b"{", b"["}


def file_name(service: str, kind: Kind) -> str:
    _check_name(service)
    return service + _SUFFIX[kind]


def _check_name(service: str) -> None:
    if not _SERVICE.fullmatch(service):
        raise ContractError(
            f"{service!r} cannot be a service's name, since its contracts are kept in files of that name\n"
            "use letters, digits, '.', '_' and '-'"
        )


def _check_openapi(document: JsonObject) -> None:
    version = document.get("openapi", document.get("swagger"))
    if not (isinstance(version, str) and version.startswith("3.")):
        found = "it names no version" if version is None else f"it says version {version!r}"
        advice = "; convert it, with swagger2openapi for example" if "swagger" in document else ""
        raise ContractError(f"this is not an OpenAPI 3 document: {found}{advice}")
    if not isinstance(document.get("paths", {}), dict):
        raise ContractError("this is not an OpenAPI 3 document: its paths are not a JSON object")


def _check_definitions(definitions: JsonObject) -> None:
    wrong = sorted(name for name, value in definitions.items() if not isinstance(value, dict))
    if wrong:
        raise ContractError(f"these definitions are not JSON objects: {', '.join(wrong)}")


def _decoded(text: str | bytes) -> str:
    try:
        return text if isinstance(text, str) else text.decode()
    except UnicodeDecodeError as error:
        raise ContractError(f"this is not UTF-8: {error}") from error


def _short_hash(*texts: str) -> str:
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode())
        digest.update(b"\0")
    return digest.hexdigest()[:12]

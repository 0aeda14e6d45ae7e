"""Mesh, as the bot calls it."""

from __future__ import annotations

import asyncio
import json
import re
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias, TypeGuard
from urllib.parse import quote

import httpx

from bot.errors import (
    MeshAnswerError,
    MeshConflictError,
    MeshGraphQLError,
    MeshNoDefinitionError,
    MeshNotFoundError,
    MeshRejectedError,
    MeshTimeoutError,
    MeshUnreachableError,
)
from bot.settings import Settings, read_settings

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
Content: TypeAlias = dict[str, Json]

_PAGE_SIZE = 100
_EXCERPT = 200
_MISSING = frozenset({"Content not found", "Definition not found"})
_NOT_CREATED = (500, "CONTENT_CREATE_ERR")
_NO_DEFINITION = re.compile(r'Internal error: Content definition for type ".+" not found\.')


@dataclass(frozen=True, slots=True)
class Page:
    """
    Some of the rows that match, how many match in all, and whether more follow these.
    """

    rows: tuple[Content, ...]
    total: int
    has_more: bool


@asynccontextmanager
async def open_mesh(
    settings: Settings, *, transport: httpx.AsyncBaseTransport | None = None
) -> AsyncIterator[Mesh]:
    """
    Mesh over connections of its own, closed at the end of the block.
    """
    async with httpx.AsyncClient(
        transport=transport,
        verify=verification(settings),
        # Proxies and certificates come from the settings' host, not from a search of the environment.
        trust_env=False,
        timeout=settings.timeout,
    ) as client:
        yield Mesh(client, settings)


@asynccontextmanager
async def use_mesh(mesh: Mesh | None) -> AsyncIterator[Mesh]:
    """
    The Mesh that was handed in, which stays open; without one, Mesh as the environment says.
    """
    if mesh is not None:
        yield mesh
        return
    async with open_mesh(read_settings()) as opened:
        yield opened


def verification(settings: Settings) -> ssl.SSLContext | bool:
    """
    To read the certificates takes longer than a call does; plain addresses have no use for them.
    """
    addresses = (settings.api_url, settings.graphql_url)
    return _certificates() if any(httpx.URL(each).scheme == "https" for each in addresses) else False


class Mesh:
    """
    Typed calls to Mesh. Every one raises a :class:`~bot.errors.MeshError` when it does not get its answer.

    *tenant* chooses whose content is meant; without one it is the platform's.
    """

    def __init__(self, client: httpx.AsyncClient, settings: Settings) -> None:
        self._client = client
        self._settings = settings

    async def create(
        self, content_type: str, content: Mapping[str, object], *, tenant: str | None = None
    ) -> Content:
        """
        Store content; it comes back with the ``_id`` that Mesh gave it.
        """
        body = {"content": content}
        return _row(await self._rest("POST", "content", content_type, tenant=tenant, body=body))

    async def page(
        self,
        content_type: str,
        *,
        tenant: str | None = None,
        where: Mapping[str, object] | None = None,
        limit: int | None = None,
        offset: int | None = None,
    ) -> Page:
        """
        One page of the rows that match *where*, in the order in which Mesh lists them. Not every Mesh counts,
        in ``total``, the rows beyond the page.
        """
        answer = await self._listed(content_type, tenant, where, limit, offset)
        return Page(_rows(answer), _total(answer), _has_more(answer))

    async def rows(
        self,
        content_type: str,
        *,
        tenant: str | None = None,
        where: Mapping[str, object] | None = None,
        page_size: int = _PAGE_SIZE,
    ) -> AsyncIterator[Content]:
        """
        All the rows that match, page after page.
        """
        offset, more = 0, True
        while more:
            answer = await self._listed(content_type, tenant, where, page_size, offset)
            found = _rows(answer)
            # A Mesh that promises more and sends nothing must not be asked for ever.
            more = bool(found) and _has_more(answer)
            for row in found:
                yield row
            offset += len(found)

    async def first(
        self,
        content_type: str,
        *,
        tenant: str | None = None,
        where: Mapping[str, object] | None = None,
    ) -> Content | None:
        """
        The first row that matches, if there is one.
        """
        found = _rows(await self._listed(content_type, tenant, where, limit=1))
        return found[0] if found else None

    async def get(self, content_type: str, page_id: str, *, tenant: str | None = None) -> Content:
        return _row(await self._rest("GET", "content", content_type, page_id, tenant=tenant), page_id)

    async def replace(
        self, content_type: str, page_id: str, content: Mapping[str, object], *, tenant: str | None = None
    ) -> Content:
        """
        Put *content* in the place of what is stored.
        """
        body = {"content": content}
        answer = await self._rest("PUT", "content", content_type, page_id, tenant=tenant, body=body)
        return _row(answer, page_id)

    async def patch(
        self, content_type: str, page_id: str, content: Mapping[str, object], *, tenant: str | None = None
    ) -> Content:
        """
        Merge *content* into what is stored: the first level only, and null is stored, it removes nothing.
        """
        body = {"content": content}
        answer = await self._rest("PATCH", "content", content_type, page_id, tenant=tenant, body=body)
        return _row(answer, page_id)

    async def delete(self, content_type: str, page_id: str, *, tenant: str | None = None) -> None:
        answer = await self._rest("DELETE", "content", content_type, page_id, tenant=tenant)
        if answer.data != {"deleted": True}:
            raise answer.unreadable("it does not confirm the deletion")

    async def definition(self, content_type: str, *, tenant: str | None = None) -> Content:
        return _row(await self._rest("GET", "definition", content_type, tenant=tenant))

    async def register(self, definition: Mapping[str, object], *, tenant: str | None = None) -> Content:
        """
        Store a definition; when there is one for this type already, that one stays and comes back.
        """
        body = {"definition": definition}
        answer = await self._rest("POST", "definition", tenant=tenant, body=body)
        if _text(answer.data, "name") != definition["name"]:
            raise answer.unreadable("it does not confirm the definition")
        return _row(answer)

    async def graphql(self, query: str, variables: Mapping[str, object] | None = None) -> Content:
        """
        The data of a GraphQL document; one error in it is an error of the call.
        """
        body = {"query": query, "variables": dict(variables or {})}
        answer = await self._send("POST", self._settings.graphql_url, body=body)
        if complaints := answer.graphql_errors():
            raise MeshGraphQLError(answer.call, complaints)
        answer.check()
        if not isinstance(answer.data, dict):
            raise answer.unreadable("it has no data")
        return answer.data

    async def _listed(
        self,
        content_type: str,
        tenant: str | None,
        where: Mapping[str, object] | None,
        limit: int | None,
        offset: int | None = None,
    ) -> _Answer:
        params = {"where": None if where is None else _compact(where), "limit": limit, "offset": offset}
        return await self._rest("GET", "content", content_type, tenant=tenant, params=params)

    async def _rest(
        self,
        method: str,
        *segments: str,
        tenant: str | None,
        params: Mapping[str, str | int | None] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> _Answer:
        url = "/".join((self._settings.api_url, *(quote(segment, safe="") for segment in segments)))
        asked = {"tenant": tenant, **(params or {})}
        given = {name: value for name, value in asked.items() if value is not None}
        answer = await self._send(method, url, params=given, body=body)
        answer.check()
        return answer

    async def _send(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str | int] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> _Answer:
        call = f"{method} {httpx.URL(url).path}"
        settings = self._settings
        # No error is chained to its cause: httpx quotes what it was given, secrets included.
        try:
            # httpx limits each read; the bot's user waits for the whole.
            async with asyncio.timeout(settings.timeout):
                response = await self._client.request(
                    method, url, params=params, json=body, headers=_headers(settings)
                )
        except (TimeoutError, httpx.TimeoutException):
            raise MeshTimeoutError(call, settings.timeout) from None
        except httpx.RequestError as error:
            reason = str(error) or type(error).__name__
            raise MeshUnreachableError(call, settings.mask(reason)) from None
        return _Answer(call, response, settings)


class _Answer:
    """
    What came back for one call, and the errors that can be made of it.
    """

    __slots__ = ("_response", "_settings", "body", "call")

    def __init__(self, call: str, response: httpx.Response, settings: Settings) -> None:
        self.call = call
        self._response = response
        self._settings = settings
        self.body: Json = _json(response)

    @property
    def data(self) -> Json:
        return self.field("data")

    def field(self, name: str) -> Json:
        return self.body.get(name) if isinstance(self.body, dict) else None

    def check(self) -> None:
        """
        Raise unless Mesh says that it did what it was asked.
        """
        if self._response.is_error or (isinstance(self.body, dict) and self.body.get("success") is False):
            raise self._rejection()
        if not self._response.is_success or not isinstance(self.body, dict):
            raise self.unreadable("it is not an answer of Mesh")

    def unreadable(self, reason: str) -> MeshAnswerError:
        return MeshAnswerError(self.call, self._response.status_code, f"{reason}: {self._excerpt()!r}")

    def graphql_errors(self) -> tuple[str, ...]:
        """
        What GraphQL complains about; nothing when it does not.
        """
        listed = self.field("errors")
        errors = listed if isinstance(listed, list) else []
        return tuple(self._settings.mask(_text(each, "message") or str(each)) for each in errors)

    def _rejection(self) -> MeshRejectedError:
        error = self.field("error")
        # A bare sentence is what the guard in front of GraphQL sends.
        message = _text(error, "message") or (error if isinstance(error, str) else self._excerpt())
        code = _text(error, "code")
        kind = _kind(self._response.status_code, code, message)
        mask = self._settings.mask
        return kind(self.call, self._response.status_code, code and mask(code), mask(message))

    def _excerpt(self) -> str:
        # Masked before it is cut, or the beginning of a secret would remain.
        return self._settings.mask(self._response.text)[:_EXCERPT]


def _kind(status: int, code: str | None, message: str) -> type[MeshRejectedError]:
    """
    What Mesh has no codes for, or one for many things: here its sentences, whole, are the contract.
    """
    # A 404 that says anything else is a wrong address, which must not pass for missing content.
    if status == httpx.codes.NOT_FOUND and message in _MISSING:
        return MeshNotFoundError
    if status == httpx.codes.CONFLICT:
        return MeshConflictError
    # The answer to this one is to write a definition, which no other failure may bring about.
    if (status, code) == _NOT_CREATED and _NO_DEFINITION.fullmatch(message):
        return MeshNoDefinitionError
    return MeshRejectedError


def _row(answer: _Answer, page_id: str | None = None) -> Content:
    row = answer.data
    if not _is_row(row):
        raise answer.unreadable("its data is not a row with an _id")
    # Mesh writes an id in small letters, however it was asked for.
    if page_id is not None and str(row["_id"]).lower() != page_id.lower():
        raise answer.unreadable("its data is another row")
    return row


# Of a page its reader checks what it relies on, and no more: not every Mesh counts what it does not send.
def _rows(answer: _Answer) -> tuple[Content, ...]:
    rows = answer.data
    if not isinstance(rows, list):
        raise answer.unreadable("it is not a page of rows")
    if not all(map(_is_row, rows)):
        raise answer.unreadable("one of its rows has no _id")
    return tuple(filter(_is_row, rows))


def _total(answer: _Answer) -> int:
    total = answer.field("total")
    if not isinstance(total, int):
        raise answer.unreadable("it does not say how many rows there are")
    return total


def _has_more(answer: _Answer) -> bool:
    has_more = answer.field("hasMore")
    if not isinstance(has_more, bool):
        raise answer.unreadable("it does not say whether there are more rows")
    return has_more


def _is_row(data: Json) -> TypeGuard[Content]:
    return isinstance(data, dict) and isinstance(data.get("_id"), str)


def _text(data: Json, key: str) -> str | None:
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, str) else None


def _json(response: httpx.Response) -> Json:
    """
    What the body says; what is no JSON says nothing.
    """
    try:
        body: Json = response.json()
    except ValueError:
        return None
    return body


def _compact(where: Mapping[str, object]) -> str:
    return json.dumps(where, ensure_ascii=False, separators=(",", ":"))


def _headers(settings: Settings) -> dict[str, str]:
    secrets = {"x-mesh-secret": settings.mesh_secret, "x-bot-control-secret": settings.bot_control_secret}
    # A name of our own, so that a recording does not change with httpx's version.
    fixed = {"Accept": "application/json", "User-Agent": "pipecat-bot"}
    return fixed | {name: secret for name, secret in secrets.items() if secret}


@cache
def _certificates() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)

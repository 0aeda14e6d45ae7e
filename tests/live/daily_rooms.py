"""Rooms and meeting tokens of Daily, by its REST API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import quote

import httpx

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

_TIMEOUT = 10.0
_REFUSED_KEY = frozenset({401, 403})
_SUCCESS = range(200, 300)
_NOT_FOUND = 404
_BAD_REQUEST = 400


class DailyError(Exception):
    """
    Daily did not do what it was asked; the message says what, and what to do. It never holds the key.
    """


@dataclass(frozen=True, slots=True)
class Room:
    """
    A room that exists; ``is_new`` when it was created for us, and is ours to delete.
    """

    name: str
    url: str
    is_new: bool


@contextmanager
def open_daily(
    api_url: str, api_key: str, *, transport: httpx.BaseTransport | None = None
) -> Iterator[DailyRooms]:
    """
    Daily's REST API at *api_url*, over connections that are closed at the end of the block.
    """
    with httpx.Client(
        base_url=api_url,
        headers={"authorization": f"Bearer {api_key}"},
        transport=transport,
        timeout=_TIMEOUT,
        # Plain addresses have no use for certificates, and to read them takes longer than a call does.
        verify=api_url.startswith("https:"),
    ) as client:
        yield DailyRooms(client)


class DailyRooms:
    """
    Every call raises a :class:`DailyError` when it does not get its answer.
    """

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def ensure(self, name: str, *, expires: int) -> Room:
        """
        The room *name*: as it is where it exists, else a private one that ends at *expires*, with everybody
        in it.

        :param expires: seconds since 1970
        """
        if (found := self._find(name)) is not None:
            return found
        created = self._call("POST", "/rooms", _new_room(name, expires))
        if created.status == _BAD_REQUEST and (found := self._find(name)) is not None:
            return found  # another run was faster
        return _room(created, is_new=True)

    def token(self, room: str, *, user_name: str, is_owner: bool, expires: int) -> str:
        """
        What lets *user_name* into the private *room* until *expires*, in seconds since 1970.
        """
        properties: Json = {
            "room_name": room,
            "user_name": user_name,
            "is_owner": is_owner,
            "exp": expires,
            "eject_at_token_exp": True,
        }
        return self._call("POST", "/meeting-tokens", {"properties": properties}).text("token")

    def delete(self, name: str) -> bool:
        """
        Whether there was a room *name*; there is none now.
        """
        answer = self._call("DELETE", _path(name))
        return answer.status != _NOT_FOUND and bool(answer.fields())

    def _find(self, name: str) -> Room | None:
        answer = self._call("GET", _path(name))
        return None if answer.status == _NOT_FOUND else _room(answer, is_new=False)

    def _call(self, method: str, path: str, body: Json = None) -> _Answer:
        try:
            response = self._client.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise DailyError(
                f"Daily could not be reached at {self._client.base_url}: {type(error).__name__}: {error}\n"
                "live tests need the internet; DAILY_API_URL names another address"
            ) from None
        return _Answer(f"{method} {path}", response.status_code, _json(response))


@dataclass(frozen=True, slots=True)
class _Answer:
    """
    What came back for a *call*.
    """

    call: str
    status: int
    body: Json

    def fields(self) -> Mapping[str, Json]:
        """
        The JSON object of a success.
        """
        if self.status in _SUCCESS and isinstance(self.body, dict):
            return self.body
        if self.status in _REFUSED_KEY:
            raise DailyError(
                f"Daily refused DAILY_API_KEY: {self.call} was answered {self.status}, {self._reason}\n"
                "copy the key of this domain from https://dashboard.daily.co/developers"
            )
        raise DailyError(f"Daily answered {self.status} to {self.call}: {self._reason}")

    def text(self, name: str) -> str:
        value = self.fields().get(name)
        if not isinstance(value, str) or not value:
            found = ", ".join(sorted(self.fields())) or "nothing"
            raise DailyError(f"Daily's answer to {self.call} has no text {name!r}; it has {found}")
        return value

    @property
    def _reason(self) -> str:
        said = self.body if isinstance(self.body, dict) else {}
        return ": ".join(str(said[name]) for name in ("error", "info") if said.get(name)) or "no reason given"


def _new_room(name: str, expires: int) -> Json:
    properties: Json = {"exp": expires, "eject_at_room_exp": True, "start_video_off": True}
    return {"name": name, "privacy": "private", "properties": properties}


def _room(answer: _Answer, *, is_new: bool) -> Room:
    return Room(name=answer.text("name"), url=answer.text("url"), is_new=is_new)


def _path(name: str) -> str:
    return f"/rooms/{quote(name, safe='')}"


def _json(response: httpx.Response) -> Json:
    try:
        body: Json = response.json()
    except ValueError:
        return None
    return body

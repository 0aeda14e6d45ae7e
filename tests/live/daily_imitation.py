"""
An imitation of Daily's REST API, as far as it has rooms and meeting tokens, on this machine.

It is for recording and for tests of the live harness; nobody can meet in its rooms. It checks what it is
sent, as Daily does, and refuses the rest: a wrong key, a method or path that does not exist, a property that
is unknown or of another type, a name that is taken, a time that has passed.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeAlias
from urllib.parse import unquote
from uuid import uuid4

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
Answer: TypeAlias = tuple[HTTPStatus, dict[str, Json]]

KEY = "key-of-the-imitation"
DOMAIN = "imitation"

_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")
_ROOM_FIELDS: Mapping[str, type] = {"name": str, "privacy": str, "properties": dict}
_ROOM_PROPERTIES: Mapping[str, type] = {
    "exp": int,
    "nbf": int,
    "eject_at_room_exp": bool,
    "enable_chat": bool,
    "max_participants": int,
    "start_audio_off": bool,
    "start_video_off": bool,
}
_TOKEN_PROPERTIES: Mapping[str, type] = {
    "exp": int,
    "nbf": int,
    "eject_at_token_exp": bool,
    "is_owner": bool,
    "room_name": str,
    "start_audio_off": bool,
    "start_video_off": bool,
    "user_id": str,
    "user_name": str,
}


class _Refused(Exception):  # noqa: N818 - an answer, not a fault of the program
    def __init__(self, status: HTTPStatus, error: str, info: str) -> None:
        super().__init__(info)
        self.answer: Answer = (status, {"error": error, "info": info})


class Rooms:
    """
    The rooms of one domain; *key* opens them, *clock* gives seconds since 1970.
    """

    def __init__(self, *, key: str = KEY, clock: Callable[[], float] = time.time) -> None:
        self._key = key
        self._clock = clock
        self._rooms: dict[str, dict[str, Json]] = {}
        self.created = 0
        """How many rooms there have been so far."""

    @property
    def names(self) -> list[str]:
        """
        The rooms that there are now.
        """
        return sorted(self._rooms)

    def create(self, name: str) -> None:
        """
        Have a room, as if somebody else had created it.
        """
        self._create({"name": name})

    def reset(self) -> None:
        self._rooms.clear()

    def answer(self, method: str, path: str, authorization: str, body: bytes) -> Answer:
        """
        What is answered to one request below ``/v1``.
        """
        try:
            self._authorize(authorization)
            return HTTPStatus.OK, self._do(method, path.strip("/").split("/"), body)
        except _Refused as refused:
            return refused.answer

    def _authorize(self, authorization: str) -> None:
        if not hmac.compare_digest(authorization.encode(), f"Bearer {self._key}".encode()):
            raise _Refused(
                HTTPStatus.UNAUTHORIZED,
                "authentication-error",
                "the API key is missing or not of this domain",
            )

    def _do(self, method: str, path: Sequence[str], body: bytes) -> dict[str, Json]:
        match method, *path:
            case "POST", "rooms":
                return self._create(_object(body))
            case "GET", "rooms", name:
                return self._room(unquote(name))
            case "DELETE", "rooms", name:
                del self._rooms[str(self._room(unquote(name))["name"])]
                return {"deleted": True, "name": unquote(name)}
            case "POST", "meeting-tokens":
                return {"token": self._token(_object(body))}
        raise _Refused(HTTPStatus.NOT_FOUND, "not-found", f"there is no {method} /{'/'.join(path)}")

    def _room(self, name: str) -> dict[str, Json]:
        room = self._rooms.get(name)
        if room is None:
            raise _Refused(HTTPStatus.NOT_FOUND, "not-found", f"room {name} not found")
        return room

    def _create(self, given: Mapping[str, Json]) -> dict[str, Json]:
        _check(given, _ROOM_FIELDS)
        properties = _properties(given, _ROOM_PROPERTIES)
        self._check_times(properties)
        name = str(given.get("name") or uuid4().hex)
        if not _NAME.fullmatch(name):
            raise _invalid(f"the name {name!r} is not 1 to 128 letters, digits, - and _")
        if name in self._rooms:
            raise _invalid(f"a room named {name} already exists")
        if (privacy := given.get("privacy", "public")) not in {"public", "private"}:
            raise _invalid(f"privacy is public or private, not {privacy!r}")
        self.created += 1
        self._rooms[name] = {
            "id": str(uuid4()),
            "name": name,
            "api_created": True,
            "privacy": privacy,
            "url": f"https://{DOMAIN}.daily.co/{name}",
            "created_at": datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="milliseconds"),
            "config": properties,
        }
        return self._rooms[name]

    def _token(self, given: Mapping[str, Json]) -> str:
        _check(given, {"properties": dict})
        properties = _properties(given, _TOKEN_PROPERTIES)
        self._check_times(properties)
        if (name := properties.get("room_name")) is not None and name not in self._rooms:
            raise _invalid(f"room {name} not found")
        # Without its end: a cassette keeps the times of a token relative to that of its recording.
        claims = {**properties, "domain": DOMAIN}
        claims.pop("exp", None)
        parts = ({"alg": "HS256", "typ": "JWT"}, claims)
        signed = ".".join(_base64(json.dumps(part).encode()) for part in parts)
        return f"{signed}.{_base64(hmac.digest(self._key.encode(), signed.encode(), hashlib.sha256))}"

    def _check_times(self, properties: Mapping[str, Json]) -> None:
        exp = properties.get("exp")
        if isinstance(exp, int) and exp <= self._clock():
            raise _invalid(f"exp is {exp}, which has passed; it counts seconds")


class _Handler(BaseHTTPRequestHandler):
    """
    Daily under ``/v1``, ``GET /health``, and ``POST /test/reset``, which forgets all rooms.
    """

    protocol_version = "HTTP/1.1"

    rooms: Rooms

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        sys.stderr.write(f"{self.command} {self.path} {args[1] if len(args) > 1 else format}\n")

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        status, answer = self._routed(body)
        sent = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json; charset=utf-8")
        self.send_header("content-length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def _routed(self, body: bytes) -> Answer:
        if (self.command, self.path) == ("GET", "/health"):
            return HTTPStatus.OK, {"healthy": True}
        if (self.command, self.path) == ("POST", "/test/reset"):
            self.rooms.reset()
            return HTTPStatus.OK, {"reset": True}
        if not self.path.startswith("/v1/"):
            return HTTPStatus.NOT_FOUND, {"error": "not-found", "info": f"{self.path} is not below /v1"}
        authorization = self.headers.get("authorization") or ""
        return self.rooms.answer(self.command, self.path.removeprefix("/v1/"), authorization, body)


def listen(port: int, rooms: Rooms) -> ThreadingHTTPServer:
    """
    The imitation on *port* of this machine, 0 for any that is free; ``serve_forever`` serves it.
    """
    handler = type("Handler", (_Handler,), {"rooms": rooms})
    return ThreadingHTTPServer(("127.0.0.1", port), handler)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.live.daily_imitation", description=__doc__)
    parser.add_argument(
        "--port", type=int, default=0, metavar="N", help="where to listen; 0 picks a free port"
    )
    parser.add_argument("--key", default=KEY, help="the key that is accepted (%(default)s)")
    given = parser.parse_args(arguments)
    with listen(given.port, Rooms(key=given.key)) as server:
        sys.stdout.write(f"the imitation of Daily listens on http://127.0.0.1:{server.server_port}\n")
        sys.stdout.flush()
        server.serve_forever()


def _object(body: bytes) -> dict[str, Json]:
    try:
        given: Json = json.loads(body or b"{}")
    except ValueError as error:
        raise _invalid(f"the body is not JSON: {error}") from None
    if not isinstance(given, dict):
        raise _invalid("the body is not a JSON object")
    return given


def _properties(given: Mapping[str, Json], known: Mapping[str, type]) -> dict[str, Json]:
    properties = given.get("properties", {})
    assert isinstance(properties, dict), "_check has seen to it"
    _check(properties, known)
    return properties


def _check(given: Mapping[str, Json], known: Mapping[str, type]) -> None:
    for name, value in given.items():
        if name not in known:
            raise _invalid(f"unknown parameter {name!r}")
        # bool is a kind of int for Python, not for JSON.
        if type(value) is not known[name]:
            raise _invalid(f"{name} is of type {known[name].__name__}, not {type(value).__name__}")


def _invalid(info: str) -> _Refused:
    return _Refused(HTTPStatus.BAD_REQUEST, "invalid-request-error", info)


def _base64(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


if __name__ == "__main__":
    main()

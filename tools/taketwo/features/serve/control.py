"""
What the server answers itself, below ``/__taketwo``: sessions, their reports, its health.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches

from taketwo.cassette.model import JsonValue, LiveRequest, LiveResponse
from taketwo.config.playback import manner_of_test, playback_of_test
from taketwo.errors import ConfigError, TakeTwoError
from taketwo.features.serve.addresses import DEFAULT, OWN, SESSION_HEADER, Addresses
from taketwo.features.serve.catalog import Catalog, Served
from taketwo.features.serve.sessions import Report, Rules, Session

Environment = Callable[[Session], Mapping[str, str]]
"""The variables that point a client of a session at this server."""

_PLAYBACK = frozenset({"order", "repeats", "unplayed", "match_headers"})
_MANNER = frozenset({"pace", "patience"})
_CHOICES = frozenset({"test", "cassette"})
_SESSIONS = f"{OWN}/sessions"


class Refused(TakeTwoError):  # noqa: N818 - it reads as what happened
    """
    A request to the server itself that cannot be done; ``status`` is that of the answer.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Sessions:
    """
    The sessions of this server: the one of clients that name none, and those that clients have asked for.
    """

    def __init__(self, catalog: Catalog, rules: Rules, addresses: Addresses) -> None:
        self._catalog = catalog
        self._rules = rules
        self._addresses = addresses
        self._open: dict[str, Session] = {}
        self.ended: list[Report] = []
        self.restart()

    def restart(self) -> None:
        """
        Begin the session of clients that name none with the cassettes as they are now.
        """
        self._open[DEFAULT] = Session(DEFAULT, self._catalog.served, self._rules, self._addresses)

    @property
    def default(self) -> Session:
        return self._open[DEFAULT]

    @property
    def open(self) -> Sequence[Session]:
        return list(self._open.values())

    def get(self, name: str) -> Session:
        found = self._open.get(name)
        if found is None:
            raise Refused(
                404, f"there is no session {name!r}; POST {_SESSIONS} makes one and answers its URL"
            )
        return found

    def begin(self, wanted: Mapping[str, JsonValue], addresses: Addresses) -> Session:
        """
        A new session of a test, of a cassette or of all that is served, with options as those of a test.
        """
        unknown = sorted(wanted.keys() - _CHOICES - _PLAYBACK - _MANNER)
        if unknown:
            known = ", ".join(sorted(_CHOICES | _PLAYBACK | _MANNER))
            raise Refused(400, f"a session has no {', '.join(unknown)}; it may have {known}")
        try:
            rules = replace(
                self._rules,
                playback=playback_of_test(_only(wanted, _PLAYBACK), self._rules.playback),
                manner=manner_of_test(_only(wanted, _MANNER), self._rules.manner),
            )
        except ConfigError as error:
            raise Refused(400, str(error)) from None
        test, served = str(wanted.get("test") or ""), self._catalog.served
        if test:
            served = self._of_test(test)
        elif wanted.get("cassette"):
            served = self._of_cassette(str(wanted["cassette"]))
        name = secrets.token_hex(6)
        self._open[name] = Session(name, served, rules, addresses, test=test)
        return self._open[name]

    def end(self, name: str) -> Report:
        """
        What the session *name* came to, which is no more from now on; that of all others begins anew.
        """
        report = self.get(name).report()
        self.ended.append(report)
        if name == DEFAULT:
            self.restart()
        else:
            del self._open[name]
        return report

    def _of_test(self, test: str) -> tuple[Served, ...]:
        found = tuple(one.of_test(test) for one in self._catalog.served if test in one.cassette.tests)
        if not found:
            known = [name for one in self._catalog.served for name in one.cassette.tests]
            raise Refused(404, f"no cassette was recorded by the test {test!r}{_near(test, known)}")
        return found

    def _of_cassette(self, name: str) -> tuple[Served, ...]:
        found = tuple(one for one in self._catalog.served if name in {one.name, one.name.rpartition("/")[2]})
        if not found:
            known = [one.name for one in self._catalog.served]
            raise Refused(404, f"no cassette {name!r} is served{_near(name, known)}")
        return found


class Control:
    """
    Answers requests whose path begins with ``/__taketwo`` and names neither a session nor a host to play.
    """

    def __init__(
        self, sessions: Sessions, catalog: Catalog, addresses: Addresses, environment: Environment
    ) -> None:
        self._sessions = sessions
        self._catalog = catalog
        self._addresses = addresses
        self._environment = environment

    def answer(self, request: LiveRequest) -> LiveResponse:
        path = request.url.partition("?")[0].rstrip("/") or OWN
        try:
            return self._routed(request, path)
        except Refused as error:
            return json_answer(error.status, {"error": str(error)})

    def _routed(self, request: LiveRequest, path: str) -> LiveResponse:
        name, _, act = path.removeprefix(f"{_SESSIONS}/").partition("/")
        if path.startswith(f"{_SESSIONS}/"):
            return self._of_session(name, f"{request.method} {act}".rstrip())
        match request.method, path.removeprefix(OWN):
            case "GET" | "HEAD", "/health":
                return json_answer(200, self._health())
            case "GET", "":
                return json_answer(200, self._about(self._sessions.default))
            case "GET", "/sessions":
                reports: list[JsonValue] = [one.report().as_json() for one in self._sessions.open]
                return json_answer(200, {"sessions": reports})
            case "POST", "/sessions":
                session = self._sessions.begin(_json_object(request.body), self._seen_by(request))
                return json_answer(201, self._about(session))
        raise Refused(404, f"there is no {request.method} {path}; see GET {OWN}")

    def _of_session(self, name: str, what: str) -> LiveResponse:
        session = self._sessions.get(name)
        match what:
            case "GET":
                return json_answer(200, session.report().as_json())
            case "DELETE":
                return json_answer(200, self._sessions.end(name).as_json())
            case "POST rewind":
                session.rewind()
                return json_answer(200, self._about(session))
        raise Refused(405, f"a session has GET, DELETE and POST …/rewind, and no {what}")

    def _seen_by(self, request: LiveRequest) -> Addresses:
        host = next((value for key, value in request.headers if key.lower() == "host"), "")
        return self._addresses.at(host)

    def _health(self) -> dict[str, JsonValue]:
        return {
            "status": "ok",
            "cassettes": len(self._catalog.served),
            "sessions": len(self._sessions.open) - 1,
        }

    def _about(self, session: Session) -> dict[str, JsonValue]:
        hosts: dict[str, JsonValue] = {origin: session.base(origin) for origin in session.origins}
        cassettes: list[JsonValue] = [one.served.name for one in session.plays]
        about: dict[str, JsonValue] = {
            "session": session.name,
            "test": session.test,
            "hosts": hosts,
            "environment": dict(self._environment(session)),
            "cassettes": cassettes,
        }
        if len(session.origins) == 1:
            about["url"] = session.base(session.origins[0])
        if session.name != DEFAULT:
            about["header"] = {SESSION_HEADER: session.name}
        return about


def json_answer(status: int, value: JsonValue) -> LiveResponse:
    body = f"{json.dumps(value, indent=2, ensure_ascii=False)}\n".encode()
    return LiveResponse(status=status, headers=(("content-type", "application/json"),), body=body)


def _json_object(body: bytes) -> Mapping[str, JsonValue]:
    try:
        found = json.loads(body or b"{}")
    except ValueError as error:
        raise Refused(400, f"the body is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise Refused(400, 'the body is no JSON object such as {"test": "tests/test_shop.py::test_order"}')
    return found


def _only(wanted: Mapping[str, JsonValue], names: frozenset[str]) -> dict[str, object]:
    return {name: value for name, value in wanted.items() if name in names}


def _near(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else ""

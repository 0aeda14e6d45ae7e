"""
The server: its ports, what its clients ask, and how it ends.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from taketwo.cassette.model import LiveRequest, LiveResponse, Pairs
from taketwo.errors import CassetteError, TakeTwoError, Unanswered
from taketwo.features.serve.addresses import (
    DEFAULT,
    OWN,
    SESSION_HEADER,
    Addresses,
    Target,
    named_origins,
    origin_of,
    target_of,
)
from taketwo.features.serve.catalog import Catalog
from taketwo.features.serve.connection import Connection
from taketwo.features.serve.control import Control, Environment, Refused, Sessions, json_answer
from taketwo.features.serve.sessions import Report, Rules, Session
from taketwo.playback.conversations.player import ConversationPlayer

_LOOK = 0.5  # seconds between two looks at the files
_LAST_WORDS = 1.0  # seconds that answers have to get out when the server ends
_MOST_PORTS = 65_535
_NO_ANSWER = 501

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """
    Where the server listens: one *port* for all recorded hosts or, with *per_host*, one for each from it on.

    *url* is what clients reach it by, where that is not *host* and *port*.
    """

    host: str = "127.0.0.1"
    port: int = 0
    per_host: bool = False
    url: str = ""


class Server:
    """
    Serves what *catalog* holds; *log* is given what goes wrong, and with *is_verbose* each request.
    """

    def __init__(
        self,
        catalog: Catalog,
        rules: Rules,
        *,
        environment: Callable[[Session], Mapping[str, str]],
        log: Tell,
        is_verbose: bool = False,
    ) -> None:
        self._catalog = catalog
        self._rules = rules
        self._environment: Environment = environment
        self._log = log
        self._is_verbose = is_verbose
        self._servers: list[asyncio.Server] = []
        self._connections: set[asyncio.Task[None]] = set()
        self.addresses = Addresses(url="", origins=())

    @property
    def sessions(self) -> Sessions:
        return self._sessions

    def environment(self, session: Session) -> Mapping[str, str]:
        return self._environment(session)

    async def start(self, listening: Listening) -> None:
        """
        Listen from now on.

        :raises TakeTwoError: when a port is taken, or the host is none of this machine.
        """
        origins = tuple(dict.fromkeys(origin for one in self._catalog.served for origin in one.origins))
        wanted = (*((origin,) for origin in origins),) if listening.per_host else ((),)
        try:
            for number, own in enumerate(wanted):
                port = listening.port + number if listening.port else 0
                self._servers.append(await self._listen(listening.host, port, own))
        except BaseException:
            await self.close()
            raise
        urls = [_url(listening, server) for server in self._servers]
        self.addresses = Addresses(
            url=urls[0],
            origins=origins,
            urls=tuple(zip(origins, urls, strict=True)) if listening.per_host else (),
        )
        self._sessions = Sessions(self._catalog, self._rules, self.addresses)
        self._control = Control(self._sessions, self._catalog, self.addresses, self._environment)

    async def watch(self) -> None:
        """
        Serve cassettes as they are on the disk: those who name no session begin anew when one has changed.
        """
        while True:
            await asyncio.sleep(_LOOK)
            if not self._catalog.has_changed:
                continue
            try:
                self._catalog.read()
            except CassetteError as error:
                self._catalog.note_seen()
                self._log(f"{error}\nserving what was there before")
                continue
            self._sessions.restart()
            self._log(f"cassettes have changed: {len(self._catalog.served)} are served from the beginning")

    async def close(self) -> None:
        for server in self._servers:
            server.close()
        if self._connections:
            await asyncio.wait(self._connections, timeout=_LAST_WORDS)
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def reports(self) -> list[Report]:
        """
        What each session came to, those that have ended first; the one that nobody used is left out.
        """
        left = [one.report() for one in self._sessions.open]
        used = [one for one in left if one.session != DEFAULT or one.played or one.unmatched]
        return [*self._sessions.ended, *used]

    async def _listen(self, host: str, port: int, own: Sequence[str]) -> asyncio.Server:
        host_of_port = next(iter(own), "")

        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            answers = Answers(self._sessions, self._control, self._rules, self._log, host=host_of_port)
            connection = Connection(
                reader,
                writer,
                answer=answers.logged if self._is_verbose else answers.answer,
                converse=answers.converse,
            )
            task = asyncio.create_task(connection.serve())
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)

        if port > _MOST_PORTS:
            raise TakeTwoError(f"there is no port {port}; with --port-per-host, begin at a lower --port")
        try:
            return await asyncio.start_server(connected, host, port)
        except OSError as error:
            raise TakeTwoError(_cannot_listen(host, port, error)) from None


class Answers:
    """
    Answers the requests of one connection; *host* is the recorded host that its port is for, if any.
    """

    def __init__(
        self, sessions: Sessions, control: Control, rules: Rules, log: Tell, *, host: str = ""
    ) -> None:
        self._sessions = sessions
        self._control = control
        self._rules = rules
        self._log = log
        self._host = host

    async def answer(self, request: LiveRequest, waits: bool) -> LiveResponse | None:  # noqa: FBT001 - see the type
        """
        The recorded answer to *request*; with *waits*, None for one that is to send its body first.
        """
        target = target_of(request.url, request.headers)
        if _is_own(target):
            return None if waits else self._control.answer(request)
        try:
            session, host = self._found(target, request.headers)
            wanted = replace(request, url=target.path, headers=_without_own(request.headers))
            found, origin = session.answer(wanted, host, waits=waits)
        except Refused as error:
            return json_answer(error.status, {"error": str(error)})
        except Unanswered as error:
            return self._no_answer(str(error), request.headers)
        if found is None or not target.is_by_address:
            return found
        return _at_home(found, session, origin)

    async def logged(self, request: LiveRequest, waits: bool) -> LiveResponse | None:  # noqa: FBT001 - see the type
        """
        The same, with a line for the request.
        """
        found = await self.answer(request, waits)
        if found is not None:
            path = request.url.partition("?")[0]
            self._log(self._rules.redactor.text(f"{found.status} {request.method} {path}"))
        return found

    async def converse(self, request: LiveRequest) -> ConversationPlayer | LiveResponse:
        target = target_of(request.url, request.headers)
        try:
            session, host = self._found(target, request.headers)
            return session.converse(target.path, host)
        except Refused as error:
            return json_answer(error.status, {"error": str(error)})
        except Unanswered as error:
            return self._no_answer(str(error), request.headers)

    def _found(self, target: Target, headers: Pairs) -> tuple[Session, str]:
        """
        The session of a request, and the recorded host that it is for; none where any may be.
        """
        session = self._sessions.get(target.session)
        if target.host or self._host:
            return session, target.host or self._host
        named = next((value for name, value in headers if name.lower() == "host"), "")
        return session, named if named_origins(session.origins, named) else ""

    def _no_answer(self, message: str, headers: Pairs) -> LiveResponse:
        shown = self._rules.redactor.text(message)
        self._log(shown)
        accepted = next((value for name, value in headers if name.lower() == "accept"), "")
        if "json" in accepted:
            return json_answer(_NO_ANSWER, {"error": "no recorded answer", "message": shown})
        kind = ("content-type", "text/plain; charset=utf-8")
        return LiveResponse(
            status=_NO_ANSWER, reason="No Recorded Answer", headers=(kind,), body=f"{shown}\n".encode()
        )


def _is_own(target: Target) -> bool:
    path = target.path.partition("?")[0]
    return not target.host and target.session == DEFAULT and (path == OWN or path.startswith(f"{OWN}/"))


def _without_own(headers: Pairs) -> Pairs:
    return tuple(pair for pair in headers if pair[0].lower() != SESSION_HEADER)


def _at_home(answer: LiveResponse, session: Session, origin: str) -> LiveResponse:
    """
    *answer* with a ``Location`` that leads to this server where the recorded one leads to a recorded host.
    """
    if not any(name.lower() == "location" for name, _ in answer.headers):
        return answer
    headers = tuple(
        (name, _led_home(value, session, origin) if name.lower() == "location" else value)
        for name, value in answer.headers
    )
    return replace(answer, headers=headers)


def _led_home(location: str, session: Session, origin: str) -> str:
    if location.startswith("/") and not location.startswith("//"):
        return f"{session.base(origin)}{location}"
    to = origin_of(location) if "://" in location else ""
    return f"{session.base(to)}{location[len(to) :]}" if to in session.origins else location


def _url(listening: Listening, server: asyncio.Server) -> str:
    port = server.sockets[0].getsockname()[1]
    if listening.url:
        return f"{listening.url.rstrip('/')}:{port}" if listening.per_host else listening.url.rstrip("/")
    host = "127.0.0.1" if listening.host in {"0.0.0.0", "::", ""} else listening.host  # noqa: S104 - it is asked for
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _cannot_listen(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {port} of {host} is in use\n"
            f"stop what listens there, or take another: --port {port + 1}, or --port 0 for any that is free"
        )
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return f"{host} is no address of this machine: {error.strerror}\ntry --host 127.0.0.1"
    return f"cannot listen on port {port} of {host}: {error.strerror}"

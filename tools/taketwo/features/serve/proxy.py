"""
The proxy through which child processes in any language record into a cassette and replay from it.

Clients reach it as one reaches any proxy, by whole URLs and by ``CONNECT``; within that it ends TLS by an
authority of its own. Node.js, most versions of which use no proxy of the environment, asks with
``ROUTE host:port`` for a port of this machine that leads there. ``CHECK host:port`` is what Python asks
before it connects without the proxy.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext, suppress
from typing import NamedTuple
from urllib.parse import urlsplit

from taketwo.cassette.model import LiveRequest, LiveResponse, Pairs
from taketwo.errors import LateRequest, QuotaExceeded, Unanswered
from taketwo.features.serve.authority import Authority
from taketwo.features.serve.browsers import answering_browsers
from taketwo.features.serve.connection import Connection
from taketwo.features.serve.relay import Relay
from taketwo.features.serve.upstream import Upstream, connect
from taketwo.network.proxy import Judge
from taketwo.playback.active import ActiveCassette
from taketwo.playback.conversations.player import ConversationPlayer
from taketwo.playback.conversations.recorder import ConversationRecorder
from taketwo.playback.conversations.router import ConversationRouter
from taketwo.playback.player import IncomingRequest, incoming_request

_CLIENT = "a child process"
_LARGEST_HEAD = 65_536
_PATIENCE = 60.0
_LAST_WORDS = 1.0
_SILENCE = 2.0  # seconds after which a client is one that waits for the service to speak first
_TLS = b"\x16"
_HERE = "127.0.0.1"
_PORTS = {"http": 80, "https": 443}
_NO_ANSWER, _UNREACHED = 501, 502
_METHODS = (b"GET ", b"HEAD ", b"POST ", b"PUT ", b"PATCH ", b"DELETE ", b"OPTIONS ", b"TRACE ", b"CONNECT ")
_PIECE = 65_536
_OF_A_PROXY = frozenset({"proxy-connection", "proxy-authorization"})


class Place(NamedTuple):
    host: str
    port: int

    def origin(self, scheme: str) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}" if self.port == _PORTS[scheme] else f"{scheme}://{host}:{self.port}"


class ChildProxy:
    """
    Leads the requests of child processes to *active* and their WebSockets to *router*, until it is closed.

    *judge* gives why a connection that is made without the proxy is refused, or nothing. *hide* takes secrets
    out of a message. With *for_browser*, what a browser asks of its own accord is answered here, and no part
    of a recording: when it does so depends on its caches.
    """

    def __init__(
        self,
        active: ActiveCassette,
        router: ConversationRouter,
        *,
        judge: Judge,
        hide: Callable[[str], str],
        for_browser: bool = False,
    ) -> None:
        self._active = active
        self._router = router
        self._judge = judge
        self._hide = hide
        self._for_browser = for_browser
        self._authority = Authority()
        self._tasks: set[asyncio.Task[None]] = set()
        self._routes: dict[Place, int] = {}
        self._loop = asyncio.new_event_loop()
        self._listening: list[socket.socket] = []
        self._is_up = threading.Event()
        self._thread = threading.Thread(target=self._run, name="taketwo-recording-proxy", daemon=True)
        self._server = socket.create_server((_HERE, 0))
        self.port: int = self._server.getsockname()[1]
        self._thread.start()
        self._is_up.wait()

    @property
    def variables(self) -> Mapping[str, str]:
        """
        What has child processes trust the certificates that are shown here.
        """
        return self._authority.variables

    @property
    def java_options(self) -> str:
        """
        The options with which a Java machine, which ignores these variables, uses this proxy and trusts it.
        """
        places = (f"-D{kind}.proxyHost={_HERE} -D{kind}.proxyPort={self.port}" for kind in ("http", "https"))
        trusted = f"-Djavax.net.ssl.trustStore={self._authority.java_trust_store}"
        # Without a list of its own it would ask for localhost by itself.
        return f"{' '.join(places)} -Dhttp.nonProxyHosts= {trusted} -Djavax.net.ssl.trustStoreType=PKCS12"

    def close(self) -> None:
        """
        Answer nobody any more; what is under way is broken off.
        """
        with suppress(RuntimeError):
            asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(_PATIENCE)
            self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE)
        self._authority.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.call_soon(self._listen, self._server, None)
        self._loop.call_soon(self._is_up.set)
        self._loop.run_forever()
        self._loop.close()

    def _listen(self, server: socket.socket, place: Place | None) -> None:
        server.setblocking(False)  # noqa: FBT003 - the standard library's signature
        self._listening.append(server)
        self._begin(self._accept(server, place))

    def _begin(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _end(self) -> None:
        for server in self._listening:
            server.close()
        tasks = self._tasks - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_LAST_WORDS)

    async def _accept(self, server: socket.socket, place: Place | None) -> None:
        while True:
            try:
                client, _ = await self._loop.sock_accept(server)
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._begin(self._serve(client, place))

    async def _serve(self, client: socket.socket, place: Place | None) -> None:
        try:
            with suppress(OSError, ValueError, TimeoutError, asyncio.IncompleteReadError):
                await self._led(client, place)
        finally:
            client.close()

    async def _led(self, client: socket.socket, place: Place | None) -> None:
        begin = await self._peek(client, _SILENCE if place is not None else _PATIENCE)
        if place is None and begin.split(b" ")[0] in {b"CONNECT", b"ROUTE", b"CHECK"}:
            method, target = await self._head(client)
            if method == "CONNECT":
                place = _place(target)
                await self._loop.sock_sendall(client, b"HTTP/1.1 200 Connection established\r\n\r\n")
                begin = await self._peek(client, _SILENCE)
            else:
                await self._loop.sock_sendall(client, self._told(method, target))
                return
        if begin[:1] == _TLS and place is not None:
            await self._converse(client, place, "https")
        elif begin.startswith(_METHODS):
            await self._converse(client, place, "http")
        elif place is not None:
            await self._tunnel(client, place)

    async def _converse(self, client: socket.socket, place: Place | None, scheme: str) -> None:
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        context = self._authority.context(place.host) if scheme == "https" and place is not None else None
        transport, _ = await self._loop.connect_accepted_socket(lambda: protocol, client, ssl=context)
        writer = asyncio.StreamWriter(transport, protocol, reader, self._loop)
        answers = Answers(self._active, self._router, self._hide, place, scheme)
        answer = answering_browsers(answers.answer) if self._for_browser else answers.answer
        await Connection(reader, writer, answer=answer, converse=answers.converse).serve()
        with suppress(OSError):
            await writer.wait_closed()

    async def _tunnel(self, client: socket.socket, place: Place) -> None:
        """
        Pass on what is no HTTP, where that may be reached.
        """
        what = f"a connection to {place.host}:{place.port}"
        if self._judge(place.host, place.port, what):
            return
        reader, writer = await connect(place.host, place.port, is_secure=False)
        own, other = await asyncio.open_connection(sock=client)
        try:
            await asyncio.gather(_copy(own, writer), _copy(reader, other))
        finally:
            writer.close()
            other.close()

    def _told(self, method: str, target: str) -> bytes:
        if method == "ROUTE":
            return _plain(200, str(self._route(_place(target))))
        place = urlsplit(f"//{target}")
        host, port = (target, None) if target.startswith("/") else (place.hostname or "", place.port)
        if host == _HERE and port in self._routes.values():
            return _plain(200, "")
        refusal = self._judge(host, port, f"a connection to {target}")
        return _plain(403 if refusal else 200, refusal)

    def _route(self, place: Place) -> int:
        if place not in self._routes:
            server = socket.create_server((_HERE, 0))
            self._routes[place] = server.getsockname()[1]
            self._listen(server, place)
        return self._routes[place]

    async def _peek(self, client: socket.socket, patience: float) -> bytes:
        """
        The beginning of what a client sends, which stays where it is; nothing when nothing comes in time.
        """
        client.setblocking(False)  # noqa: FBT003 - as above
        ready = self._loop.create_future()

        def come() -> None:
            if not ready.done():
                ready.set_result(None)

        self._loop.add_reader(client, come)
        try:
            await asyncio.wait_for(ready, patience)
        except TimeoutError:
            return b""
        finally:
            self._loop.remove_reader(client)
        return client.recv(_LARGEST_HEAD, socket.MSG_PEEK)

    async def _head(self, client: socket.socket) -> tuple[str, str]:
        content = b""
        while b"\r\n\r\n" not in content:
            content += await self._loop.sock_recv(client, 1)  # nothing behind it is to be read
            if len(content) > _LARGEST_HEAD:
                raise ValueError("no head of a request")
        method, target, _ = content.partition(b"\r\n")[0].decode("latin-1").split(" ")
        return method, target


class Answers:
    """
    Answers the requests of one connection to *place*; without one, requests name it by their whole URL.
    """

    def __init__(
        self,
        active: ActiveCassette,
        router: ConversationRouter,
        hide: Callable[[str], str],
        place: Place | None,
        scheme: str,
    ) -> None:
        self._active = active
        self._router = router
        self._hide = hide
        self._place = place
        self._scheme = scheme

    async def answer(self, request: LiveRequest, waits: bool) -> LiveResponse | Upstream | None:  # noqa: FBT001 - see Answer
        if waits:
            return None
        whole = self._whole(request)
        wanted = incoming_request(whole)
        try:
            number = self._active.find(wanted)
        except (Unanswered, LateRequest) as error:
            return self._refused(_NO_ANSWER, str(error))
        if number is not None:
            return self._active.player.response(number)
        place, target = self._place_of(whole.url)
        try:
            return await self._sent(wanted, whole, place, target)
        except QuotaExceeded as error:
            return self._refused(_NO_ANSWER, str(error))
        except (OSError, TimeoutError) as error:
            self._active.note_unreached(whole.url, _CLIENT)
            return self._refused(_UNREACHED, f"{place.host}:{place.port} cannot be reached: {error}")

    async def _sent(self, wanted: IncomingRequest, whole: LiveRequest, place: Place, target: str) -> Upstream:
        """
        The connection over which the answer comes; the service may have refused the request for its number
        before.
        """
        turn = self._active.turn(whole.method, whole.url)
        while True:
            if turn is not None:
                await turn.take_async(asyncio.sleep)
            with turn.sending() if turn is not None else nullcontext():
                upstream = Upstream(
                    *await connect(place.host, place.port, is_secure=whole.url.startswith("https:"))
                )
                asked = self._active.ask(proxied_to=f"{place.host}:{place.port}")
                await upstream.send(
                    whole, target, self._active.issue(wanted, _CLIENT, turn=turn, asked=asked)
                )
            if turn is None or turn.is_over(upstream.head.status_code, upstream.headers):
                return upstream
            upstream.close()

    async def converse(self, request: LiveRequest) -> ConversationPlayer | LiveResponse | Relay:
        whole = self._whole(request)
        url = f"ws{whole.url.removeprefix('http')}"
        try:
            line = self._router.connect(url, time.monotonic)
        except (Unanswered, LateRequest) as error:
            return self._refused(_NO_ANSWER, str(error))
        if not isinstance(line, ConversationRecorder):
            return line
        place, _ = self._place_of(whole.url)
        opening = LiveRequest(method="GET", url=url, headers=whole.headers)
        try:
            return Relay(
                line, opening, await connect(place.host, place.port, is_secure=url.startswith("wss:"))
            )
        except (OSError, TimeoutError) as error:
            return self._refused(_UNREACHED, f"{place.host}:{place.port} cannot be reached: {error}")

    def _whole(self, request: LiveRequest) -> LiveRequest:
        headers: Pairs = tuple(pair for pair in request.headers if pair[0].lower() not in _OF_A_PROXY)
        url = request.url
        if url.startswith("/"):
            named = next((value for name, value in headers if name.lower() == "host"), "")
            origin = self._place.origin(self._scheme) if self._place else f"{self._scheme}://{named}"
            url = f"{origin}{url}"
        return LiveRequest(method=request.method, url=url, headers=headers, body=request.body)

    def _place_of(self, url: str) -> tuple[Place, str]:
        split = urlsplit(url)
        target = url.partition("://")[2].partition("/")[2]
        port = split.port or _PORTS.get(split.scheme, 80)
        return Place(split.hostname or "", port), f"/{target}"

    def _refused(self, status: int, message: str) -> LiveResponse:
        body = f"{self._hide(message)}\n".encode()
        kind = ("content-type", "text/plain; charset=utf-8")
        return LiveResponse(status=status, reason="Answered by taketwo", headers=(kind,), body=body)


def _place(target: str) -> Place:
    split = urlsplit(f"//{target}")
    return Place(split.hostname or "", split.port or _PORTS["https"])


def _plain(status: int, text: str) -> bytes:
    body = text.encode()
    head = f"HTTP/1.1 {status} {'OK' if status == 200 else 'Refused'}\r\nContent-Length: {len(body)}\r\n"  # noqa: PLR2004 - the one that is none
    return f"{head}Connection: close\r\n\r\n".encode() + body


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while piece := await source.read(_PIECE):
            target.write(piece)
            await target.drain()
        target.write_eof()

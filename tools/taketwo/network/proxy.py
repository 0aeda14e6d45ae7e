"""
The proxy of the child processes of one test: it refuses, or passes on, and keeps what they asked for.

It speaks what every client speaks to a proxy: requests with whole URLs, and ``CONNECT``. Child processes
that are Python or Node.js ask it too, before they connect without a proxy: ``CHECK host:port`` (see
``child/``). Each connection has one request, so none can be confused with another.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from taketwo.network.guard import unguarded

_LARGEST_HEAD = 65_536
_PATIENCE = 60.0  # seconds that a child may take to send a head, or a server to accept
_PIECE = 65_536
_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}

Judge = Callable[[str, "int | None", str], str]
"""Gives why a host may not be reached at a port for what is asked, or nothing when it may."""


class _Head(NamedTuple):
    """
    What a child says first: ``what`` is that for people to read.
    """

    method: str
    host: str
    port: int | None
    path: str
    version: str
    headers: list[bytes]
    rest: bytes

    @property
    def what(self) -> str:
        where = f"[{self.host}]" if ":" in self.host else self.host
        place = where if self.port is None else f"{where}:{self.port}"
        if self.method in {"CONNECT", "CHECK"}:
            return f"a connection to {place}"
        shown, query, _ = self.path.partition("?")
        usual = where if self.port == _PORTS["http"] else place
        return f"{self.method} http://{usual}{shown}{'?…' if query else ''}"  # a query may hold a secret


class Proxy:
    """
    Listens on a port of this machine until it is closed; *judge* decides on what is asked.
    """

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._is_closed = False
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, name="taketwo-child-proxy", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """
        Accept no more connections, and break off those that are open.
        """
        with self._lock:
            self._is_closed = True
            left = list(self._open)
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in accept
        self._server.close()
        for sock in left:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        self._thread.join(_PATIENCE)

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._handle, args=(client,), daemon=True).start()

    def _handle(self, client: socket.socket) -> None:
        with client, suppress(OSError, ValueError):
            self._keep(client)
            try:
                client.settimeout(_PATIENCE)
                head = _read_head(client)
                refusal = self._judge(head.host, head.port, head.what)
                if refusal:
                    _answer(client, 403, refusal)
                elif head.method == "CHECK":
                    _answer(client, 200, "")
                else:
                    self._pass_on(client, head)
            finally:
                self._forget(client)

    def _pass_on(self, client: socket.socket, head: _Head) -> None:
        try:
            with unguarded():
                server = socket.create_connection((head.host, head.port or 80), timeout=_PATIENCE)
        except OSError as error:
            _answer(client, 502, f"{head.host} cannot be reached: {error}")
            return
        with server:
            self._keep(server)
            try:
                if head.method == "CONNECT":
                    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                    server.sendall(head.rest)
                else:
                    server.sendall(_origin_form(head))
                _join(client, server)
            finally:
                self._forget(server)

    def _keep(self, sock: socket.socket) -> None:
        with self._lock:
            if self._is_closed:
                raise ConnectionAbortedError
            self._open.add(sock)

    def _forget(self, sock: socket.socket) -> None:
        with self._lock:
            self._open.discard(sock)


def _read_head(client: socket.socket) -> _Head:
    """
    :raises ValueError: when it is none.
    """
    content = b""
    while b"\r\n\r\n" not in content:
        piece = client.recv(_PIECE)
        content += piece
        if not piece or len(content) > _LARGEST_HEAD:
            raise ValueError("no head of a request")
    head, _, rest = content.partition(b"\r\n\r\n")
    first, *headers = head.split(b"\r\n")
    method, target, version = first.decode("latin-1").split(" ")
    if method == "CHECK" and target.startswith("/"):
        return _Head(method, unquote(target), None, "", version, headers, rest)
    if method in {"CONNECT", "CHECK"}:
        place = urlsplit(f"//{target}")
        return _Head(method, place.hostname or "", place.port, "", version, headers, rest)
    url = urlsplit(target)
    if not url.hostname:
        raise ValueError("no URL that names a host")
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    port = url.port or _PORTS.get(url.scheme, 80)
    return _Head(method, url.hostname, port, path, version, headers, rest)


def _origin_form(head: _Head) -> bytes:
    """
    The request as a server expects it, which is to close the connection behind its answer.
    """
    is_upgraded = any(_name(line) == b"upgrade" for line in head.headers)
    kept = [line for line in head.headers if not _name(line).startswith(b"proxy-")]
    if not is_upgraded:
        kept = [line for line in kept if _name(line) not in {b"connection", b"keep-alive"}]
        kept.append(b"Connection: close")
    first = f"{head.method} {head.path} {head.version}".encode("latin-1")
    return b"\r\n".join([first, *kept, b"", b""]) + head.rest


def _name(line: bytes) -> bytes:
    return line.partition(b":")[0].strip().lower()


def _answer(client: socket.socket, status: int, text: str) -> None:
    body = text.encode()
    lines: Iterable[str] = (
        f"HTTP/1.1 {status} {'OK' if status == 200 else 'Refused by taketwo'}",  # noqa: PLR2004 - the one that is none
        "Content-Type: text/plain; charset=utf-8",
        f"Content-Length: {len(body)}",
        "Connection: close",
    )
    client.sendall("\r\n".join([*lines, "", ""]).encode() + body)


def _join(one: socket.socket, other: socket.socket) -> None:
    """
    Give what each of two sends to the other, until both have ended.
    """
    one.settimeout(None)
    other.settimeout(None)
    back = threading.Thread(target=_copy, args=(other, one), daemon=True)
    back.start()
    _copy(one, other)
    back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(_PIECE):
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)

"""
A little server that really does each fault: it closes, resets and keeps silent at its sockets.
"""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import trustme

BODY = b'{"title": "Milk"}'
HALF = BODY[: len(BODY) // 2]
_OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_WHOLE = b"%bContent-Length: %d\r\n\r\n" % (_OK, len(BODY))
_CHUNKED = b"%bTransfer-Encoding: chunked\r\n\r\n" % _OK


@dataclass(frozen=True, slots=True)
class Unreliable:
    """
    ``url`` leads to the server, ``secure`` to one with a certificate that nobody trusts, ``closed`` to a port
    where nothing listens, and ``full`` to one where nobody takes a connection any more.
    """

    url: str
    secure: str
    closed: str
    full: str


@contextmanager
def unreliable() -> Iterator[Unreliable]:
    """
    The server, while open.
    """
    with ExitStack() as stack:
        done = threading.Event()
        stack.callback(done.set)
        plain = stack.enter_context(_listening())
        secure = stack.enter_context(_listening())
        _accept_all(plain, done, None)
        _accept_all(secure, done, _context())
        full = stack.enter_context(_listening(backlog=0))
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)  # noqa: FBT003 - the signature of sockets
            with suppress(BlockingIOError):
                waiting.connect(full.getsockname())
        closed = socket.socket()
        closed.bind(("127.0.0.1", 0))  # taken, so that nobody else listens at it
        stack.callback(closed.close)
        yield Unreliable(
            url=f"http://127.0.0.1:{_port(plain)}",
            secure=f"https://127.0.0.1:{_port(secure)}",
            closed=f"http://127.0.0.1:{_port(closed)}",
            full=f"http://127.0.0.1:{_port(full)}",
        )


def _listening(*, backlog: int = 64) -> socket.socket:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(backlog)
    return listener


def _port(listener: socket.socket) -> int:
    return int(listener.getsockname()[1])


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    return context


def _accept_all(listener: socket.socket, done: threading.Event, context: ssl.SSLContext | None) -> None:
    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=_serve, args=(connection, done, context), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()


def _serve(connection: socket.socket, done: threading.Event, context: ssl.SSLContext | None) -> None:
    with connection, suppress(OSError):
        if context is not None:
            context.wrap_socket(connection, server_side=True).close()
            return
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(65536)
        name = head.split(b" ", 2)[1].decode().strip("/")
        _FAULTS[name](connection, done)


def _no_answer(_: socket.socket, __: threading.Event) -> None:
    """
    Close without a word.
    """


def _silent(_: socket.socket, done: threading.Event) -> None:
    done.wait(30)


def _slow_pieces(connection: socket.socket, done: threading.Event) -> None:
    connection.sendall(_WHOLE)
    done.wait(30)


def _end(connection: socket.socket, _: threading.Event) -> None:
    connection.sendall(_WHOLE + HALF)


def _reset(connection: socket.socket, _: threading.Event) -> None:
    connection.sendall(_WHOLE + HALF)
    _wait_until_read(connection)  # a reset takes away what was not read before
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _wait_until_read(connection: socket.socket) -> None:
    """
    Wait until the client has read all that was sent; where the system does not tell, for a moment.
    """
    port = f":{connection.getpeername()[1]:04X}"
    table = Path("/proc/net/tcp")
    for _ in range(200):
        time.sleep(0.01)
        lines = table.read_text(encoding="ascii").splitlines()[1:] if table.exists() else []
        waiting = [fields[4] for fields in map(str.split, lines) if fields[1].endswith(port)]
        if waiting and all(queue.endswith(":00000000") for queue in waiting):
            return


def _malformed_chunk(connection: socket.socket, _: threading.Event) -> None:
    connection.sendall(_CHUNKED + b"%x\r\n%b\r\n" % (len(HALF), HALF))
    _wait_until_read(connection)
    connection.sendall(b"zz\r\n")


def _malformed_json(connection: socket.socket, _: threading.Event) -> None:
    connection.sendall(b"%bContent-Length: %d\r\n\r\n%b" % (_OK, len(HALF), HALF))


def _unavailable(connection: socket.socket, _: threading.Event) -> None:
    connection.sendall(
        b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\n"
        b"Retry-After: 2\r\nContent-Length: 19\r\n\r\nService Unavailable"
    )


def _recorded(connection: socket.socket, _: threading.Event) -> None:
    connection.sendall(_WHOLE + BODY)


_FAULTS: dict[str, Callable[[socket.socket, threading.Event], None]] = {
    "503": _unavailable,
    "end": _end,
    "malformed-chunk": _malformed_chunk,
    "malformed-json": _malformed_json,
    "no-answer": _no_answer,
    "read-timeout": _silent,
    "recorded": _recorded,
    "reset": _reset,
    "slow": _silent,
    "slow-pieces": _slow_pieces,
}

"""
A replayed connection for threads: the library's own connection over a pair of sockets that lead nowhere.
"""

from __future__ import annotations

import select
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from websockets.exceptions import ConnectionClosed

from taketwo.intercept.websockets.peer import Peer
from taketwo.intercept.websockets.silence import Silence
from taketwo.playback.active import belonging_to
from taketwo.playback.conversations.player import ConversationPlayer

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

_READ = 65536
_LOOK = 0.05


def create(*arguments: Any, **options: Any) -> ClientConnection:  # noqa: ANN401 - as the library's own
    """
    What makes a connection by default.

    The library's module is not imported here: this one is loaded while the library is, and its import would
    ask for what is not there yet.
    """
    made: ClientConnection = sys.modules["websockets.sync.client"].ClientConnection(*arguments, **options)
    return made


def open_over_sockets(
    script: ConversationPlayer, connect: Callable[[socket.socket], ClientConnection]
) -> ClientConnection:
    """
    The connection that *connect* makes over a socket, with the recorded service at its other end.
    """
    near, far = socket.socketpair()
    service = Service(far, Peer(script))
    service.start()
    connection = connect(near)
    _watch(connection, service, script)
    return connection


class Service(threading.Thread):
    """
    Plays the recorded service at the far socket.
    """

    def __init__(self, far: socket.socket, peer: Peer) -> None:
        super().__init__(daemon=True, name="taketwo-replay")
        self._far = far
        self._script = peer.script
        self._peer = peer
        self._waiting = 0
        self._since = 0.0
        self.silence = Silence(peer.script, lambda: not peer.outputs)

    def run(self) -> None:
        try:
            while self._serve():
                pass
        except OSError:  # the client has gone
            pass
        finally:
            self._far.close()

    def waits(self, delta: int) -> None:
        """
        Note that a call of the client waits for something, or no longer.
        """
        self._waiting += delta
        self._since = time.monotonic()

    def _serve(self) -> bool:
        while self._peer.outputs:
            output = self._peer.outputs.popleft()
            with belonging_to(None):  # a pace that is asked for is no sleep of the test
                time.sleep(output.wait)
            if output.lost:
                return False
            self._far.sendall(output.data)
            if output.end:
                self._far.shutdown(socket.SHUT_WR)
        before = self._script.progress
        ready, _, _ = select.select([self._far], [], [], _LOOK)
        if not ready:
            self._look()
            return True
        data = self._far.recv(_READ)
        if data:
            self._peer.receive(data)
        if self._script.progress != before:
            self._since = time.monotonic()
        return bool(data)

    def _look(self) -> None:
        allowance = self._script.allowance()
        if self._waiting and allowance is not None and time.monotonic() - self._since > allowance:
            self._script.stuck()
            self._peer.give_up()


def _watch(connection: ClientConnection, service: Service, script: ConversationPlayer) -> None:
    receive, stream, send = connection.recv, connection.recv_streaming, connection.send
    if script.falls_silent:
        receive, stream = _receiving_until_silent(connection, service.silence)

    def recv(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - the library's signature
        with _Checked(script, service):
            return receive(*arguments, **options)

    def recv_streaming(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - see above
        with _Checked(script, service):
            yield from stream(*arguments, **options)

    def checked_send(*arguments: Any, **options: Any) -> None:  # noqa: ANN401 - see above
        with _Checked(script, None):
            send(*arguments, **options)

    vars(connection).update(recv=recv, recv_streaming=recv_streaming, send=checked_send)


def _receiving_until_silent(
    connection: ClientConnection, silence: Silence
) -> tuple[Callable[..., Any], Callable[..., Iterator[Any]]]:
    """
    The calls of *connection* that receive, for a service that falls silent; each message is in one piece.
    """
    receive = connection.recv

    def recv(timeout: float | None = None, decode: bool | None = None) -> Any:  # noqa: ANN401, FBT001 - as there
        return silence.receive(
            lambda seconds: receive(timeout=seconds, decode=decode),
            timeout=timeout,
            ping=connection.ping,
            late=lambda seconds, _: TimeoutError(f"timed out in {seconds:.1f}s"),
        )

    def recv_streaming(decode: bool | None = None) -> Iterator[Any]:  # noqa: FBT001 - as there
        yield recv(decode=decode)

    return recv, recv_streaming


class _Checked:
    """
    Around a call of the client: raises the failure of the script in the place of a closed connection.
    """

    def __init__(self, script: ConversationPlayer, service: Service | None) -> None:
        self._script = script
        self._service = service

    def __enter__(self) -> None:
        if self._service is not None:
            self._service.waits(1)

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if self._service is not None:
            self._service.waits(-1)
        if isinstance(error, ConnectionClosed):
            failure = self._script.error()
            if failure is not None:
                raise failure from None

"""
HTTP of http.client, at its connections: whatever writes a request to one and reads the answer from it.

Only methods of the base class are replaced, so every class that is made of it comes along: those of urllib3,
botocore, httplib2 and docker, with a ``connect()`` of their own or not. What the client does above them stays
its own: redirects, retries, decoding, streams, pools.

While nothing but recorded, a request is sent as ever, and listened to. In a replay it is collected, and the
answer is read from a socket in memory by the client's own code; no connection is made, and no SSL context.
"""

from __future__ import annotations

import http.client
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache, partial, wraps
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias

from taketwo.cassette.model import LiveResponse
from taketwo.intercept.http_client.held import take_held
from taketwo.intercept.http_client.outgoing import Data, OutgoingRequest, read_all, watched
from taketwo.intercept.http_client.recorded import record
from taketwo.intercept.http_client.replayed import MemorySocket
from taketwo.intercept.patching import Replacements, is_ours
from taketwo.playback.active import ActiveCassette, PendingExchange, current

if TYPE_CHECKING:
    from taketwo.config.faults import Fault
    from taketwo.playback.quotas import Turn

Connection: TypeAlias = Any
"""An ``http.client.HTTPConnection``, of which the private side and subclasses' attributes are used too."""

_REQUEST = "_taketwo_request"
_CONNECTING = "_taketwo_is_connecting"
_HTTP_PORT = 80
_HTTPS_PORT = 443
_STALE = 1.0
"""Seconds after which a service may have closed a connection that it was not asked over."""
_OWN = frozenset({"pip", "taketwo"})
"""Packages whose connections are left alone: pip brings a urllib3 of its own."""
_NAMES = {"botocore": "boto3", "httplib2": "httplib2", "urllib3": "urllib3"}
"""What VCR.py's ``skip_patchers`` calls the libraries."""


def install(_: ModuleType, replacements: Replacements) -> None:
    """
    Have every connection ask for the active cassette with each request.
    """
    base = http.client.HTTPConnection
    replacements.replace(base, "__init__", partial(_making, replacements))
    replacements.replace(base, "putrequest", partial(_beginning, replacements))
    replacements.replace(base, "send", _sending)
    replacements.replace(base, "getresponse", _answering)
    # A pool may keep connections from before, and urllib3 connects one for HTTPS before it writes to it.
    for kind in _classes_of(base):
        _watch_connect(kind, replacements)


def _classes_of(base: type) -> Iterator[type]:
    yield base
    kinds: list[type] = base.__subclasses__()
    for kind in kinds:
        yield from _classes_of(kind)


class _Exchange:
    """
    A request that is written to a connection, and what becomes of it.

    With *is_sent*, it goes to the service as it is written. ``pending`` is its record, once it is whole;
    ``is_refused`` where the service answered before that.
    """

    def __init__(self, active: ActiveCassette, connection: Connection, *, is_sent: bool) -> None:
        self.active = active
        self.is_sent = is_sent
        self.request = OutgoingRequest(_base_of(connection))
        self._client = type(connection).__module__
        self.answer: LiveResponse | None = None
        self.fault: Fault | None = None
        self.pending: PendingExchange | None = None
        self.turn: Turn | None = None
        self.is_refused = False
        self._is_issued = False

    def write(self, data: bytes) -> None:
        self.request.write(data)
        if self.is_sent and self.request.is_whole:
            self.issue()

    def issue(self) -> None:
        """
        Note that the request is sent; it may never become whole where the service has refused it before.
        """
        if not self._is_issued:
            self._is_issued = True
            self.pending = self.active.issue(self.request.incoming(), self._client, turn=self.turn)

    def wait(self, method: str, url: str) -> float:
        """
        Wait for the turn of a request to *url*, if it has to; the seconds that this took.
        """
        self.turn = self.active.turn(method, url)
        start = time.perf_counter()
        if self.turn is not None:
            self.turn.take()
        return time.perf_counter() - start

    def is_over(self, response: http.client.HTTPResponse) -> bool:
        """
        Whether *response* is the one for the client; else the request is to be sent again.
        """
        if self.turn is None or self.turn.is_over(response.status, tuple(response.headers.items())):
            if self.turn is not None and self.pending is None:
                self.turn.release()
            return True
        self._is_issued = False
        return False

    def find(self) -> LiveResponse | None:
        """
        The recorded answer; None when the request is to be sent.

        :raises NoMatch: or CassetteNotFound, when there is none and nothing is recorded.
        """
        if self.answer is None:
            number = take_held()
            if number is None:
                number = self.active.find(self.request.incoming())
            if number is not None:
                self.fault = self.active.take_fault(number)
                self.answer = self.active.player.response(number)
        return self.answer

    def fail_to_connect(self, connection: Connection) -> None:
        """
        Raise what *connection* does where the request meets a fault with which there is none.
        """
        self.find()
        if self.fault is not None and self.fault.is_unconnected:
            from taketwo.intercept.http_client.faulty import (  # noqa: PLC0415 - few tests have a fault
                fail_to_connect,
            )

            connection.sock = None
            with _connecting_for_real(connection):
                fail_to_connect(connection, self.active, self.fault)

    def answer_on(self, connection: Connection, answer: LiveResponse) -> None:
        """
        Have *connection* read *answer* from its socket, with the fault that the request meets.
        """
        is_head = self.request.method == "HEAD"
        if self.fault is None:
            connection.sock.answer_with(answer, is_head=is_head)
            return
        from taketwo.intercept.http_client.faulty import pieces_of_answer  # noqa: PLC0415 - as above

        pieces = pieces_of_answer(connection, self.active, answer, self.fault, is_head=is_head)
        connection.sock.answer_with_pieces(pieces)

    def find_refusal(self) -> LiveResponse | None:
        """
        The recorded answer of a service that has refused the request without its body, if it did.
        """
        number = self.active.player.find_refusal(self.request.incoming())
        if number is not None:
            self.fault = self.active.take_fault(number)
            self.answer = self.active.player.response(number)
        return self.answer


def _making(replacements: Replacements, init: Callable[..., None]) -> Callable[..., None]:
    @wraps(init)
    def __init__(self: Connection, *args: Any, **options: Any) -> None:  # noqa: ANN401, N807 - as the original
        _watch_connect(type(self), replacements)
        init(self, *args, **options)

    return __init__


def _watch_connect(kind: type, replacements: Replacements) -> None:
    """
    Have ``connect()`` do nothing in a replay, whichever class defines it.
    """
    for owner in kind.__mro__:
        connect = vars(owner).get("connect")
        if connect is not None and not is_ours(connect):
            replacements.replace(owner, "connect", _connecting)


def _connecting(connect: Callable[..., None]) -> Callable[..., None]:
    @wraps(connect)
    def connected(self: Connection, *args: Any, **options: Any) -> None:  # noqa: ANN401 - as the original
        active = _active_for(self)
        if active is None or active.only_records or _CONNECTING in self.__dict__:
            is_outermost = _CONNECTING not in self.__dict__
            try:
                with _connecting_for_real(self):
                    connect(self, *args, **options)
            except Exception:
                if active is not None and is_outermost:
                    active.note_unreached(_base_of(self), type(self).__module__)
                raise
        else:
            self.sock = _memory_socket(active)
            _seem_connected(self)

    return connected


def _beginning(replacements: Replacements, begin: Callable[..., None]) -> Callable[..., None]:
    @wraps(begin)
    def putrequest(self: Connection, *args: Any, **options: Any) -> None:  # noqa: ANN401 - as the original
        begin(self, *args, **options)
        self.__dict__.pop(_REQUEST, None)
        active = _active_for(self)
        if active is not None:
            _watch_connect(type(self), replacements)
            exchange = self.__dict__[_REQUEST] = _Exchange(active, self, is_sent=active.only_records)
            if exchange.is_sent and exchange.wait(*_call(self, *args, **options)) > _STALE:
                _disconnect(self)
        if active is None or active.only_records:
            if isinstance(self.sock, MemorySocket):
                self.sock = None  # the real one is made when it is needed
        elif not isinstance(self.sock, MemorySocket):
            if self.sock is not None:
                self.sock.close()
            self.sock = _memory_socket(active)

    return putrequest


def _sending(send: Callable[[Connection, Data], None]) -> Callable[[Connection, Data], None]:
    @wraps(send)
    def sent(self: Connection, data: Data) -> None:
        exchange: _Exchange | None = self.__dict__.get(_REQUEST)
        if exchange is None or _CONNECTING in self.__dict__:
            send(self, data)
        elif exchange.is_sent:
            if self.sock is None and self.auto_open:
                self.connect()
            send(self, watched(data, exchange.write))
        else:
            read_all(data, exchange.write, block=self.blocksize)
            if exchange.active.player.faults is not None and exchange.request.is_whole:
                exchange.fail_to_connect(self)
            if exchange.request.expects_continue:
                _answer_early(self.sock, exchange)

    return sent


def _answer_early(sock: MemorySocket, exchange: _Exchange) -> None:
    """
    Give the client what it waits for before it writes the body of its request.
    """
    refusal = exchange.find_refusal()
    exchange.is_refused = refusal is not None
    if refusal is None:
        sock.let_continue()
    else:
        sock.answer_with(refusal, is_head=False)


def _answering(
    receive: Callable[[Connection], http.client.HTTPResponse],
) -> Callable[[Connection], http.client.HTTPResponse]:
    @wraps(receive)
    def getresponse(self: Connection) -> http.client.HTTPResponse:
        exchange: _Exchange | None = self.__dict__.pop(_REQUEST, None)
        if exchange is None:
            return receive(self)
        if not exchange.is_sent:
            is_early = exchange.is_refused
            answer = exchange.find()
            if answer is not None:
                if not is_early:
                    exchange.answer_on(self, answer)
                return receive(self)
            _send_now(self, exchange)
        exchange.issue()
        response = receive(self)
        while not exchange.is_over(response):
            response = _sent_again(self, exchange, receive)
        if exchange.pending is not None:
            record(response, exchange.pending)
        return response

    return getresponse


def _sent_again(
    connection: Connection,
    exchange: _Exchange,
    receive: Callable[[Connection], http.client.HTTPResponse],
) -> http.client.HTTPResponse:
    """
    The answer to the same request, over a connection of its own: the service may have closed the one before.
    """
    if exchange.turn is not None:
        exchange.turn.take()
    _disconnect(connection)
    exchange.issue()
    with _connecting_for_real(connection):
        connection.connect()
    connection.sock.sendall(bytes(exchange.request.written))
    # What is private here has been the state of a connection since Python 2.
    connection._HTTPConnection__state = "Request-sent"  # noqa: SLF001
    return receive(connection)


def _disconnect(connection: Connection) -> None:
    """
    Close the socket alone: a subclass that is closed forgets the proxy that it leads through.
    """
    sock, connection.sock = connection.sock, None
    response = connection._HTTPConnection__response  # noqa: SLF001 - as above
    connection._HTTPConnection__response = None  # noqa: SLF001 - as above
    for opened in (response, sock):
        if opened is not None:
            opened.close()


def _call(connection: Connection, method: str, url: str, *_: object, **__: object) -> tuple[str, str]:
    """
    A request that begins, by its method and its whole address.
    """
    is_whole = url.lower().startswith(("http://", "https://"))  # as it is sent to a proxy
    return method, url if is_whole else f"{_base_of(connection)}{url if url[:1] == '/' else f'/{url}'}"


def _send_now(connection: Connection, exchange: _Exchange) -> None:
    """
    Send what was collected: no answer to it is recorded, and one may be.
    """
    connection.sock = None
    if exchange.turn is None:
        request = exchange.request.incoming().wire
        exchange.wait(request.method, request.url)
    exchange.issue()
    with _connecting_for_real(connection):
        connection.connect()
    connection.sock.sendall(bytes(exchange.request.written))


@contextmanager
def _connecting_for_real(connection: Connection) -> Iterator[None]:
    """
    While open, what is sent belongs to the making of the connection: it tells a proxy the address.
    """
    own: dict[str, Any] = connection.__dict__
    is_outermost = _CONNECTING not in own
    own[_CONNECTING] = True
    try:
        yield
    finally:
        if is_outermost:
            del own[_CONNECTING]


def _memory_socket(active: ActiveCassette) -> MemorySocket:
    return MemorySocket(lambda: active.is_open)


def _seem_connected(connection: Connection) -> None:
    """
    Set what a connection of urllib3 knows of its certificate, so that it warns where it always does.
    """
    if hasattr(connection, "is_verified") and hasattr(connection, "cert_reqs"):
        required = connection.cert_reqs
        connection.is_verified = (
            required is None
            or required == ssl.CERT_REQUIRED
            or str(required).endswith("REQUIRED")
            or bool(connection.assert_fingerprint)
        )


def _base_of(connection: Connection) -> str:
    """
    Scheme and host of the service that *connection* leads to, through a proxy or not.
    """
    is_tunnel = bool(connection._tunnel_host)  # noqa: SLF001 - it has no public name
    host = connection._tunnel_host if is_tunnel else connection.host  # noqa: SLF001 - as above
    port = connection._tunnel_port if is_tunnel else connection.port  # noqa: SLF001 - as above
    return base_of("https" if connection.default_port == _HTTPS_PORT else "http", host, port)


def base_of(scheme: str, host: str, port: int | None) -> str:
    """
    Scheme and host of a service, with the port where that is not the usual one.
    """
    name = f"[{host}]" if ":" in host and not host.startswith("[") else host
    usual = _HTTPS_PORT if scheme == "https" else _HTTP_PORT
    return f"{scheme}://{name}" if port in {None, usual} else f"{scheme}://{name}:{port}"


def _active_for(connection: Connection) -> ActiveCassette | None:
    active = current()
    if active is None:
        return None
    library = library_of(connection.__class__)
    return None if library in _OWN or library in active.skipped else active


@lru_cache(maxsize=256)
def library_of(kind: type) -> str:
    """
    Which library a class of connections belongs to, in the words of VCR.py.
    """
    roots = [owner.__module__.partition(".")[0] for owner in kind.__mro__]
    known = [root for root in roots if root in _OWN or root in _NAMES]
    return _NAMES.get(known[0], known[0]) if known else "httplib"

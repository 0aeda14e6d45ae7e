"""
Python runs this as it starts in a child process of a test that is recorded or replayed.

Before anything connects, sends or looks up a name, the test's process is asked, which refuses it or keeps it.
This needs the standard library alone, of whatever version the child has, and nothing else of its package.
"""

from __future__ import annotations

import _socket
import os
import sys
import threading
import time
import weakref
from contextlib import suppress
from importlib.machinery import PathFinder
from typing import Any

_VARIABLE = "TAKETWO_CHILD"
_ROUTE = "route"
_HERE = ("", "127.0.0.1", "::1", "localhost", "0.0.0.0")  # noqa: S104 - nothing is bound to it
_INTERNET = (_socket.AF_INET, _socket.AF_INET6)
_SENDING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_LOOKING_UP = frozenset({"socket.getaddrinfo", "socket.gethostbyname"})
_PATIENCE = 30.0  # seconds
# How long a permission to send datagrams to an address holds, in seconds: sound over WebRTC is fifty a
# second, and each question takes a connection.
_PERMITTED = 3.0


class Watch:
    """
    The audit hook of a child, which asks at *host* and *port*; with *refuses* it does as it is answered.
    """

    def __init__(self, host: str, port: int, *, refuses: bool) -> None:
        self._parent = (host, port)
        self._refuses = refuses
        self._inside = threading.local()
        self._routed: set[int] = set()
        self._bound: list[weakref.ref[_socket.socket]] = []
        self._permitted: dict[str, float] = {}

    def heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not event.startswith("socket.") or getattr(self._inside, "is_asking", False):
            return
        if event == "socket.bind":
            self._note(arguments[0])
        elif event in _SENDING:
            self._sent(arguments[0], arguments[1])
        elif event in _LOOKING_UP and arguments[0]:
            self._looked_up(_text(arguments[0]))

    def routed(self, host: str, port: int) -> int:
        """
        The port of this machine that leads to *port* of *host*.
        """
        if (
            (host, port) == self._parent
            or (host in _HERE and port in self._routed)
            or self._is_own(host, port)
        ):
            return port
        self._inside.is_asking = True
        try:
            is_fine, text = self._call(f"ROUTE {f'[{host}]' if ':' in host else host}:{port}")
        finally:
            self._inside.is_asking = False
        if not is_fine:
            raise RuntimeError(text or f"Network is disabled for {host}:{port}")
        self._routed.add(int(text))
        return int(text)

    def _note(self, sock: _socket.socket) -> None:
        if sock.family in _INTERNET:
            with suppress(TypeError):  # a bare one of _socket, which is not to be kept alive
                self._bound.append(weakref.ref(sock, self._bound.remove))

    def _sent(self, sock: _socket.socket, address: object) -> None:
        if sock.family in _INTERNET and isinstance(address, tuple):
            host, port = _text(address[0]), address[1]
            if (host, port) != self._parent and not self._is_own(host, port):
                what = f"[{host}]:{port}" if ":" in host else f"{host or '127.0.0.1'}:{port}"
                if sock.type == _socket.SOCK_DGRAM:
                    self._ask_for_datagrams(what)
                else:
                    self._ask(what)
        elif isinstance(address, (str, bytes)):
            path = _text(address)
            if path.startswith("/") and "/pymp-" not in path:  # as those of multiprocessing are called
                self._ask(path.replace("%", "%25").replace(" ", "%20"))

    def _looked_up(self, name: str) -> None:
        is_number = ":" in name or name.replace(".", "").isdigit()
        if not is_number and name not in {"localhost", _socket.gethostname()}:
            self._ask(name)

    def _is_own(self, host: str, port: int) -> bool:
        """
        Whether this very process listens there.
        """
        return host in _HERE and any(_listens(reference(), port) for reference in list(self._bound))

    def _ask_for_datagrams(self, what: str) -> None:
        if self._permitted.get(what, 0.0) < time.monotonic():
            self._ask(what)
            self._permitted[what] = time.monotonic() + _PERMITTED

    def _ask(self, what: str) -> None:
        self._inside.is_asking = True
        try:
            refusal = self._answer(what)
        finally:
            self._inside.is_asking = False
        if refusal and self._refuses:
            raise RuntimeError(refusal)

    def _answer(self, what: str) -> str:
        is_fine, text = self._call(f"CHECK {what}")
        return "" if is_fine else text or "refused"

    def _call(self, what: str) -> tuple[bool, str]:
        """
        Whether the test's process has nothing against *what*, and the text of its answer.
        """
        line = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
        answer = b""
        try:
            line.settimeout(_PATIENCE)
            line.connect(self._parent)
            line.sendall(f"{what} HTTP/1.1\r\n\r\n".encode("utf-8", "replace"))
            while piece := line.recv(65536):
                answer += piece
        except OSError:
            asked = what.partition(" ")[2]
            return False, f"Network is disabled for {asked}: the test that started this process has ended"
        finally:
            line.close()
        head, _, text = answer.partition(b"\r\n\r\n")
        return head.startswith(b"HTTP/1.1 200"), text.decode("utf-8", "replace")


class Route:
    """
    Leads the connections of a child to ports of the test's process, which records and replays what goes over
    them: those of clients that use no proxy. *module* is ``socket``, whose names are replaced in this child.
    """

    def __init__(self, watch: Watch, module: Any) -> None:  # noqa: ANN401 - a module has no type of its own
        self._watch = watch
        self._module = module
        self._look_up = module.getaddrinfo
        self._names: dict[str, str] = {}  # by the address of this machine that stands for each

    def install(self) -> None:
        for name in ("connect", "connect_ex"):
            setattr(self._module.socket, name, self._leading(getattr(self._module.socket, name)))
        self._module.getaddrinfo = self._looked_up

    def _leading(self, connect: Any) -> Any:  # noqa: ANN401 - a method of sockets
        def connecting(sock: _socket.socket, address: Any, /) -> Any:  # noqa: ANN401 - as above
            return connect(sock, self._led(sock, address))

        return connecting

    def _led(self, sock: _socket.socket, address: Any) -> Any:  # noqa: ANN401 - as above
        if sock.family != _socket.AF_INET or sock.type != _socket.SOCK_STREAM:
            return address
        host = _text(address[0])
        return ("127.0.0.1", self._watch.routed(self._names.get(host, host), address[1]))

    def _looked_up(self, host: Any, port: Any, *rest: Any, **options: Any) -> list[Any]:  # noqa: ANN401 - those of getaddrinfo
        name = _text(host) if host else ""
        is_number = ":" in name or name.replace(".", "").isdigit()
        flags = options.get("flags", rest[3] if len(rest) > 3 else 0)  # noqa: PLR2004 - its place in the call
        if name and not is_number and not flags & _socket.AI_PASSIVE:  # which is for those that listen
            host = self._address(name)
        found: list[Any] = self._look_up(host, port, *rest, **options)
        return found

    def _address(self, name: str) -> str:
        """
        An address of its own for *name*: some clients, anyio among them, connect to the address that they get
        with the port that they have, so that the address alone has to say which host is meant.
        """
        for address, known in self._names.items():
            if known == name:
                return address
        high, low = divmod(len(self._names), 250)
        address = f"127.77.{high}.{low + 1}"
        self._names[address] = name
        return address


def _listens(sock: _socket.socket | None, port: int) -> bool:
    try:
        return (
            sock is not None
            and sock.getsockname()[1] == port
            and bool(sock.getsockopt(_socket.SOL_SOCKET, _socket.SO_ACCEPTCONN))
        )
    except OSError:  # it was closed
        return False


def _text(value: object) -> str:
    return os.fsdecode(value) if isinstance(value, bytes) else str(value)


def _watch() -> None:
    manner, *places = os.environ.get(_VARIABLE, "").split(" ")
    if places:
        host, _, port = places[0].rpartition(":")
        watch = Watch(host, int(port), refuses=manner == "refuse")
        sys.addaudithook(watch.heard)
        if _ROUTE in places:
            import socket  # noqa: PLC0415 - it takes its time, and few children are recorded

            Route(watch, socket).install()


def _hand_over() -> None:
    """
    Run the ``sitecustomize`` that this one stands before.
    """
    from importlib.util import module_from_spec  # noqa: PLC0415 - seldom is there another

    here = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - pathlib would take its time
    sys.path[:] = [path for path in sys.path if os.path.abspath(path or ".") != here]  # noqa: PTH100 - as above
    spec = PathFinder.find_spec("sitecustomize", sys.path)
    if spec is not None and spec.loader is not None:
        module = module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


_watch()
if __name__ == "sitecustomize":
    _hand_over()

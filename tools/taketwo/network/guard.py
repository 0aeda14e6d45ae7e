"""
The network, closed: code that connects, sends or looks up a name is checked by a :class:`Closed` first.

It is closed by one audit hook of Python's, which sees every socket of the process, whatever class or loop it
belongs to; an audit hook cannot be taken away, so it stays, and does nothing while the network is open. What
the hook sees too late, or not at all, is replaced for the time, as :mod:`taketwo.intercept.session_patches`
lists it.
"""

from __future__ import annotations

import re
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

from taketwo.errors import NetworkBlocked
from taketwo.intercept.session_patches import NETWORK
from taketwo.network.allowed import Allowed, is_address, is_loopback

_HOLDER = "_taketwo_audit"
_IP = (socket.AF_INET, socket.AF_INET6)
_KERNEL = ("AF_NETLINK", "AF_ALG", "AF_ROUTE", "AF_SYSTEM")
_INSIDE = tuple(getattr(socket, name) for name in _KERNEL if hasattr(socket, name))
"""The families of sockets that lead to the kernel and no further."""

# A text, which is compiled when a path is first met: most runs meet none.
_OF_MULTIPROCESSING = r"(?:\A\0|/pymp-[^/]+/)listener-[^/]+\Z"

_EVENTS = frozenset(
    {
        "socket.connect",
        "socket.getaddrinfo",
        "socket.gethostbyaddr",
        "socket.gethostbyname",
        "socket.getnameinfo",
        "socket.sendmsg",
        "socket.sendto",
    }
)
"""The audit events of Python that are judged."""

_here = threading.local()


class Closed:
    """
    The network while it is closed but for what is *allowed*; *why* names the test, and what to do about it.

    *asked* is called with each host that was refused. *further* gives what is allowed as well, and is called
    when something would be refused for the first time; where that *changes*, each time. With *plain* the
    message is that of pytest-recording, word for word, and the advice is a part of the error.
    """

    __slots__ = ("_asked", "_changes", "_further", "_plain", "_why", "allowed")

    def __init__(
        self,
        allowed: Allowed,
        why: Callable[[], str],
        *,
        asked: Callable[[str], None] | None = None,
        further: Callable[[], Allowed] | None = None,
        changes: bool = False,
        plain: bool = False,
    ) -> None:
        self.allowed = allowed
        self._why = why
        self._asked = asked
        self._further = further
        self._changes = changes
        self._plain = plain

    def allows(self, host: str, port: int | None) -> bool:
        """
        Whether *host* may be reached.
        """
        return self.allowed.covers(host, port) or self._wider().covers(host, port)

    def allows_path(self, path: str) -> bool:
        """
        The same for a Unix socket; those by which processes of ``multiprocessing`` talk are no network.
        """
        if self.allowed.covers_path(path) or re.search(_OF_MULTIPROCESSING, path):
            return True
        return self._wider().covers_path(path)

    def refuse(self, host: str, port: int | None = None, *, looked_up: bool = False) -> NetworkBlocked:
        """
        The error for code that asks for *host*.
        """
        if self._asked is not None:
            self._asked(host if port is None else f"{host}:{port}")
        what = f"host {host!r}" if port is None else f"host {host!r} (port {port})"
        target = f"{what}, which was to be looked up" if looked_up else what
        allow = f'allowed_hosts = ["{host}"]'
        advice = (
            f"to allow it: {allow} in [tool.taketwo], in vcr_config or in @pytest.mark.block_network; "
            f"or --allowed-hosts={host}"
        )
        if self._plain:
            return NetworkBlocked(f"Network is disabled for host {host!r}", advice=f"{self._why()}\n{advice}")
        return NetworkBlocked(f"Network is disabled for {target}: {self._why()}\n{advice}")

    def _wider(self) -> Allowed:
        """
        What is allowed by all that is known now.
        """
        further, self._further = self._further, None  # what it asks for itself changes nothing
        if further is None:
            return self.allowed
        wider = further()
        if self._changes:
            self._further = further
        else:
            self.allowed = wider
        return wider


class _Holder(Protocol):
    """
    What the audit hook of the process asks; one for all copies of this module that a process may load.
    """

    judge: Callable[[str, tuple[Any, ...]], None] | None


_stack: list[Closed | None] = []
_before: list[Callable[[str, tuple[Any, ...]], None] | None] = []


def network(state: Closed | None) -> AbstractContextManager[None]:
    """
    While open, the network is as *state* says; None is the network without any limit.
    """
    return _Network(state)


class _Network:
    # No generator, which takes three times as long: every test has one.
    __slots__ = ("_state",)

    def __init__(self, state: Closed | None) -> None:
        self._state = state

    def __enter__(self) -> None:
        enter(self._state)

    def __exit__(self, *_: object) -> None:
        leave(self._state)


def enter(state: Closed | None) -> None:
    if not _stack:
        _before.append(_holder().judge)
        _holder().judge = _judge
        NETWORK.acquire()
    else:
        NETWORK.renew()
    _stack.append(state)


def leave(state: Closed | None) -> None:
    """
    Take back what :func:`enter` did with *state*, whatever came after it.
    """
    for position in reversed(range(len(_stack))):
        if _stack[position] is state:
            del _stack[position]
            break
    if _before and not _stack:
        _holder().judge = _before.pop()
        NETWORK.release()


def current() -> Closed | None:
    """
    The network as it is now: None while it is open.
    """
    return _stack[-1] if _stack else None


@contextmanager
def unguarded() -> Iterator[None]:
    """
    While open, this thread reaches whatever it asks for: what the toolkit itself has to do.
    """
    before = getattr(_here, "unguarded", False)
    _here.unguarded = True
    try:
        yield
    finally:
        _here.unguarded = before


def is_unguarded() -> bool:
    return bool(getattr(_here, "unguarded", False))


def resolve(name: str) -> frozenset[str]:
    """
    The addresses of a host name, looked up once in a process.
    """
    found = _resolved.get(name)
    if found is None:
        with unguarded():
            try:
                every = socket.getaddrinfo(name, None)
            except OSError:
                every = []
        found = _resolved[name] = frozenset(str(one[4][0]).partition("%")[0] for one in every)
    return found


_resolved: dict[str, frozenset[str]] = {}


def check(host: str, port: int | None) -> None:
    """
    Refuse a connection to *host*, a name or an address, that is not allowed now.

    :raises NetworkBlocked: naming the host, whom the network is closed for, and how to allow it.
    """
    state = _in_force()
    if state is None:
        return
    if host and not is_address(host) and not is_loopback(host):
        check_name(host, port)
    elif not state.allows(host, port):
        raise state.refuse(host, port)


def check_name(host: str, port: int | None = None) -> None:
    """
    The same for a name that is to be looked up; those of this machine are known without asking anybody.
    """
    state = _in_force()
    if state is None or not host or is_address(host) or is_loopback(host) or host == socket.gethostname():
        return
    if not state.allows(host, port or None):
        raise state.refuse(host, looked_up=True)
    state.allowed.learn(host)


def check_address(sock: socket.socket, address: object) -> None:
    """
    The same for an *address* as a socket is given it.
    """
    state = _in_force()
    if state is None or address is None:
        return
    if sock.family in _IP and isinstance(address, tuple):
        check(_text(address[0]), address[1])
    elif sock.family == getattr(socket, "AF_UNIX", None):
        path = _text(address)
        if not state.allows_path(path):
            raise state.refuse(path)
    elif sock.family not in _INSIDE:
        raise state.refuse(f"<{sock.family!r}>")


def _in_force() -> Closed | None:
    return None if is_unguarded() else current()


def _judge(event: str, arguments: tuple[Any, ...]) -> None:
    match event:
        case "socket.connect":
            _check_connection(arguments[0], arguments[1])
        case "socket.sendto" | "socket.sendmsg":
            check_address(arguments[0], arguments[1])
        case "socket.getaddrinfo" if arguments[0] is not None:
            port = arguments[1]
            check_name(_text(arguments[0]), port if isinstance(port, int) else None)
        case "socket.gethostbyname":
            check_name(_text(arguments[0]))
        case "socket.gethostbyaddr":
            _check_number(_text(arguments[0]))
        case "socket.getnameinfo" if isinstance(arguments[0], tuple):
            _check_number(_text(arguments[0][0]))


def _check_connection(sock: socket.socket, address: object) -> None:
    """
    As :func:`check_address`. A refused socket is closed: ``socket.create_connection`` does that after
    errors of the operating system only.
    """
    try:
        check_address(sock, address)
    except NetworkBlocked:
        sock.close()
        raise


def _check_number(host: str) -> None:
    """
    Refuse to look up the name of an address, which asks a server as well.
    """
    state = _in_force()
    if state is None or is_loopback(host) or host in {"", "0.0.0.0", "::", socket.gethostname()}:  # noqa: S104 - not bound to
        return
    if not state.allows(host, None):
        raise state.refuse(host, looked_up=True)


def _holder() -> _Holder:
    """
    That of the process: pytest's own test tools may load this module more than once.
    """
    found: _AuditHolder | None = vars(socket).get(_HOLDER)
    if found is None:
        found = _AuditHolder()
        setattr(socket, _HOLDER, found)
        sys.addaudithook(_listener(found))
    return found


class _AuditHolder:
    __slots__ = ("judge",)

    def __init__(self) -> None:
        self.judge: Callable[[str, tuple[Any, ...]], None] | None = None


def _listener(holder: _AuditHolder) -> Callable[[str, tuple[Any, ...]], None]:
    """
    The audit hook: a function, since Python asks each hook for an attribute at each event, and a bound method
    answers that it has none with an error. An event takes 0.2 instead of 0.9 µs, and pytest alone causes
    2,500 of them (``id`` is one) before its first test. Measured with Python 3.11.
    """

    def heard(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _EVENTS and holder.judge is not None:
            holder.judge(event, arguments)

    return heard


def _text(value: object) -> str:
    if isinstance(value, bytes | bytearray):
        return bytes(value).decode("utf-8", "surrogateescape")
    return str(value)

"""
What the audit hook of :mod:`taketwo.network.guard` would see too late, or not at all.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

from taketwo.errors import NetworkBlocked
from taketwo.network.guard import check, check_address, check_name

if TYPE_CHECKING:
    from taketwo.intercept.patching import Replacements

Method: TypeAlias = Callable[..., Any]

_PERFORMING = ("perform", "perform_rb", "perform_rs")
_SWITCH = "_disable_pycurl"
_WITH_ADDRESS = 3
"""How many arguments ``sendmsg`` has behind its buffers when an address is the last of them."""


def install(module: ModuleType, replacements: Replacements) -> None:
    """
    Ask before a socket looks up the name that it is given for an address.
    """
    for name in ("connect", "connect_ex"):
        replacements.replace(module.socket, name, _connecting)
    replacements.replace(module.socket, "sendto", _sending)
    replacements.replace(module.socket, "sendmsg", _sending_parts)


def install_uvloop(module: ModuleType, replacements: Replacements) -> None:
    """
    Ask before uvloop connects or looks up a name: it does that without a socket of Python's.
    """
    replacements.replace(module.Loop, "create_connection", _creating_connection)
    replacements.replace(module.Loop, "create_datagram_endpoint", _creating_datagrams)
    replacements.replace(module.Loop, "getaddrinfo", _looking_up)


def install_pycurl(module: ModuleType, replacements: Replacements) -> None:
    """
    Have pytest-recording's stand-in for pycurl ask the same, where pycurl is installed.
    """
    if module.pycurl is None:
        return
    before = vars(module)[_SWITCH]
    vars(module)[_SWITCH] = True
    replacements.undo_with(lambda: vars(module).update({_SWITCH: before}))
    replacements.replace(module, "is_host_in_allowed_hosts", _allowing)
    replacements.replace(module.Curl, "__getattribute__", _reading)


def _reading(read: Method) -> Method:
    """
    It asks before ``perform`` alone, and only for an address with a scheme that ``setopt`` was given.
    """

    def __getattribute__(self: Any, name: str) -> object:  # noqa: ANN401, N807 - as the original
        if name in _PERFORMING:
            url = getattr(object.__getattribute__(self, "handle"), "url", None) or ""
            text = url.decode("latin-1") if isinstance(url, bytes) else url
            host = urlsplit(text if "://" in text else f"//{text}").hostname
            if host:
                check(host, None)
        return read(self, "setopt" if name == "setopt_string" else name)

    return __getattribute__


def _allowing(_: Method) -> Method:
    def is_allowed(host: str, _allowed_hosts: object) -> bool:
        check(host, None)
        return True

    return is_allowed


def _connecting(connect: Method) -> Method:
    @wraps(connect)
    def connecting(self: socket.socket, address: object, /) -> object:
        try:
            check_address(self, address)
        except NetworkBlocked:
            self.close()  # who made it expects an OSError alone, and would leave it open
            raise
        return connect(self, address)

    connecting.__name__ = "network_guard"  # as that of pytest-recording is called, which suites look at
    return connecting


def _sending(send: Method) -> Method:
    @wraps(send)
    def sending(self: socket.socket, data: object, *flags_and_address: object) -> object:
        check_address(self, flags_and_address[-1] if flags_and_address else None)
        return send(self, data, *flags_and_address)

    return sending


def _sending_parts(send: Method) -> Method:
    @wraps(send)
    def sending(self: socket.socket, buffers: object, *rest: object) -> object:
        check_address(self, rest[-1] if len(rest) == _WITH_ADDRESS else None)
        return send(self, buffers, *rest)

    return sending


def _creating_connection(create: Method) -> Method:
    @wraps(create)
    async def creating(
        self: object, factory: object, host: str | None = None, port: int | None = None, **options: object
    ) -> object:
        if host is not None:
            check(host, port)
        return await create(self, factory, host, port, **options)

    return creating


def _creating_datagrams(create: Method) -> Method:
    @wraps(create)
    async def creating(
        self: object,
        factory: object,
        local_addr: object = None,
        remote_addr: tuple[str, int] | None = None,
        **options: object,
    ) -> object:
        if remote_addr is not None:
            check(*remote_addr[:2])
        return await create(self, factory, local_addr, remote_addr, **options)

    return creating


def _looking_up(look_up: Method) -> Method:
    @wraps(look_up)
    async def looking_up(self: object, host: str | None, port: object, **options: object) -> object:
        if host is not None:
            check_name(host, port if isinstance(port, int) else None)
        return await look_up(self, host, port, **options)

    return looking_up

"""
The address to listen on.
"""

from __future__ import annotations

import socket


class ListenError(Exception):
    """
    An address cannot be listened on; the text says why, in one line.
    """


def bind(host: str, port: int) -> socket.socket:
    """
    A socket that has the address but does not listen yet: a busy port is found before anything is started.

    :raises ListenError: when the address is in use, or is not one of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends small answers without delay only on sockets that name their protocol.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise ListenError(f"cannot listen on {host}:{port}: {error.strerror or error}") from error
    return bound


def url_of(bound: socket.socket) -> str:
    """
    The URL of the address of *bound*, as a client of this machine writes it.
    """
    address, port = bound.getsockname()[:2]
    return f"http://[{address}]:{port}" if ":" in address else f"http://{address}:{port}"

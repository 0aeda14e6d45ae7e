"""
The address to listen on.
"""

from __future__ import annotations

import socket

from chorus_tts.errors import StartupError


def bind(host: str, port: int) -> socket.socket:
    """
    A socket that has the address but does not listen yet: a busy port is found before anything is started.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends small answers at once only on sockets whose protocol is named.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise StartupError(f"cannot listen on {host}:{port}: {error.strerror or error}") from error
    return bound

"""
Transports of httpx and httpx2 whose connections are prepared with the first of them, and not before.

To make a pool of connections, with an SSL context of its own, takes longer than a whole test does, and a test
that is replayed makes no connection. A client that outlives it still gets its pool: when it first needs one.
"""

from __future__ import annotations

import os
import ssl
import threading
from collections.abc import Callable, Mapping
from functools import partial, wraps
from pathlib import Path
from typing import Any, TypeAlias
from weakref import WeakSet

from taketwo.intercept.patching import Replacements
from taketwo.playback.active import current

Method: TypeAlias = Callable[..., Any]

_POOL = "_pool"
_OPTIONS = "_taketwo_wishes"
_USUAL = {
    "cert": None,
    "http2": False,
    "local_address": None,
    "proxy": None,
    "socket_options": None,
    "uds": None,
}
# A path of certificates that does not exist is an error when the client is made, as without us.
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_lock = threading.RLock()
_waiting: WeakSet[object] = WeakSet()


def install(module: Any, replacements: Replacements) -> None:  # noqa: ANN401 - httpx or httpx2
    """
    Have transports that are made while a test is replayed make their pools when they are first used.
    """
    _change(
        module.HTTPTransport,
        module.__name__,
        {"__enter__": _entering, "__exit__": _leaving, "close": _leaving},
        replacements,
    )
    _change(
        module.AsyncHTTPTransport,
        module.__name__,
        {"__aenter__": _entering_async, "__aexit__": _leaving_async, "aclose": _leaving_async},
        replacements,
    )


def _change(
    owner: type, library: str, wrappers: Mapping[str, Callable[[Method], Method]], replacements: Replacements
) -> None:
    if not hasattr(owner, _POOL):
        setattr(owner, _POOL, _Pool(getattr(owner, "__init__")))  # noqa: B009 - by name, as the others
        replacements.undo_with(partial(_remove_pool, owner))
    for name, wrapped in {"__init__": _later(library), **wrappers}.items():
        replacements.replace(owner, name, wrapped)


def _remove_pool(owner: type) -> None:
    # A client that has no pool yet gets it from here, also after the end of the session.
    if not any(isinstance(transport, owner) and _is_waiting(transport) for transport in _waiting):
        delattr(owner, _POOL)


class _Pool:
    """
    Stands for the pool of a transport that has none yet, and makes it.
    """

    def __init__(self, init: Method) -> None:
        self._init = init

    def __get__(self, transport: object, _: type) -> Any:  # noqa: ANN401 - a pool of httpcore, of either kind
        if transport is None:
            return self
        own = vars(transport)
        with _lock:
            if _POOL not in own:
                if _OPTIONS not in own:
                    raise AttributeError(_POOL)
                self._init(transport, **own[_OPTIONS])
        return own[_POOL]


def _later(library: str) -> Callable[[Method], Method]:
    def putting_off(init: Method) -> Method:
        @wraps(init)
        def later(self: object, *args: object, **options: object) -> None:
            active = current()
            is_replayed = active is not None and active.recorder is None and library not in active.skipped
            if is_replayed and not args and _is_usual(options):
                vars(self)[_OPTIONS] = options
                _waiting.add(self)
            else:
                init(self, *args, **options)

        return later

    return putting_off


def _is_usual(options: Mapping[str, object]) -> bool:
    """
    Whether nothing in *options* can be wrong.
    """
    verify = options.get("verify", True)
    return (
        isinstance(verify, bool | ssl.SSLContext)
        and all(options.get(name, usual) == usual for name, usual in _USUAL.items())
        and (not options.get("trust_env", True) or all(map(_is_there, _CERTIFICATES)))
    )


def _is_there(variable: str) -> bool:
    path = os.environ.get(variable)
    return not path or Path(path).exists()


def _is_waiting(transport: object) -> bool:
    own = vars(transport)
    return _OPTIONS in own and _POOL not in own


# What has no pool has none to open, and none to close.


def _entering(enter: Method) -> Method:
    @wraps(enter)
    def entered(self: object) -> object:
        return self if _is_waiting(self) else enter(self)

    return entered


def _leaving(leave: Method) -> Method:
    @wraps(leave)
    def left(self: object, *args: object) -> object:
        return None if _is_waiting(self) else leave(self, *args)

    return left


def _entering_async(enter: Method) -> Method:
    @wraps(enter)
    async def entered(self: object) -> object:
        return self if _is_waiting(self) else await enter(self)

    return entered


def _leaving_async(leave: Method) -> Method:
    @wraps(leave)
    async def left(self: object, *args: object) -> object:
        return None if _is_waiting(self) else await leave(self, *args)

    return left

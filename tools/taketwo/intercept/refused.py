"""
Clients that can be neither recorded nor replayed: what they send is refused, with their name and what to do.

Without this their traffic would be in no cassette, and the recording green.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any
from urllib.parse import urljoin

from taketwo.cassette.model import LiveRequest
from taketwo.intercept.patching import Replacements
from taketwo.playback.active import current

_GRPC = "leave gRPC to tests without a cassette, or give the code under test another channel"
_SLACK = "use slack_sdk.socket_mode.aiohttp or slack_sdk.socket_mode.websockets, which are recorded"
_URLLIB3_FUTURE = (
    "niquests uses it, and it takes the place of urllib3 where niquests is installed; "
    "use httpx, aiohttp, or requests in an environment without niquests"
)
_WEBSOCKETS = "use websockets.asyncio.client or websockets.sync.client, aiohttp or httpx2, which are recorded"
_CURL = "use httpx, requests or aiohttp, or httpx-curl-cffi, which are recorded"
_NATIVE = "use httpx, requests or aiohttp, which are recorded"
_VERBS = frozenset({"delete", "get", "head", "options", "patch", "post", "put", "trace"})
_CLIENTS = ("Client", "Session")
_ANY_METHOD = frozenset({"execute_request", "request", "stream"})
_SENDING = _VERBS | _ANY_METHOD | {"websocket"}
_WAYS_TO_CALL = {"__call__", "future", "with_call"}
_SCHEME = re.compile(r"[a-z]\w*:/+")  # of a target such as dns:///shop.test:50051


def install_grpc(module: Any, replacements: Replacements) -> None:  # noqa: ANN401 - grpc._channel, or that of grpc.aio
    """
    Have each call of a channel ask whether a cassette is open, whenever and however the channel was made.
    """
    for kind in list(vars(module).values()):
        if isinstance(kind, type) and kind.__name__.endswith("MultiCallable"):
            for name in _WAYS_TO_CALL & vars(kind).keys():
                replacements.replace(kind, name, _calling)


def _calling(call: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(call)
    def called(self: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - as the original
        target = self._channel.target  # of grpc.aio, an attribute
        where = _SCHEME.sub("", _text(target() if callable(target) else target), count=1)
        url = f"grpc://{where}{_text(self._method)}"
        refuse("grpcio", LiveRequest(method="POST", url=url), _GRPC)
        return call(self, *args, **options)

    return called


def install_slack(module: Any, replacements: Replacements) -> None:  # noqa: ANN401 - slack_sdk's own WebSocket
    def connecting(connect: Callable[[Any], None]) -> Callable[[Any], None]:
        @wraps(connect)
        def connected(self: Any) -> None:  # noqa: ANN401 - a Connection
            refuse("slack_sdk.socket_mode.builtin", LiveRequest(method="GET", url=self.url), _SLACK)
            connect(self)

        return connected

    replacements.replace(module.Connection, "connect", connecting)


def install_urllib3_future(module: Any, replacements: Replacements) -> None:  # noqa: ANN401 - urllib3_future, or urllib3
    """
    Refuse what goes through urllib3-future, which may have the name of urllib3; that itself is left alone.
    """
    if not hasattr(module, "AsyncHTTPConnectionPool"):
        return

    def opening(urlopen: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(urlopen)
        def opened(self: Any, method: str, url: str, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - a pool
            port = "" if self.port is None else f":{self.port}"
            whole = url if "://" in url else f"{self.scheme}://{self.host}{port}{url}"
            refuse("urllib3-future", LiveRequest(method=method, url=whole), _URLLIB3_FUTURE)
            return urlopen(self, method, url, *args, **options)

        return opened

    replacements.replace(module.HTTPConnectionPool, "urlopen", opening)
    replacements.replace(module.AsyncHTTPConnectionPool, "urlopen", opening)


def install_websocket_client(module: Any, replacements: Replacements) -> None:  # noqa: ANN401 - websocket._core
    def connecting(connect: Callable[..., None]) -> Callable[..., None]:
        @wraps(connect)
        def connected(self: Any, url: str, **options: Any) -> None:  # noqa: ANN401 - a WebSocket
            refuse("websocket-client", LiveRequest(method="GET", url=url), _WEBSOCKETS)
            connect(self, url, **options)

        return connected

    replacements.replace(module.WebSocket, "connect", connecting)


def install_websockets_legacy(module: Any, replacements: Replacements) -> None:  # noqa: ANN401 - websockets' old client
    def connecting(connect: Callable[[Any], Awaitable[Any]]) -> Callable[[Any], Awaitable[Any]]:
        @wraps(connect)
        async def connected(self: Any) -> Any:  # noqa: ANN401 - a Connect, and its protocol
            refuse("websockets.legacy", LiveRequest(method="GET", url=self._uri), _WEBSOCKETS)
            return await connect(self)

        return connected

    replacements.replace(module.Connect, "__await_impl__", connecting)


def install_websockets_trio(module: Any, replacements: Replacements) -> None:  # noqa: ANN401 - websockets' client for trio
    def connecting(connect: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        @wraps(connect)
        async def connected(self: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - a connect, and its connection
            refuse("websockets.trio", LiveRequest(method="GET", url=self.uri), _WEBSOCKETS)
            return await connect(self, *args, **options)

        return connected

    replacements.replace(module.connect, "connect", connecting)


def install_curl_cffi(module: Any, replacements: Replacements) -> None:  # noqa: ANN401 - curl_cffi.requests.session
    """
    Its libcurl opens connections past Python's sockets, so that it would reach the network in a replay too.
    """

    def asking(request: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(request)
        def asked(self: Any, method: str, url: str, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - a session
            _refuse_curl(self, method, url)
            return request(self, method, url, *args, **options)

        return asked

    def opening(connect: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(connect)
        def opened(self: Any, url: str, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - a session
            _refuse_curl(self, "GET", url)
            return connect(self, url, *args, **options)

        return opened

    for session in (module.Session, module.AsyncSession):
        replacements.replace(session, "request", asking)
        replacements.replace(session, "ws_connect", opening)


def install_native(module: Any, replacements: Replacements) -> None:  # noqa: ANN401 - of primp, rnet, wreq, httpr, tls_client
    """
    Their code in Rust or Go opens connections past Python's sockets, as libcurl does.
    """
    client = module.__name__.partition(".")[0]
    # A part of a library in Rust comes with it, and is not imported by itself.
    for part in filter(None, (module, vars(module).get("blocking"))):
        kinds = (kind for kind in vars(part).values() if isinstance(kind, type))
        for owner in (part, *(kind for kind in kinds if kind.__name__.endswith(_CLIENTS))):
            for name in _SENDING & vars(owner).keys():
                if callable(vars(owner)[name]):
                    replacements.replace(owner, name, _sending(client, name, is_method=owner is not part))


def _sending(
    client: str, name: str, *, is_method: bool
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """
    What stands in the place of a function that sends; the method is its name, or its first argument.
    """
    names = ("method", "url") if name in _ANY_METHOD else ("url",)

    def sending(send: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(send)
        def sent(*args: Any, **options: Any) -> Any:  # noqa: ANN401 - as the original
            given = {**options, **dict(zip(names, args[is_method:], strict=False))}
            method = name if name in _VERBS else str(given.get("method", "GET"))
            base = getattr(args[0], "base_url", None) if is_method else None
            whole = urljoin(str(base or ""), str(given.get("url", "")))
            # A member of an enumeration, as in rnet and wreq, is Method.GET.
            refuse(client, LiveRequest(method=method.rpartition(".")[2].upper(), url=whole), _NATIVE)
            return send(*args, **options)

        return sent

    return sending


def _refuse_curl(session: Any, method: str, url: str) -> None:  # noqa: ANN401 - of curl_cffi
    """
    What httpx-curl-cffi sends is recorded where httpx hands it over.
    """
    asking = sys._getframe(2)  # noqa: SLF001 - who called the function that stands for the session's
    if not asking.f_globals.get("__name__", "").startswith("httpx_curl_cffi"):
        whole = urljoin(getattr(session, "base_url", None) or "", url)
        refuse("curl_cffi", LiveRequest(method=method, url=whole), _CURL)


def refuse(client: str, request: LiveRequest, advice: str) -> None:
    """
    :raises CannotRecord: while a cassette is open that does not leave the request alone.
    """
    active = current()
    error = None if active is None else active.refuse_client(client, request, advice)
    if error is not None:
        raise error


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value

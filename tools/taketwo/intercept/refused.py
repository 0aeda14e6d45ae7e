"""
Clients that can be neither recorded nor replayed: what they send is refused, with their name and what to do.

Without this their traffic would be in no cassette, and the recording green.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from taketwo.cassette.model import LiveRequest
from taketwo.intercept.patching import Replacements
from taketwo.playback.active import current

_GRPC = "leave gRPC to tests without a cassette, or give the code under test another channel"
_SLACK = "use slack_sdk.socket_mode.aiohttp or slack_sdk.socket_mode.websockets, which are recorded"
_URLLIB3_FUTURE = (
    "niquests uses it, and it takes the place of urllib3 where niquests is installed; "
    "use httpx, aiohttp, or requests in an environment without niquests"
)
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
        _refuse("grpcio", LiveRequest(method="POST", url=url), _GRPC)
        return call(self, *args, **options)

    return called


def install_slack(module: Any, replacements: Replacements) -> None:  # noqa: ANN401 - slack_sdk's own WebSocket
    def connecting(connect: Callable[[Any], None]) -> Callable[[Any], None]:
        @wraps(connect)
        def connected(self: Any) -> None:  # noqa: ANN401 - a Connection
            _refuse("slack_sdk.socket_mode.builtin", LiveRequest(method="GET", url=self.url), _SLACK)
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
            _refuse("urllib3-future", LiveRequest(method=method, url=whole), _URLLIB3_FUTURE)
            return urlopen(self, method, url, *args, **options)

        return opened

    replacements.replace(module.HTTPConnectionPool, "urlopen", opening)
    replacements.replace(module.AsyncHTTPConnectionPool, "urlopen", opening)


def _refuse(client: str, request: LiveRequest, advice: str) -> None:
    """
    :raises CannotRecord: while a cassette is open that does not leave the request alone.
    """
    active = current()
    error = None if active is None else active.refuse_client(client, request, advice)
    if error is not None:
        raise error


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value

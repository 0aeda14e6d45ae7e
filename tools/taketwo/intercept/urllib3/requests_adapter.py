"""
requests, whose adapter takes as long to choose a pool as it takes to find the answer: ``HTTPAdapter.send``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from types import ModuleType
from typing import Any, TypeAlias

from requests.adapters import HTTPAdapter
from requests.models import PreparedRequest, Response
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.poolmanager import PoolManager

from taketwo.cassette.model import LiveResponse
from taketwo.intercept.http_client.held import holding
from taketwo.intercept.patching import Replacements
from taketwo.intercept.urllib3.direct import find, given, is_plain_timeout, playing
from taketwo.intercept.urllib3.listened import are_calls_listened_to
from taketwo.playback.active import ActiveCassette

Send: TypeAlias = Callable[..., Response]

_POOLS = {"http": HTTPConnectionPool, "https": HTTPSConnectionPool}


def install(_: ModuleType, replacements: Replacements) -> None:
    """
    Have every adapter ask the active cassette before it chooses a pool.
    """
    replacements.replace(HTTPAdapter, "send", _sending)


def _sending(send: Send) -> Send:
    @wraps(send)
    def sent(
        self: HTTPAdapter,
        request: PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002 - the signature of requests
        timeout: Any = None,  # noqa: ANN401 - as above
        verify: Any = True,  # noqa: ANN401, FBT002 - as above
        cert: Any = None,  # noqa: ANN401 - as above
        proxies: Mapping[str, str] | None = None,
    ) -> Response:
        active = None if cert or proxies or not _is_plain(self, timeout) else playing("urllib3")
        number = None if active is None else _find(active, request, verify=verify)
        if active is None or number is None:
            return send(self, request, stream, timeout, verify, cert, proxies)
        response = _given(self, request, active.player.response(number), stream=stream)
        if response is not None:
            return response
        with holding(number):
            return send(self, request, stream, timeout, verify, cert, proxies)

    return sent


def _is_plain(adapter: HTTPAdapter, timeout: object) -> bool:
    """
    Whether *adapter* does nothing but hand a request to a pool of urllib3.
    """
    if type(adapter) is not HTTPAdapter or type(adapter.poolmanager) is not PoolManager:
        return False
    manager = adapter.poolmanager
    if manager.pool_classes_by_scheme != _POOLS or manager.connection_pool_kw.get("block"):
        return False
    if isinstance(timeout, tuple):
        return len(timeout) == len(("connect", "read")) and all(map(is_plain_timeout, timeout))
    return is_plain_timeout(timeout)


def _find(active: ActiveCassette, request: PreparedRequest, *, verify: object) -> int | None:
    """
    The interaction for *request*; None where there is none, or requests does more than to hand it on.
    """
    url, headers, body = request.url, request.headers, request.body
    if url is None or request.method is None:
        return None
    scheme, _, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    pool = _POOLS.get(scheme)
    is_verified = verify is True or scheme == "http"
    is_in_chunks = body is not None and "Content-Length" not in headers
    if pool is None or not is_verified or is_in_chunks or are_calls_listened_to(pool):
        return None
    sent = tuple(headers.lower_items())
    return find(active, request.method, f"{scheme}://{authority}", slash + path, sent, body)


def _given(
    adapter: HTTPAdapter, request: PreparedRequest, answer: LiveResponse, *, stream: bool
) -> Response | None:
    raw = given(
        answer,
        request.method or "",
        retries=adapter.max_retries,
        redirect=False,
        is_whole=not stream,
        preload_content=False,
        decode_content=False,
        request_url=request.path_url,
    )
    return None if raw is None else adapter.build_response(request, raw)

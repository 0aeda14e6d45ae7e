"""
requests, whose adapter takes as long to choose a pool as it takes to find the answer: ``HTTPAdapter.send``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import wraps
from types import ModuleType
from typing import Any, TypeAlias

from requests.adapters import HTTPAdapter
from requests.models import PreparedRequest, Response
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.poolmanager import PoolManager

from taketwo.intercept.http_client.held import holding
from taketwo.intercept.patching import Replacements
from taketwo.intercept.urllib3.direct import Call, Found, find, given, is_plain_timeout, playing
from taketwo.intercept.urllib3.listened import are_calls_listened_to

Send: TypeAlias = Callable[..., Response]

_ADDRESS = re.compile(r"((https?)://[^/?#]+)(/.*)", re.DOTALL)
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
        active = playing("urllib3")
        call = None
        if active is not None and not (cert or proxies) and _is_plain(self, timeout):
            call = _call(request, verify=verify)
        found = None if active is None or call is None else find(active, call)
        if call is None or found is None:
            return send(self, request, stream, timeout, verify, cert, proxies)
        response = _given(self, request, found, call, stream=stream)
        if response is not None:
            return response
        with holding(found.number):
            return send(self, request, stream, timeout, verify, cert, proxies)

    return sent


def _is_plain(adapter: HTTPAdapter, timeout: object) -> bool:
    """
    Whether *adapter* does nothing but hand a request to a pool of urllib3.
    """
    manager = adapter.poolmanager
    if type(adapter) is not HTTPAdapter or type(manager) is not PoolManager:
        return False
    if manager.pool_classes_by_scheme != _POOLS or manager.connection_pool_kw.get("block"):
        return False
    if isinstance(timeout, tuple):
        return len(timeout) == len(("connect", "read")) and all(map(is_plain_timeout, timeout))
    return is_plain_timeout(timeout)


def _call(request: PreparedRequest, *, verify: object) -> Call | None:
    """
    *request* for urllib3; None where requests does more than to hand it on.
    """
    address = _ADDRESS.fullmatch(request.url or "")
    if address is None or request.method is None or request.headers is None:
        return None
    base, scheme, target = address.groups()
    is_verified = verify is True or scheme == "http"
    is_in_chunks = request.body is not None and "Content-Length" not in request.headers
    if not is_verified or is_in_chunks or are_calls_listened_to(_POOLS[scheme]):
        return None
    return Call(request.method, base, target, tuple(request.headers.lower_items()), request.body)


def _given(
    adapter: HTTPAdapter, request: PreparedRequest, found: Found, call: Call, *, stream: bool
) -> Response | None:
    raw = given(
        found,
        call,
        retries=adapter.max_retries,
        redirect=False,
        is_whole=not stream,
        preload_content=False,
        decode_content=False,
        request_url=call.target,
    )
    return None if raw is None else adapter.build_response(request, raw)

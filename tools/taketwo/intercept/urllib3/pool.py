"""
urllib3 and what goes through its pools, such as botocore: ``HTTPConnectionPool.urlopen``.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from functools import wraps
from types import ModuleType
from typing import Any, TypeAlias

from urllib3.connectionpool import HTTPConnectionPool
from urllib3.response import HTTPResponse
from urllib3.util.retry import Retry

from taketwo.cassette.model import LiveResponse
from taketwo.intercept.http_client.connection import base_of, library_of
from taketwo.intercept.http_client.held import holding
from taketwo.intercept.patching import Replacements
from taketwo.intercept.urllib3.direct import find, given, is_plain_timeout, playing
from taketwo.intercept.urllib3.listened import is_listened_to

UrlOpen: TypeAlias = Callable[..., Any]

_OPTIONS = frozenset(
    {
        "assert_same_host",
        "chunked",
        "decode_content",
        "enforce_content_length",
        "pool_timeout",
        "preload_content",
        "redirect",
        "release_conn",
        "retries",
        "timeout",
    }
)
_OF_RESPONSE = ("enforce_content_length",)
"""Those that the response is given where the call has them."""


def install(module: ModuleType, replacements: Replacements) -> None:
    """
    Have every pool ask the active cassette before it asks for a connection; urllib3-future has the same name.
    """
    if not hasattr(module, "AsyncHTTPConnectionPool"):
        replacements.replace(HTTPConnectionPool, "urlopen", _opening)


def _opening(urlopen: UrlOpen) -> UrlOpen:
    @wraps(urlopen)
    def opened(
        self: HTTPConnectionPool,
        method: str,
        url: str,
        body: Any = None,  # noqa: ANN401 - urllib3's
        headers: Mapping[str, str] | None = None,
        *args: Any,  # noqa: ANN401 - as above
        **options: Any,  # noqa: ANN401 - as above
    ) -> Any:  # noqa: ANN401 - as above
        active = None if args else playing(library_of(self.ConnectionCls))
        if active is None or not _is_plain(self, options):
            return urlopen(self, method, url, body, headers, *args, **options)
        sent = self.headers if headers is None else headers
        base = base_of(self.scheme, self.host, self.port)
        number = find(active, method, base, url, tuple(sent.items()), body)
        if number is None:
            return urlopen(self, method, url, body, headers, **options)
        response = _given(self, active.player.response(number), method, url, **options)
        if response is not None:
            return response
        with holding(number):
            return urlopen(self, method, url, body, headers, **options)

    return opened


def _is_plain(pool: HTTPConnectionPool, options: Mapping[str, Any]) -> bool:
    """
    Whether nothing happens in *pool* but that a request is sent, and answered.
    """
    if not options.keys() <= _OPTIONS or options.get("chunked") or pool.proxy is not None:
        return False
    if pool.block or pool.pool is None or not is_plain_timeout(options.get("timeout")):
        return False
    return not is_listened_to(type(pool)) and (pool.scheme == "http" or _is_verified(pool))


def _is_verified(pool: Any) -> bool:  # noqa: ANN401 - one for HTTPS
    """
    Whether the certificate of the service is verified: else urllib3 warns with each request.
    """
    context = pool.conn_kw.get("ssl_context")
    is_by_context = context is None or context.verify_mode == ssl.CERT_REQUIRED
    return is_by_context and pool.cert_reqs in {None, ssl.CERT_REQUIRED, "CERT_REQUIRED", "REQUIRED"}


def _given(
    pool: HTTPConnectionPool,
    answer: LiveResponse,
    method: str,
    target: str,
    *,
    retries: Retry | bool | int | None = None,
    redirect: bool = True,
    preload_content: bool = True,
    decode_content: bool = True,
    **options: Any,  # noqa: ANN401 - urllib3's
) -> HTTPResponse | None:
    if not isinstance(retries, Retry):
        retries = Retry.from_int(retries, redirect=redirect, default=pool.retries)
    more = {name: options[name] for name in _OF_RESPONSE if name in options}
    return given(
        answer,
        method,
        retries=retries,
        redirect=redirect,
        is_whole=preload_content,
        preload_content=preload_content,
        decode_content=decode_content,
        request_url=target,
        pool=pool,
        **more,
    )

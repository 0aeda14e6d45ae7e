"""
The matrix: clients, the things that each of them does, and what of it cannot be recorded and replayed yet.

A thing that a client has no word for is not applicable to it, and says why. A known gap has its reason in
:mod:`tests.toolkit.clients.gaps`; one that is closed fails the matrix until it is taken off the list.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

HTTP = (
    "get",
    "json_object",
    "json_list",
    "form",
    "multipart_text",
    "multipart_binary",
    "generator_body",
    "redirect_301",
    "redirect_302",
    "redirect_303",
    "redirect_307",
    "redirect_308",
    "redirect_post",
    "cookies",
    "packed_gzip",
    "packed_br",
    "packed_zstd",
    "head",
    "no_content",
    "not_modified",
    "ranges",
    "headers",
    "error",
    "streamed",
    "early_close",
    "broken",
    "timeout",
    "unanswered",
    "threads",
    "gather",
    "retries",
    "tls",
    "http2",
)

WEBSOCKET = (
    "text",
    "binary",
    "query",
    "subprotocol",
    "streamed",
    "early_close",
    "closed",
    "broken",
    "refused",
    "ping",
    "threads",
    "gather",
    "tls",
)

_NO_TASKS = "a synchronous client"
_NO_HTTP2 = "the client has no HTTP/2"
_SYNC = {"gather": _NO_TASKS}
_OLD = {"http2": _NO_HTTP2}
_READS_WHOLE = "the client reads every answer whole before it gives it"
_NO_MULTIPART = "the client writes no multipart bodies"
_FOLLOWS = ("301", "302", "303", "307", "308", "post")
_NO_REDIRECTS = {f"redirect_{which}": "the client follows no redirects" for which in _FOLLOWS}
_NO_BODY_AGAIN = "the client does not follow it with a body"
_NO_COOKIES = {"cookies": "the client keeps no cookies"}


_NEEDS: Mapping[str, tuple[str, ...]] = {
    "http2": ("hypercorn", "trustme"),
    "packed_br": ("brotli",),
    "packed_zstd": ("backports.zstd", "zstandard"),
    "tls": ("hypercorn", "trustme"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """
    One client. *module* is in the suite, and has the things itself, or an *adapter* for those in the module
    *shared*; clients of one *family* are run together. *needs* have to be importable.
    """

    name: str
    family: str
    module: str
    needs: tuple[str, ...]
    adapter: str = ""
    shared: str = "http"
    is_async: bool = False
    things: tuple[str, ...] = HTTP
    not_applicable: Mapping[str, str] = field(default_factory=dict)

    def cells(self) -> Iterator[str]:
        return (thing for thing in self.things if thing not in self.not_applicable)

    def missing(self, thing: str = "") -> str:
        """
        The modules that are not installed, and without which the client, or one thing of it, cannot be tried.
        """
        needs = (*self.needs, *_NEEDS.get(thing, ()))
        return ", ".join(sorted({name for name in needs if not is_installed(name)}))


_PLAIN: tuple[Row, ...] = (
    Row(
        name="httpx",
        family="httpx",
        module="with_httpx",
        adapter="Sync",
        needs=("httpx", "h2"),
        not_applicable=_SYNC,
    ),
    Row(
        name="httpx-async",
        family="httpx",
        module="with_httpx",
        adapter="Async",
        needs=("httpx", "h2"),
        is_async=True,
    ),
    Row(
        name="httpx2",
        family="httpx2",
        module="with_httpx2",
        adapter="Sync",
        needs=("httpx2", "h2"),
        not_applicable=_SYNC,
    ),
    Row(
        name="httpx2-async",
        family="httpx2",
        module="with_httpx2",
        adapter="Async",
        needs=("httpx2", "h2"),
        is_async=True,
    ),
    Row(
        name="requests",
        family="requests",
        module="with_requests",
        adapter="Sync",
        needs=("requests",),
        not_applicable=_SYNC | _OLD,
    ),
    Row(
        name="urllib3",
        family="urllib3",
        module="with_urllib3",
        adapter="Sync",
        needs=("urllib3",),
        not_applicable=_SYNC
        | _NO_COOKIES
        | {"http2": "urllib3 speaks it experimentally, in the place of all of its connections"},
    ),
    Row(
        name="aiohttp",
        family="aiohttp",
        module="with_aiohttp",
        adapter="Async",
        needs=("aiohttp",),
        is_async=True,
        not_applicable=_OLD,
    ),
    Row(
        name="http.client",
        family="standard",
        module="with_http_client",
        adapter="Sync",
        needs=(),
        not_applicable=_SYNC
        | _OLD
        | _NO_REDIRECTS
        | _NO_COOKIES
        | dict.fromkeys(("multipart_text", "multipart_binary"), _NO_MULTIPART),
    ),
    Row(
        name="http.client-by-name",
        family="standard",
        module="with_http_client",
        adapter="ByName",
        needs=(),
        things=("get", "json_object", "head", "threads", "tls"),
    ),
    Row(
        name="urllib",
        family="standard",
        module="with_urllib",
        adapter="Sync",
        needs=(),
        not_applicable=_SYNC
        | _OLD
        | {"redirect_post": _NO_BODY_AGAIN}
        | dict.fromkeys(("multipart_text", "multipart_binary"), _NO_MULTIPART),
    ),
    Row(
        name="httplib2",
        family="httplib2",
        module="with_httplib2",
        adapter="Sync",
        needs=("httplib2",),
        not_applicable=_SYNC
        | _OLD
        | _NO_COOKIES
        | {"redirect_post": _NO_BODY_AGAIN}
        | dict.fromkeys(("multipart_text", "multipart_binary"), _NO_MULTIPART)
        | dict.fromkeys(("streamed", "early_close", "broken", "timeout"), _READS_WHOLE),
    ),
    Row(
        name="tornado",
        family="tornado",
        module="with_tornado",
        adapter="Async",
        needs=("tornado",),
        is_async=True,
        not_applicable=_OLD
        | _NO_COOKIES
        | dict.fromkeys(("multipart_text", "multipart_binary"), _NO_MULTIPART)
        | {"early_close": "the client cannot leave an answer"},
    ),
)


def is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # the package that it is in
        return False


def _websocket(name: str, library: str, adapter: str, *, is_async: bool) -> Row:
    return Row(
        name=name,
        family=library,
        module=f"ws_{library}",
        adapter=f"{adapter}()",
        shared="sockets",
        needs=("wsproto", library) if library == "httpx2" else (library,),
        is_async=is_async,
        things=WEBSOCKET,
        not_applicable={} if is_async else _SYNC,
    )


_WEBSOCKETS: tuple[Row, ...] = (
    _websocket("websockets", "websockets", "Async", is_async=True),
    _websocket("websockets-sync", "websockets", "Sync", is_async=False),
    _websocket("aiohttp-ws", "aiohttp", "Async", is_async=True),
    _websocket("httpx2-ws", "httpx2", "Sync", is_async=False),
    _websocket("httpx2-ws-async", "httpx2", "Async", is_async=True),
)

_MODEL = ("streamed", "early_close", "broken", "timeout", "error", "retries", "tls")
_SDK_SYNC, _SDK_ASYNC = (*_MODEL, "threads"), (*_MODEL, "gather")
_VENDORS: tuple[Row, ...] = (
    Row(
        name="openai",
        family="openai",
        module="openai_sync",
        needs=("openai",),
        things=(
            "get",
            "json_object",
            "json_list",
            "multipart_text",
            "multipart_binary",
            "streamed_named",
            *_SDK_SYNC,
        ),
    ),
    Row(
        name="openai-async",
        family="openai",
        module="openai_async",
        needs=("openai",),
        is_async=True,
        things=("get", "json_object", "multipart_text", "streamed_named", *_SDK_ASYNC),
    ),
    Row(
        name="anthropic",
        family="anthropic",
        module="anthropic_sync",
        needs=("anthropic",),
        things=("get", "json_object", "streamed_named", *_SDK_SYNC),
    ),
    Row(
        name="anthropic-async",
        family="anthropic",
        module="anthropic_async",
        needs=("anthropic",),
        is_async=True,
        things=("get", "json_object", *_SDK_ASYNC),
    ),
    Row(
        name="google-genai",
        family="google-genai",
        module="gemini_sync",
        needs=("google.genai",),
        things=("get", "json_object", "json_list", "upload", *_SDK_SYNC),
    ),
    Row(
        name="google-genai-async",
        family="google-genai",
        module="gemini_async",
        needs=("google.genai", "aiohttp"),
        is_async=True,
        things=("get", "json_object", "upload", *_SDK_ASYNC),
    ),
    Row(
        name="boto3",
        family="boto3",
        module="boto3_sync",
        needs=("boto3",),
        things=(
            "get",
            "json_object",
            "headers",
            "message",
            "generator_body",
            "binary",
            "head",
            "no_content",
            "not_modified",
            "ranges",
            *_SDK_SYNC,
        ),
    ),
    Row(
        name="gql-requests",
        family="gql",
        module="gql_requests",
        needs=("gql", "requests_toolbelt"),
        things=("json_object", "json_list", "multipart_text", "error"),
    ),
    Row(
        name="gql-httpx2",
        family="gql",
        module="gql_httpx2",
        needs=("gql", "httpx2"),
        things=("json_object", "json_list", "multipart_text", "error"),
    ),
    Row(
        name="gql-aiohttp",
        family="gql",
        module="gql_aiohttp",
        needs=("gql", "aiohttp"),
        is_async=True,
        things=(
            "json_object",
            "json_list",
            "multipart_text",
            "error",
            "gather",
            "subscription",
            "subscription_old",
        ),
    ),
    Row(
        name="gql-websockets",
        family="gql",
        module="gql_websockets",
        needs=("gql", "websockets"),
        is_async=True,
        things=("subscription", "subscription_old"),
    ),
    Row(
        name="mcp",
        family="mcp",
        module="mcp_async",
        needs=("mcp",),
        is_async=True,
        things=("json_object", "streamed", "error", "gather"),
    ),
)


ROWS = (*_PLAIN, *_WEBSOCKETS, *_VENDORS)


def rows_of(family: str) -> list[Row]:
    return [row for row in ROWS if row.family == family]


def cells() -> Iterator[tuple[Row, str]]:
    return ((row, thing) for row in ROWS for thing in row.cells())

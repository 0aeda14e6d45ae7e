"""
Every patch of somebody else's code, but for those in :mod:`taketwo.intercept.session_patches`.

Each is applied when its library is imported, once in a process, and undone at the end of the session.
"""

from __future__ import annotations

from taketwo.intercept.patching import Patch, Registry


def _patches_of_httpx(name: str, version: str) -> tuple[Patch, ...]:
    return (
        Patch(
            module=name,
            replaces=(
                "HTTPTransport._pool",
                "HTTPTransport.__init__",
                "HTTPTransport.__enter__",
                "HTTPTransport.__exit__",
                "HTTPTransport.close",
                "AsyncHTTPTransport._pool",
                "AsyncHTTPTransport.__init__",
                "AsyncHTTPTransport.__aenter__",
                "AsyncHTTPTransport.__aexit__",
                "AsyncHTTPTransport.aclose",
            ),
            reason="A client that is made in a replay connects only when it needs to: 20 ms a client.",
            checked=f"{name} {version}",
            installer="taketwo.intercept.httpx.lazy_pool:install",
        ),
        Patch(
            module=name,
            replaces=("HTTPTransport.handle_request", "AsyncHTTPTransport.handle_async_request"),
            reason="Requests are recorded and replayed where a client hands them to its transport.",
            checked=f"{name} {version}",
            installer="taketwo.intercept.httpx.transports:install",
        ),
        Patch(
            module=name,
            replaces=("Cookies.extract_cookies",),
            reason="A replayed answer without cookies is not searched for them: 20 % of a request's time.",
            checked=f"{name} {version}",
            installer="taketwo.intercept.httpx.transports:install_cookies",
        ),
    )


PATCHES = (
    Patch(
        module="ssl",
        replaces=(
            "SSLContext.load_verify_locations",
            "SSLContext.set_default_verify_paths",
            "SSLContext.wrap_socket",
            "SSLContext.wrap_bio",
            "SSLContext.get_ca_certs",
            "SSLContext.cert_store_stats",
        ),
        reason="A context that is made in a replay reads its certificates when it is used: 20 ms a client.",
        checked="Python 3.11 to 3.13",
        installer="taketwo.intercept.lazy_ssl:install",
    ),
    Patch(
        module="http.client",
        replaces=(
            "HTTPConnection.__init__",
            "HTTPConnection.putrequest",
            "HTTPConnection.send",
            "HTTPConnection.getresponse",
            "HTTPConnection.connect, and that of each class derived from it",
        ),
        reason="Requests are recorded and replayed where a client writes them to a connection. What "
        "VCR.py puts in its place loses requests of threads (kevin1024/vcrpy#849).",
        checked="Python 3.11 to 3.13; urllib3 1.26.20 and 2.8.0, botocore 1.44, httplib2 0.31, docker 7.2",
        installer="taketwo.intercept.http_client.connection:install",
    ),
    Patch(
        module="urllib3.connectionpool",
        replaces=("HTTPConnectionPool.urlopen",),
        reason="A replay does without a connection where it can: 150 µs a request.",
        checked="urllib3 1.26.20 and 2.8.0, botocore 1.44",
        installer="taketwo.intercept.urllib3.pool:install",
    ),
    Patch(
        module="requests.adapters",
        replaces=("HTTPAdapter.send",),
        reason="The same above the choice of a pool, which takes requests another 150 µs.",
        checked="requests 2.34.2",
        installer="taketwo.intercept.urllib3.requests_adapter:install",
    ),
    *_patches_of_httpx("httpx", "0.28.1"),
    *_patches_of_httpx("httpx2", "2.16.2"),
    Patch(
        module="httpx_curl_cffi",
        replaces=("CurlTransport.handle_request", "AsyncCurlTransport.handle_async_request"),
        reason="As for httpx: this transport takes the place of its own.",
        checked="httpx-curl-cffi 0.1",
        installer="taketwo.intercept.httpx.transports:install_curl_cffi",
    ),
    Patch(
        module="pyreqwest.compatibility.httpx",
        replaces=("SyncHttpxTransport.handle_request", "HttpxTransport.handle_async_request"),
        reason="As for httpx: this transport takes the place of its own.",
        checked="pyreqwest 0.5",
        installer="taketwo.intercept.httpx.transports:install_pyreqwest",
    ),
    Patch(
        module="aiohttp",
        replaces=("BaseConnector.connect", "BaseConnector.close"),
        reason="Requests are recorded and replayed where a session asks its connector for a connection.",
        checked="aiohttp 3.11.18, 3.12.15, 3.13.2 and 3.14.5",
        installer="taketwo.intercept.aiohttp.connector:install",
    ),
    Patch(
        module="aiohttp",
        replaces=("ClientWebSocketResponse.__init__",),
        reason="What a test receives is recorded when it receives it, and what it sends is compared.",
        checked="aiohttp 3.11.18, 3.12.15, 3.13.2 and 3.14.5",
        installer="taketwo.intercept.aiohttp.connector:install_websockets",
    ),
    Patch(
        module="aiohttp",
        replaces=("ClientSession._request", "client.TimeoutHandle"),
        reason="A recording of a service that has a quota waits, and sends again what is refused, in a "
        "middleware; the total time-out of the request does not run meanwhile.",
        checked="aiohttp 3.14.5; nothing is replaced in 3.11, which has no middlewares",
        installer="taketwo.intercept.aiohttp.turns:install",
    ),
    Patch(
        module="aiohttp.test_utils",
        replaces=("BaseTestServer.start_server",),
        reason="What a test asks a server of its own is neither recorded nor replayed.",
        checked="aiohttp 3.11.18, 3.12.15, 3.13.2 and 3.14.5",
        installer="taketwo.intercept.aiohttp.own_servers:install",
    ),
    Patch(
        module="tornado.simple_httpclient",
        replaces=("_HTTPConnection.__init__", "_HTTPConnection._create_connection"),
        reason="Requests are recorded and replayed below redirects, decompression and callbacks.",
        checked="tornado 6.4 and 6.6",
        installer="taketwo.intercept.tornado:install",
    ),
    Patch(
        module="tornado.curl_httpclient",
        replaces=("CurlAsyncHTTPClient.fetch_impl",),
        reason="Requests are recorded and replayed where tornado hands them to libcurl.",
        checked="tornado 6.6, pycurl 7.49",
        installer="taketwo.intercept.tornado:install_curl",
    ),
    Patch(
        module="httpx2.websockets",
        replaces=("WebSocketSession.receive", "AsyncWebSocketSession.receive"),
        reason="What a test receives is recorded when it receives it, and never waited for in vain.",
        checked="httpx2 2.16",
        installer="taketwo.intercept.httpx.websocket:install",
    ),
    Patch(
        module="httpx_ws",
        replaces=("WebSocketSession.receive", "AsyncWebSocketSession.receive"),
        reason="The same of the library that brings WebSockets to httpx.",
        checked="httpx-ws 0.9",
        installer="taketwo.intercept.httpx.websocket:install",
    ),
    Patch(
        module="websockets.asyncio.client",
        replaces=("connect.open_tcp_connection", "connect.create_connection"),
        reason="Conversations are recorded and replayed where the client opens its network connection.",
        checked="websockets 15.0, 16.0 and 17.0",
        installer="taketwo.intercept.websockets.client:install_asyncio",
    ),
    Patch(
        module="websockets.sync.client",
        replaces=("reconnect.open_connection", "connect"),
        reason="The same for the client for threads.",
        checked="websockets 15.0, 16.0 and 17.0",
        installer="taketwo.intercept.websockets.client:install_threads",
    ),
    Patch(
        module="grpc._channel",
        replaces=("each class whose name ends with MultiCallable: __call__, with_call, future",),
        reason="gRPC goes past Python's sockets, into no cassette: its calls are refused by name.",
        checked="grpcio 1.85",
        installer="taketwo.intercept.refused:install_grpc",
    ),
    Patch(
        module="grpc.aio._channel",
        replaces=("each class whose name ends with MultiCallable: __call__",),
        reason="The same for asyncio.",
        checked="grpcio 1.85",
        installer="taketwo.intercept.refused:install_grpc",
    ),
    Patch(
        module="slack_sdk.socket_mode.builtin.connection",
        replaces=("Connection.connect",),
        reason="It has a WebSocket of its own, on a socket, which cannot be recorded: refused by name.",
        checked="slack_sdk 3.48",
        installer="taketwo.intercept.refused:install_slack",
    ),
    Patch(
        module="websocket._core",
        replaces=("WebSocket.connect",),
        reason="websocket-client has a WebSocket of its own, on a socket: refused by name.",
        checked="websocket-client 1.9",
        installer="taketwo.intercept.refused:install_websocket_client",
    ),
    Patch(
        module="websockets.legacy.client",
        replaces=("Connect.__await_impl__",),
        reason="The old client of websockets is not recorded: refused by name.",
        checked="websockets 15.0, 16.1 and 17.0",
        installer="taketwo.intercept.refused:install_websockets_legacy",
    ),
    Patch(
        module="websockets.trio.client",
        replaces=("connect.connect",),
        reason="The client of websockets for trio is not recorded: refused by name.",
        checked="websockets 17.0",
        installer="taketwo.intercept.refused:install_websockets_trio",
    ),
    Patch(
        module="curl_cffi.requests.session",
        replaces=("Session.request", "Session.ws_connect", "AsyncSession.request", "AsyncSession.ws_connect"),
        reason="libcurl goes past Python's sockets, where no network is closed: refused by name.",
        checked="curl_cffi 0.17",
        installer="taketwo.intercept.refused:install_curl_cffi",
    ),
    *(
        Patch(
            module=name,
            replaces=(
                "each class whose name ends with Client or Session, and the module: get, post, request ...",
            ),
            reason="Clients in Rust and Go go past Python's sockets too: refused by name.",
            checked=checked,
            installer="taketwo.intercept.refused:install_native",
        )
        for name, checked in (
            ("httpr", "httpr 0.7"),
            ("primp", "primp 2.0"),
            ("rnet", "rnet 2.4"),
            ("tls_client.async_sessions", "tls-client 2.0"),
            ("tls_client.sessions", "tls-client 2.0"),
            ("wreq", "wreq 0.13"),
        )
    ),
    Patch(
        module="pycurl",
        replaces=("Curl", "CurlMulti", "AsyncCurlMulti.add_handle"),
        reason="The same of pycurl by itself; tornado's client over it is recorded.",
        checked="pycurl 7.49",
        installer="taketwo.intercept.pycurl:install",
    ),
    Patch(
        module="pytest_recording.network",
        replaces=("Curl.__init__",),
        reason="The same of what stands in for pycurl there.",
        checked="pytest-recording 0.14",
        installer="taketwo.intercept.pycurl:install_stand_in",
    ),
    *(
        Patch(
            module=name,
            replaces=("HTTPConnectionPool.urlopen", "AsyncHTTPConnectionPool.urlopen"),
            reason="urllib3-future does without http.client and cannot be recorded: refused by name.",
            checked="urllib3-future 2.25",
            installer="taketwo.intercept.refused:install_urllib3_future",
        )
        for name in ("urllib3", "urllib3_future")
    ),
)

THREAD_PATCHES = (
    Patch(
        module="threading",
        replaces=("Thread.start",),
        reason="A request belongs to the test that started its thread; a thread inherits no context.",
        checked="Python 3.11 to 3.13",
        installer="taketwo.intercept.threads:install",
    ),
    Patch(
        module="concurrent.futures.thread",
        replaces=("ThreadPoolExecutor.submit",),
        reason="A request belongs to the test that submitted it, whoever started the thread of the pool.",
        checked="Python 3.11 to 3.13",
        installer="taketwo.intercept.threads:install_executor",
    ),
    Patch(
        module="multiprocessing.pool",
        replaces=(
            "ThreadPool.apply",
            "ThreadPool.apply_async",
            "ThreadPool.imap",
            "ThreadPool.imap_unordered",
            "ThreadPool.map",
            "ThreadPool.map_async",
            "ThreadPool.starmap",
            "ThreadPool.starmap_async",
            "ApplyResult._set",
            "MapResult._set",
            "IMapIterator._set",
            "IMapUnorderedIterator._set",
        ),
        reason="The same for the pools of multiprocessing that are threads; their callers wait for ever "
        "where a call ends with anything but an exception.",
        checked="Python 3.11 to 3.13",
        installer="taketwo.intercept.threads:install_pool",
    ),
    Patch(
        module="asyncio.base_events",
        replaces=("BaseEventLoop.create_task",),
        reason="A recording has to know which tasks were beside each other: chance decides who asks first.",
        checked="Python 3.11 to 3.13",
        installer="taketwo.intercept.tasks:install",
    ),
    Patch(
        module="uvloop",
        replaces=("Loop.create_task",),
        reason="The same for uvloop.",
        checked="uvloop 0.22",
        installer="taketwo.intercept.tasks:install_uvloop",
    ),
)
"""Those by which a thread knows whose it is, and by which tasks are known."""

PROCESS_PATCHES = (
    Patch(
        module="subprocess",
        replaces=("Popen.__init__",),
        reason="A child process inherits a proxy that refuses in a replay, and tells what it was asked for.",
        checked="Python 3.11 to 3.13",
        installer="taketwo.network.processes:install_subprocess",
    ),
    Patch(
        module="_posixsubprocess",
        replaces=("fork_exec",),
        reason="The same for the interpreters that multiprocessing starts.",
        checked="Python 3.11 to 3.13",
        installer="taketwo.network.processes:install_multiprocessing",
    ),
    Patch(
        module="os",
        replaces=("posix_spawn", "posix_spawnp", "system", "execv", "execve"),
        reason="The same for what is started without subprocess.",
        checked="Python 3.11 to 3.13",
        installer="taketwo.network.processes:install_os",
    ),
    Patch(
        module="uvloop",
        replaces=("Loop.subprocess_exec", "Loop.subprocess_shell"),
        reason="The same for uvloop, which starts processes by itself.",
        checked="uvloop 0.22",
        installer="taketwo.network.processes:install_uvloop",
    ),
)
"""Those by which child processes never reach a service unsaid."""

SLEEP_PATCHES = (
    Patch(
        module="time",
        replaces=("sleep, also where it was imported by name",),
        reason='A replay does not wait, with sleep = "skip": Retry-After, polling, backoff.',
        checked="Python 3.11 to 3.13",
        installer="taketwo.intercept.sleeping:install",
    ),
    Patch(
        module="asyncio",
        replaces=("sleep, also where it was imported by name",),
        reason="The same for tasks.",
        checked="Python 3.11 to 3.13; anyio 4.12",
        installer="taketwo.intercept.sleeping:install_asyncio",
    ),
    Patch(
        module="trio",
        replaces=("sleep, also where it was imported by name",),
        reason="The same for tasks of trio.",
        checked="trio 0.32",
        installer="taketwo.intercept.sleeping:install_trio",
    ),
    Patch(
        module="tornado.gen",
        replaces=("sleep, also where it was imported by name",),
        reason="The same for coroutines of tornado.",
        checked="tornado 6.6",
        installer="taketwo.intercept.sleeping:install_tornado",
    ),
)
"""Those by which a replay hardly sleeps, where a project wants that."""

REGISTRY = Registry((*PATCHES, *THREAD_PATCHES, *PROCESS_PATCHES))

SLEEPS = Registry(SLEEP_PATCHES, waits=True)

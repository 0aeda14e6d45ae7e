"""
A service for the tests of aiohttp: it echoes, redirects, streams, breaks off, and holds conversations.

``python service.py PORT`` listens on the loopback. ``/go`` lets the latest stream send its next piece.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import sys
import zlib
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

ROUTES = web.RouteTableDef()
GATES: list[asyncio.Semaphore] = []  # one for each stream
PIECES = [b"data: %d\n\n" % number for number in range(5)]
TEXT = "grün " * 50


@ROUTES.get("/health")
async def health(_: web.Request) -> web.Response:
    return web.json_response({"ok": True})


@ROUTES.route("*", "/echo")
async def echo(request: web.Request) -> web.Response:
    """
    What came in, as far as a service looks at it; a digest of a body that has a boundary would be chance.
    """
    body = await request.read()
    return web.json_response(
        {
            "method": request.method,
            "query": [[name, value] for name, value in request.query.items()],
            "type": request.headers.get("Content-Type", ""),
            "length": len(body),
            "sha": hashlib.sha256(body).hexdigest()[:8],
            "cookies": dict(request.cookies),
            "authorized": "Authorization" in request.headers,
            "coding": request.headers.get("Content-Encoding", ""),
            "framing": "chunked" if "Transfer-Encoding" in request.headers else "length",
            "word": request.headers.get("X-Word", ""),
        }
    )


@ROUTES.post("/fields")
async def fields(request: web.Request) -> web.Response:
    """
    The names of the fields of a form, each with the length of its value.
    """
    found = []
    async for part in await request.multipart():
        content = await part.read()  # type: ignore[union-attr]
        found.append([part.name, part.filename, part.headers.get("Content-Type"), len(content)])  # type: ignore[union-attr]
    return web.json_response(found)


@ROUTES.route("*", "/redirect/{status}/{target:.*}")
async def redirect(request: web.Request) -> web.Response:
    await request.read()
    headers = {"Location": "/" + request.match_info["target"], "Set-Cookie": "hop=yes; Path=/"}
    return web.Response(status=int(request.match_info["status"]), text="see there", headers=headers)


@ROUTES.get("/loop")
async def loop(_: web.Request) -> web.Response:
    raise web.HTTPFound("/loop")


@ROUTES.get("/cookies")
async def cookies(_: web.Request) -> web.Response:
    response = web.json_response({"set": True})
    response.set_cookie("flavour", "vanilla", path="/")
    response.set_cookie("size", "large", path="/", max_age=3600)
    return response


@ROUTES.get("/status/{status}")
async def status(request: web.Request) -> web.Response:
    number = int(request.match_info["status"])
    reason = request.query.get("reason")
    text = None if number in {204, 304} else f"status {number}"
    return web.Response(status=number, reason=reason, text=text, headers={"ETag": '"tag"'})


@ROUTES.get("/packed/{coding}")
async def packed(request: web.Request) -> web.Response:
    coding = request.match_info["coding"]
    content = TEXT.encode()
    pack: Any = {"gzip": _gzip, "deflate": zlib.compress, "br": _brotli, "zstd": _zstd}[coding]
    headers = {"Content-Encoding": coding, "Content-Type": "text/plain; charset=utf-8"}
    return web.Response(body=pack(content), headers=headers)


def _gzip(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def _brotli(content: bytes) -> bytes:
    import brotli  # noqa: PLC0415 - where it is installed

    packed: bytes = brotli.compress(content)
    return packed


def _zstd(content: bytes) -> bytes:
    if sys.version_info >= (3, 14):
        from compression import zstd  # noqa: PLC0415 - new in 3.14
    else:
        from backports import zstd  # noqa: PLC0415 - where it is installed

    packed: bytes = zstd.compress(content)
    return packed


@ROUTES.get("/head")
async def head(_: web.Request) -> web.Response:
    return web.Response(body=b"x" * 1234, content_type="text/plain")


@ROUTES.get("/latin")
async def latin(_: web.Request) -> web.Response:
    body = "grün".encode("latin-1")
    return web.Response(body=body, headers={"Content-Type": "text/plain; charset=iso-8859-1"})


@ROUTES.get("/large")
async def large(_: web.Request) -> web.Response:
    return web.Response(body=b"0123456789abcdef" * 65536, content_type="application/octet-stream")


@ROUTES.post("/go")
async def go(_: web.Request) -> web.Response:
    GATES[-1].release()
    return web.Response(status=204)


@ROUTES.get("/stream/{how}")
async def stream(request: web.Request) -> web.StreamResponse:
    """
    Pieces one after the other: at once, when the client says so (``hold``), or not to the end (``break``,
    ``hang``); ``length`` tells the length before.
    """
    how = request.match_info["how"]
    GATES.append(asyncio.Semaphore(0))
    gate = GATES[-1]
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    if how == "length":
        response.content_length = sum(map(len, PIECES))
    await response.prepare(request)
    for number, piece in enumerate(PIECES):
        if number == 3:
            await _interrupted(request, how)
        if number and how == "hold":
            await asyncio.wait_for(gate.acquire(), timeout=20)
        await response.write(piece)
        await asyncio.sleep(0.01 if how in {"slow", "length"} else 0)
    await response.write_eof()
    return response


async def _interrupted(request: web.Request, how: str) -> None:
    if how == "break" and request.transport is not None:
        request.transport.abort()
    if how == "hang":
        await asyncio.sleep(60)


@ROUTES.get("/stream-packed")
async def stream_packed(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    response.enable_compression(web.ContentCoding.gzip)
    await response.prepare(request)
    for piece in PIECES:
        await response.write(piece * 20)
    await response.write_eof()
    return response


@ROUTES.route("*", "/disconnect")
async def disconnect(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


@ROUTES.route("*", "/slow")
async def slow(_: web.Request) -> web.Response:
    await asyncio.sleep(30)
    return web.Response()


@ROUTES.get("/slower/{number}")
async def slower(request: web.Request) -> web.Response:
    """
    The later a request was sent, the sooner it is answered.
    """
    number = int(request.match_info["number"])
    await asyncio.sleep((20 - number) / 400)
    return web.json_response({"number": number})


@ROUTES.get("/upgrade")
async def upgrade(request: web.Request) -> web.StreamResponse:
    """
    Change to a protocol that is none of WebSockets.
    """
    response = web.StreamResponse(status=101, headers={"Upgrade": "tcp", "Connection": "Upgrade"})
    await response.prepare(request)
    return response


@ROUTES.get("/ws")
async def conversation(request: web.Request) -> web.WebSocketResponse:
    ws = web.WebSocketResponse(protocols=("talk.v1", "talk.v2"), autoping="raw" not in request.query)
    await ws.prepare(request)
    await ws.send_json(
        {"hello": request.query.get("name", "you"), "token": request.headers.get("X-Token", "")}
    )
    async for message in ws:
        if message.type is WSMsgType.TEXT:
            await _say(ws, message.data)
        elif message.type is WSMsgType.BINARY:
            await ws.send_bytes(message.data[::-1])
    return ws


async def _say(ws: web.WebSocketResponse, text: str) -> None:
    match text.split():
        case ["count", number]:
            for each in range(int(number)):
                await ws.send_json({"number": each})
        case ["close", code, reason]:
            await ws.close(code=WSCloseCode(int(code)), message=reason.encode())
        case ["break"]:
            assert ws._req is not None  # noqa: SLF001 - aiohttp has no way to cut a connection
            assert ws._req.transport is not None  # noqa: SLF001 - see above
            ws._req.transport.abort()  # noqa: SLF001 - see above
        case ["long"]:
            await ws.send_str("long " * 20_000)
        case _:
            await ws.send_str(text.upper())


@ROUTES.get("/graphql")
async def graphql(request: web.Request) -> web.WebSocketResponse:
    """
    A subscription, by the protocol graphql-transport-ws: one word, which is in the query.
    """
    ws = web.WebSocketResponse(protocols=("graphql-transport-ws",))
    await ws.prepare(request)
    async for message in ws:
        said = message.json()
        if said["type"] == "connection_init":
            await ws.send_json({"type": "connection_ack"})
        if said["type"] == "subscribe":
            word = said["payload"]["query"].split('"')[1]
            await ws.send_json({"id": said["id"], "type": "next", "payload": {"data": {"word": word}}})
            await ws.send_json({"id": said["id"], "type": "complete"})
    return ws


@ROUTES.get("/ws-refused")
async def refused(_: web.Request) -> web.Response:
    return web.json_response({"why": "full"}, status=503)


async def main(port: int) -> None:
    app = web.Application(client_max_size=2**24)
    app.add_routes(ROUTES)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))

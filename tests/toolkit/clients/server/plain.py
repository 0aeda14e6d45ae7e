"""
Plain HTTP: what is asked is answered, with a generated id.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Callable
from email import message_from_bytes
from email.message import Message
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.toolkit.clients.server.exchange import FILE, cell_of, new_id

METHODS = ["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"]

_visits: Counter[str] = Counter()


async def echo(request: Request) -> Response:
    return JSONResponse(
        {
            "id": new_id(),
            "method": request.method,
            "query": dict(request.query_params),
            "language": request.headers.get("accept-language"),
            "content": content_of(request.headers.get("content-type", ""), await request.body()),
        },
        headers={"x-request-id": new_id()},
    )


def content_of(media_type: str, body: bytes) -> object:
    """
    A body as its media type has it, without what a client draws anew each time: the boundary.
    """
    kind = media_type.partition(";")[0].strip()
    if not body:
        return None
    if kind == "application/json":
        return json.loads(body)
    if kind == "application/x-www-form-urlencoded":
        return dict(parse_qsl(body.decode()))
    if kind.startswith("multipart/"):
        return _parts(media_type, body)
    return body.decode("latin-1")


def _parts(media_type: str, body: bytes) -> list[dict[str, object]]:
    message = message_from_bytes(f"content-type: {media_type}\r\n\r\n".encode() + body)
    return [
        {
            "name": part.get_param("name", header="content-disposition"),
            "file": part.get_filename(),
            "sha256": hashlib.sha256(_content(part)).hexdigest(),
        }
        for part in message.get_payload()
        if not isinstance(part, str)
    ]


def _content(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


async def redirect(request: Request) -> Response:
    where = f"/{cell_of(request)}/echo?{urlencode(request.query_params)}"
    return RedirectResponse(where, request.path_params["status"])


async def login(request: Request) -> Response:
    answer = JSONResponse({"id": new_id()})
    answer.set_cookie("basket", request.query_params["word"])
    return answer


async def me(request: Request) -> Response:
    return JSONResponse({"id": new_id(), "basket": request.cookies.get("basket")})


def packers() -> dict[str, Callable[[bytes], bytes]]:
    """
    What packs a body; the server says for itself which codings it has.
    """
    import brotli  # noqa: PLC0415 - of the extra `clients`, as the next
    from backports import zstd  # noqa: PLC0415

    return {
        "br": brotli.compress,
        "deflate": zlib.compress,
        "gzip": lambda body: gzip.compress(body, mtime=0),
        "zstd": zstd.compress,
    }


async def packed(request: Request) -> Response:
    coding = request.path_params["coding"]
    body = json.dumps({"id": new_id(), "word": request.query_params["word"]}).encode()
    headers = {"content-encoding": coding, "content-type": "application/json"}
    return Response(packers()[coding](body), headers=headers)


async def nothing(_: Request) -> Response:
    return Response(status_code=204, headers={"x-request-id": new_id()})


async def tagged(request: Request) -> Response:
    tag = '"apple"'
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"etag": tag})
    return JSONResponse({"id": new_id()}, headers={"etag": tag})


async def file(request: Request) -> Response:
    """
    A file, or the range of it that is asked for.
    """
    unit, _, span = request.headers.get("range", "").partition("=")
    if unit != "bytes":
        return Response(FILE, media_type="application/octet-stream")
    first, last = map(int, span.split("-"))
    headers = {"content-range": f"bytes {first}-{last}/{len(FILE)}"}
    return Response(FILE[first : last + 1], 206, headers, "application/octet-stream")


async def flaky(request: Request) -> Response:
    """
    Nobody at home when a cell asks first.
    """
    _visits[cell_of(request)] += 1
    if _visits[cell_of(request)] == 1:
        return JSONResponse({"error": "overloaded"}, 503, {"retry-after": "0"})
    return JSONResponse({"id": new_id(), "word": request.query_params.get("word")})


ROUTES = (
    Route("/echo", echo, methods=METHODS),
    Route("/redirect/{status:int}", redirect, methods=METHODS),
    Route("/login", login),
    Route("/me", me),
    Route("/packed/{coding}", packed),
    Route("/nothing", nothing, methods=METHODS),
    Route("/tagged", tagged),
    Route("/file", file),
    Route("/flaky", flaky, methods=METHODS),
)

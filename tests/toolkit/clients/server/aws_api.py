"""
What boto3 asks of S3, DynamoDB and SQS in the cells: XML and files, and JSON that a header gives its meaning.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from base64 import b64encode
from collections import Counter
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.toolkit.clients.server.exchange import cell_of, new_id
from tests.toolkit.clients.server.streams import broken, pieces, stalled

_METHODS = ["DELETE", "GET", "HEAD", "POST", "PUT"]
_objects: dict[tuple[str, str], bytes] = {}
_visits: Counter[str] = Counter()


def _headers() -> dict[str, str]:
    return {"x-amz-request-id": new_id().upper()[:16], "x-amz-id-2": b64encode(new_id().encode()).decode()}


async def thing(request: Request) -> Response:
    """
    An object of a bucket of S3.
    """
    at = (cell_of(request), request.path_params["key"])
    match request.method:
        case "PUT":
            _objects[at] = _unframed(request, await request.body())
            return Response(headers={**_headers(), "etag": _etag(_objects[at])})
        case "DELETE":
            _objects.pop(at, None)
            return Response(status_code=204, headers=_headers())
        case _ if at[1] in _STREAMS:
            return await _STREAMS[at[1]](request)
        case _ if at not in _objects:
            return _missing(at[1])
        case method:
            return _found(request, _objects[at], with_body=method == "GET")


def _found(request: Request, body: bytes, *, with_body: bool) -> Response:
    headers = {**_headers(), "etag": _etag(body), "last-modified": "Wed, 04 Feb 2026 10:00:00 GMT"}
    if request.headers.get("if-none-match") == _etag(body):
        return Response(status_code=304, headers=headers)
    status, unit = 200, request.headers.get("range", "").removeprefix("bytes=")
    if unit:
        first, last = map(int, unit.split("-"))
        headers["content-range"] = f"bytes {first}-{last}/{len(body)}"
        status, body = 206, body[first : last + 1]
    elif request.headers.get("x-amz-checksum-mode") == "ENABLED":
        headers["x-amz-checksum-crc32"] = b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()
    headers["content-length"] = str(len(body))
    return Response(body if with_body else b"", status, headers, "binary/octet-stream")


def _unframed(request: Request, body: bytes) -> bytes:
    """
    What is in a body of aws-chunked, where each piece has its length before it and a checksum comes last.
    """
    if "aws-chunked" not in request.headers.get("content-encoding", ""):
        return body
    found = b""
    while body:
        size, _, rest = body.partition(b"\r\n")
        length = int(size.partition(b";")[0], 16)
        if not length:
            break
        found, body = found + rest[:length], rest[length + 2 :]
    return found


def _etag(body: bytes) -> str:
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'


def _missing(key: str) -> Response:
    told = f"<Code>NoSuchKey</Code><Message>The key does not exist.</Message><Key>{key}</Key>"
    xml = f"<Error>{told}<RequestId>{new_id()}</RequestId></Error>"
    return Response(xml, 404, _headers(), "application/xml")


async def bucket(request: Request) -> Response:
    """
    What a bucket holds.
    """
    prefix = request.query_params.get("prefix", "")
    keys = sorted(key for cell, key in _objects if cell == cell_of(request) and key.startswith(prefix))
    contents = "".join(f"<Contents><Key>{key}</Key><Size>1</Size></Contents>" for key in keys)
    told = f"<Name>box</Name><Prefix>{prefix}</Prefix><KeyCount>{len(keys)}</KeyCount>"
    xml = f"<ListBucketResult>{told}<IsTruncated>false</IsTruncated>{contents}</ListBucketResult>"
    return Response(xml, headers=_headers(), media_type="application/xml")


async def by_target(request: Request) -> Response:
    """
    DynamoDB and SQS: one address for everything, and a header that says what is asked.
    """
    target = request.headers["x-amz-target"].rpartition(".")[2]
    asked = json.loads(await request.body() or b"{}")
    _visits[cell_of(request)] += 1
    if target == "DescribeLimits" and _visits[cell_of(request)] == 1:
        return _json({"__type": "com.amazon#ThrottlingException", "message": "slow down"}, 400)
    return _json(_ANSWERS[target](asked))


def _json(value: object, status: int = 200) -> Response:
    body = json.dumps(value).encode()
    headers = {"x-amzn-requestid": new_id().upper(), "x-amz-crc32": str(zlib.crc32(body))}
    return Response(body, status, headers, "application/x-amz-json-1.0")


_ANSWERS: dict[str, Callable[[dict[str, Any]], object]] = {
    "DescribeEndpoints": lambda _: {"Endpoints": [{"Address": "local", "CachePeriodInMinutes": 1}]},
    "DescribeLimits": lambda _: {"AccountMaxReadCapacityUnits": 80},
    "GetItem": lambda asked: {"Item": {**asked["Key"], "serial": {"S": new_id()}}},
    "ListTables": lambda _: {"TableNames": ["fruits"]},
    "PutItem": lambda _: {},
    "SendMessage": lambda asked: {
        "MessageId": new_id(),
        "MD5OfMessageBody": hashlib.md5(asked["MessageBody"].encode(), usedforsecurity=False).hexdigest(),
    },
}
_STREAMS = {"pieces": pieces, "broken": broken, "stalled": stalled}

ROUTES = (
    Route("/s3/box", bucket),
    Route("/s3/box/{key:path}", thing, methods=_METHODS),
    Route("/aws/", by_target, methods=["POST"]),
)

"""
Cassettes as HAR 1.2, which browsers and proxies read and write: with the values of a replay, and no secrets.
"""

from __future__ import annotations

import base64
import json
from urllib.parse import parse_qsl, urlsplit

from taketwo.cassette.content import whole
from taketwo.cassette.header_names import header
from taketwo.cassette.model import Cassette, JsonValue, LiveRequest, LiveResponse, Pairs
from taketwo.cassette.normalize import decoded
from taketwo.cassette.reason_phrases import usual_phrase
from taketwo.cassette.replay import Replay
from taketwo.cassette.secrets.redact import Redactor
from taketwo.errors import CassetteError
from taketwo.version import VERSION

_UNKNOWN = -1
"""What HAR says of sizes and times that nobody has measured."""


def har_text(cassette: Cassette) -> str:
    """
    The interactions of *cassette* as a HAR file.

    :raises CassetteError: naming a request with a binary body, which HAR has no place for.
    """
    replay = Replay(cassette, redactor=Redactor({}), reveal={})
    entries: list[JsonValue] = [
        {
            "startedDateTime": cassette.time,
            "time": 0,
            "request": _request(replay.live_request(number)),
            "response": _response(replay.response(number)),
            "cache": {},
            "timings": {"send": 0, "wait": 0, "receive": 0},
        }
        for number in range(len(cassette.interactions))
    ]
    log: JsonValue = {
        "version": "1.2",
        "creator": {"name": "taketwo", "version": VERSION},
        "entries": entries,
    }
    return json.dumps({"log": log}, indent=2, ensure_ascii=False) + "\n"


def _request(request: LiveRequest) -> dict[str, JsonValue]:
    query = parse_qsl(urlsplit(request.url).query, keep_blank_values=True)
    table: dict[str, JsonValue] = {
        "method": request.method,
        "url": request.url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(request.headers),
        "queryString": _pairs(tuple(query)),
        "headersSize": _UNKNOWN,
        "bodySize": len(request.body),
    }
    if request.body:
        try:
            text = request.body.decode("utf-8")
        except UnicodeDecodeError:
            raise CassetteError(
                f"{request.method} {request.url} was sent with a binary body, which HAR cannot hold"
            ) from None
        table["postData"] = {"mimeType": header(request.headers, "content-type"), "text": text}
    return table


def _response(response: LiveResponse) -> dict[str, JsonValue]:
    body, headers, _ = decoded(response)
    content = whole(body)
    table: dict[str, JsonValue] = {"size": len(content), "mimeType": header(headers, "content-type")}
    try:
        table["text"] = content.decode("utf-8")
    except UnicodeDecodeError:
        table |= {"text": base64.b64encode(content).decode("ascii"), "encoding": "base64"}
    return {
        "status": response.status,
        "statusText": response.reason or usual_phrase(response.status),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(headers),
        "content": table,
        "redirectURL": header(headers, "location"),
        "headersSize": _UNKNOWN,
        "bodySize": _UNKNOWN,
    }


def _pairs(pairs: Pairs) -> list[JsonValue]:
    return [{"name": name, "value": value} for name, value in pairs]

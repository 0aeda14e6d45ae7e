"""
Imitations of OpenAI, Anthropic, Gemini, Stripe, Slack, S3 and GitHub on one port, in which every id, latency
and quota is another one with each answer, and times are those of a clock that runs fast: ``vendors.py PORT``.
"""

# ruff: noqa: E501, N815 - values of JSON as they are, and names of the base class

from __future__ import annotations

import json
import random
import secrets
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
Answer = tuple[int, dict[str, str], "bytes | list[bytes]"]
_dice = random.SystemRandom()
_clock = [time.time()]
_made: dict[str, int] = {}


def an_id(prefix: str, length: int = 24, signs: str = SIGNS) -> str:
    return prefix + "".join(_dice.choices(signs, k=length))


def now() -> float:
    """
    Seconds of a clock that goes on by less than one with each look: two in a row are equal, or not.
    """
    _clock.append(_clock[-1] + 0.8 * _dice.random())
    return _clock[-1]


def iso() -> str:
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(now()))}Z"


def as_json(value: object, *headers: tuple[str, str], status: int = 200) -> Answer:
    return status, {"Content-Type": "application/json", **dict(headers)}, json.dumps(value).encode()


def as_events(events: list[tuple[str, Any]], *headers: tuple[str, str], done: str = "") -> Answer:
    pieces = []
    for name, data in events:
        head = f"event: {name}\n" if name else ""
        pieces.append(f"{head}data: {json.dumps(data)}\n\n".encode())
    pieces += [f"data: {done}\n\n".encode()] if done else []
    return 200, {"Content-Type": "text/event-stream", **dict(headers)}, pieces


def of_openai() -> list[tuple[str, str]]:
    return [
        ("x-request-id", an_id("req_", 32, "0123456789abcdef")),
        ("openai-processing-ms", str(_dice.randrange(80, 2000))),
        ("x-ratelimit-remaining-requests", str(_dice.randrange(1000, 9999))),
        ("x-ratelimit-reset-tokens", f"{_dice.randrange(1, 900)}ms"),
        ("cf-ray", f"{secrets.token_hex(8)}-FRA"),
        ("x-envoy-upstream-service-time", str(_dice.randrange(5, 90))),
        ("set-cookie", f"__cf_bm={secrets.token_urlsafe(30)}; path=/; HttpOnly"),
    ]


def chat(asked: Any) -> Answer:  # noqa: ANN401 - JSON
    head = {"id": an_id("chatcmpl-", 29), "created": int(now()), "model": asked["model"]}
    head["system_fingerprint"] = an_id("fp_", 10, "0123456789abcdef")
    called = asked["messages"][-1]["role"] == "user" and asked.get("tools")
    if asked.get("stream"):
        chunk = {**head, "object": "chat.completion.chunk"}
        spoken = [
            (
                "",
                {
                    **chunk,
                    "choices": [{"index": 0, "delta": {"content": word}, "finish_reason": None}],
                    "obfuscation": an_id("", _dice.randrange(1, 15)),
                },
            )
            for word in ("Hello", " wörld", "!")
        ]
        last = {**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
        return as_events([*spoken, ("", last)], *of_openai(), done="[DONE]")
    call = {"id": an_id("call_"), "type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}
    message = {
        "role": "assistant",
        "content": None if called else "3",
        **({"tool_calls": [call]} if called else {}),
    }
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if called else "stop"}
    usage = {"prompt_tokens": 3, "completion_tokens": 3, "total_tokens": 6}
    return as_json({**head, "object": "chat.completion", "choices": [choice], "usage": usage}, *of_openai())


def response_of_openai(asked: Any) -> Answer:  # noqa: ANN401 - JSON
    made = int(now())
    text = {"type": "output_text", "text": "Hi.", "annotations": []}
    output = {
        "id": an_id("msg_", 48, "0123456789abcdef"),
        "type": "message",
        "role": "assistant",
        "status": "completed",
        "content": [text],
    }
    value = {
        "id": an_id("resp_", 48, "0123456789abcdef"), "object": "response", "created_at": made,
        "completed_at": made + _dice.randrange(3), "status": "completed", "model": asked["model"], "output": [output],
        "parallel_tool_calls": True, "tool_choice": "auto", "tools": [],
        "previous_response_id": asked.get("previous_response_id"),
    }  # fmt: skip
    return as_json(value, *of_openai())


def file_of_openai(_asked: Any) -> Answer:  # noqa: ANN401 - JSON
    value = {
        "id": an_id("file-", 22),
        "object": "file",
        "bytes": 3,
        "created_at": int(now()),
        "filename": "file-system.txt",
        "purpose": "batch",
        "status": "processed",
    }
    return as_json(value, *of_openai())


def messages(asked: Any) -> Answer:  # noqa: ANN401 - JSON
    headers = [
        ("request-id", an_id("req_011", 21)),
        ("anthropic-ratelimit-requests-remaining", str(_dice.randrange(99))),
        ("anthropic-ratelimit-requests-reset", iso()),
        ("anthropic-ratelimit-requests-limit", "100"),
        ("cf-ray", f"{secrets.token_hex(8)}-AMS"),
        ("via", "1.1 google"),
    ]
    usage = {"input_tokens": 5, "output_tokens": 3}
    head = {
        "id": an_id("msg_01", 22),
        "type": "message",
        "role": "assistant",
        "model": asked["model"],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": usage,
    }
    tool = {"type": "tool_use", "id": an_id("toolu_01", 22), "name": "add", "input": {"a": 1}}
    if not asked.get("stream"):
        content = (
            [tool] if asked.get("tools") and len(asked["messages"]) == 1 else [{"type": "text", "text": "3"}]
        )
        return as_json({**head, "content": content, "stop_reason": "end_turn"}, *headers)
    events = [
        ("message_start", {"type": "message_start", "message": {**head, "content": []}}),
        (
            "content_block_start",
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        ),
        ("ping", {"type": "ping"}),
        (
            "content_block_delta",
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi é"}},
        ),
        ("content_block_stop", {"type": "content_block_stop", "index": 0}),
        (
            "message_delta",
            {
                "type": "message_delta",
                "delta": {"stop_reason": "end_turn", "stop_sequence": None},
                "usage": {"output_tokens": 3},
            },
        ),
        ("message_stop", {"type": "message_stop"}),
    ]
    return as_events(events, *headers)


def gemini(path: str) -> Answer:
    part = {"content": {"role": "model", "parts": [{"text": "Hi."}]}, "finishReason": "STOP", "index": 0}
    value = {"candidates": [part], "responseId": secrets.token_urlsafe(16), "modelVersion": "gemini-2.5-flash",
             "usageMetadata": {"promptTokenCount": 2, "candidatesTokenCount": 2, "totalTokenCount": 4}}  # fmt: skip
    headers = [("server-timing", f"gfet4t7; dur={_dice.randrange(100, 900)}")]
    return as_events([("", value)], *headers) if "stream" in path else as_json(value, *headers)


def stripe(path: str, key: str) -> Answer:
    headers = [("request-id", an_id("req_", 14)), ("idempotency-key", key), ("stripe-version", "2025-01-27")]
    customer = path.partition("/customers/")[2] or an_id("cus_", 14)
    made = _made.setdefault(customer, int(now()))
    value = {"id": customer, "object": "customer", "created": made, "email": "a@b.test", "phone": "+12025550123",
             "default_source": an_id("card_"), "livemode": False}  # fmt: skip
    return as_json(value, *headers)


def slack(asked: dict[str, list[str]]) -> Answer:
    stamp = f"{now():.6f}"
    value = {
        "ok": True,
        "channel": "C012AB3CD",
        "ts": stamp,
        "message": {"text": "hi", "ts": stamp, "thread_ts": asked.get("thread_ts", [stamp])[0]},
    }
    return as_json(value, ("x-slack-req-id", secrets.token_hex(16)), ("x-slack-backend", "r"))


def s3(method: str, path: str, query: dict[str, list[str]]) -> Answer:
    headers = {
        "x-amz-request-id": an_id("", 16, "0123456789ABCDEF"),
        "x-amz-id-2": secrets.token_urlsafe(48),
        "Content-Type": "application/xml",
    }
    if method == "POST" and "uploads" in query:
        upload = an_id("", 60)
        text = f"<InitiateMultipartUploadResult><Bucket>b</Bucket><Key>k</Key><UploadId>{upload}</UploadId></InitiateMultipartUploadResult>"
        return 200, headers, text.encode()
    if method == "DELETE":
        return 204, headers, b""
    if method == "PUT":
        return (
            200,
            {**headers, "ETag": '"900150983cd24fb0d6963f7d28e17f72"', "x-amz-version-id": an_id("", 32)},
            b"",
        )
    if path.endswith("missing"):
        text = f"<Error><Code>NoSuchKey</Code><Message>no</Message><RequestId>{headers['x-amz-request-id']}</RequestId><HostId>{headers['x-amz-id-2']}</HostId></Error>"
        return 404, headers, text.encode()
    items = "".join(
        f"<Contents><Key>{key}</Key><LastModified>{iso()[:-1]}.000Z</LastModified><ETag>&quot;9&quot;</ETag><Size>3</Size></Contents>"
        for key in "abc"
    )
    return (
        200,
        headers,
        f"<ListBucketResult><Name>b</Name>{items}<IsTruncated>false</IsTruncated></ListBucketResult>".encode(),
    )


def github(path: str) -> Answer:
    headers = [
        (
            "x-github-request-id",
            f"{secrets.token_hex(2).upper()}:{secrets.token_hex(3).upper()}:{secrets.token_hex(4)}",
        ),
        ("x-ratelimit-limit", "5000"),
        ("x-ratelimit-remaining", str(_dice.randrange(5000))),
        ("x-ratelimit-reset", str(int(now()) + 3000)),
        ("etag", f'W/"{secrets.token_hex(32)}"'),
    ]
    number = _dice.randrange(10**9, 4 * 10**9)
    made = iso()
    value = {"id": number, "node_id": an_id("I_kwDO", 12), "number": 7, "url": f"https://api.github.test{path}/comments/{number}",
             "title": "t", "created_at": made, "updated_at": made, "user": {"login": "o", "id": 1, "node_id": "MDQ6VXNlcjE="}}  # fmt: skip
    return as_json(value, *headers)


def rpc(asked: Any) -> Answer:  # noqa: ANN401 - JSON
    return as_json({"jsonrpc": "2.0", "id": asked["id"], "result": {"at": now(), "trace": str(uuid.uuid4())}})


_BY_PATH: dict[str, Callable[[Any], Answer]] = {
    "/v1/chat/completions": chat,
    "/v1/responses": response_of_openai,
    "/v1/files": file_of_openai,
    "/v1/messages": messages,
    "/rpc": rpc,
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the base class
        pass

    def do_GET(self) -> None:
        body = self._body()
        status, headers, content = self._answer(body)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if isinstance(content, bytes):
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            return
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in [*self._cut(content), b""]:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.flush()

    do_POST = do_PUT = do_DELETE = do_HEAD = do_GET

    def _cut(self, pieces: list[bytes]) -> Iterator[bytes]:
        """
        The same bytes, cut anywhere: in the midst of a character too.
        """
        whole = b"".join(pieces)
        while whole:
            size = _dice.randrange(1, 200)
            yield whole[:size]
            whole = whole[size:]

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("transfer-encoding", ""):
            return self.rfile.read(int(self.headers.get("content-length") or 0))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0].strip() or b"0", 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _answer(self, body: bytes) -> Answer:
        url = urlsplit(self.path)
        query = parse_qs(url.query, keep_blank_values=True)
        if url.path in _BY_PATH:
            is_json = "json" in self.headers.get("content-type", "")
            return _BY_PATH[url.path](json.loads(body) if is_json else None)
        if url.path.startswith("/v1/customers"):
            return stripe(url.path, self.headers.get("idempotency-key", ""))
        if url.path.startswith("/api/"):
            return slack(parse_qs(body.decode()))
        if url.path.startswith("/bucket"):
            return s3(self.command, url.path, query)
        if url.path.startswith("/repos/"):
            return github(url.path)
        return gemini(url.path)


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()

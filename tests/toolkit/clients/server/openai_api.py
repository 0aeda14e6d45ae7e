"""
OpenAI's API as far as the cells use it: chat completions, responses, embeddings, files, models.
"""

from __future__ import annotations

import base64
import struct
import time
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.toolkit.clients.server import events
from tests.toolkit.clients.server.exchange import cell_of, new_id
from tests.toolkit.clients.server.plain import content_of

_visits: Counter[str] = Counter()
_files: dict[str, bytes] = {}


def _headers() -> dict[str, str]:
    return {
        "x-request-id": new_id("req_"),
        "openai-processing-ms": str(time.time_ns() % 997),
        "openai-version": "2020-10-01",
    }


async def chat(request: Request) -> Response:
    asked = await request.json()
    word = asked["messages"][-1]["content"]
    if refused := _refused(request, asked["model"]):
        return refused
    whole = {"id": new_id("chatcmpl-"), "created": int(time.time()), "model": asked["model"]}
    if not asked.get("stream"):
        message = {"role": "assistant", "content": f"You said {word}.", "refusal": None}
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        usage = {"prompt_tokens": 3, "completion_tokens": 3, "total_tokens": 6}
        return JSONResponse(
            {**whole, "object": "chat.completion", "choices": [choice], "usage": usage}, headers=_headers()
        )
    chunk = {**whole, "object": "chat.completion.chunk"}
    spoken = events.told(
        events.in_words(cell_of(request), word, asked["model"]),
        first=[{**chunk, "choices": [_choice({"role": "assistant", "content": ""})]}],
        each=lambda text: {**chunk, "choices": [_choice({"content": text})]},
        last=[{**chunk, "choices": [_choice({}, "stop")]}],
    )
    return events.answer(spoken, named=False, done="[DONE]", headers=_headers())


def _choice(delta: object, reason: str | None = None) -> dict[str, object]:
    return {"index": 0, "delta": delta, "finish_reason": reason, "logprobs": None}


def _refused(request: Request, model: str) -> Response | None:
    _visits[cell_of(request)] += 1
    if model == "busy" and _visits[cell_of(request)] == 1:
        headers = {**_headers(), "retry-after-ms": "1"}
        return JSONResponse({"error": _error("rate_limit_exceeded")}, 429, headers)
    if model == "unknown":
        return JSONResponse({"error": _error("model_not_found")}, 404, _headers())
    return None


def _error(code: str) -> dict[str, object]:
    return {"message": f"The request failed: {code}", "type": "requests", "param": None, "code": code}


async def responses(request: Request) -> Response:
    asked = await request.json()
    word, made, message = asked["input"], int(time.time()), new_id("msg_")
    whole = _response(new_id("resp_"), made, asked["model"])
    if not asked.get("stream"):
        done = {**whole, "status": "completed", "output": [_message(message, f"You said {word}.")]}
        return JSONResponse(done, headers=_headers())
    spoken = _spoken(whole, message, events.in_words(cell_of(request), word))
    return events.answer(spoken, named=True, headers=_headers())


async def _spoken(
    whole: dict[str, Any], message: str, texts: AsyncIterator[str]
) -> AsyncIterator[events.Event]:
    sequence = iter(range(1000))
    yield {"type": "response.created", "sequence_number": next(sequence), "response": whole}
    heard = []
    async for text in texts:
        heard.append(text)
        yield {
            "type": "response.output_text.delta",
            "sequence_number": next(sequence),
            "item_id": message,
            "output_index": 0,
            "content_index": 0,
            "delta": text,
            "logprobs": [],
        }
    done = {**whole, "status": "completed", "output": [_message(message, "".join(heard))]}
    yield {"type": "response.completed", "sequence_number": next(sequence), "response": done}


def _response(name: str, made: int, model: str) -> dict[str, Any]:
    return {
        "id": name,
        "object": "response",
        "created_at": made,
        "model": model,
        "status": "in_progress",
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "output": [],
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
    }


def _message(name: str, text: str) -> dict[str, object]:
    content = [{"type": "output_text", "text": text, "annotations": []}]
    return {"id": name, "type": "message", "role": "assistant", "status": "completed", "content": content}


async def embeddings(request: Request) -> Response:
    asked = await request.json()
    texts = [asked["input"]] if isinstance(asked["input"], str) else asked["input"]
    data = [
        {"object": "embedding", "index": number, "embedding": _vector(text, asked.get("encoding_format"))}
        for number, text in enumerate(texts)
    ]
    usage = {"prompt_tokens": len(texts), "total_tokens": len(texts)}
    return JSONResponse(
        {"object": "list", "data": data, "model": asked["model"], "usage": usage}, headers=_headers()
    )


def _vector(text: str, encoding: str | None) -> object:
    values = [ord(letter) / 256 for letter in text]
    if encoding == "base64":
        return base64.b64encode(struct.pack(f"<{len(values)}f", *values)).decode()
    return values


async def models(_: Request) -> Response:
    made = {"object": "model", "created": 1700000000, "owned_by": "matrix"}
    listed = [{"id": name, **made} for name in ("gpt-small", "gpt-large")]
    return JSONResponse({"object": "list", "data": listed}, headers=_headers())


async def upload(request: Request) -> Response:
    parts = content_of(request.headers["content-type"], await request.body())
    assert isinstance(parts, list)
    [sent] = [part for part in parts if part["file"]]
    name = new_id("file-")
    _files[name] = sent["sha256"].encode()
    made = {"id": name, "object": "file", "bytes": len(_files[name]), "created_at": int(time.time())}
    told = {"filename": sent["file"], "purpose": "user_data", "status": "processed", "parts": len(parts)}
    return JSONResponse({**made, **told}, headers=_headers())


async def content(request: Request) -> Response:
    return Response(_files[request.path_params["file"]], media_type="application/octet-stream")


_AT = "/openai/v1"
ROUTES = (
    Route(f"{_AT}/chat/completions", chat, methods=["POST"]),
    Route(f"{_AT}/responses", responses, methods=["POST"]),
    Route(f"{_AT}/embeddings", embeddings, methods=["POST"]),
    Route(f"{_AT}/models", models),
    Route(f"{_AT}/files", upload, methods=["POST"]),
    Route(f"{_AT}/files/{{file}}/content", content),
)

"""
Gemini's API as far as the cells use it: content, whole and as a stream, embeddings, and uploads that resume.
"""

from __future__ import annotations

import hashlib
from collections import Counter

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.toolkit.clients.server import events
from tests.toolkit.clients.server.exchange import cell_of, new_id

_visits: Counter[str] = Counter()


async def model(request: Request) -> Response:
    asked = await request.json()
    name, _, what = request.path_params["what"].partition(":")
    _visits[cell_of(request)] += 1
    if name == "busy" and _visits[cell_of(request)] == 1:
        return _error(503, "UNAVAILABLE")
    if name == "unknown":
        return _error(404, "NOT_FOUND")
    if what == "batchEmbedContents":
        texts = [one["content"]["parts"][0]["text"] for one in asked["requests"]]
        vectors = [{"values": [ord(letter) / 256 for letter in text]} for text in texts]
        return JSONResponse({"embeddings": vectors})
    word = asked["contents"][-1]["parts"][0]["text"]
    answer = new_id()
    if what == "generateContent":
        return JSONResponse(_content(answer, name, f"You said {word}.", "STOP"))
    spoken = events.told(
        events.in_words(cell_of(request), word, name),
        each=lambda text: _content(answer, name, text),
        last=[_content(answer, name, "", "STOP")],
    )
    return events.answer(spoken, named=False)


def _content(answer: str, name: str, text: str, reason: str | None = None) -> dict[str, object]:
    candidate = {"content": {"role": "model", "parts": [{"text": text}]}, "index": 0}
    usage = {"promptTokenCount": 3, "candidatesTokenCount": 3, "totalTokenCount": 6}
    return {
        "candidates": [{**candidate, **({"finishReason": reason} if reason else {})}],
        "usageMetadata": usage,
        "modelVersion": name,
        "responseId": answer,
    }


def _error(status: int, code: str) -> Response:
    error = {"code": status, "message": f"The request failed: {code}", "status": code}
    return JSONResponse({"error": error}, status)


async def begin(request: Request) -> Response:
    """
    An upload begins with a request for the address to which its bytes go.
    """
    where = str(request.url.replace(path=f"/{cell_of(request)}/gemini/uploads/{new_id()}", query=""))
    return JSONResponse({}, headers={"x-goog-upload-url": where, "x-goog-upload-status": "active"})


async def upload(request: Request) -> Response:
    body = await request.body()
    file = {
        "name": f"files/{new_id().replace('-', '')[:12]}",
        "mimeType": "application/octet-stream",
        "sizeBytes": str(len(body)),
        "sha256Hash": hashlib.sha256(body).hexdigest(),
        "state": "ACTIVE",
    }
    return JSONResponse({"file": file}, headers={"x-goog-upload-status": "final"})


async def models(_: Request) -> Response:
    listed = [{"name": f"models/{name}", "displayName": name} for name in ("gemini-small", "gemini-large")]
    return JSONResponse({"models": listed})


_AT = "/gemini/v1"
ROUTES = (
    Route(f"{_AT}/models", models),
    Route(f"{_AT}/models/{{what}}", model, methods=["POST"]),
    Route("/gemini/upload/v1/files", begin, methods=["POST"]),
    Route("/gemini/uploads/{name}", upload, methods=["POST"]),
)

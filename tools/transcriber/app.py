"""
The HTTP surface: transcriptions and health.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from asgi_shell.openai import is_allowed, refused, wrong_key


def create_app(recognise: Callable[[bytes], str], *, key: str, unreadable: type[Exception]) -> Starlette:
    """
    The server as an ASGI application; *recognise* raises *unreadable* for what is no audio.
    """

    async def transcribe(request: Request) -> Response:
        if not is_allowed(request, key):
            return wrong_key()
        async with request.form() as form:
            file, wanted = form.get("file"), form.get("response_format", "json")
            audio = await file.read() if isinstance(file, UploadFile) else b""
        if not audio:
            return refused(400, "The form has no `file` with audio in it.", "missing_file")
        if wanted not in {"json", "text"}:
            return refused(400, "`response_format` must be json or text.", "invalid_response_format")
        try:
            text = await run_in_threadpool(recognise, audio)
        except unreadable as error:
            return refused(400, f"The file cannot be decoded: {error}", "invalid_audio")
        return JSONResponse({"text": text}) if wanted == "json" else PlainTextResponse(text)

    return Starlette(routes=[*_routes(transcribe, {"status": "ok"})])


def create_deaf_app(reason: str) -> Starlette:
    """
    The server where there is no recogniser: every transcription is refused with *reason*.
    """

    async def refuse(request: Request) -> Response:
        del request
        return refused(503, reason, "not_installed")

    return Starlette(routes=[*_routes(refuse, {"status": "ok", "recogniser": reason})])


def _routes(
    transcribe: Callable[[Request], Awaitable[Response]], state: Mapping[str, str]
) -> Iterator[Route]:
    async def health(request: Request) -> Response:
        del request
        return JSONResponse(state)

    yield Route("/v1/audio/transcriptions", transcribe, methods=["POST"])
    yield Route("/health", health)

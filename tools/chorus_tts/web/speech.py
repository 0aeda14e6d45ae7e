"""
Speech over HTTP, at once or as it is made.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Final

from starlette.requests import ClientDisconnect
from starlette.responses import Response, StreamingResponse

from chorus_tts import fields
from chorus_tts.parameters import read_format, read_speech_request
from chorus_tts.web.body import read_body
from chorus_tts.web.query import SPEECH, read_query

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine

    from starlette.requests import Request

    from chorus_tts.audio.formats import OutputFormat
    from chorus_tts.readiness import Readiness
    from chorus_tts.settings import Settings
    from chorus_tts.synthesizer import Speech, Synthesizer
    from chorus_tts.web.access import Access

DEFAULT_FORMAT: Final = "wav_24000"
# Nobody reads it; the number is that of other servers' logs.
_CLIENT_GONE: Final = 499


class SpeechEndpoints:
    def __init__(self, readiness: Readiness, access: Access, settings: Settings) -> None:
        self._readiness = readiness
        self._access = access
        self._body_timeout = settings.body_timeout

    async def at_once(self, request: Request) -> Response:
        synthesizer, speech, chosen = await self._asked(request)
        try:
            samples = await _unless_gone(request, _whole(synthesizer, speech, chosen.rate))
        except ClientDisconnect:
            return Response(status_code=_CLIENT_GONE)
        return Response(chosen.head(len(samples)) + samples, media_type=chosen.media_type)

    async def stream(self, request: Request) -> Response:
        synthesizer, speech, chosen = await self._asked(request)
        return StreamingResponse(_frames(synthesizer, speech, chosen), media_type=chosen.media_type)

    async def _asked(self, request: Request) -> tuple[Synthesizer, Speech, OutputFormat]:
        self._access.admit(request)
        synthesizer = self._readiness.synthesizer
        voice = synthesizer.voices.named(request.path_params["voice_id"])
        query = read_query(request.query_params, SPEECH)
        fields.flag(query, "enable_logging", default=True)
        chosen = read_format(query, default=DEFAULT_FORMAT)
        wanted = read_speech_request(await read_body(request, patience=self._body_timeout))
        return synthesizer, await synthesizer.prepare(wanted.text, voice, wanted.manner), chosen


async def _whole(synthesizer: Synthesizer, speech: Speech, rate: int) -> bytes:
    async with aclosing(synthesizer.perform(speech, rate)) as frames:
        return b"".join([frame async for frame in frames])


async def _frames(synthesizer: Synthesizer, speech: Speech, chosen: OutputFormat) -> AsyncIterator[bytes]:
    head = chosen.head(None)
    async with aclosing(synthesizer.perform(speech, chosen.rate)) as frames:
        async for frame in frames:
            yield head + frame
            head = b""


async def _unless_gone(request: Request, work: Coroutine[None, None, bytes]) -> bytes:
    """
    What *work* returns; it ends early when nobody waits for it any more.
    """
    working = asyncio.create_task(work)
    watching = asyncio.create_task(_gone(request))
    try:
        await asyncio.wait([working, watching], return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientDisconnect
        return working.result()
    finally:
        await _cancelled(working, watching)


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _cancelled(*tasks: asyncio.Task[bytes] | asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

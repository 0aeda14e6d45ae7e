"""
What the server tells about itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chorus_tts.web.access import PARAMETER
from chorus_tts.web.answers import answer
from chorus_tts.web.openapi import DOCUMENT
from chorus_tts.web.query import read_query

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from chorus_tts.readiness import Readiness
    from chorus_tts.web.access import Access


class ListingEndpoints:
    def __init__(self, readiness: Readiness, access: Access) -> None:
        self._readiness = readiness
        self._access = access

    async def health(self, request: Request) -> Response:
        del request
        _ = self._readiness.synthesizer
        return answer({"status": "ok"})

    async def voices(self, request: Request) -> Response:
        self._access.admit(request)
        read_query(request.query_params, {PARAMETER: str})
        voices = self._readiness.synthesizer.voices
        listed = [voice.described() for voice in voices]
        return answer({"voices": listed, "default_voice_id": voices.default.id})

    async def openapi(self, request: Request) -> Response:
        del request
        return answer(DOCUMENT)

"""
The routes, put together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from chorus_tts.errors import ChorusError
from chorus_tts.web.access import Access
from chorus_tts.web.answers import nothing_at, on_failure, on_refusal, on_unrouted, refusal
from chorus_tts.web.conversation import ConversationEndpoint
from chorus_tts.web.listing import ListingEndpoints
from chorus_tts.web.speech import SpeechEndpoints

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from chorus_tts.readiness import Readiness
    from chorus_tts.settings import Settings

_SPEECH = "/v1/text-to-speech/{voice_id}"


def create_app(readiness: Readiness, settings: Settings) -> Starlette:
    access = Access(settings.keys)
    listing = ListingEndpoints(readiness, access)
    speech = SpeechEndpoints(readiness, access, settings)
    conversation = ConversationEndpoint(readiness, access, settings)
    app = Starlette(
        routes=[
            Route("/healthz", listing.health),
            Route("/openapi.json", listing.openapi),
            Route("/v1/voices", listing.voices),
            Route(_SPEECH, speech.at_once, methods=["POST"]),
            Route(f"{_SPEECH}/stream", speech.stream, methods=["POST"]),
            WebSocketRoute(f"{_SPEECH}/stream-input", conversation.serve),
        ],
        exception_handlers={ChorusError: on_refusal, HTTPException: on_unrouted, Exception: on_failure},
    )
    app.router.redirect_slashes = False
    app.router.default = _nothing_here
    return app


async def _nothing_here(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        socket = WebSocket(scope, receive, send)
        await socket.send_denial_response(refusal(nothing_at(socket.url.path)))
    else:
        raise nothing_at(scope["path"])

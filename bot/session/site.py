"""The page over HTTP: its files, the library, the applets for its frame, the connection, health."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from bot.actions import html_actions
from bot.errors import BotError
from bot.mesh import Mesh
from bot.session.calls import Room
from bot.session.shelf import Shelf

_LOG = logging.getLogger(__name__)
_PAGE: Final = Path(__file__).parent.parent / "page"
_LARGEST_OFFER: Final = 256 * 1024
_FILES: Final = {
    "/": ("index.html", "text/html"),
    "/page.css": ("page.css", "text/css"),
    "/page.js": ("page.js", "text/javascript"),
}
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
# The page: files of its own and connections to its own server; frames too, so that an applet cannot navigate
# its frame to anywhere else.
_PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; "
    "img-src 'self' data:; media-src 'self' blob: mediastream:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
# An applet: what is written in it, in an origin that nobody shares; no network, no forms, no windows. The
# header holds where its address is opened outside of the frame as well.
APPLET_POLICY: Final = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data: blob:; media-src data: blob:; font-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)

Offer = Callable[[str], Awaitable[str]]


class Site:
    """
    What a browser may ask for.
    """

    def __init__(self, mesh: Mesh, shelf: Shelf, room: Room, *, offer: Offer) -> None:
        self._mesh = mesh
        self._shelf = shelf
        self._room = room
        self._offer = offer

    def application(self) -> web.Application:
        application = web.Application(client_max_size=_LARGEST_OFFER)
        for path in _FILES:
            application.router.add_get(path, self._file)
        application.router.add_get("/health", self._health)
        application.router.add_get("/api/applets", self._library)
        application.router.add_get("/applets/{id}", self._applet)
        application.router.add_post("/api/offer", self._offered)
        return application

    async def _file(self, request: web.Request) -> web.Response:
        name, content_type = _FILES[request.path]
        headers = {**_HEADERS, "Content-Security-Policy": _PAGE_POLICY}
        body = (_PAGE / name).read_bytes()
        return web.Response(body=body, content_type=content_type, charset="utf-8", headers=headers)

    async def _health(self, request: web.Request) -> web.Response:
        del request
        return web.json_response({"status": "ok"}, headers=_HEADERS)

    async def _library(self, request: web.Request) -> web.Response:
        del request
        try:
            entries = await html_actions.list_html_library(
                self._room.tenant_id, self._room.user_id, mesh=self._mesh
            )
        except BotError as error:
            return _failed(error)
        applets = [{"applet_id": each["page_id"], "title": each["title"]} for each in entries]
        return web.json_response({"applets": applets}, headers=_HEADERS)

    async def _applet(self, request: web.Request) -> web.Response:
        applet_id = request.match_info["id"]
        try:
            html = self._shelf.html(applet_id) or await self._kept(applet_id)
        except BotError as error:
            return _failed(error)
        if html is None:
            return web.json_response({"error": "There is no such applet."}, status=404, headers=_HEADERS)
        headers = {**_HEADERS, "Content-Security-Policy": APPLET_POLICY}
        return web.Response(text=html, content_type="text/html", headers=headers)

    async def _kept(self, applet_id: str) -> str | None:
        """
        The HTML as Mesh keeps it, for whoever may read it.
        """
        applet = await html_actions.get_html_generation_by_id(
            self._room.tenant_id, applet_id, user_id=self._room.user_id, mesh=self._mesh
        )
        if applet is None:
            return None
        self._shelf.put(applet_id, applet["htmlContent"])
        return applet["htmlContent"]

    async def _offered(self, request: web.Request) -> web.Response:
        # The page of another site may send here, but not with this content type, nor from this origin.
        if request.content_type != "application/json" or not _is_of_page(request):
            return web.json_response({"error": "Only the page may connect."}, status=403, headers=_HEADERS)
        try:
            sdp = (await request.json())["sdp"]
            answer = await self._offer(sdp)
        except (json.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
            return web.json_response({"error": "This is no offer."}, status=400, headers=_HEADERS)
        return web.json_response({"sdp": answer, "type": "answer"}, headers=_HEADERS)


def _is_of_page(request: web.Request) -> bool:
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host


def _failed(error: BotError) -> web.Response:
    _LOG.warning("the page got no answer: %s", error)
    return web.json_response(
        {"error": "The place where things are kept does not answer."}, status=502, headers=_HEADERS
    )

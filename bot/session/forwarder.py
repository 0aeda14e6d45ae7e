"""The way to the page: events of the tools become messages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from bot.session.messages import Message, event
from bot.session.shelf import Shelf

Send: TypeAlias = Callable[[Message], Awaitable[None]]

_HTML = "html_content"


class PageForwarder:
    """
    Sends what the tools say has happened to the page.

    The tools call an applet ``html``. Its HTML goes to the shelf and not through the data channel, whose
    messages have to be small; the page shows it in a frame that is served from there.
    """

    def __init__(self, send: Send, shelf: Shelf) -> None:
        self._send = send
        self._shelf = shelf

    async def send_event(self, name: str, payload: Mapping[str, object], /) -> None:
        kind, _, what = name.partition(".")
        if kind == "html":
            self._keep(payload, gone=what == "deleted")
            name = f"applet.{what}"
        small = {key: value for key, value in payload.items() if key != _HTML}
        await self._send(event(name, small))

    def _keep(self, payload: Mapping[str, object], *, gone: bool) -> None:
        applet_id, html = payload.get("applet_id"), payload.get(_HTML)
        if isinstance(applet_id, str) and gone:
            self._shelf.remove(applet_id)
        elif isinstance(applet_id, str) and isinstance(html, str):
            self._shelf.put(applet_id, html)

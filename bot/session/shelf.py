"""The applets that were shown in this process, from which the page's frame is served."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

_MOST: Final = 100


class Shelf:
    """
    The HTML of applets by their id, the last hundred of them.
    """

    def __init__(self) -> None:
        self._applets: OrderedDict[str, str] = OrderedDict()

    def put(self, applet_id: str, html: str) -> None:
        self._applets[applet_id] = html
        self._applets.move_to_end(applet_id)
        if len(self._applets) > _MOST:
            self._applets.popitem(last=False)

    def html(self, applet_id: str) -> str | None:
        return self._applets.get(applet_id)

    def remove(self, applet_id: str) -> None:
        self._applets.pop(applet_id, None)

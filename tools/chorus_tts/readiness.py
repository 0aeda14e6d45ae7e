"""
Whether a voice can speak yet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chorus_tts.errors import NotReadyError

if TYPE_CHECKING:
    from chorus_tts.studio import Studio


class Readiness:
    """
    The studio, as soon as it is open.
    """

    def __init__(self) -> None:
        self._studio: Studio | None = None
        self._reason = "the voices are still being loaded; try again in a second"

    def opened(self, studio: Studio) -> None:
        self._studio = studio

    def failed(self, reason: str) -> None:
        self._reason = reason

    @property
    def studio(self) -> Studio:
        if self._studio is None:
            raise NotReadyError(self._reason, code="not_ready")
        return self._studio

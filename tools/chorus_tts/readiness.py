"""
Whether a voice can speak yet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chorus_tts.errors import NotReadyError

if TYPE_CHECKING:
    from chorus_tts.synthesizer import Synthesizer


class Readiness:
    """
    The synthesizer, as soon as it is open.
    """

    def __init__(self) -> None:
        self._synthesizer: Synthesizer | None = None
        self._reason = "the voices are still being loaded; try again in a second"

    def opened(self, synthesizer: Synthesizer) -> None:
        self._synthesizer = synthesizer

    def failed(self, reason: str) -> None:
        self._reason = reason

    @property
    def synthesizer(self) -> Synthesizer:
        if self._synthesizer is None:
            raise NotReadyError(self._reason, code="not_ready")
        return self._synthesizer

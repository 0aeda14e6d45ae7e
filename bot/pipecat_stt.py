"""The recogniser as a service in a Pipecat pipeline; the only module beside the voice's that knows both."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from pipecat.frames.frames import ErrorFrame, Frame, TranscriptionFrame
from pipecat.services.settings import STTSettings
from pipecat.services.stt_service import SegmentedSTTService
from pipecat.transcriptions.language import Language
from pipecat.utils.time import time_now_iso8601

from bot.errors import HearingError
from bot.hearing import Hearing

_LATENCY = 3.0  # seconds that a transcription may take at most, as a rule, with tiny.en on an old processor


class HearingSTTService(SegmentedSTTService):
    """
    Has each stretch of speech that the voice activity detection cuts out written down.

    What cannot be written down is an error frame; the next stretch is tried again.
    """

    def __init__(self, hearing: Hearing, *, model: str, **options: object) -> None:
        super().__init__(
            ttfs_p99_latency=_LATENCY, settings=STTSettings(model=model, language=Language.EN), **options
        )
        self._hearing = hearing

    async def run_stt(self, audio: bytes) -> AsyncGenerator[Frame | None, None]:
        try:
            text = await self._hearing.transcribe(audio)
        except HearingError as error:
            yield ErrorFrame(error=str(error))
            return
        if text:
            yield TranscriptionFrame(text, self._user_id, time_now_iso8601(), Language.EN)

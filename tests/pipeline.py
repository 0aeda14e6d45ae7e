"""A Pipecat pipeline with nothing in it but the bot's voice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from pipecat.frames.frames import (
    EndFrame,
    ErrorFrame,
    Frame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    TTSAudioRawFrame,
    TTSSpeakFrame,
    TTSStartedFrame,
    TTSStoppedFrame,
    TTSTextFrame,
    TTSUpdateSettingsFrame,
)
from pipecat.observers.base_observer import BaseObserver, FramePushed
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.services.settings import TTSSettings
from pipecat.workers.runner import WorkerRunner

from bot.pipecat_tts import ChorusTTSService
from bot.voice_settings import VoiceSettings

_Said: TypeAlias = str | Frame | float | Callable[[ChorusTTSService], Awaitable[None]]


def answered(*words: str) -> list[Frame]:
    """
    The frames of an LLM's answer that comes word by word.
    """
    return [LLMFullResponseStartFrame(), *map(LLMTextFrame, words), LLMFullResponseEndFrame()]


def another_voice(voice_id: str) -> Frame:
    return TTSUpdateSettingsFrame(delta=TTSSettings(voice=voice_id))


class _Listener(BaseObserver):
    """
    Notes what the voice pushes, once for each frame.
    """

    def __init__(self, voice: ChorusTTSService) -> None:
        super().__init__()
        self.heard: list[tuple[str, object]] = []
        self._voice = voice
        self._seen: set[int] = set()

    async def on_push_frame(self, data: FramePushed) -> None:
        frame = data.frame
        told = _told(frame)
        if data.source is self._voice and told is not None and frame.id not in self._seen:
            self._seen.add(frame.id)
            self.heard.append(told)


def _told(frame: Frame) -> tuple[str, object] | None:
    match frame:
        case TTSStartedFrame():
            return "started", None
        case TTSAudioRawFrame():
            return "audio", frame.audio
        case TTSTextFrame():
            return "text", frame.text
        case TTSStoppedFrame():
            return "stopped", None
        case ErrorFrame():
            return "error", frame.error
        case _:
            return None


async def spoken_by(settings: VoiceSettings, *said: _Said, patience: float = 3.0) -> list[tuple[str, object]]:
    """
    What comes out of a pipeline that is told to speak texts, or given frames, and then ends.

    A number among them is a pause, in seconds; a function is called with the voice. A speech of
    which nothing comes for *patience* seconds is given up by Pipecat.
    """
    voice = ChorusTTSService(settings, stop_frame_timeout_s=patience)
    listener = _Listener(voice)
    worker = PipelineWorker(
        Pipeline([voice]), params=PipelineParams(), observers=[listener], cancel_on_idle_timeout=False
    )
    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    await asyncio.gather(runner.run(), _feed(worker, voice, said))
    return listener.heard


async def _feed(worker: PipelineWorker, voice: ChorusTTSService, said: Sequence[_Said]) -> None:
    for each in said:
        if isinstance(each, float):
            await asyncio.sleep(each)
        elif callable(each):
            await each(voice)
        else:
            await worker.queue_frame(TTSSpeakFrame(each) if isinstance(each, str) else each)
    await worker.queue_frame(EndFrame())

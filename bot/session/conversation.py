"""A conversation over any of Pipecat's transports: hears, thinks with the tools, and speaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipecat.adapters.llm.schemas.function_schema import FunctionSchema
from pipecat.adapters.llm.schemas.tools_schema import ToolsSchema
from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.audio.vad.vad_analyzer import VADParams
from pipecat.frames.frames import (
    EndFrame,
    InterruptionFrame,
    LLMMessagesAppendFrame,
    OutputTransportMessageUrgentFrame,
    TTSSpeakFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import (
    LLMContextAggregatorPair,
    LLMUserAggregatorParams,
)
from pipecat.services.openai.llm import OpenAILLMService
from pipecat.transports.base_transport import BaseTransport
from pipecat.turns.user_stop import SpeechTimeoutUserTurnStopStrategy
from pipecat.turns.user_turn_strategies import UserTurnStrategies
from pipecat.workers.runner import WorkerRunner

from bot.hearing import Hearing
from bot.mesh import Mesh
from bot.pipecat_stt import HearingSTTService
from bot.pipecat_tts import ChorusTTSService
from bot.session.calls import Room, ShownHandler
from bot.session.forwarder import PageForwarder
from bot.session.messages import Message, said, typed_text
from bot.session.observer import PageObserver
from bot.session.prompt import GREETING, INSTRUCTION
from bot.session.settings import SessionSettings
from bot.session.shelf import Shelf
from bot.tools.registry import get_handlers, get_schemas


@dataclass(frozen=True, slots=True)
class Services:
    """
    What all conversations of a process share.
    """

    mesh: Mesh
    hearing: Hearing
    shelf: Shelf


class Conversation:
    """
    One pipeline on one transport, from the greeting until whoever came has left.
    """

    def __init__(self, transport: BaseTransport, settings: SessionSettings, services: Services) -> None:
        self._settings = settings
        self._services = services
        self._worker = PipelineWorker(
            Pipeline(self._processors(transport)),
            params=PipelineParams(audio_in_sample_rate=16000, audio_out_sample_rate=24000),
            observers=[PageObserver(self._send, mask=settings.mask)],
            cancel_on_idle_timeout=False,
        )
        for name in ("on_client_connected", "on_client_disconnected", "on_app_message"):
            transport.event_handler(name)(getattr(self, name))

    async def hold(self) -> None:
        """
        Run until the end of the conversation.
        """
        runner = WorkerRunner(handle_sigint=False)
        await runner.add_workers(self._worker)
        await runner.run()

    async def end(self) -> None:
        await self._worker.queue_frame(EndFrame())

    async def on_client_connected(self, transport: object, client: object) -> None:
        del transport, client  # there is one of each
        await self._worker.queue_frame(TTSSpeakFrame(GREETING, append_to_context=False))

    async def on_client_disconnected(self, transport: object, client: object) -> None:
        del transport, client
        await self._worker.cancel()

    async def on_app_message(self, transport: object, message: object, sender: object) -> None:
        """
        What is typed stops the bot as what is spoken does, and is answered.
        """
        del transport, sender
        text = typed_text(message)
        if not text:
            return
        await self._send(said("user", text))
        asked = [{"role": "user", "content": text}]
        await self._worker.queue_frames([InterruptionFrame(), LLMMessagesAppendFrame(asked, run_llm=True)])

    async def _send(self, message: Message) -> None:
        await self._worker.queue_frame(OutputTransportMessageUrgentFrame(message))

    def _processors(self, transport: BaseTransport) -> Sequence[object]:
        voice = ChorusTTSService(self._settings.voice)
        user, assistant = LLMContextAggregatorPair(
            LLMContext(tools=_tools()),
            user_params=_user_params(self._settings.pause),
            realtime_service_mode=False,
        )
        return [
            transport.input(),
            HearingSTTService(self._services.hearing, model=self._settings.hearing.model),
            user,
            self._model(),
            voice,
            transport.output(),
            assistant,
        ]

    def _model(self) -> OpenAILLMService:
        model = self._settings.model
        llm = OpenAILLMService(
            api_key=model.api_key,
            base_url=model.url,
            settings=OpenAILLMService.Settings(model=model.model, system_instruction=INSTRUCTION),
        )
        room = Room(self._settings.tenant_id, self._settings.user_id)
        forwarder = PageForwarder(self._send, self._services.shelf)
        handlers = get_handlers(room, {"instance": forwarder}, mesh=self._services.mesh)
        for name, handler in handlers.items():
            llm.register_function(name, ShownHandler(handler, self._send))
        return llm


def _tools() -> ToolsSchema:
    return ToolsSchema(
        standard_tools=[
            FunctionSchema(
                name=schema["name"],
                description=schema["description"],
                properties=schema["parameters"]["properties"],
                required=schema["parameters"]["required"],
            )
            for schema in get_schemas()
        ]
    )


def _user_params(pause: float) -> LLMUserAggregatorParams:
    # A turn ends with silence alone: the default asks a network whether the sentence sounded complete, and
    # its answer changes with each packet that is late.
    strategies = UserTurnStrategies(stop=[SpeechTimeoutUserTurnStopStrategy(user_speech_timeout=0.2)])
    return LLMUserAggregatorParams(
        vad_analyzer=SileroVADAnalyzer(params=VADParams(stop_secs=pause)), user_turn_strategies=strategies
    )

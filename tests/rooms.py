"""Conversations of the bot over transports of the test's, for tests that have the extra."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import ClassVar

import httpx
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient, TestServer
from aiortc import RTCPeerConnection
from pipecat.frames.frames import (
    BotStartedSpeakingFrame,
    BotStoppedSpeakingFrame,
    ErrorFrame,
    Frame,
    LLMFullResponseStartFrame,
    OutputTransportMessageUrgentFrame,
    StartFrame,
    TranscriptionFrame,
    TTSTextFrame,
    VADUserStartedSpeakingFrame,
)
from pipecat.observers.base_observer import FramePushed
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.transports.base_transport import BaseTransport, TransportParams

from bot.hearing import open_hearing
from bot.hearing_settings import HearingSettings
from bot.mesh import open_mesh
from bot.pipecat_stt import HearingSTTService
from bot.session.calls import Room
from bot.session.conversation import Conversation, Services
from bot.session.messages import Message
from bot.session.observer import PageObserver
from bot.session.run import serve_page
from bot.session.settings import SessionSettings
from bot.session.shelf import Shelf
from bot.session.site import Site
from bot.session.visits import Visits
from tests.fakes import SETTINGS, TENANT, USER, ScriptedTransport


class _Ear(FrameProcessor):
    """
    Passes frames on, and keeps what is meant for the page.
    """

    def __init__(self, kept: list[Message]) -> None:
        super().__init__()
        self._kept = kept

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, OutputTransportMessageUrgentFrame):
            self._kept.append(frame.message)
        await self.push_frame(frame, direction)


class FakeTransport(BaseTransport):
    """
    A transport with nobody at its other end; ``sent`` is what the page was sent.
    """

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[Message] = []
        self._ears = _Ear([]), _Ear(self.sent)
        for name in ("on_client_connected", "on_client_disconnected", "on_app_message"):
            self._register_event_handler(name)

    def input(self) -> FrameProcessor:
        return self._ears[0]

    def output(self) -> FrameProcessor:
        return self._ears[1]

    async def happens(self, name: str, *arguments: object) -> None:
        await self._call_event_handler(name, *arguments)


class DailyRoom(FakeTransport):
    """
    Stands for Pipecat's ``DailyTransport``, with nobody in the room.
    """

    joined: ClassVar[list[DailyRoom]] = []

    def __init__(
        self,
        room_url: str,
        token: str | None,
        bot_name: str,
        params: TransportParams | None = None,
        input_name: str | None = None,
        output_name: str | None = None,
    ) -> None:
        super().__init__()
        del input_name, output_name
        self.room_url, self.token, self.bot_name, self.params = room_url, token, bot_name, params
        self.is_used = False
        self.joined.append(self)

    def output(self) -> FrameProcessor:
        self.is_used = True
        return super().output()

    @classmethod
    def is_open(cls) -> bool:
        """
        Whether there is a conversation in the room.
        """
        return any(room.is_used for room in cls.joined)


class DailyTokens:
    """
    Stands for Pipecat's ``DailyRESTHelper``.
    """

    def __init__(
        self,
        *,
        daily_api_key: str,
        daily_api_url: str = "https://api.daily.co/v1",
        aiohttp_session: ClientSession,
    ) -> None:
        del daily_api_url, aiohttp_session
        self._key = daily_api_key

    async def get_token(
        self,
        room_url: str,
        expiry_time: float = 3600,
        eject_at_token_exp: bool = False,  # noqa: FBT001, FBT002 - the original's
        owner: bool = True,  # noqa: FBT001, FBT002 - the original's
        params: object = None,
    ) -> str:
        del expiry_time, eject_at_token_exp, owner, params
        return f"a token for {room_url} by {self._key}"


async def until(is_so: Callable[[], bool]) -> None:
    """
    Wait until it *is_so*; the test's own time-out ends what never is.
    """
    async with asyncio.timeout(60):
        while not is_so():  # noqa: ASYNC110 - frames set no event
            await asyncio.sleep(0.01)


@asynccontextmanager
async def _services(*answers: httpx.Response) -> AsyncIterator[Services]:
    transport = ScriptedTransport(*answers)
    async with (
        open_mesh(SETTINGS, transport=transport) as mesh,
        open_hearing(HearingSettings(url="http://hearing.test/v1")) as hearing,
    ):
        yield Services(mesh, hearing, Shelf())


@asynccontextmanager
async def talking(settings: SessionSettings) -> AsyncIterator[FakeTransport]:
    """
    A conversation that somebody has come to; at the end of the block they have left.
    """
    async with _services() as services:
        transport = FakeTransport()
        held = asyncio.create_task(Conversation(transport, settings, services).hold())
        await transport.happens("on_client_connected", None)
        yield transport
        await transport.happens("on_client_disconnected", None)
        await held


async def ended(settings: SessionSettings) -> None:
    """
    A conversation that ends from the bot's side.
    """
    async with _services() as services:
        conversation = Conversation(FakeTransport(), settings, services)
        held = asyncio.create_task(conversation.hold())
        await conversation.end()
        await held


async def visited(settings: SessionSettings) -> tuple[str, int, int]:
    """
    The answer to an offer, and how many conversations there are before and after the end.
    """
    async with _services() as services:
        visits = Visits(settings, services)
        peer = RTCPeerConnection()
        peer.createDataChannel("page")
        peer.addTransceiver("audio", direction="sendrecv")
        await peer.setLocalDescription(await peer.createOffer())
        answer = await visits.offer(peer.localDescription.sdp)
        during = len(visits)
        await visits.close()
        await peer.close()
        return answer, during, len(visits)


async def served(settings: SessionSettings) -> tuple[str, int]:
    """
    The page's address, and the status of its health, of a bot that a signal ends.
    """
    found: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve_page(settings, ready=found.set_result))
    address = await found
    async with ClientSession() as session, session.get(f"{address}/health") as response:
        status = response.status
    os.kill(os.getpid(), signal.SIGTERM)
    await serving
    return address, status


async def observed(frames: Sequence[Frame], mask: Callable[[str], str]) -> list[Message]:
    """
    What the page is sent of *frames*, each of which passes two processors.
    """
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    observer, ear = PageObserver(send, mask=mask), _Ear([])
    for frame in frames:
        for _ in range(2):
            await observer.on_push_frame(FramePushed(ear, ear, frame, FrameDirection.DOWNSTREAM, 0))
    return sent


def one_of_each() -> list[Frame]:
    return [
        StartFrame(),
        TranscriptionFrame("Hello.", "", ""),
        TTSTextFrame("Good day.", "sentence"),
        VADUserStartedSpeakingFrame(),
        LLMFullResponseStartFrame(),
        BotStartedSpeakingFrame(),
        BotStoppedSpeakingFrame(),
        ErrorFrame(error="s3cret broke"),
    ]


async def written(answer: httpx.Response) -> list[tuple[str, str]]:
    """
    The frames that come of a stretch of speech: their kinds and texts.
    """
    settings = HearingSettings(url="http://hearing.test/v1")
    async with open_hearing(settings, transport=ScriptedTransport(answer)) as hearing:
        service = HearingSTTService(hearing, model="whisper-1")
        service._user_id = ""  # noqa: SLF001 - set by the first audio frame
        frames = [frame async for frame in service.run_stt(b"RIFF")]
    return [
        ("error", frame.error) if isinstance(frame, ErrorFrame) else ("text", frame.text)
        for frame in frames
        if isinstance(frame, ErrorFrame | TranscriptionFrame)
    ]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    text: str


class Browser:
    """
    Asks the page's server, which has Mesh's *answers*.
    """

    def __init__(
        self, client: TestClient[web.Request, web.Application], offers: list[str], shelf: Shelf
    ) -> None:
        self._client = client
        self.offers = offers
        self.show = shelf.put

    @property
    def address(self) -> str:
        return str(self._client.make_url("/"))

    async def get(self, path: str) -> Answer:
        async with self._client.get(path) as response:
            return Answer(response.status, dict(response.headers), await response.text())

    async def post(self, path: str, body: str, **headers: str) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self._client.post(path, data=body, headers=sent) as response:
            return Answer(response.status, dict(response.headers), await response.text())


@asynccontextmanager
async def browsing(*answers: httpx.Response) -> AsyncIterator[Browser]:
    offers: list[str] = []

    async def offer(sdp: str) -> str:
        if sdp == "odd":
            raise ValueError(sdp)
        offers.append(sdp)
        return "v=0 answer"

    async with _services(*answers) as services:
        site = Site(services.mesh, services.shelf, Room(TENANT, USER), offer=offer)
        async with TestClient(TestServer(site.application())) as client:
            yield Browser(client, offers, services.shelf)

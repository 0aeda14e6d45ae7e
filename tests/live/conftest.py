"""
What the live tests may ask for: a Daily room, the bot in it, and a participant who talks to it.

``PIPECAT_RUN_LIVE_TESTS=1`` opts in. What this machine lacks skips the tests, with what to do; what is there
and wrong, such as a key that Daily refuses, fails them.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from uuid import uuid4

import pytest
import pytest_asyncio

from bot.chorus import open_chorus
from bot.environment import DOTENV, read_values
from bot.errors import SettingsError
from bot.voice_settings import VoiceSettings
from taketwo.services.process import free_port
from tests.live.audio_devices import HINT, SKIP_CHECK, inspect_audio_devices, run_tool
from tests.live.chorus_process import ADDRESS, plan_chorus
from tests.live.clip import Clip, read_wav, write_wav
from tests.live.daily_rooms import DailyError, open_daily
from tests.live.harness import SERVERS, LiveRoom, Play, RunningBot
from tests.live.live_settings import OPT_IN, LiveSettings, is_on, missing_credentials, read_live_settings
from tests.live.local_service import LAST_LINES, LocalProcess, NotStartedError, is_healthy, running
from tests.live.participant import RATE, DailyParticipant, Microphone, ParticipantError

HERE = Path(__file__).parent
NEEDED = ("daily", "pipecat")

_TO_START = 60.0  # seconds: Kokoro and Whisper read their weights
_LIFETIME = 20 * 60  # seconds that a room and its tokens are good for


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """
    Skip what cannot run here before any fixture is set up.
    """
    reason = _reason_to_skip(read_values(None, DOTENV))
    for item in items:
        if reason and item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.skip(reason=reason))


def _reason_to_skip(values: Mapping[str, str]) -> str | None:
    if not is_on(values, OPT_IN):
        return f"talks to Daily; {OPT_IN}=1 runs it"
    if missing := missing_credentials(values):
        where = "both are on https://dashboard.daily.co/developers"
        return f"{OPT_IN} is set, and not {' and '.join(missing)}: {where}"
    if absent := [name for name in NEEDED if find_spec(name) is None]:
        return f"not installed: {', '.join(absent)} (pip install -e '.[daily]')"
    return None


@pytest.fixture(scope="session")
def vcr_config() -> dict[str, list[str]]:
    """
    Nothing is recorded here, and everything may be reached.
    """
    return {"allowed_hosts": [".*"]}


@pytest.fixture(scope="session")
def values() -> dict[str, str]:
    """
    The environment over the file ``.env``.
    """
    return read_values(None, DOTENV)


@pytest.fixture(scope="session")
def live_settings() -> LiveSettings:
    try:
        return read_live_settings()
    except SettingsError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None


@pytest.fixture(scope="session")
def audio_device(values: Mapping[str, str]) -> None:
    """
    A device that loops back, as far as this machine shows one.
    """
    if is_on(values, SKIP_CHECK):
        return
    found = inspect_audio_devices(sys.platform, run_tool, hint=values.get(HINT, ""))
    if found.problem is not None:
        pytest.skip(found.problem)


@pytest.fixture(scope="session")
def room(live_settings: LiveSettings, audio_device: None) -> Iterator[LiveRoom]:
    """
    A private room, deleted afterwards if it was created here.
    """
    del audio_device  # asked for first: nothing is created where no test can run
    expires = int(time.time()) + _LIFETIME
    with open_daily(live_settings.api_url, live_settings.api_key) as daily:
        try:
            found = daily.ensure(live_settings.room, expires=expires)
        except DailyError as error:
            raise pytest.fail.Exception(str(error), pytrace=False) from None
        try:
            token = daily.token(found.name, user_name="Tester", is_owner=False, expires=expires)
            yield LiveRoom(url=found.url, participant_token=token)
        finally:
            if found.is_new:
                daily.delete(found.name)


@pytest.fixture(scope="session")
def chorus(values: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """
    The address of Chorus: one that runs, or one that is started here.
    """
    plan = plan_chorus(values)
    if is_healthy(plan.health):
        yield plan.url
        return
    if not plan.starts:
        pytest.skip(plan.absent)
    log = tmp_path_factory.mktemp("chorus") / "chorus.log"
    with ExitStack() as stack:
        _started(stack, "Chorus", plan.command, plan.health, log, plan.environment)
        yield plan.url


@pytest.fixture(scope="session")
def services(
    values: Mapping[str, str], chorus: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """
    What the bot's environment says of Chorus, Mesh, the recogniser and the language model.

    Those that the environment names are used; of the others one of this repository is started.
    """
    logs = tmp_path_factory.mktemp("services")
    named = {ADDRESS: chorus}
    with ExitStack() as stack:
        for server in SERVERS:
            if any(values.get(name) for name in server.named_by):
                continue
            port = free_port()
            url = f"http://127.0.0.1:{port}"
            command = (sys.executable, "-m", server.module, "--port", str(port), *server.options)
            _started(
                stack,
                server.module,
                command,
                f"{url}{server.health}",
                logs / f"{server.module}.log",
                server.secrets,
            )
            named |= {**server.secrets, **{name: url + path for name, path in server.addresses.items()}}
        yield named


def _started(
    stack: ExitStack,
    name: str,
    command: tuple[str, ...],
    health: str,
    log: Path,
    environment: Mapping[str, str],
) -> None:
    """
    Start *command* until *stack* ends; one that does not start skips the test, with its last lines.
    """
    try:
        stack.enter_context(
            running(name, command, health=health, patience=_TO_START, log=log, environment=environment)
        )
    except NotStartedError as error:
        pytest.skip(str(error))


@pytest.fixture
def bot(
    live_settings: LiveSettings, room: LiveRoom, services: Mapping[str, str], tmp_path: Path
) -> Iterator[RunningBot]:
    """
    The bot, on its way into the room; a failing test shows what it printed last.
    """
    tenant_id, user_id = str(uuid4()), str(uuid4())
    environment = {
        **services,
        "BOT_TENANT_ID": tenant_id,
        "BOT_USER_ID": user_id,
        "DAILY_API_KEY": live_settings.api_key,
        "DAILY_API_URL": live_settings.api_url,
        "DAILY_ROOM_URL": room.url,
        # Lines come as they are printed, and what is not closed is reported.
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "default::ResourceWarning",
    }
    command = (sys.executable, "-m", "bot", "--transport", "daily")
    process = LocalProcess(command, log=tmp_path / "bot.log", environment=environment)
    yield RunningBot(
        process=process, tenant_id=tenant_id, user_id=user_id, environment={**os.environ, **environment}
    )
    process.stop()
    sys.stdout.write("\n".join(("the bot's last lines:", *process.lines()[-LAST_LINES:], "")))


@pytest.fixture(scope="session")
def daily_client(audio_device: None) -> ModuleType:
    """
    :mod:`tests.live.daily_client`, imported by those who meet in a room.
    """
    del audio_device
    return import_module("tests.live.daily_client")


@pytest.fixture(scope="session")
def microphone(daily_client: ModuleType) -> Iterator[Microphone]:
    with daily_client.open_microphone() as opened:
        yield opened


@pytest_asyncio.fixture
async def participant(
    room: LiveRoom, bot: RunningBot, daily_client: ModuleType, microphone: Microphone
) -> AsyncIterator[DailyParticipant]:
    """
    A participant in the room of the bot, until the test ends.
    """
    del bot
    joined = DailyParticipant(daily_client.open_call, microphone)
    try:
        await joined.join(room.url, room.participant_token)
    except ParticipantError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None
    yield joined
    await joined.leave()  # once more does nothing


@pytest.fixture
def say(participant: DailyParticipant, services: Mapping[str, str], tmp_path: Path) -> Play:
    """
    Says a sentence into the room: Chorus speaks it into a WAV file, and the microphone plays that.
    """
    voice = VoiceSettings(base_url=services[ADDRESS], api_key="test-key", sample_rate=RATE)

    async def play(sentence: str) -> None:
        async with open_chorus(voice) as opened:
            audio = await opened.say(sentence)
        path = write_wav(tmp_path / "sentence.wav", Clip(audio.pcm, audio.sample_rate))
        await participant.play(read_wav(path))

    return play

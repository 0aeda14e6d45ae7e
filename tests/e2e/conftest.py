"""What the end-to-end tests may ask for."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Generator
from pathlib import Path
from typing import Protocol

import pytest
import pytest_asyncio

_LAST_LINES = 40
_SOUND = b"what the microphone heard"


_REPORTS: pytest.StashKey[list[pytest.TestReport]] = pytest.StashKey()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash.setdefault(_REPORTS, []).append(report)
    return report


def has_failed(item: pytest.Item) -> bool:
    """
    Whether the test, or what came before it, has failed.
    """
    return any(report.failed for report in item.stash.get(_REPORTS, []))


class HeardRequest(Protocol):
    """
    A request as ``before_record_request`` is given it.
    """

    uri: str
    body: bytes


@pytest.fixture(scope="module")
def vcr_config() -> dict[str, object]:
    """
    Leave out what the microphone heard: each transmission of it differs by a few samples. What is compared is
    the sentence, which the test asks Chorus for.
    """
    return {"before_record_request": _without_sound}


def _without_sound(request: HeardRequest) -> HeardRequest:
    if request.uri.endswith("/audio/transcriptions"):
        request.body = re.sub(rb"RIFF.*?(?=\r\n--)", _SOUND, request.body, flags=re.DOTALL)
    return request


class BotProcess:
    """
    ``python -m bot`` as a process, whose page is at ``address``.
    """

    def __init__(self, process: asyncio.subprocess.Process, log: Path, address: str) -> None:
        self._process = process
        self.log = log
        self.address = address

    async def end(self) -> int:
        """
        Ask it to end, and the exit code.
        """
        if self._process.returncode is None:
            self._process.terminate()
        return await self._process.wait()


@pytest_asyncio.fixture
async def bot(vcr: object, tenant_id: str, user_id: str, tmp_path: Path) -> AsyncIterator[BotProcess]:
    """
    The bot in a process of its own; what it asks of its services is recorded and replayed.
    """
    del vcr  # asked for so that its settings point to the recorded services
    names = {
        "BOT_TENANT_ID": tenant_id,
        "BOT_USER_ID": user_id,
        "BOT_HOST": "127.0.0.1",
        "BOT_PORT": "0",
        # On a busy machine sound comes with gaps, none of which is to end a sentence.
        "BOT_PAUSE": "2",
        # Nor is an answer late there because a service is.
        **dict.fromkeys(("MESH_TIMEOUT", "KOKORO_TTS_TIMEOUT", "BOT_STT_TIMEOUT"), "120"),
    }
    log = tmp_path / "bot.log"
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "--transport", "webrtc"),
            env={**os.environ, **names},
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
        )
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode()
    if not line:
        pytest.fail(f"the bot ended with {await process.wait()}:\n{_end_of(log)}")
    started = BotProcess(process, log, line.split()[-1])
    yield started
    await started.end()


def _end_of(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LAST_LINES:])

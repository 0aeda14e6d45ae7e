"""``python -m bot``: what it says when it cannot run, and that it runs."""

from __future__ import annotations

import logging
import os
import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from bot.cli import main
from bot.session.settings import DailySettings, SessionSettings

ENVIRONMENT = {
    "MESH_API_ENDPOINT": "http://127.0.0.1:5001/api",
    "BOT_TENANT_ID": "tenant-1",
    "OPENAI_API_KEY": "sk-s3cret",
}
NAMES = (*ENVIRONMENT, "OPENAI_BASE_URL", "BOT_STT_BASE_URL", "DAILY_API_KEY", "DAILY_ROOM_URL")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """
    A folder without ``.env``, and an environment that is complete for a page.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(logging.root, "handlers", [])
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ORT_DISABLE_TELEMETRY", "1")  # as it is left behind by what is tested
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[SessionSettings]:
    """
    The settings that pages were served with, by a stand-in for what needs the extra.
    """
    found: list[SessionSettings] = []

    async def serve_page(settings: SessionSettings, *, ready: Callable[[str], None]) -> None:
        found.append(settings)
        ready("http://127.0.0.1:7860")

    _stand_in(monkeypatch, "run", "serve_page", serve_page)
    return found


def _stand_in(monkeypatch: pytest.MonkeyPatch, module: str, name: str, function: object) -> None:
    stand_in = ModuleType(f"bot.session.{module}")
    setattr(stand_in, name, function)
    monkeypatch.setitem(sys.modules, stand_in.__name__, stand_in)


def test_it_prints_where_the_page_is(
    served: list[SessionSettings], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([]) == 0

    assert capsys.readouterr().out == "the bot's page is at http://127.0.0.1:7860\n"
    assert served[0].tenant_id == "tenant-1"


def test_it_lets_no_library_send_what_it_is_used_for(
    served: list[SessionSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ORT_DISABLE_TELEMETRY")

    main([])

    assert (os.environ["ORT_DISABLE_TELEMETRY"], len(served)) == ("1", 1)


def test_it_is_a_module_to_run(served: list[SessionSettings], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["bot", "--transport", "webrtc"])

    with pytest.raises(SystemExit) as ended:
        runpy.run_module("bot", run_name="__main__")

    assert (ended.value.code, len(served)) == (0, 1)


def test_settings_that_are_missing_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("BOT_TENANT_ID")

    assert main([]) == 3

    assert capsys.readouterr().err == (
        "bot: the bot's settings cannot be used:\n"
        "  - BOT_TENANT_ID is not set: it says to whom the room belongs\n"
    )


def test_daily_without_credentials_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--transport", "daily"]) == 3

    assert "DAILY_API_KEY is not set: --transport daily needs it" in capsys.readouterr().err


def test_daily_joins_its_room(monkeypatch: pytest.MonkeyPatch) -> None:
    joined: list[str] = []

    async def join_room(daily: DailySettings, settings: SessionSettings) -> None:
        joined.append(f"{daily.room_url} for {settings.tenant_id}")

    _stand_in(monkeypatch, "daily", "join_room", join_room)
    monkeypatch.setenv("DAILY_API_KEY", "day-s3cret")
    monkeypatch.setenv("DAILY_ROOM_URL", "https://our.daily.co/room")

    assert main(["--transport", "daily"]) == 0
    assert joined == ["https://our.daily.co/room for tenant-1"]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            ModuleNotFoundError("none", name="aiortc"),
            "bot: aiortc is not installed: pip install -e '.[voice]'\n",
        ),
        (
            ModuleNotFoundError("none", name="daily"),
            "bot: daily is not installed: pip install -e '.[daily]'\n",
        ),
        (ImportError("Missing module: no cv2"), "bot: Missing module: no cv2: pip install -e '.[voice]'\n"),
        (OSError(98, "Address already in use"), "bot: cannot listen: Address already in use\n"),
        (OSError("odd"), "bot: cannot listen: odd\n"),
    ],
)
def test_what_keeps_it_from_running_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception, told: str
) -> None:
    async def serve_page(settings: SessionSettings, *, ready: Callable[[str], None]) -> None:
        del settings, ready
        raise error

    _stand_in(monkeypatch, "run", "serve_page", serve_page)

    assert main([]) == 3
    assert capsys.readouterr().err == told

"""
What one sees of the live tests in a terminal: skipped where something lacks, failed where something is wrong.

Daily is the imitation, and nobody gets further than the room, so its client is an empty module.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from taketwo.services.process import free_port
from tests.live.daily_imitation import Rooms, listen

pytest_plugins = ("pytester",)

ROOT = Path(__file__).parents[3]
KEY = "d41ly-s3cret"
# What a developer's environment or .env may set.
VARIABLES = (
    "BOT_TTS_PROVIDER",
    "DAILY_API_KEY",
    "DAILY_API_URL",
    "DAILY_DOMAIN",
    "DAILY_TEST_ROOM",
    "DAILY_TEST_ROOM_PREFIX",
    "KOKORO_MODEL_PATH",
    "KOKORO_TTS_HEALTH_URL",
    "PIPECAT_AUDIO_DEVICE_HINT",
    "PIPECAT_AUTOSTART_CHORUS",
    "PIPECAT_RUN_LIVE_TESTS",
    "PIPECAT_SKIP_AUDIO_DEVICE_CHECK",
    "PIPECAT_UNIQUE_DAILY_ROOMS",
)


@pytest.fixture
def live(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """
    A folder to start from, with an environment that names nothing, and a Daily client that is installed.
    """
    for name in VARIABLES:
        monkeypatch.setenv(name, "")
    (pytester.path / "daily.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(pytester.path))
    monkeypatch.setenv("KOKORO_TTS_BASE_URL", f"http://127.0.0.1:{free_port()}")
    return pytester


@pytest.fixture
def imitation(monkeypatch: pytest.MonkeyPatch) -> Iterator[Rooms]:
    """
    The imitation of Daily, which the environment names, with its key; a live run is asked for.
    """
    rooms = Rooms(key=KEY)
    with serving(rooms) as address:
        monkeypatch.setenv("PIPECAT_RUN_LIVE_TESTS", "1")
        monkeypatch.setenv("PIPECAT_SKIP_AUDIO_DEVICE_CHECK", "1")
        monkeypatch.setenv("DAILY_DOMAIN", "imitation")
        monkeypatch.setenv("DAILY_API_KEY", KEY)
        monkeypatch.setenv("DAILY_API_URL", f"{address}/v1")
        yield rooms


@contextmanager
def serving(rooms: Rooms) -> Iterator[str]:
    with listen(0, rooms) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def run(live: pytest.Pytester) -> pytest.RunResult:
    return live.run(
        sys.executable,
        *("-m", "pytest", "-p", "no:cacheprovider", "-p", "no:randomly", "--color=no"),
        *("--rootdir", ROOT, "-c", ROOT / "pyproject.toml", ROOT / "tests" / "live"),
    )


def test_without_opting_in_they_are_skipped(live: pytest.Pytester) -> None:
    result = run(live)

    result.assert_outcomes(skipped=4)
    result.stdout.fnmatch_lines("SKIPPED * talks to Daily; PIPECAT_RUN_LIVE_TESTS=1 runs it")


def test_without_credentials_these_are_named(live: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPECAT_RUN_LIVE_TESTS", "1")

    result = run(live)

    result.assert_outcomes(skipped=4)
    result.stdout.fnmatch_lines(
        "SKIPPED * PIPECAT_RUN_LIVE_TESTS is set, and not DAILY_DOMAIN and DAILY_API_KEY: "
        "both are on https://dashboard.daily.co/developers"
    )


def test_a_wrong_key_fails_them_and_is_not_shown(
    live: pytest.Pytester, imitation: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    del imitation
    monkeypatch.setenv("DAILY_API_KEY", "wr0ng-key")

    result = run(live)

    result.assert_outcomes(errors=4)
    result.stdout.fnmatch_lines(
        [
            "Daily refused DAILY_API_KEY: GET /rooms/pipecat-int-* was answered 401, authentication-error: *",
            "copy the key of this domain from https://dashboard.daily.co/developers",
        ]
    )
    result.stdout.no_fnmatch_line("*wr0ng-key*")


def test_a_variable_that_cannot_be_used_fails_them(
    live: pytest.Pytester, imitation: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    del imitation
    monkeypatch.setenv("PIPECAT_UNIQUE_DAILY_ROOMS", "0")

    result = run(live)

    result.assert_outcomes(errors=4)
    result.stdout.fnmatch_lines("*DAILY_TEST_ROOM is not set, and PIPECAT_UNIQUE_DAILY_ROOMS=0 *")


def test_a_daily_that_cannot_be_reached_fails_them(
    live: pytest.Pytester, imitation: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    del imitation
    monkeypatch.setenv("DAILY_API_URL", f"http://127.0.0.1:{free_port()}/v1")

    result = run(live)

    result.assert_outcomes(errors=4)
    result.stdout.fnmatch_lines("Daily could not be reached at http://127.0.0.1:*/v1/: ConnectError: *")


def test_without_audio_devices_one_reads_how_to_make_one(
    live: pytest.Pytester, imitation: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIPECAT_SKIP_AUDIO_DEVICE_CHECK", "")
    monkeypatch.setenv("PATH", str(live.path))  # where no tool is

    result = run(live)

    result.assert_outcomes(skipped=4)
    result.stdout.fnmatch_lines(["SKIPPED * no audio device was found: none of *", "make one: *"])
    assert imitation.created == 0


def test_a_chorus_that_does_not_start_shows_its_last_lines(
    live: pytest.Pytester, imitation: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    And the room that was created is deleted.
    """
    monkeypatch.setenv("PIPECAT_AUTOSTART_CHORUS", "1")
    monkeypatch.setenv("KOKORO_MODEL_PATH", str(live.path / "no-model.onnx"))

    result = run(live)

    result.assert_outcomes(skipped=4)
    result.stdout.fnmatch_lines(
        [
            "SKIPPED * Chorus did not start: it ended with exit code 1",
            "$ * -m chorus_tts --port *",
            "its last line:",
            "chorus_tts: KOKORO_MODEL_PATH names */no-model.onnx, which does not exist; *",
        ]
    )
    assert (imitation.created, imitation.names) == (1, [])


def test_a_room_that_was_there_before_stays(
    live: pytest.Pytester, imitation: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    ``PIPECAT_UNIQUE_DAILY_ROOMS=0`` uses the room as it is; here, without a Chorus, nobody enters it.
    """
    imitation.create("ours")
    monkeypatch.setenv("DAILY_TEST_ROOM", "ours")
    monkeypatch.setenv("PIPECAT_UNIQUE_DAILY_ROOMS", "0")

    result = run(live)

    result.assert_outcomes(skipped=4)
    result.stdout.fnmatch_lines(
        "SKIPPED * no Chorus answers at http://127.0.0.1:*: have it started by BOT_TTS_PROVIDER=kokoro *"
    )
    assert (imitation.created, imitation.names) == (1, ["ours"])

"""
The inspection of audio devices finds what a real PulseAudio has.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.live.audio_devices import RunTool, inspect_audio_devices
from tests.servers.processes import soon

pytestmark = pytest.mark.skipif(
    not (shutil.which("pulseaudio") and shutil.which("pactl")),
    reason="PulseAudio is not installed: apt-get install pulseaudio pulseaudio-utils",
)


@pytest.fixture
def pactl(tmp_path: Path) -> Iterator[RunTool]:
    """
    ``pactl`` of a PulseAudio of the test's own, without any hardware.
    """
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path), "LC_ALL": "C"}
    command = [
        "pulseaudio",
        "--daemonize=no",
        "-n",
        "--exit-idle-time=-1",
        "-L",
        "module-native-protocol-unix",
    ]

    def run(asked: Sequence[str]) -> str | None:
        if asked[0] != "pactl":
            return None
        done = subprocess.run(asked, check=False, capture_output=True, text=True, env=environment)
        return done.stdout if done.returncode == 0 else None

    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as server:
        assert soon(lambda: run(("pactl", "info")) is not None)
        yield run
        server.terminate()


def test_a_null_sink_is_found_as_soon_as_the_advice_is_followed(pactl: RunTool) -> None:
    without = inspect_audio_devices("linux", pactl)
    advice = str(without.problem).partition("make one: ")[2].partition("\n")[0]

    assert pactl(advice.split()) is not None

    found = inspect_audio_devices("linux", pactl)
    assert [device.name for device in found.usable] == ["pipecat_test.monitor"]
    assert found.problem is None

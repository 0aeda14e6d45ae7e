"""
Starting, stopping, and ending with the parent.
"""

from __future__ import annotations

import signal
import socket
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed

from tests.servers.processes import alive, ended, family_of_killed_parent, soon

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.chorus.conftest import Meet, Server, Start

LONG = "Nobody will hear all of this. " * 80


def refused(port: str, **environment: str) -> tuple[int, str, str]:
    """
    The status and the words of a server that does not start.
    """
    outcome = ended("chorus_tts", "--port", port, environment=environment)
    told = [line for line in outcome.stderr.splitlines() if line.startswith("chorus_tts: ")]
    assert "Traceback" not in outcome.stderr
    return outcome.returncode, outcome.stdout, "\n".join(told)


def test_one_line_says_where_it_listens_and_the_log_goes_to_stderr(server: Server) -> None:
    assert server.line == f"chorus listens on {server.url}\n"
    assert "INFO" in server.log.read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_quietly_in_the_middle_of_a_word(
    start: Start, meet: Meet, number: signal.Signals
) -> None:
    server = start("--engine", "small")
    speaking, resting = meet(server, "output_format=pcm_44100", max_queue=1), meet(server)
    speaking.say(LONG, flush=True)
    assert speaking.event()["event"] == "audioOutput"

    server.process.send_signal(number)
    status = server.process.wait(30)

    assert status == 0
    with pytest.raises(ConnectionClosed):
        resting.event()
    assert "Traceback" not in server.log.read_text()


def test_a_signal_ends_it_while_the_voices_are_loaded(start: Start) -> None:
    server = start(ready=False)

    server.process.terminate()

    assert server.process.wait(30) == 0
    assert "Traceback" not in server.log.read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_it_ends_with_its_parent() -> None:
    family = family_of_killed_parent("chorus_tts", "--engine", "small")

    assert soon(lambda: not any(map(alive, family)))


def test_a_busy_port_is_refused_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]

        assert refused(str(port)) == (
            1,
            "",
            f"chorus_tts: cannot listen on 127.0.0.1:{port}: Address already in use",
        )


def test_a_file_that_is_not_there_is_refused_in_one_line() -> None:
    assert refused("0", KOKORO_MODEL_PATH="/nowhere/kokoro.onnx") == (
        1,
        "",
        (
            "chorus_tts: KOKORO_MODEL_PATH names /nowhere/kokoro.onnx, which does not exist; "
            "correct it, or unset it"
        ),
    )


def test_voices_that_are_none_are_refused_in_one_line(tmp_path: Path) -> None:
    voices = tmp_path / "voices.bin"
    voices.write_bytes(b"no voices")
    model = tmp_path / "model.onnx"
    model.write_bytes(b"no model")

    status, _, told = refused("0", KOKORO_VOICES_PATH=str(voices), KOKORO_MODEL_PATH=str(model))

    assert status == 1
    assert told.startswith(f"chorus_tts: KOKORO_VOICES_PATH names {voices}, which holds no voices: ")


def hide(module: str, folder: Path) -> str:
    """
    A path for Python on which *module* is not installed.
    """
    missing = f"raise ModuleNotFoundError('not here', name={module!r})\n"
    (folder / f"{module}.py").write_text(missing, encoding="ascii")
    return str(folder)


@pytest.mark.parametrize("module", ["hibari", "numpy", "starlette"])
def test_what_is_not_installed_is_named_in_one_line(module: str, tmp_path: Path) -> None:
    status, _, told = refused("0", PYTHONPATH=hide(module, tmp_path))

    assert (status, told) == (
        1,
        f"chorus_tts: {module} is not installed; try: pip install -e '.[chorus]'",
    )


def test_the_small_voice_needs_no_onnxruntime(start: Start, tmp_path: Path) -> None:
    """
    Also for a word that its dictionary does not have.
    """
    server = start("--engine", "small", environment={"PYTHONPATH": hide("onnxruntime", tmp_path)})

    assert server.speech("Zorblax.")


def test_kokoro_without_onnxruntime_is_refused_in_one_line(tmp_path: Path) -> None:
    voices, model = tmp_path / "voices.npz", tmp_path / "model.onnx"
    np.savez(voices, af_bella=np.zeros((1, 256), np.float32))
    model.write_bytes(b"")

    status, _, told = refused(
        "0",
        PYTHONPATH=hide("onnxruntime", tmp_path),
        KOKORO_VOICES_PATH=str(voices),
        KOKORO_MODEL_PATH=str(model),
    )

    assert (status, told) == (
        1,
        "chorus_tts: onnxruntime is not installed; try: pip install -e '.[kokoro]'",
    )


def test_address_and_port_come_from_the_environment() -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = str(busy.getsockname()[1])
        outcome = ended("chorus_tts", environment={"SERVER_HOST": "127.0.0.1", "SERVER_PORT": port})

    assert outcome.stderr == f"chorus_tts: cannot listen on 127.0.0.1:{port}: Address already in use\n"

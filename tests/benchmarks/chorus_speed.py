"""
How fast Chorus speaks: ``python -m tests.benchmarks.chorus_speed``

For each engine that is installed, per second of speech: the seconds until the first audio of a conversation,
and until the whole utterance is there. The median of several runs, after one that is not counted.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from websockets.sync.client import connect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from websockets.sync.connection import Connection

TEXTS: Final = {
    "a sentence": "The meeting starts in ten minutes, so please take a seat.",
    "three sentences": (
        "Thank you for waiting. I have read all of your notes, and there are two that you may want to share. "
        "Shall I begin with the first one?"
    ),
}
_HEADERS: Final = {"xi-api-key": "test-key"}
_PATIENCE: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """
    In seconds.
    """

    first: float
    whole: float
    speech: float


@contextlib.contextmanager
def server() -> Iterator[str]:
    command = [sys.executable, "-m", "chorus_tts", "--port", "0", "--log-level", "error"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().split()[3]
            await_health(url)
            yield url
        finally:
            process.terminate()


def await_health(url: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        with contextlib.suppress(urllib.error.URLError), urllib.request.urlopen(f"{url}/healthz"):
            return
        time.sleep(0.1)
    raise SystemExit("Chorus has not become healthy")


def voices(url: str) -> dict[str, str]:
    """
    One voice of each engine.
    """
    request = urllib.request.Request(f"{url}/v1/voices", headers=_HEADERS)
    with urllib.request.urlopen(request) as answer:
        listed = json.load(answer)["voices"]
    return {voice["engine"]: voice["voice_id"] for voice in reversed(listed)}


def timed(conversation: Connection, text: str) -> Timing:
    start, first = time.perf_counter(), 0.0
    conversation.send(json.dumps({"text": f"{text} ", "flush": True, "try_trigger_generation": True}))
    while (event := json.loads(conversation.recv()))["event"] == "audioOutput":
        first = first or time.perf_counter() - start
    whole = time.perf_counter() - start
    return Timing(first=first, whole=whole, speech=event["duration_ms"] / 1000)


def report(url: str, engine: str, voice: str, runs: int) -> Iterator[str]:
    address = f"{url.replace('http', 'ws', 1)}/v1/text-to-speech/{voice}/stream-input"
    with connect(address, additional_headers=_HEADERS, proxy=None) as conversation:
        conversation.recv()
        for name, text in TEXTS.items():
            timings = [timed(conversation, text) for _ in range(runs + 1)][1:]
            first = statistics.median(timing.first for timing in timings)
            whole = statistics.median(timing.whole for timing in timings)
            speech = timings[0].speech
            yield (
                f"{engine:8} {voice:10} {name:16} {speech:5.2f} s of speech: "
                f"first audio {first:.3f} s ({first / speech:.3f} per second of speech), "
                f"whole {whole:.3f} s ({whole / speech:.3f})"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().splitlines()[0])
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    with server() as url:
        for engine, voice in sorted(voices(url).items()):
            for line in report(url, engine, voice, runs):
                sys.stdout.write(line + "\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()

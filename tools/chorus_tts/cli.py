"""
The command line, and the composition of everything it starts.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, Final

from asgi_shell.address import ListenError, bind, url_of
from asgi_shell.command import add_limits, announce, end_with_parent, log_to_stderr, port_number, positive
from chorus_tts.errors import StartupError, not_installed
from chorus_tts.settings import (
    LONGEST_TEXT,
    Engines,
    Settings,
    keys_from,
    kokoro_from,
    processors,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# How the libraries under numpy are told how many threads a matrix product may use.
_PRODUCT_THREADS: Final = (
    "MKL_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


def main(arguments: Sequence[str] | None = None) -> int:
    parent = end_with_parent()
    try:
        return _serve(read_settings(arguments, os.environ), parent)
    except (ListenError, StartupError) as error:
        return _failed(str(error))
    except ModuleNotFoundError as error:
        return _failed(not_installed(error))


def read_settings(arguments: Sequence[str] | None, environment: Mapping[str, str]) -> Settings:
    given = _parser(environment).parse_args(arguments)
    return Settings(
        host=given.host,
        port=given.port,
        engines=Engines(given.engine),
        threads=given.threads,
        longest_text=given.max_text,
        body_timeout=given.body_timeout,
        log_level=given.log_level,
        kokoro=kokoro_from(environment),
        keys=keys_from(environment),
    )


def _parser(environment: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m chorus_tts",
        description="Serve Chorus: English speech by Kokoro and its small sister, over HTTP and WebSocket.",
        epilog="API_KEYS lists the keys that are accepted (test-key); KOKORO_MODEL_PATH and "
        "KOKORO_VOICES_PATH name files of the full model. Nothing is downloaded.",
    )
    add = parser.add_argument
    add(
        "--port",
        type=port_number,
        default=environment.get("SERVER_PORT", "8000"),
        metavar="N",
        help="where to listen; 0 picks a free port (SERVER_PORT, %(default)s)",
    )
    add(
        "--host",
        default=environment.get("SERVER_HOST", "127.0.0.1"),
        help="the address to listen on (SERVER_HOST, %(default)s)",
    )
    add(
        "--engine",
        choices=[engines.value for engines in Engines],
        default=Engines.AUTO.value,
        help="small: the voice af_heart alone; kokoro: Kokoro alone; auto: what is there (%(default)s)",
    )
    add(
        "--threads",
        type=positive,
        default=processors(),
        metavar="N",
        help="how many threads make sound; the sound is the same with any number (%(default)s)",
    )
    add(
        "--max-text",
        type=positive,
        default=LONGEST_TEXT,
        metavar="CHARACTERS",
        help="the longest text (%(default)s)",
    )
    add_limits(parser)
    return parser


def _serve(settings: Settings, parent: int) -> int:
    log_to_stderr(settings.log_level)
    listening = bind(settings.host, settings.port)
    # They read it when numpy is imported. Sentences are what is said side by side; with more threads for each
    # of their many small products they only wait for one another. The sound is the same either way.
    os.environ.update(dict.fromkeys(_PRODUCT_THREADS, "1"))

    from chorus_tts.serving.run import run  # noqa: PLC0415 - a busy port is told before anything is imported

    run(settings, listening, parent, ready=lambda: announce(f"chorus listens on {url_of(listening)}"))
    return 0


def _failed(reason: str) -> int:
    sys.stderr.write(f"chorus_tts: {reason}\n")
    return 1

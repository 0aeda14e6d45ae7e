"""
The command line.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Final

from asgi_shell.address import ListenError
from asgi_shell.openai import add_address, serve
from transcriber.app import create_app

_KEY: Final = "BOT_STT_API_KEY"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m transcriber",
        description="Answer OpenAI's transcriptions with faster-whisper and the weights of tiny.en.",
        epilog=f"{_KEY} is the key that clients have to send (test-key).",
    )
    add_address(parser, os.environ, port="8002")
    given = parser.parse_args(arguments)
    try:
        # The extra is heavy, and its absence is an answer of its own.
        from transcriber.hearing import UnreadableAudioError, open_recogniser  # noqa: PLC0415 - see above

        key = os.environ.get(_KEY, "test-key")
        app = create_app(open_recogniser(), key=key, unreadable=UnreadableAudioError)
        serve(app, host=given.host, port=given.port, name="transcriber")
    except ModuleNotFoundError as error:
        sys.stderr.write(f"transcriber: {error.name} is not installed: pip install -e '.[hear]'\n")
        return 1
    except ListenError as error:
        sys.stderr.write(f"transcriber: {error}\n")
        return 1
    return 0

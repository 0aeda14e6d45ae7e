"""
The command line.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from asgi_shell.address import ListenError
from asgi_shell.openai import add_address, serve
from scripted_llm.app import create_app
from scripted_llm.script import DEFAULT_SCRIPT, ScriptError, read_script

_KEY: Final = "OPENAI_API_KEY"


def main(arguments: Sequence[str] | None = None) -> int:
    given = _parser(os.environ).parse_args(arguments)
    try:
        app = create_app(read_script(given.script), key=os.environ.get(_KEY, "test-key"))
        serve(app, host=given.host, port=given.port, name="scripted_llm (a script, not a model)")
    except (ListenError, ScriptError) as error:
        sys.stderr.write(f"scripted_llm: {error}\n")
        return 1
    return 0


def _parser(environment: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m scripted_llm",
        description="Answer OpenAI's chat completions from a script. There is no model behind it.",
        epilog=f"{_KEY} is the key that clients have to send (test-key).",
    )
    add_address(parser, environment, port="8001")
    parser.add_argument(
        "--script", type=Path, default=DEFAULT_SCRIPT, metavar="FILE", help="the lines, as TOML"
    )
    return parser

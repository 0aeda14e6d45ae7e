"""The command line: ``python -m bot --transport webrtc``."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Sequence

from bot.errors import SettingsError
from bot.session.settings import read_daily_settings, read_session_settings

_CANNOT_RUN = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run the bot until a signal ends it; the exit code is 0 then, and 3 when it could not run.
    """
    given = _parser().parse_args(arguments)
    # onnxruntime, which tells speech from silence, sends what it is used for to its maker: not without leave.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        return _run(given.transport)
    except SettingsError as error:
        return _failed(str(error))
    except ModuleNotFoundError as error:
        extra = "daily" if error.name == "daily" else "voice"
        return _failed(f"{error.name} is not installed: pip install -e '.[{extra}]'")
    except ImportError as error:
        # Pipecat's own words for a module that an extra of its would have brought.
        return _failed(f"{error}: pip install -e '.[voice]'")
    except OSError as error:
        return _failed(f"cannot listen: {error.strerror or error}")


def _run(transport: str) -> int:
    if transport == "daily":
        daily, settings = read_daily_settings(), read_session_settings()
        # Pipecat takes seconds to import, and comes with an extra.
        from bot.session.daily import join_room  # noqa: PLC0415 - see above

        asyncio.run(join_room(daily, settings))
        return 0
    settings = read_session_settings()
    from bot.session.run import serve_page  # noqa: PLC0415 - see above

    asyncio.run(serve_page(settings, ready=lambda url: _print(f"the bot's page is at {url}")))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bot",
        description="Talk with the bot: on the page that it serves (webrtc), or in a room of Daily's.",
        epilog="Settings come from the environment and the file .env: see bot/README.md.",
    )
    parser.add_argument(
        "--transport", choices=["webrtc", "daily"], default="webrtc", help="how one talks (%(default)s)"
    )
    return parser


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _failed(reason: str) -> int:
    sys.stderr.write(f"bot: {reason}\n")
    return _CANNOT_RUN

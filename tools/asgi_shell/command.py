"""
What the command lines of the servers share: their options, their log, and when their process ends.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
from typing import Final, NoReturn

from asgi_shell.parent import PARENT_DIED, is_orphan, notice_parents_death

_LEVELS: Final = ("debug", "info", "warning", "error")
_PORTS: Final = range(2**16)


def port_number(text: str) -> int:
    """
    The type of ``--port``.

    :raises argparse.ArgumentTypeError: when *text* is no port.
    """
    if not text.isdecimal() or int(text) not in _PORTS:
        raise argparse.ArgumentTypeError(f"{text} is not a port; it is a number from 0 to {_PORTS[-1]}")
    return int(text)


def positive(text: str) -> int:
    """
    The type of options that are counts or sizes.

    :raises argparse.ArgumentTypeError: when *text* is no such number.
    """
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number above 0")
    return int(text)


def add_limits(parser: argparse.ArgumentParser) -> None:
    """
    The options ``--body-timeout`` (in seconds) and ``--log-level``.
    """
    parser.add_argument(
        "--body-timeout",
        type=float,
        default=30.0,
        metavar="SECONDS",
        help="how long a body may take (%(default)s)",
    )
    parser.add_argument(
        "--log-level", choices=_LEVELS, default="info", help="how much to log, to stderr (%(default)s)"
    )


def log_to_stderr(level: str) -> None:
    """
    Log from *level* on, as ``--log-level`` has it.
    """
    logging.basicConfig(
        stream=sys.stderr,
        level=level.upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )


def end_with_parent() -> int:
    """
    End without an error at SIGINT, at SIGTERM, and when the parent process dies, until a server takes the
    signals over.

    :returns: the parent process.
    """
    parent = os.getppid()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)
    signal.signal(PARENT_DIED, lambda *_: _leave() if is_orphan(parent) else None)
    notice_parents_death()
    return parent


def announce(line: str) -> None:
    """
    Print *line* now: whoever started the server waits for it.
    """
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _leave(*_: object) -> NoReturn:
    sys.exit(0)

"""
``taketwo serve``.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
from pathlib import Path

from taketwo.config.playback import Manner, Order, Pace, Playback, Unplayed
from taketwo.config.project import Config
from taketwo.console.command import CLEAN, FOUND, Command
from taketwo.console.project import find_config, redactor_here
from taketwo.console.terminal import Terminal
from taketwo.features.serve.catalog import Catalog
from taketwo.features.serve.environment import environment_of, secrets_played
from taketwo.features.serve.server import Listening, Server
from taketwo.features.serve.sessions import Rules
from taketwo.network.allowed import is_loopback
from taketwo.services.service import Service

_PORT = 8787
_PATIENCE = 30.0


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="cassettes, or folders of them (default: those of the project)",
    )
    parser.add_argument(
        "--port",
        type=int,
        default=_PORT,
        metavar="N",
        help=f"listen on this port (default: {_PORT}; 0: a free one)",
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="listen on this address (default: 127.0.0.1, which other machines do not reach)",
    )
    parser.add_argument(
        "--port-per-host", action="store_true", help="give each recorded host a port of its own, from N on"
    )
    parser.add_argument(
        "--url",
        default="",
        metavar="URL",
        help="the address that clients reach this by, as http://taketwo:8787",
    )
    parser.add_argument("--env-file", type=Path, metavar="FILE", help="write the printed variables to FILE")
    parser.add_argument(
        "--order",
        choices=[one.value for one in Order],
        help="recorded: refuse a request that is out of order",
    )
    parser.add_argument("--repeats", action="store_true", help="play the last answer to equal requests again")
    parser.add_argument(
        "--unplayed",
        choices=[one.value for one in Unplayed],
        help="fail: exit with 1 when something was not played",
    )
    parser.add_argument(
        "--pace",
        choices=[one.value for one in Pace],
        help="recorded: send frames and pieces of streams when they came",
    )
    parser.add_argument(
        "--patience",
        type=float,
        default=_PATIENCE,
        metavar="SECONDS",
        help=f"how long a WebSocket client may wait for what cannot come (default: {_PATIENCE:g})",
    )
    parser.add_argument("--watch", action="store_true", help="serve cassettes that change or come")
    parser.add_argument("--verbose", action="store_true", help="print each request")


def _run(options: argparse.Namespace, terminal: Terminal) -> int:
    catalog = Catalog(options.paths)
    catalog.read()
    config = find_config()
    services = _services(config)
    server = Server(
        catalog,
        _rules(options, config, services),
        environment=lambda session: environment_of(services, session),
        log=terminal.complain,
        is_verbose=options.verbose,
    )
    return asyncio.run(_serve(server, catalog, options, terminal))


async def _serve(server: Server, catalog: Catalog, options: argparse.Namespace, terminal: Terminal) -> int:
    await server.start(_listening(options))
    ended = _ended_by_signals()
    try:
        _say_where(server, catalog, options, terminal)
        watching = asyncio.create_task(server.watch()) if options.watch else None
        await ended.wait()
        if watching is not None:
            watching.cancel()
    finally:
        await server.close()
    reports = server.reports()
    for report in reports:
        for line in report.lines():
            terminal.say(line)
    return CLEAN if all(report.is_clean for report in reports) else FOUND


def _listening(options: argparse.Namespace) -> Listening:
    return Listening(host=options.host, port=options.port, per_host=options.port_per_host, url=options.url)


def _ended_by_signals() -> asyncio.Event:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    return ended


def _say_where(server: Server, catalog: Catalog, options: argparse.Namespace, terminal: Terminal) -> None:
    session = server.sessions.default
    count = len(catalog.served)
    terminal.say(f"serving {count} cassette{'' if count == 1 else 's'} at {server.addresses.url}")
    for origin in session.origins:
        terminal.say(f"  {origin} is at {session.base(origin)}")
    variables = server.environment(session)
    for name, value in variables.items():
        terminal.say(f"export {name}={value}")
    if options.env_file is not None:
        lines = [f"{name}={value}\n" for name, value in variables.items()]
        options.env_file.write_text("".join(lines), encoding="utf-8")
    terminal.flush()


def _services(config: Config | None) -> list[Service]:
    if config is None:
        return []
    return [Service(one, environment=os.environ, root=config.root) for one in config.services.values()]


def _rules(options: argparse.Namespace, config: Config | None, services: list[Service]) -> Rules:
    playback = config.playback if config is not None else Playback()
    manner = config.conversations if config is not None else Manner()
    return Rules(
        redactor=redactor_here(),
        reveal=secrets_played(config, services, is_private=is_loopback(options.host)),
        bases={service.address: service.config.url for service in services},
        audio=config.audio if config is not None else (),
        playback=playback.with_changed(
            order=Order(options.order) if options.order else playback.order,
            repeats=options.repeats or playback.repeats,
            unplayed=Unplayed(options.unplayed) if options.unplayed else playback.unplayed,
        ),
        manner=Manner(pace=Pace(options.pace) if options.pace else manner.pace, patience=options.patience),
    )


COMMAND = Command(
    description="""\
Serve cassettes over HTTP and WebSocket, to clients in any language and any process: tests in other languages,
browsers, containers, a program as a whole. Requests are matched as in a test; one without a recorded answer
gets status 501 with the message that a test would fail with, as JSON where the client accepts JSON.

One port serves every recorded host. Clients name the host by their base URL, which is printed, or by the
header Host; where all recordings are from one host there is nothing to name. The environment variables that
point clients here are printed too, as [tool.taketwo.services] names them.

Each recorded answer is played once, as in a test. A client that wants to begin anew, or not to share, asks
for a session: POST /__taketwo/sessions {"test": "tests/test_shop.py::test_order"} answers its base URL and a
header; DELETE /__taketwo/sessions/ID ends it and answers what was not played. GET /__taketwo/health is for
health checks. SIGINT and SIGTERM end the server, which then prints what was not played.
""",
    examples="""\
  %(prog)s                                             every cassette of the project
  %(prog)s cassettes/test_shop --port 0 --watch
  %(prog)s login.yaml --repeats --order recorded
  %(prog)s --host 0.0.0.0 --url http://taketwo:8787    in a container, for others
  curl -d '{"test": "tests/test_shop.py::test_order"}' http://127.0.0.1:8787/__taketwo/sessions
""",
    exit_codes="""\
  0  ended, and every request found its answer
  1  ended, and a request found none; or with --unplayed fail, something was not played
  3  could not run: no cassette, one that is damaged, a port that is taken
""",
    arguments=_arguments,
    run=_run,
)

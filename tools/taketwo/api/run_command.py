"""
``taketwo run`` and ``taketwo proxy``: what another program asks for, recorded and replayed.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from taketwo.api.open_cassette import ScriptCassette
from taketwo.api.options import CassetteOptions
from taketwo.api.project import Project, project_at
from taketwo.cassette.store.names import SUFFIX, file_name
from taketwo.console.command import CLEAN, FOUND, Command
from taketwo.console.terminal import Terminal
from taketwo.errors import ConfigError, TakeTwoError
from taketwo.features.serve.proxy import ChildProxy
from taketwo.network.allowed import Allowed
from taketwo.network.children import Children
from taketwo.network.guard import Closed, resolve
from taketwo.playback.modes import Mode

_NOT_FOUND, _NOT_EXECUTABLE = 127, 126  # as a shell reports them
_BY_SIGNAL = 128
_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of Linux
_FORWARDED = (signal.SIGTERM, signal.SIGHUP)


def _arguments_of_both(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--cassette", metavar="FILE", help="the cassette (default: one named after the command)"
    )
    parser.add_argument(
        "--record-mode",
        choices=[mode.value for mode in Mode],
        help="once (the default): record where there is no cassette, else replay; rewrite: record again; "
        "none: replay; new_episodes: record what is new",
    )


def _arguments(parser: argparse.ArgumentParser) -> None:
    _arguments_of_both(parser)
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="-- COMMAND", help="the program to run")


def _run(options: argparse.Namespace, terminal: Terminal) -> int:
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not command:
        raise ConfigError("there is no command to run; type it behind --, as in: taketwo run -- npm test")
    path = _cassette_of(options, " ".join(map(os.path.basename, command[:3])))
    with _opened(options, path) as (cassette, children):
        code = _ran(command, children.environment(None, command))
        return _ended(cassette, children, path, code, terminal)


def _run_proxy(options: argparse.Namespace, terminal: Terminal) -> int:
    path = _cassette_of(options, "proxy")
    with _opened(options, path) as (cassette, children):
        made = children.environment({}, ())
        terminal.say(f"{'recording' if cassette.records else 'replaying'} {path}; Ctrl-C ends it")
        for name in sorted(made):
            if name not in _OF_CHILDREN:
                terminal.say(f"export {name}={shlex.quote(made[name])}")
        terminal.flush()
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT, signal.SIGTERM])
        signal.sigwait([signal.SIGINT, signal.SIGTERM])
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT, signal.SIGTERM])
        return _ended(cassette, children, path, CLEAN, terminal)


_OF_CHILDREN = frozenset({"PYTHONPATH"})


@contextmanager
def _opened(options: argparse.Namespace, path: Path) -> Iterator[tuple[ScriptCassette, Children]]:
    """
    The cassette at *path*, and what leads child processes to it.
    """
    project = project_at(Path.cwd())
    own: CassetteOptions = {}
    if options.record_mode:
        own["record_mode"] = options.record_mode
    path.parent.mkdir(parents=True, exist_ok=True)
    cassette = ScriptCassette(path, own, project=project)
    children = Children(partial(_closed, project, path), refuses=not cassette.records)
    try:
        active, router = cassette.enter_for_others()
        children.record_with(
            lambda judge: ChildProxy(active, router, judge=judge, hide=project.redactor.text)
        )
        yield cassette, children
    finally:
        children.close()
        cassette.leave()


def _closed(project: Project, path: Path) -> Closed:
    return Closed(Allowed(project.config.allowed_hosts, resolve), lambda: f"{path.name} is replayed")


def _cassette_of(options: argparse.Namespace, command: str) -> Path:
    if options.cassette:
        named = Path(options.cassette).absolute()
        return named if named.suffix else named.with_name(f"{named.name}{SUFFIX}")
    folder = project_at(Path.cwd()).config.cassettes
    return folder / "run" / f"{file_name(command)}{SUFFIX}"


def _ran(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """
    The exit code of *command*, which gets the signals that this process gets.
    """
    try:
        process = subprocess.Popen(command, env=dict(environment), preexec_fn=_ends_with_parent())  # noqa: PLW1509 - it calls the kernel alone
    except FileNotFoundError:
        raise TakeTwoError(f"there is no program {command[0]}") from None
    except OSError as error:
        raise TakeTwoError(f"{command[0]} cannot be run: {error.strerror}") from None
    before = {number: signal.signal(number, lambda got, _: process.send_signal(got)) for number in _FORWARDED}
    before[signal.SIGINT] = signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to both
    try:
        code = process.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return code if code >= 0 else _BY_SIGNAL - code


def _ends_with_parent() -> Callable[[], None] | None:
    """
    Has the kernel end a child when this process is killed, where it can.
    """
    if not sys.platform.startswith("linux"):
        return None
    kernel = ctypes.CDLL(None)
    return lambda: kernel.prctl(_PARENT_DEATH_SIGNAL, int(signal.SIGTERM))


def _ended(cassette: ScriptCassette, children: Children, path: Path, code: int, terminal: Terminal) -> int:
    """
    Save what was recorded where all went well, and give the exit code: that of the command where it failed.
    """
    shown = os.path.relpath(path)
    asked = children.take_asked()
    for message in cassette.unmatched:
        terminal.complain(message)
    if asked:
        terminal.complain(f"{asked}, without the proxy, so it is in no cassette")
    if cassette.unmatched or (asked and not cassette.records):
        return code or FOUND
    if code and cassette.records:
        terminal.complain(
            f"the command ended with exit code {code}, so nothing is recorded; {shown} is as it was"
        )
        return code
    cassette.save()
    if cassette.records:
        terminal.complain(
            f"recorded {shown}" if path.is_file() else "nothing was asked for, so nothing is recorded"
        )
    return code


_EXIT_CODES = """\
  0  the command ended with 0, and everything that it asked for was answered
  1  the command ended with 0, and something that it asked for has no recorded answer
  N  the command ended with N
  3  could not run: no such program, a cassette that is damaged, a secret in the recording
"""

RUN = Command(
    description="""\
Run a program in any language, and record what it asks for over HTTP, HTTPS and WebSockets to a cassette; the
next time replay it from there, with the network closed. Secrets, volatile values and the save by one rename
are as in a test. The program is led here by HTTP_PROXY and HTTPS_PROXY, and trusts an authority that lives as
long as the run by SSL_CERT_FILE, REQUESTS_CA_BUNDLE, NODE_EXTRA_CA_CERTS, CURL_CA_BUNDLE and their like;
Node.js and Java, which ignore proxy variables, are led here by NODE_OPTIONS and JAVA_TOOL_OPTIONS.

A program that fails while it is recorded keeps the cassette that there was. A request without a recorded
answer gets status 501 with the message that a test would fail with.
""",
    examples="""\
  %(prog)s -- npm test
  %(prog)s --cassette cassettes/login.yaml -- curl -sS https://api.example.com/login
  %(prog)s --record-mode rewrite -- go test ./...
""",
    exit_codes=_EXIT_CODES,
    arguments=_arguments,
    run=_run,
)

PROXY = Command(
    description="""\
The same as taketwo run for programs that are started elsewhere: the variables that lead them here are
printed. It listens on this machine alone. SIGINT and SIGTERM end it, and save what was recorded.
""",
    examples="""\
  %(prog)s --cassette cassettes/session.yaml --record-mode rewrite
""",
    exit_codes="""\
  0  ended, and every request found its answer
  1  ended, and a request found none
  3  could not run
""",
    arguments=_arguments_of_both,
    run=_run_proxy,
)

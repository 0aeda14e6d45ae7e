"""
From what was typed to the command, and from what went wrong to an exit code.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module

from taketwo.config.extras import install_command
from taketwo.console.command import CLEAN, COULD_NOT_RUN, Command, Parser
from taketwo.console.terminal import Terminal
from taketwo.errors import TakeTwoError
from taketwo.version import VERSION

INTERRUPTED, NOBODY_READS = 130, 141  # as a shell reports SIGINT and SIGPIPE

# A command is a module; only the one that was asked for is imported.
SUMMARIES = {
    "init": "write the first configuration of a project",
    "adopt": "move a suite of VCR.py or pytest-recording over, and list what differs",
    "list": "cassettes, their tests and sizes, and pending recordings",
    "show": "print cassettes as readable HTTP",
    "diff": "what differs between two cassettes, or since the accepted recording",
    "review": "review pending recordings one by one",
    "report": "report on pending recordings: Markdown, JSON, JUnit, a page",
    "accept": "put pending recordings in place",
    "reject": "delete pending recordings",
    "undo": "take back the last acceptance",
    "scan": "look for secrets in cassettes and other files",
    "convert": "convert cassettes to and from VCR.py and other formats",
    "mutate": "how much the tests check of what they rely on",
    "faults": "what the code under test does when requests go wrong",
    "prune": "list and delete cassettes that no test uses",
    "rename": "have cassettes follow a test, a module or a folder that was renamed",
    "impact": "what a proposed contract would touch, before it is made",
    "contract": "export what this suite sends and reads, for the providers of its services",
    "can-i-change": "which consumers a proposed contract would break, in the provider's CI",
    "merge": "put together what several machines recorded",
    "verify": "whether a live service still answers as recorded",
    "survive": "whether the code lives with every answer its contract permits",
    "age": "how long ago cassettes were recorded",
    "coverage": "operations and fields that no cassette covers",
    "refresh": "record again what a changed contract touches, show what differs",
    "push": "put large recordings into a store outside of the repository",
    "pull": "fetch from the store what is not here",
    "gc": "objects of the store that no revision names",
    "serve": "cassettes as a server, for clients in any language",
    "run": "record or replay a program in any language",
    "proxy": "record or replay programs that are started elsewhere",
    "completion": "a script that completes commands in bash, zsh or tcsh",
    "schema": "the JSON Schema of [tool.taketwo], for editors",
}

# Those that are not modules of this package.
_ELSEWHERE = {
    "accept": "taketwo.cli.pending:ACCEPT",
    "reject": "taketwo.cli.pending:REJECT",
    "undo": "taketwo.cli.pending:UNDO",
    "init": "taketwo.features.init.command:COMMAND",
    "adopt": "taketwo.features.adopt.command:COMMAND",
    "scan": "taketwo.features.scan.command:COMMAND",
    "convert": "taketwo.features.convert:COMMAND",
    "mutate": "taketwo.features.mutate.command:COMMAND",
    "survive": "taketwo.features.survive.command:COMMAND",
    "faults": "taketwo.features.faults.command:COMMAND",
    "prune": "taketwo.features.prune.command:COMMAND",
    "rename": "taketwo.features.rename.command:COMMAND",
    "impact": "taketwo.features.impact.command:COMMAND",
    "contract": "taketwo.features.impact.consumers.command:EXPORT",
    "can-i-change": "taketwo.features.impact.consumers.command:CHANGE",
    "merge": "taketwo.features.merge.command:COMMAND",
    "verify": "taketwo.features.verify.command:COMMAND",
    "age": "taketwo.features.age.command:COMMAND",
    "coverage": "taketwo.features.coverage.command:COMMAND",
    "push": "taketwo.features.store.command:PUSH",
    "pull": "taketwo.features.store.command:PULL",
    "gc": "taketwo.features.store.command:GC",
    "serve": "taketwo.features.serve.command:COMMAND",
    "run": "taketwo.api.run_command:RUN",
    "proxy": "taketwo.api.run_command:PROXY",
}

_DESCRIPTION = """\
Record HTTP once against the real services, replay it for ever after, and know when a recording has gone
stale. pytest records (pytest --record-mode=rewrite) and replays; these commands look after the recordings.
"""

_EPILOG = """\
taketwo COMMAND --help describes one command in full, with examples and exit codes.

words:
  cassette           one file: the requests of one test, and the answers of the services
  pending recording  a new recording beside the accepted cassette, as <name>.yaml.new, until it is reviewed
  contract           what a service promises: its GraphQL schema, OpenAPI document, content definitions
  lock               the contracts as they were when the cassettes were recorded, in cassettes/contracts

examples:
  pytest --record-mode=rewrite tests/test_notes.py    record; the services of [tool.taketwo] are started
  pytest                                              replay, without any service
  taketwo refresh                                     a service has changed: record what that touches
  taketwo review                                      see what differs now, and accept or reject it

settings:
  [tool.taketwo] of pyproject.toml, in this folder or above it

exit codes:
  0  fine
  1  something to review: the help of each command says what
  2  something breaks (refresh, impact, can-i-change)
  3  could not run: the message says why
"""


def run() -> None:
    """
    The console script ``taketwo``.
    """
    raise SystemExit(main())


def main(arguments: Sequence[str] | None = None, *, prog: str | None = None) -> int:
    """
    Run one command; *arguments*, those of the process by default, begin with its name.

    *prog* is what the user types for the command, if not its name. Returns the exit code.
    """
    terminal = Terminal()
    try:
        code = _guarded(list(sys.argv[1:] if arguments is None else arguments), terminal, prog)
        terminal.flush()
    except BrokenPipeError:
        terminal.hang_up()
        return NOBODY_READS
    return code


def find_command(name: str) -> Command:
    """
    The command that ``taketwo NAME`` runs; its module is imported now.
    """
    module, _, constant = _ELSEWHERE.get(name, f"taketwo.cli.{name}:COMMAND").partition(":")
    command: Command = getattr(import_module(module), constant)
    return command


def _guarded(arguments: list[str], terminal: Terminal, prog: str | None) -> int:
    try:
        return _dispatch(arguments, terminal, prog)
    except SystemExit as ended:  # argparse has printed why
        return ended.code if isinstance(ended.code, int) else CLEAN
    except BrokenPipeError:
        raise
    except (TakeTwoError, OSError) as error:
        terminal.complain(f"error: {_without_secrets(str(error))}")
    except ModuleNotFoundError as error:
        name = error.name or str(error)
        terminal.complain(f"error: {name} is not installed; try: {install_command(name)}")
    except KeyboardInterrupt:
        terminal.complain("interrupted; no cassette was lost; to finish, run the same command again")
        return INTERRUPTED
    return COULD_NOT_RUN


def _without_secrets(error: str) -> str:
    """
    *error*, which may quote a damaged cassette.
    """
    from taketwo.console.project import redactor_anywhere  # noqa: PLC0415 - to import it takes longer than --help

    return redactor_anywhere().text(error)


def _dispatch(arguments: list[str], terminal: Terminal, prog: str | None) -> int:
    name = arguments[0] if arguments else ""
    if name and name not in SUMMARIES and not name.startswith("-"):
        terminal.complain(_unknown(name))
        return COULD_NOT_RUN
    if name not in SUMMARIES:
        front = _front()
        front.parse_args(arguments)
        terminal.complain(front.format_help().rstrip())
        return COULD_NOT_RUN
    typed = prog or f"taketwo {name}"
    command = find_command(name)
    options = _parser(command, typed).parse_args(arguments[1:])
    options.prog = typed
    return command.run(options, terminal)


def _unknown(name: str) -> str:
    near = get_close_matches(name, SUMMARIES, n=1, cutoff=0.5)
    question = f"; did you mean {near[0]}?" if near else ""
    return f"taketwo: there is no command {name!r}{question}\nthe commands are: {', '.join(SUMMARIES)}"


def whole_parser() -> Parser:
    """
    The parser of all commands with all of their arguments; to run one takes less.
    """
    return _front(whole=True)


class _OneLineEach(argparse.RawDescriptionHelpFormatter):
    """
    Has room beside the longest name of a command, which is indented twice: argparse counts one indent.
    """

    def __init__(self, prog: str) -> None:
        super().__init__(prog)
        self._action_max_length = max(map(len, SUMMARIES)) + 2 * self._indent_increment


def _front(*, whole: bool = False) -> Parser:
    parser = Parser(
        prog="taketwo",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        allow_abbrev=False,
        formatter_class=_OneLineEach,
    )
    parser.add_argument("--version", action="version", version=f"taketwo {VERSION}")
    group = parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=Parser)
    for name, summary in SUMMARIES.items():
        command = group.add_parser(name, help=summary)
        if whole:
            find_command(name).arguments(command)
    return parser


def _parser(command: Command, prog: str) -> Parser:
    parser = Parser(
        prog=prog,
        description=command.description,
        epilog=command.epilog,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.arguments(parser)
    return parser

"""
``taketwo completion``.
"""

from __future__ import annotations

import argparse

import shtab

from taketwo.cli.main import whole_parser
from taketwo.console.command import CLEAN, Command
from taketwo.console.terminal import Terminal

_SHELLS = ("bash", "zsh", "tcsh")
_PATHS = {"DIR": shtab.DIRECTORY, "FILE": shtab.FILE, "PATH": shtab.FILE}
"""What completes an argument, by the word that stands for it in the help."""


def completion(shell: str) -> str:
    """
    The script that completes commands, options and paths of ``taketwo`` in *shell*.
    """
    parser = whole_parser()
    for command in _commands(parser):
        for action in command._actions:  # noqa: SLF001 - that is how shtab learns it, and argparse has no public way
            if isinstance(action.metavar, str) and action.metavar in _PATHS:
                vars(action)["complete"] = _PATHS[action.metavar]
    return str(shtab.complete(parser, shell=shell))


def _commands(parser: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    groups = (one for one in parser._actions if isinstance(one, argparse._SubParsersAction))  # noqa: SLF001 - as above
    return [parser, *(command for group in groups for command in group.choices.values())]


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=_SHELLS, metavar="SHELL", help=f"one of {', '.join(_SHELLS)}")


def _run(options: argparse.Namespace, terminal: Terminal) -> int:
    terminal.write(completion(options.shell))
    return CLEAN


COMMAND = Command(
    description="""\
Print a script that completes commands, options and paths in a shell. It is static: it starts nothing when a
key is pressed, and is written again after an upgrade. It needs the extra cli.
""",
    examples="""\
  %(prog)s bash > ~/.local/share/bash-completion/completions/taketwo
  %(prog)s zsh > ~/.zfunc/_taketwo
  %(prog)s tcsh > ~/.taketwo.completion.csh
""",
    exit_codes="""\
  0  printed
  3  could not run
""",
    arguments=_arguments,
    run=_run,
)

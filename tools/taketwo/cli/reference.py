"""
The pages of the documentation that are generated from the code: ``python -m taketwo.cli.reference FOLDER``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from taketwo.cli.main import SUMMARIES, find_command
from taketwo.config.reference import SECTIONS, Section


def configuration_page() -> str:
    """
    Every key of ``[tool.taketwo]``, as Markdown.
    """
    intro = (
        "# Configuration reference\n\n"
        "Everything is in `pyproject.toml`. Unknown keys and values of the wrong kind are errors; all are\n"
        "reported together. `taketwo schema` prints the JSON Schema, for editors.\n"
    )
    return "\n".join([intro, *map(_section, SECTIONS)])


def commands_page() -> str:
    """
    Every command with its arguments, examples and exit codes, as Markdown.
    """
    intro = "# Command reference\n\n`taketwo COMMAND --help` shows the same in a terminal.\n"
    return "\n".join([intro, *map(_command_section, SUMMARIES)])


PAGES = {"configuration.md": configuration_page, "commands.md": commands_page}


def main(arguments: Sequence[str]) -> None:
    """
    Write the pages into the folder that *arguments* name.
    """
    parser = argparse.ArgumentParser(prog="python -m taketwo.cli.reference")
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    folder: Path = parser.parse_args(arguments).folder
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")


def _section(section: Section) -> str:
    header = f"[[{section.name}]]" if section.listed else f"[{section.name}]"
    rows = [
        f"| `{key.name}` | {key.kind.replace('|', '/')} | {f'`{key.default}`' if key.default else ''} "
        f"| {key.meaning} |"
        for key in section.keys
    ]
    table = ["| key | value | default | meaning |", "| --- | --- | --- | --- |", *rows]
    return "\n".join([f"## `{header}`\n", f"{section.summary}\n", *table, ""])


def _command_section(name: str) -> str:
    """
    One command. Its arguments are a table of ours, since argparse words them differently in each Python.
    """
    command, prog = find_command(name), f"taketwo {name}"
    parser = argparse.ArgumentParser(prog=prog, add_help=False)
    command.arguments(parser)
    rows = [_argument(action) for action in parser._actions]  # noqa: SLF001 - argparse has no public list of them
    table = ["| argument | does |", "| --- | --- |", *rows, ""] if rows else []
    return "\n".join(
        [
            f"## `{prog}`\n",
            command.description.strip(),
            "",
            *table,
            _listing("Examples", command.examples, prog),
            _listing("Exit codes", command.exit_codes, prog),
        ]
    )


def _argument(action: argparse.Action) -> str:
    value = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    takes = "" if action.nargs == 0 else f" {value}"
    names = ", ".join(f"{name}{takes}" for name in action.option_strings)
    words = (
        (action.help or "")
        .replace("%(default)s", str(action.default))
        .replace("|", "\\|")
        .replace("<", "&lt;")
    )
    return f"| `{names or value}` | {words} |"


def _listing(title: str, text: str, prog: str) -> str:
    return f"{title}:\n\n```text\n{text.rstrip().replace('%(prog)s', prog)}\n```\n"


if __name__ == "__main__":
    main(sys.argv[1:])

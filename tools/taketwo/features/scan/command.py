"""
``taketwo scan``.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from taketwo.cassette.body.attachments import is_attachment
from taketwo.cassette.content import LARGEST_IN_MEMORY, open_content
from taketwo.cassette.secrets.redact import secrets_of_environment
from taketwo.cassette.secrets.scan import Scanner
from taketwo.cassette.store.read import attachments_in
from taketwo.config.project import Config
from taketwo.console.command import CLEAN, FOUND, Command, add_json
from taketwo.console.project import find_config, need_config, secrets_of, shown
from taketwo.console.terminal import Terminal
from taketwo.errors import TakeTwoError
from taketwo.features.scan.render import ScannedFile, scan_json, scan_lines


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="files or folders (default: the project's cassettes)"
    )
    parser.add_argument(
        "--explain",
        action="store_true",
        help="explain why each finding counts as a secret, and how to keep it",
    )
    add_json(parser)


def _run(options: argparse.Namespace, terminal: Terminal) -> int:
    config = find_config()
    scanner = Scanner(
        _secrets(config),
        config.redact if config is not None else (),
        config.keep if config is not None else (),
    )
    files = [_scanned(scanner, path) for path in _files(options.paths)]
    if options.json:
        terminal.json(scan_json(files, explain=options.explain))
    else:
        terminal.show(scan_lines(files, explain=options.explain))
    return FOUND if any(file.findings or file.damage for file in files) else CLEAN


def _secrets(config: Config | None) -> list[tuple[str, str]]:
    return list(secrets_of_environment(os.environ, ()).items()) if config is None else secrets_of(config)


def _scanned(scanner: Scanner, path: Path) -> ScannedFile:
    name = shown(path)
    try:
        if is_attachment(path.name) and path.stat().st_size > LARGEST_IN_MEMORY:
            return ScannedFile(file=name, findings=scanner.scan_long(open_content(path)).findings)
        content = path.read_bytes()
    except OSError as error:
        return ScannedFile(file=name, damage=f"{name} cannot be read: {error.strerror}")

    scanned = scanner.scan(content, name=name, attached=attachments_in(path.parent))
    return ScannedFile(file=name, findings=scanned.findings, damage=scanned.damage)


def _files(names: Sequence[str]) -> list[Path]:
    """
    Every file at *names*, each once; hidden ones only where they are named.
    """
    paths = [Path(name) for name in names] or [need_config().cassettes]
    for path in paths:
        if names and not path.exists():
            raise TakeTwoError(f"there is no {path}; name files or folders, or nothing for the cassettes")
    return list(dict.fromkeys(file for path in paths for file in _below(path)))


def _below(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield from [path] if path.exists() else []
        return
    for folder, folders, files in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(folder, name) for name in sorted(files) if not name.startswith("."))


COMMAND = Command(
    description="""\
Look for secrets in cassettes, taketwo's and VCR.py's alike, and in any other file. They are found

  by value  in any file: what the environment variables hold whose name says that they are secret
            (…_TOKEN, …_PASSWORD, API_KEY…), those that [tool.taketwo] lists, and the secrets of its
            services; plain, and as URLs, JSON, HTML, base64 and hex have them
  by form   in any file: tokens of GitHub, AWS, Google, Slack, Stripe, OpenAI and others, JSON Web Tokens,
            private keys; the finding has the name of the rule
  by place  in cassettes: a header, query parameter, form field or JSON member that is named like a secret
            (authorization, api_key, …, and those that [tool.taketwo] lists under redact) and whose value is
            no stand-in such as <secret:NAME>, REDACTED or ***

Each finding has the file, the line, the name of the secret and its place, never its value. A damaged file is
reported too, and searched as plain text. Hidden files in a folder are left out.
""",
    examples="""\
  %(prog)s                     the project's cassettes
  %(prog)s tests/cassettes     a folder of VCR.py's; no [tool.taketwo] is needed
  %(prog)s --json | jq '.findings[].file'

  as a hook of pre-commit:
    - repo: local
      hooks:
      - {id: scan, name: taketwo scan, entry: taketwo scan, language: system, files: ^cassettes/}
""",
    exit_codes="""\
  0  nothing found
  1  a secret is found, or a file is damaged
  3  could not run
""",
    arguments=_arguments,
    run=_run,
)

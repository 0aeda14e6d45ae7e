"""
Additions to a project's ``pyproject.toml``: what is there stays as it is, and the result is read before it is
written.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path

from taketwo.config.project import parse_config
from taketwo.errors import ConfigError

_TABLE = re.compile(r"^\[tool\.taketwo\][^\n]*\n", re.MULTILINE)
_HOSTS = re.compile(r"^(allowed_hosts\s*=\s*\[)", re.MULTILINE)


def with_table(text: str, table: str, *, root: Path) -> str:
    """
    *text* of a ``pyproject.toml`` with *table* behind it.

    :raises ConfigError: when the result could not be read.
    """
    separator = "" if not text or text.endswith("\n\n") else "\n" if text.endswith("\n") else "\n\n"
    return _checked(f"{text}{separator}{table}", root)


def with_rules(text: str, *, rules: Sequence[Sequence[str]], hosts: Sequence[str], root: Path) -> str:
    """
    *text* with more placeholder *rules*, by their lines, and more *hosts* that may be reached.

    :raises ConfigError: when the result could not be read, as where the table is written in another way.
    """
    if hosts:
        text = _with_hosts(text, hosts)
    blocks = ["\n".join(["[[tool.taketwo.placeholders]]", *lines, ""]) for lines in rules]
    return with_table(text, "\n".join(blocks), root=root) if blocks else _checked(text, root)


def _with_hosts(text: str, hosts: Sequence[str]) -> str:
    quoted = ", ".join(json.dumps(host) for host in hosts)
    if _HOSTS.search(text):
        return _HOSTS.sub(lambda found: f"{found[1]}{quoted}, ", text, count=1)
    if not _TABLE.search(text):
        raise ConfigError(f"there is no line [tool.taketwo] to put allowed_hosts = [{quoted}] below")
    return _TABLE.sub(lambda found: f"{found[0]}allowed_hosts = [{quoted}]\n", text, count=1)


def _checked(text: str, root: Path) -> str:
    try:
        table = tomllib.loads(text)["tool"]["taketwo"]
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise ConfigError(f"pyproject.toml could not be read with it: {error}") from None
    parse_config(table, root=root)
    return text

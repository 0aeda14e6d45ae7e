"""
The ``[tool.taketwo]`` by which a project opts in, read no further than a run needs it.

To make its values takes longer than all else that is ours in a run without cassettes. So where one sees at a
glance that nothing is wrong with them, they are made when the first of them is asked for.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from taketwo.config.project import Config


class LazyConfig:
    """
    ``root`` is the folder of ``pyproject.toml``.

    :raises pytest.UsageError: naming every mistake at once.
    """

    def __init__(self, root: Path, table: Mapping[str, object]) -> None:
        self.root = root
        self._table = table
        if not is_plain(table) or (root / ".env").is_symlink():  # and may be wrong
            self._refuse_mistakes()

    @cached_property
    def config(self) -> Config:
        """
        All that the table says.
        """
        from taketwo.config.project import parse_config  # noqa: PLC0415 - what the module is for

        return parse_config(self._table, root=self.root)

    @property
    def cassettes(self) -> Path:
        """
        The folder of the cassettes.
        """
        return self.root / str(self._table.get("cassettes", "cassettes"))

    @property
    def dotenv(self) -> Path | None:
        """
        The file of environment variables that is read first; None to read none.
        """
        default = self.root / ".env"
        return self.config.dotenv if "dotenv" in self._table or default.is_symlink() else default

    @property
    def has_rules(self) -> bool:
        """
        Whether there are rules for placeholders.
        """
        return bool(self._table.get("placeholders"))

    @property
    def graphql_services(self) -> tuple[str, ...]:
        """
        The services that have a GraphQL contract.
        """
        services = self._table.get("services")
        return tuple(services_with(services, "graphql")) if isinstance(services, Mapping) else ()

    @property
    def allowed_hosts(self) -> tuple[str, ...]:
        """
        The hosts that may be reached whatever is replayed.
        """
        found = self._table.get("allowed_hosts", ())
        return tuple(map(str, found)) if isinstance(found, Iterable) else ()

    @property
    def blocks_network(self) -> bool:
        """
        Whether what has no cassette reaches no other machine.
        """
        return self._table.get("block_network") is not False

    def _refuse_mistakes(self) -> None:
        from taketwo.errors import ConfigError  # noqa: PLC0415 - as above

        try:
            _ = self.config
        except ConfigError as error:
            raise pytest.UsageError(str(error)) from None


def lazy_config(file: Path, text: str) -> LazyConfig | None:
    """
    The table in the *text* of *file*, which is a ``pyproject.toml``, if there is one.

    :raises pytest.UsageError: when it is no TOML, and naming every mistake in the table.
    """
    try:
        tools = tomllib.loads(text).get("tool")
    except tomllib.TOMLDecodeError as error:
        raise pytest.UsageError(f"{file} cannot be read: {error}") from None
    table = tools.get("taketwo") if isinstance(tools, dict) else None
    return None if table is None else LazyConfig(file.parent, table)


def services_with(services: Mapping[str, object], kind: str) -> Iterator[str]:
    """
    The names of those of *services* that have a contract of that *kind*.
    """
    for name, service in services.items():
        contract = service.get("contract") if isinstance(service, Mapping) else None
        if isinstance(contract, Mapping) and contract.get(kind):
            yield name


def is_plain(table: object) -> bool:
    """
    Whether *table* has only what most have, and nothing of it can be a mistake.
    """
    return _has_only(_PROJECT, table)


def _has_only(kinds: Mapping[str, Callable[[object], bool]], value: object) -> bool:
    return isinstance(value, dict) and all(key in kinds and kinds[key](each) for key, each in value.items())


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _is_path(value: object) -> bool:
    return isinstance(value, str) and value.startswith("/")


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _are_texts_by_name(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(each, str) for each in value.values())


def _is_contract(value: object) -> bool:
    return _has_only(_CONTRACT, value)


def _are_services(value: object) -> bool:
    return isinstance(value, dict) and all(map(_is_service, value.values()))


def _is_service(value: object) -> bool:
    if not isinstance(value, dict) or not _has_only(_SERVICE, value):
        return False
    command, environment = value.get("command", []), value.get("environment", {})
    passes_port = any("{port}" in text for text in [*command, *environment.values()])
    if not (passes_port if command else value.get("address")):
        return False
    names = {"port", "url", *value.get("secrets", {})}
    return _uses_only(names, environment.values()) and _uses_only(
        names | set(environment), [*command, *value.get("headers", {}).values()]
    )


def _uses_only(names: Iterable[str], texts: Iterable[str]) -> bool:
    """
    Whether *texts* hold no braces but around *names*.
    """
    text = "".join(texts)
    for name in names:
        text = text.replace(f"{{{name}}}", "")
    return "{" not in text


_CONTRACT = {"graphql": _is_path, "openapi": _is_path, "definitions": _is_path, "content": _are_texts}
_SERVICE = {
    "command": _are_texts,
    "health": _is_path,
    "reset": _is_path,
    "contract": _is_contract,
    "address": _is_text,
    "environment": _are_texts_by_name,
    "secrets": _are_texts_by_name,
    "headers": _are_texts_by_name,
    "tests": _are_texts,
}
_PROJECT = {
    "cassettes": _is_text,
    "tests": _is_text,
    "secrets": _are_texts,
    "redact": _are_texts,
    "allowed_hosts": _are_texts,
    "services": _are_services,
}

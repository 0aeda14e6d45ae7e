"""
``[tool.taketwo.services.<name>]``: the servers that a recording needs.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from taketwo.config.kinds import NOTHING, between, path, seconds, table_of_texts, text, texts
from taketwo.config.quotas import Quota, read_quota
from taketwo.config.tables import Table
from taketwo.config.variables import names_in

_ADDRESS = re.compile(r"https?://[^/\s?#]+")
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_HIGHEST_PORT = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractSource:
    """
    Where a contract is that its service does not show: a *file* of the project, a *url*, whose document may
    be pinned by its *sha256*, or the file at *path* of an installed *package*.
    """

    file: str = ""
    url: str = ""
    sha256: str = ""
    package: str = ""
    path: str = ""

    def __str__(self) -> str:
        return self.url or self.file or f"{self.path} of package {self.package}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractPaths:
    """
    Where a service shows each kind of its contract; None where it has none of the kind.

    *sources* are those that it does not show itself, by kind. *content* are the beginnings of paths that name
    a definition, ``/content/{definition}``; without any, each step of a path may be the name of one.
    """

    graphql: str | None = None
    openapi: str | None = None
    definitions: str | None = None
    content: tuple[str, ...] = ()
    sources: Mapping[str, ContractSource] = field(default_factory=dict)


class ResetKind(Enum):
    """
    How a service is reset before each recorded test.

    * ``REQUEST``: a POST to a path, which must answer 2xx
    * ``COMMAND``: a command, which must end with exit code 0
    * ``RESTART``: the service is stopped and started again
    """

    REQUEST = "request"
    COMMAND = "command"
    RESTART = "restart"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """
    One way to reset a service; ``path`` belongs to a request, ``command`` to a command.
    """

    kind: ResetKind
    path: str = ""
    command: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """
    Values of environment variables (``NAME=value``) that start a service, or keep it from being started.

    Upper and lower case are equal; so are ``1``, ``true``, ``on`` and ``yes``, and ``0``, ``false``, ``off``
    and ``no``.
    """

    on: tuple[str, ...] = ()
    off: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceConfig:
    """
    One ``[tool.taketwo.services.<name>]``.

    * ``command`` starts it; a first word ``python`` is the interpreter in use
    * ``port`` is where it listens, for a service that cannot be given a port; any other gets a free one, in
      the place of ``{port}`` in ``command`` or ``environment``
    * ``health`` is polled until it answers 2xx, for at most ``startup`` seconds; by default, a
      service that was started is polled at ``/``, and one that runs already need not answer 2xx anywhere
    * ``reset`` is done before each recorded test
    * ``address`` names the environment variable that points to a service which already runs
    * ``environment`` and ``secrets`` are given to the service and to the code under test alike;
      ``{url}`` is where the service listens. The values of ``secrets`` never reach a cassette
    * ``headers`` go with the requests for contract and reset
    * ``{NAME}`` in ``command``, ``environment`` and ``headers`` is a name in ``secrets`` or ``environment``,
      or an environment variable that ``[tool.taketwo] secrets`` lists; ``{{NAME}}`` is the text ``{NAME}``
    * ``url`` is the name under which recordings know the service, whatever its port is today; a service with
      neither ``command`` nor ``address`` is recorded there
    * ``tests`` are the files and folders of tests (with ``*``, as in a shell) that need the service, relative
      to ``root``; without any, every test does. It is started when the first of them is recorded
    * ``autostart`` are switches, ``NAME=value`` of the environment: with one of ``on`` the service is started
      as soon as anything is recorded; with one of ``off`` it never is, and one that runs already is used
    * ``health_address`` names the environment variable that says what is polled instead of ``health``
    * ``quota`` is how fast it may be recorded, where something limits that
    """

    name: str
    command: tuple[str, ...]
    health: str | None = None
    port: int | None = None
    reset: Reset | None = None
    contract: ContractPaths = field(default_factory=ContractPaths)
    address: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    startup: float = 30.0
    url: str = ""
    tests: tuple[str, ...] = ()
    autostart: Switches = field(default_factory=Switches)
    health_address: str | None = None
    quota: Quota | None = None


def read_service(name: str, table: Table, *, secrets: Collection[str] = ()) -> ServiceConfig:
    """
    The service *name*; *secrets* are the environment variables that the project lists as secret.
    """
    config = ServiceConfig(
        name=name,
        command=table.take("command", texts, ()),
        port=table.take("port", between(1, _HIGHEST_PORT), None),
        health=table.take("health", path, None),
        reset=table.take("reset", _reset, None),
        contract=_contract_paths(table.table("contract")),
        address=table.take("address", text, None),
        environment=table.take("environment", table_of_texts, NOTHING),
        secrets=table.take("secrets", table_of_texts, NOTHING),
        headers=table.take("headers", table_of_texts, NOTHING),
        startup=table.take("startup", seconds, 30.0),
        url=table.take("url", _address, f"http://{name}.test").rstrip("/"),
        tests=table.take("tests", texts, ()),
        autostart=_autostart(table.table("autostart")),
        health_address=table.take("health_address", text, None),
        quota=read_quota(table),
    )
    if not any(map(table.has, ("command", "address", "url"))):
        table.mistake("has no command that starts it, and no address or url of its own")
    _check_port(config, table)
    _check_names(config, table, secrets)
    return config


def _check_port(config: ServiceConfig, table: Table) -> None:
    passes_it_on = (*config.command, *config.environment.values())
    if config.command and config.port is None and not any("port" in names_in(text) for text in passes_it_on):
        table.mistake(
            "gives its command no port to listen on: put {port} into command or environment, or, for a "
            "service that always listens on the same port, set port = NUMBER"
        )


def _check_names(config: ServiceConfig, table: Table, secrets: Iterable[str]) -> None:
    """
    Report each ``{NAME}`` that nothing has a value for.
    """
    known = {"port", "url", *config.secrets, *secrets}
    everything = known | set(config.environment)
    for name, value in config.environment.items():
        _check_names_in(value, f"environment.{name}", table, known)
    for name, value in config.headers.items():
        _check_names_in(value, f"headers.{name}", table, everything)
    for key, words in {
        "command": config.command,
        "reset": config.reset.command if config.reset else (),
    }.items():
        _check_names_in(" ".join(words), key, table, everything)


def _check_names_in(value: str, key: str, table: Table, known: Iterable[str]) -> None:
    listed = ", ".join(f"{{{name}}}" for name in sorted(known))
    for name in sorted(names_in(value).difference(known)):
        table.mistake_at(
            key,
            f"uses {{{name}}}, which has no value; known are {listed} "
            f"(write {{{{{name}}}}} for the text {{{name}}} itself)",
        )


def _reset(value: object) -> Reset:
    if value == ResetKind.RESTART.value:
        return Reset(kind=ResetKind.RESTART)
    if isinstance(value, str) and value.startswith("/"):
        return Reset(kind=ResetKind.REQUEST, path=value)
    if isinstance(value, list) and value and all(isinstance(word, str) and word for word in value):
        return Reset(kind=ResetKind.COMMAND, command=tuple(value))
    raise ValueError('a path that starts with /, a command as a list, or "restart"')


def _contract_paths(table: Table) -> ContractPaths:
    kinds = ("graphql", "openapi", "definitions")
    shown = {kind: table.take(kind, _path_or_source, None) for kind in kinds}
    paths = {kind: where for kind, where in shown.items() if isinstance(where, str)}
    return ContractPaths(
        graphql=paths.get("graphql"),
        openapi=paths.get("openapi"),
        definitions=paths.get("definitions"),
        content=table.take("content", texts, ()),
        sources={kind: where for kind, where in shown.items() if isinstance(where, ContractSource)},
    )


_SOURCES = ({"file"}, {"url"}, {"sha256", "url"}, {"package", "path"})


def _path_or_source(value: object) -> str | ContractSource:
    if isinstance(value, str) and value.startswith("/"):
        return value
    expected = (
        'a path that starts with /, { file = "…" }, { url = "…", sha256 = "…" } '
        'or { package = "…", path = "…" }'
    )
    if not isinstance(value, dict) or {*value} not in _SOURCES:
        raise ValueError(expected)
    if not all(isinstance(one, str) and one for one in value.values()):
        raise ValueError(expected)
    source = ContractSource(**value)
    if source.url and not _ADDRESS.match(source.url):
        raise ValueError("a url that starts with https:// or http://")
    if source.sha256 and not _SHA256.fullmatch(source.sha256):
        raise ValueError("a sha256 of 64 hexadecimal digits")
    return source


def _autostart(table: Table) -> Switches:
    return Switches(on=table.take("on", _switches, ()), off=table.take("off", _switches, ()))


def _switches(value: object) -> tuple[str, ...]:
    try:
        switches = texts(value)
    except ValueError:
        switches = ("",)
    if all(name and sign for name, sign, _ in (switch.partition("=") for switch in switches)):
        return switches
    raise ValueError("a list of strings such as NAME=value")


def _address(value: object) -> str:
    if isinstance(value, str) and _ADDRESS.match(value):
        return value
    raise ValueError("an address such as http://name.test")

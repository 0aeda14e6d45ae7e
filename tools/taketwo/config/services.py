"""
``[tool.taketwo.services.<name>]``: the servers that a recording needs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from taketwo.config.kinds import NOTHING, path, seconds, table_of_texts, text, texts
from taketwo.config.tables import Table

_ADDRESS = re.compile(r"https?://[^/\s?#]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractPaths:
    """
    Where a service shows each kind of its contract; None where it has none of the kind.

    *content* are the beginnings of paths that name a definition, ``/content/{definition}``; without any, each
    step of a path may be the name of one.
    """

    graphql: str | None = None
    openapi: str | None = None
    definitions: str | None = None
    content: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """
    What in the environment starts a service, and what keeps it from being started: ``NAME=value`` each.
    """

    on: tuple[str, ...] = ()
    off: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceConfig:
    """
    One ``[tool.taketwo.services.<name>]``.

    * ``command`` starts it; ``{port}`` is replaced, and a first word ``python`` is the interpreter in use
    * ``health`` is polled until it answers 2xx, for at most ``startup`` seconds
    * ``reset`` is posted before each recorded test
    * ``address`` names the environment variable that points to a service which already runs
    * ``environment`` and ``secrets`` are given to the service and to the code under test alike;
      ``{url}`` is where the service listens. The values of ``secrets`` never reach a cassette
    * ``headers`` go with the requests for contract and reset; ``{NAME}`` is one of ``secrets``
    * ``url`` is the name under which recordings know the service, whatever its port is today
    * ``tests`` are the files and folders of tests (with ``*``, as in a shell) that need the service, relative
      to ``root``; without any, every test does. It is started when the first of them is recorded
    * ``autostart`` are switches, ``NAME=value`` of the environment: with one of ``on`` the service is started
      as soon as anything is recorded; with one of ``off`` it never is, and one that runs already is used
    * ``health_address`` names the environment variable that says what is polled instead of ``health``
    """

    name: str
    command: tuple[str, ...]
    health: str = "/"
    reset: str | None = None
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


def read_service(name: str, table: Table) -> ServiceConfig:
    config = ServiceConfig(
        name=name,
        command=table.take("command", texts, ()),
        health=table.take("health", path, "/"),
        reset=table.take("reset", path, None),
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
    )
    if not table.has("command") and not table.has("address"):
        table.mistake("has neither a command that starts it nor an address of one that runs")
    return config


def _contract_paths(table: Table) -> ContractPaths:
    return ContractPaths(
        graphql=table.take("graphql", path, None),
        openapi=table.take("openapi", path, None),
        definitions=table.take("definitions", path, None),
        content=table.take("content", texts, ()),
    )


def _autostart(table: Table) -> Switches:
    return Switches(on=table.take("on", _switches, ()), off=table.take("off", _switches, ()))


def _switches(value: object) -> tuple[str, ...]:
    try:
        switches = texts(value)
    except ValueError:
        switches = ("",)
    if all(name and sign for name, sign, _ in (switch.partition("=") for switch in switches)):
        return switches
    raise ValueError("a list of texts such as NAME=value")


def _address(value: object) -> str:
    if isinstance(value, str) and _ADDRESS.match(value):
        return value
    raise ValueError("an address such as http://name.test")

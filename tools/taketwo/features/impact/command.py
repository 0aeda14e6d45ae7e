"""
``taketwo impact``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from taketwo.cassette.model import JsonValue
from taketwo.config.project import Config
from taketwo.config.services import ContractSource
from taketwo.console.command import Command, add_json
from taketwo.console.project import need_config
from taketwo.console.terminal import Terminal
from taketwo.contract.changes import Kind
from taketwo.contract.document import Contract, file_name
from taketwo.contract.sources import read_source
from taketwo.errors import TakeTwoError
from taketwo.features.impact.impact import Impact, impact_of
from taketwo.features.impact.render import InvalidInteraction, TouchingChange, impact_json, impact_lines
from taketwo.report.result_text import reading_texts
from taketwo.report.text import Line
from taketwo.services.http import download

_PACKAGE = "package:"


def _arguments(parser: argparse.ArgumentParser) -> None:
    proposed = parser.add_mutually_exclusive_group(required=True)
    proposed.add_argument("--graphql", metavar="WHERE", help="a proposed GraphQL schema, as SDL")
    proposed.add_argument("--openapi", metavar="WHERE", help="a proposed OpenAPI document, as JSON or YAML")
    proposed.add_argument("--definitions", metavar="WHERE", help="proposed content definitions, likewise")
    parser.add_argument("--service", metavar="NAME", help="the service, if several have such a contract")
    add_json(parser)


def _run(options: argparse.Namespace, terminal: Terminal) -> int:
    config = need_config()
    kind = next(kind for kind in Kind if getattr(options, kind.value))
    service = options.service or _only_service(config, kind)
    if service not in config.services:
        known = ", ".join(sorted(config.services)) or "none"
        raise TakeTwoError(f"there is no service {service!r} in pyproject.toml; the services are: {known}")
    impact = impact_of(config, _proposal(getattr(options, kind.value), service, kind))
    lines, document = impact_report(impact)
    if options.json:
        terminal.json(document)
    else:
        terminal.show(lines)
    return impact.exit_code


def impact_report(impact: Impact) -> tuple[list[Line], dict[str, JsonValue]]:
    """
    *impact* for a terminal and as JSON.
    """
    touching, wrong = _touching(impact), _wrong(impact)
    lines = impact_lines(impact.service, touching, wrong, impact.cassettes)
    return lines, impact_json(impact.service, touching, wrong, impact.exit_code)


def _only_service(config: Config, kind: Kind) -> str:
    found = [name for name in config.services if (config.locks / file_name(name, kind)).is_file()]
    if len(found) != 1:
        names = ", ".join(found) or "no service"
        raise TakeTwoError(f"{names} has a lock of a {kind} contract; name the service: --service NAME")
    return found[0]


def _proposal(where: str, service: str, kind: Kind) -> Contract:
    """
    The proposal in a file, at an address (``https://…#sha256=…``), or in a package (``package:NAME/PATH``).
    """
    if where.startswith(("http://", "https://")):
        url, _, sha256 = where.partition("#sha256=")
        source = ContractSource(url=url, sha256=sha256)
    elif where.startswith(_PACKAGE):
        package, _, path = where.removeprefix(_PACKAGE).partition("/")
        source = ContractSource(package=package, path=path)
    else:
        source = ContractSource(file=where)
    return read_source(source, service=service, kind=kind, root=Path(), download=download)


def _touching(impact: Impact) -> list[TouchingChange]:
    return [
        TouchingChange(
            id=cause.rule,
            severity=cause.severity,
            message=cause.sentence,
            coordinates=tuple(change.coordinate for change in cause.changes),
            tests=cause.tests,
            cassettes=cause.cassettes,
            reading="; ".join(reading_texts(cause)),
            unread=cause.unread,
        )
        for cause in impact.causes
    ]


def _wrong(impact: Impact) -> list[InvalidInteraction]:
    return [
        InvalidInteraction(
            cassette=one.cassette,
            test=one.test,
            place=one.place,
            coordinate=one.mistake.coordinate,
            message=one.mistake.message,
            is_read=one.is_read,
        )
        for one in impact.invalid
    ]


COMMAND = Command(
    description="""\
Tell, before it is made, what a change of a contract touches: which tests use what it changes, and which
recorded requests and answers would no longer be right. The proposal is compared with the lock; no service is
asked. What no test reads of the answers is safe to change; where that is not known, it counts as read.
WHERE is a file, an address (https://…, with #sha256=… to pin it), or a file of an installed package
(package:NAME/PATH).
""",
    examples="""\
  %(prog)s --graphql new.graphql
  %(prog)s --openapi new.json --service shop
  %(prog)s --openapi https://shop.example/openapi.yaml
  %(prog)s --openapi package:shop_client/openapi.json
  %(prog)s --definitions new.json --json | jq -r '.changes[].tests[]' | sort -u
""",
    exit_codes="""\
  0  nothing that is recorded is touched
  1  tests are touched, and what is recorded stays right
  2  tests use what breaks, or something that is recorded would be wrong
  3  could not run
""",
    arguments=_arguments,
    run=_run,
)

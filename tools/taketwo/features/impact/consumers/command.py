"""
``taketwo contract`` and ``taketwo can-i-change``.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from taketwo.cassette.model import JsonValue
from taketwo.config.contract import ContractConfig
from taketwo.config.project import Config
from taketwo.config.services import ContractSource
from taketwo.console.command import CLEAN, Command, add_json
from taketwo.console.project import find_config, need_config, shown
from taketwo.console.terminal import Terminal
from taketwo.contract.changes import Kind
from taketwo.contract.document import Contract, Contracts
from taketwo.contract.locks import read_locks
from taketwo.contract.sources import read_source
from taketwo.errors import TakeTwoError
from taketwo.features.impact.command import impact_report
from taketwo.features.impact.consumers.change import consumers_in, impact_on_consumer, kind_of
from taketwo.features.impact.consumers.export import PACT, consumer_of, write_export
from taketwo.features.impact.consumers.model import Consumer
from taketwo.report.text import Line

_FOLDER: Final = "consumer-contracts"


def _export_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("export",), help="write what this suite sends and reads")
    parser.add_argument("--service", metavar="NAME", help="of this service only")
    parser.add_argument("--consumer", metavar="NAME", help="name of this suite (default: that of the folder)")
    parser.add_argument("--out", metavar="DIR", default=_FOLDER, help="where to (default: %(default)s)")


def _export(options: argparse.Namespace, terminal: Terminal) -> int:
    config = need_config()
    folder, name = Path(options.out), options.consumer or config.root.name
    for service in _services(config, options.service):
        consumer = consumer_of(config, service, name)
        if consumer.tests:
            written = write_export(consumer, read_locks(config.locks, service), folder)
            files = ", ".join(shown(path) for path in written)
            terminal.show([Line(f"{service}: {_count(len(consumer.tests), 'test')} of {name} in {files}")])
        elif options.service:
            raise TakeTwoError(f"no cassette holds a request to {service}; record one first: taketwo refresh")
    return CLEAN


def _services(config: Config, service: str | None) -> list[str]:
    if service and service not in config.services:
        known = ", ".join(sorted(config.services)) or "none"
        raise TakeTwoError(f"there is no service {service!r} in pyproject.toml; the services are: {known}")
    return [service] if service else sorted(config.services)


def _change_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("new", metavar="NEW", help="the proposed contract, a file")
    parser.add_argument(
        "--consumers", metavar="DIR", nargs="+", required=True, help="folders with exports of consumers"
    )
    parser.add_argument("--kind", choices=[kind.value for kind in Kind], help="what NEW is, if not clear")
    parser.add_argument("--service", metavar="NAME", help="the service, if the exports are of several")
    add_json(parser)


def _change(options: argparse.Namespace, terminal: Terminal) -> int:
    path, config = Path(options.new), find_config()
    kind = Kind(options.kind) if options.kind else kind_of(path)
    consumers = _of_service(options.consumers, kind, options.service)
    service = consumers[0][0].service.name
    proposal = read_source(ContractSource(file=options.new), service=service, kind=kind, root=Path())
    judged_by = config.contract if config is not None else ContractConfig()
    reports = [_report(consumer, locks, proposal, judged_by) for consumer, locks in consumers]
    code = max(code for code, _, _ in reports)
    if options.json:
        found: list[JsonValue] = [document for _, _, document in reports]
        terminal.json({"service": service, "exit_code": code, "consumers": found})
    else:
        terminal.show([line for _, lines, _ in reports for line in lines])
        broken = sum(one == _BREAKS for one, _, _ in reports)
        terminal.show([Line(_verdict(broken, len(reports)), "bold red" if broken else "bold")])
    return code


_BREAKS: Final = 2


def _report(
    consumer: Consumer, locks: Contracts, proposal: Contract, judged_by: ContractConfig
) -> tuple[int, list[Line], dict[str, JsonValue]]:
    impact = impact_on_consumer(consumer, locks, proposal, judged_by=judged_by)
    lines, document = impact_report(impact)
    head = Line(f"{consumer.name} ({_count(len(consumer.tests), 'test')}):", "bold")
    return impact.exit_code, [head, *lines], {"consumer": consumer.name, **document}


def _of_service(folders: list[str], kind: Kind, service: str | None) -> list[tuple[Consumer, Contracts]]:
    """
    The exports of the one service that is meant.
    """
    found = list(consumers_in(map(Path, folders)))
    with_kind = [(one, locks) for one, locks in found if locks.of(kind) is not None]
    names = sorted({one.service.name for one, _ in with_kind})
    if service is None and len(names) > 1:
        raise TakeTwoError(
            f"{', '.join(names)} have contracts of kind {kind}; say which is meant: --service NAME"
        )
    meant = [(one, locks) for one, locks in with_kind if service in {None, one.service.name}]
    if not meant:
        known = ", ".join(sorted({one.service.name for one, _ in found}))
        of_service = f" of {service}" if service else ""
        raise TakeTwoError(f"no export holds a contract of kind {kind}{of_service}; they are of {known}")
    return sorted(meant, key=lambda pair: pair[0].name)


def _verdict(broken: int, count: int) -> str:
    if broken:
        return f"no: it would break {broken} of {_count(count, 'consumer')}"
    return f"yes: it breaks none of {_count(count, 'consumer')}"


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


EXPORT = Command(
    description=f"""\
Write what this suite sends to each service and reads of its answers, out of the cassettes, the locks and what
the tests are known to read: SERVICE.consumer.json with the locks beside it, for `taketwo can-i-change` in the
provider's CI, and SERVICE{PACT} as a Pact v4 file for verifiers of Pact. No service is asked.
""",
    examples="""\
  %(prog)s export --consumer bot --out ../mesh/consumers/bot
  %(prog)s export --service mesh
""",
    exit_codes="""\
  0  written
  3  could not run
""",
    arguments=_export_arguments,
    run=_export,
)

CHANGE = Command(
    description="""\
Tell the provider of a service, before it makes a change, which of its consumers that touches or breaks. NEW
is a GraphQL schema, an OpenAPI document (JSON or YAML) or content definitions; each DIR holds what consumers
wrote with `taketwo contract export`, also in folders below. No service, no network and no project is needed.
What no test of a consumer reads of the answers is safe to change.
""",
    examples="""\
  %(prog)s schema.graphql --consumers consumers/
  %(prog)s openapi.yaml --consumers bot/ web/ --service mesh
  %(prog)s openapi.json --consumers consumers/ --json | jq -r '.consumers[].consumer'
""",
    exit_codes="""\
  0  nothing that a consumer uses is touched
  1  consumers are touched, and what they recorded stays right
  2  a consumer uses what breaks, or something that it recorded would be wrong
  3  could not run
""",
    arguments=_change_arguments,
    run=_change,
)

"""
``taketwo verify``.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from taketwo.cassette.model import Pairs
from taketwo.cassette.parts import parts_of
from taketwo.cassette.store.read import read_cassette
from taketwo.config.project import Config
from taketwo.console.command import Command
from taketwo.console.outputs import Outputs, add_outputs
from taketwo.console.progress import observer
from taketwo.console.project import cassettes_at, need_config, redactor_of, secrets_of
from taketwo.console.terminal import Terminal
from taketwo.errors import ServiceUnreachable, TakeTwoError
from taketwo.features.verify.live_service import LiveService
from taketwo.features.verify.render import skipped_lines, verify_lines
from taketwo.features.verify.verify import Comparison, Target, Verification, Verified
from taketwo.report.masked import masked
from taketwo.services.service import Service

_PORTS = {"http": 80, "https": 443}


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="cassettes, or folders of them (default: all of the project)"
    )
    parser.add_argument("--against", metavar="URL", required=True, help="where the live service listens")
    parser.add_argument(
        "--service",
        metavar="NAME",
        help="the service of pyproject.toml, or the recorded address of another (https://api.example.com)",
    )
    parser.add_argument(
        "--compare",
        choices=[one.value for one in Comparison],
        default=Comparison.SHAPE.value,
        help="what has to be as recorded: members and types, what the lock says, or everything "
        "(default: shape)",
    )
    parser.add_argument(
        "--writes",
        action="store_true",
        help="send requests that change something too; a service on this machine is reset first",
    )
    parser.add_argument(
        "--rate",
        type=_rate,
        default=10.0,
        metavar="N",
        help="requests per second, 0 for no limit (default: 10)",
    )
    parser.add_argument(
        "--timeout", type=_seconds, default=30.0, metavar="SECONDS", help="for each answer (default: 30)"
    )
    parser.add_argument(
        "--header",
        action="append",
        default=[],
        type=_header,
        metavar="'NAME: VALUE'",
        help="send this with each request, in the place of the recorded header; may be repeated",
    )
    add_outputs(parser)


def _run(options: argparse.Namespace, terminal: Terminal) -> int:
    config, outputs = need_config(), Outputs.of(options, os.environ)
    paths = [path for path in cassettes_at(options.paths) if path.is_file()]
    target = _target(config, options, paths)
    redactor = redactor_of(config)
    # What is typed here is no recorded secret, and must not be shown either.
    redactor = redactor.knowing([("header", value) for _, value in options.header])
    with observer(terminal, doing="verifying", did="verified") as listening:
        verification = Verification(
            config=config,
            target=target,
            live=LiveService(rate=options.rate, timeout=options.timeout),
            headers=tuple(options.header),
            own_headers=_own_headers(config, target),
            comparison=_comparison(config, options.compare, target),
            writes=options.writes,
            redactor=redactor,
            secrets=dict(secrets_of(config)),
            environment=os.environ,
            observer=listening,
        )
        try:
            verified = verification.run(paths)
        except ServiceUnreachable as error:
            advice = "start the service, or give the address at which it listens with --against"
            raise TakeTwoError(f"{redactor.text(str(error))}\n{advice}") from None
    _refuse_nothing(verified, target)
    report = masked(replace(verified.result, command=options.prog), redactor)
    shown = replace(verified, result=report)
    outputs.tell(report, terminal, lines=verify_lines(shown, where=target.url, verbose=options.verbose))
    return report.exit_code


def _target(config: Config, options: argparse.Namespace, paths: Sequence[Path]) -> Target:
    url = _origin(options.against, "--against")
    known = {service.url: service for service in config.services.values()}
    if options.service in config.services:
        service = config.services[options.service]
        return Target(url=url, recorded=service.url, service=service)
    if options.service:
        if "://" not in options.service:
            names = ", ".join([*sorted(config.services), *_recorded_origins(paths, known)]) or "none"
            raise TakeTwoError(f"there is no service {options.service!r}; recorded are: {names}")
        return Target(url=url, recorded=_origin(options.service, "--service"))
    origins = _recorded_origins(paths, known)
    if len(origins) != 1:
        names = ", ".join(known[one].name if one in known else one for one in origins) or "no service"
        raise TakeTwoError(
            f"the cassettes were recorded from {names}; say which one is meant: --service NAME"
        )
    return Target(url=url, recorded=origins[0], service=known.get(origins[0]))


def _recorded_origins(paths: Iterable[Path], known: Iterable[str]) -> list[str]:
    """
    The addresses of what was recorded; that of a service as the project has it.
    """
    services, found = list(known), set()
    for path in paths:
        cassette = read_cassette(path)
        for part in parts_of(cassette) if cassette is not None else ():
            for item in part.interactions:
                own = (one for one in services if item.request.url.startswith(one))
                split = urlsplit(item.request.url)
                found.add(next(own, f"{split.scheme}://{split.netloc}"))
    return sorted(found)


def _origin(url: str, option: str) -> str:
    try:
        split = urlsplit(url)
        is_usable = split.scheme in _PORTS and bool(split.hostname) and split.port != 0
    except ValueError:
        is_usable = False
    if not is_usable:
        raise TakeTwoError(f"{option} {url}: expected is an address like https://staging.example.com")
    return url.rstrip("/")


def _comparison(config: Config, name: str, target: Target) -> Comparison:
    comparison = Comparison(name)
    if comparison is Comparison.CONTRACT:
        service = target.service
        if service is None or not any(config.locks.glob(f"{service.name}.*")):
            who = service.name if service is not None else target.recorded
            raise TakeTwoError(
                f"--compare contract: {who} has no lock in {config.locks}; record with a contract in "
                "pyproject.toml first, or use --compare shape"
            )
    return comparison


def _own_headers(config: Config, target: Target) -> Pairs:
    """
    What the project gives its own requests to the service.
    """
    if target.service is None:
        return ()
    return tuple(Service(target.service, environment=os.environ, root=config.root).headers().items())


def _refuse_nothing(verified: Verified, target: Target) -> None:
    if verified.asked or verified.result.cassette_results:
        return
    if not verified.skipped:
        raise TakeTwoError(f"no cassette holds a request to {target.recorded}")
    reasons = [line.text for line in skipped_lines(verified.skipped)]
    raise TakeTwoError("\n".join(["no recorded request was sent", *reasons]))


def _rate(text: str) -> float:
    value = float(text)
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError("expected is a number of requests per second, or 0")
    return value


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError("expected is a number of seconds above 0")
    return value


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not (colon and name.strip() and value.strip()):
        raise argparse.ArgumentTypeError("expected is 'NAME: VALUE'")
    return name.strip(), value.strip()


COMMAND = Command(
    description="""\
Send what was recorded to a live service, and compare its answers with the recorded ones. No test is run.
Ids, times and secrets that an answer gives are sent back in the requests that follow, as the recording has
it. Only requests that change nothing are sent (GET, HEAD, OPTIONS, queries of GraphQL), unless --writes is
given. Where the service shows its contract, it is compared with the lock, and says what it explains.
""",
    examples="""\
  %(prog)s --against https://staging.example.com
  %(prog)s --against http://127.0.0.1:8000 --service shop --writes --compare exact
  %(prog)s --against http://127.0.0.1:8000 --service https://api.example.com cassettes/test_orders
  %(prog)s --against https://staging.example.com --header "Authorization: Bearer $TOKEN"
""",
    exit_codes="""\
  0  the answers are as they were recorded
  1  something differs, and is not breaking
  2  something is breaking: a member is gone, a type or a status is another, or there is no answer
  3  could not run: nothing listens there, no request could be sent, or every one was refused
""",
    arguments=_arguments,
    run=_run,
)

"""
What differs between a suite as it is and under the toolkit, sorted by what to do about it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import zip_longest

from taketwo.cassette.model import JsonValue
from taketwo.config.placeholders import PlaceholderType, Rule, parse_path

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-f]{32}")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*|1\d{9}(?:\.\d+)?|1\d{12}")
_ITEM = re.compile(r"\[\d+\]")
_BLOCKED = re.compile(r"Network is disabled for host '([^']+)'")
_THIS_MACHINE = re.compile(r"localhost|127\.[\d.]+|::1")
_MISS = re.compile(r"has no (?:further )?answer to|there is no cassette|holds no interaction")
_NO_EFFECT = "for what has no effect with taketwo"


class Kind(Enum):
    """
    * ``VOLATILE``: a value of a request that is another one each time
    * ``BODY``: a request body that is not the recorded one, which VCR.py never compared
    * ``BLOCKED``: the test reaches a host, and a replay blocks the network
    * ``OPTION``: an option of VCR.py that has no effect here
    * ``UNPLAYED``: the cassette holds more than the test asks for
    * ``REAL``: whatever else makes a test fail that passed before
    """

    VOLATILE = "volatile value"
    BODY = "body that was never matched"
    BLOCKED = "blocked network"
    OPTION = "option without effect"
    UNPLAYED = "unplayed"
    REAL = "real difference"


@dataclass(frozen=True, slots=True, kw_only=True)
class Looseness:
    """
    A request that only VCR.py's rules find an answer to, with what differs: path, recorded, sent.
    """

    request: str
    differences: tuple[tuple[str, JsonValue, JsonValue], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """
    How a test ended in one run.
    """

    outcome: str
    message: str = ""
    loose: tuple[Looseness, ...] = ()
    unplayed: int = 0


Outcomes = Mapping[str, Ended]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """
    One difference of one test, at a ``place`` of its request. ``rule`` or ``host`` settles it, if anything.
    """

    test: str
    kind: Kind
    text: str
    place: str = ""
    rule: Rule | None = None
    host: str = ""

    @property
    def is_settled(self) -> bool:
        return self.rule is not None or bool(self.host)


def findings_of(before: Outcomes, first: Outcomes, second: Outcomes) -> list[Finding]:
    """
    What differs for the tests that passed *before*, in two runs under the toolkit.
    """
    passed = [test for test, ended in before.items() if ended.outcome == "passed" and test in first]
    found = (
        finding for test in passed for finding in _of_test(test, first[test], second.get(test, first[test]))
    )
    # Equal requests differ in the same places: one of each is enough.
    return list({(one.test, one.kind, one.place): one for one in found}.values())


def _of_test(test: str, first: Ended, second: Ended) -> Iterator[Finding]:
    if first.outcome != "passed":
        yield _of_failure(test, first.message)
        return
    for one, other in zip_longest(first.loose, second.loose):
        if one is not None:
            yield from _of_request(test, one, other)
    if first.unplayed:
        text = f"{first.unplayed} recorded, and never asked for"
        yield Finding(test=test, kind=Kind.UNPLAYED, text=text)


def _of_failure(test: str, message: str) -> Finding:
    text = _first_line(message)
    if _NO_EFFECT in message:
        return Finding(test=test, kind=Kind.OPTION, text=text)
    blocked = _BLOCKED.search(message)
    if blocked is not None:
        host = blocked[1] if _THIS_MACHINE.fullmatch(blocked[1]) else ""
        return Finding(test=test, kind=Kind.BLOCKED, text=f"it reaches {blocked[1]}", host=host)
    return Finding(test=test, kind=Kind.REAL, text=text)


def _of_request(test: str, one: Looseness, other: Looseness | None) -> Iterator[Finding]:
    again = {path: sent for path, _, sent in other.differences} if other is not None else {}
    for path, recorded, sent in one.differences:
        kind = _volatile(recorded, sent, again.get(path, sent))
        rule = None if kind is None else _rule(path, kind)
        place = _ITEM.sub("[*]", path)
        text = f"{one.request}: {place}: recorded {_short(recorded)}, sent {_short(sent)}"
        yield Finding(
            test=test, kind=Kind.BODY if rule is None else Kind.VOLATILE, place=place, text=text, rule=rule
        )


def _volatile(recorded: JsonValue, sent: JsonValue, again: JsonValue) -> PlaceholderType | None:
    """
    What a value is that is another one each time; None of one that a test sends on purpose.
    """
    values = (recorded, sent, again)
    if any(not isinstance(value, str | int | float) or isinstance(value, bool) for value in values):
        return None
    texts = [str(value) for value in values]
    if all(map(_UUID.fullmatch, texts)):
        return PlaceholderType.UUID
    if all(map(_TIME.fullmatch, texts)):
        return PlaceholderType.TIME
    return PlaceholderType.ANY if sent != again else None


def _rule(path: str, kind: PlaceholderType) -> Rule | None:
    """
    The rule for values at *path*; items of lists are all treated alike.
    """
    place = _ITEM.sub(".*", path)
    try:
        parse_path(f"request.{place}")
    except ValueError:
        return None
    return Rule(kind, path=f"request.{place}")


def _first_line(message: str) -> str:
    lines = [line.removeprefix("E   ").strip() for line in message.splitlines() if line.strip()]
    return next(
        (line for line in lines if _MISS.search(line) or _NO_EFFECT in line), lines[-1] if lines else ""
    )


def _short(value: JsonValue) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 - a column of a terminal


def rules_of(findings: Sequence[Finding]) -> list[Rule]:
    """
    The rules that settle something, each once.
    """
    return list({finding.rule.lines: finding.rule for finding in findings if finding.rule}.values())


def hosts_of(findings: Sequence[Finding]) -> list[str]:
    """
    The hosts of this machine that tests reach beside their cassettes.
    """
    return sorted({finding.host for finding in findings if finding.host})

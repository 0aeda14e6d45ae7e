"""
``[tool.taketwo.contract]``: what a replay does about cassettes that contradict their locks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum

from taketwo.config.kinds import NOTHING, table_of_texts
from taketwo.config.tables import Table
from taketwo.value import Value

_SEVERITIES = {"breaking", "dangerous", "off", "safe"}


class Check(Enum):
    """
    * ``OFF``: it is not checked
    * ``WARN``: it is reported at the end of the run
    * ``FAIL``: its test fails, or the run where it has none
    """

    OFF = "off"
    WARN = "warn"
    FAIL = "fail"


def check(value: object) -> Check:
    if isinstance(value, str) and value in {each.value for each in Check}:
        return Check(value)
    raise ValueError("off, warn or fail")


class ContractConfig(Value):
    """
    ``[tool.taketwo.contract]``: *check* is what a replay does about cassettes that contradict their locks;
    *warn* are places of contracts, with ``*`` for anything, where a contradiction fails nothing; *rules*
    give another severity to the ids of changes, or ``off``, by patterns such as ``*-deprecation-*``;
    *extensions* are the names of vendor extensions that are compared, with ``*`` for anything.
    """

    check: Check = Check.FAIL
    warn: tuple[str, ...] = ()
    rules: Mapping[str, str] = NOTHING
    extensions: tuple[str, ...] = ()

    def warns_at(self, place: str) -> bool:
        """
        Whether a contradiction at *place* of a contract fails nothing.
        """
        patterns = (re.escape(one).replace(r"\*", ".*") for one in self.warn)
        return any(re.fullmatch(pattern, place) for pattern in patterns)


def read_contract(table: Table) -> ContractConfig:
    return ContractConfig(
        check=table.take("check", check, Check.FAIL),
        warn=table.take("warn", _places, ()),
        rules=table.take("rules", _severities, NOTHING),
        extensions=table.take("extensions", _extensions, ()),
    )


def _places(value: object) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(one, str) and one for one in value):
        return tuple(value)
    raise ValueError("a list of places of contracts, as the message of a contradiction names them")


def _extensions(value: object) -> tuple[str, ...]:
    if isinstance(value, bool):
        return ("*",) if value else ()
    if isinstance(value, list) and all(isinstance(one, str) and one.startswith("x-") for one in value):
        return tuple(value)
    raise ValueError('true, false, or a list of names such as "x-rate-limit" or "x-github-*"')


def _severities(value: object) -> Mapping[str, str]:
    severities = table_of_texts(value)
    if set(severities.values()) <= _SEVERITIES:
        return severities
    raise ValueError("a table of off, safe, dangerous or breaking for each id of a change")

"""
Severities of the project's own: ``[tool.taketwo.contract]`` raises, lowers or silences changes by id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Final

from taketwo.contract.changes import Change, Severity, in_order
from taketwo.contract.content_changes import IDS as DEFINITION_IDS
from taketwo.contract.extensions import CHANGED as EXTENSION_CHANGED
from taketwo.contract.graphql.rules import RULES as GRAPHQL_RULES
from taketwo.contract.openapi.rules import RULES as OPENAPI_RULES
from taketwo.contract.schema.rules import RULES as SCHEMA_RULES
from taketwo.errors import ConfigError

OFF: Final = "off"

_SUBJECTS: Final = (
    "definition",
    "property",
    "request-body",
    "request-parameter",
    "request-parameter-property",
    "request-property",
    "response-body",
    "response-header",
    "response-header-property",
    "response-property",
)
_OTHERS: Final = (
    "component-added",
    "component-removed",
    "contract-added",
    "contract-changed",
    "contract-removed",
    EXTENSION_CHANGED,
)


def with_overrides(changes: Iterable[Change], rules: Mapping[str, str]) -> tuple[Change, ...]:
    """
    *changes* with the severities that *rules* give them, and without those that are ``off``.

    A rule names an id, or several by a pattern; the longest that fits holds.

    :raises ConfigError: when a rule fits no id that there is.
    """
    _check(rules)
    return in_order(_with_overrides(changes, rules)) if rules else tuple(changes)


def _with_overrides(changes: Iterable[Change], rules: Mapping[str, str]) -> Iterator[Change]:
    for change in changes:
        fitting = [pattern for pattern in rules if fnmatchcase(change.id, pattern)]
        rule = rules[max(fitting, key=len)] if fitting else change.severity.value
        if rule != OFF:
            yield replace(change, severity=Severity(rule))


def known_ids() -> frozenset[str]:
    """
    Every id that a change can have.
    """
    of_schemas = (f"{subject}-{what}" for subject in _SUBJECTS for what in SCHEMA_RULES)
    return frozenset({*GRAPHQL_RULES, *OPENAPI_RULES, *DEFINITION_IDS, *of_schemas, *_OTHERS})


def _check(rules: Mapping[str, str]) -> None:
    ids = known_ids() if rules else frozenset()
    wrong = sorted(pattern for pattern in rules if not any(fnmatchcase(one, pattern) for one in ids))
    if wrong:
        hints = (_hint(pattern, ids) for pattern in wrong)
        raise ConfigError("\n".join(["pyproject.toml cannot be used:", *hints]))


def _hint(pattern: str, ids: Iterable[str]) -> str:
    near = get_close_matches(pattern, list(ids), n=1)
    question = f"; did you mean {near[0]}?" if near else ""
    return f"tool.taketwo.contract.rules.{pattern} is no id of a change{question}"

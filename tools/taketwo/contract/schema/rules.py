"""
What each change of a JSON Schema does, to those who send the value and to those who read it.

A value that is sent may be refused when the schema accepts less; a value that is read may surprise when
the schema allows more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from taketwo.contract.changes import Severity

_BREAKING, _DANGEROUS, _SAFE = Severity.BREAKING, Severity.DANGEROUS, Severity.SAFE


class Direction(Enum):
    """
    Which way a value goes: sent in a request, read from an answer, or both, as stored content does.

    For ``BOTH`` the worse of the two counts.
    """

    REQUEST = "request"
    ANSWER = "answer"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Rule:
    """
    Severity and reason, for a value sent and for a value read.
    """

    sent: tuple[Severity, str]
    read: tuple[Severity, str]

    def towards(self, direction: Direction) -> tuple[Severity, str]:
        if direction is Direction.REQUEST:
            return self.sent
        if direction is Direction.ANSWER:
            return self.read
        return max(self.sent, self.read, key=lambda verdict: verdict[0])


_STILL_RIGHT: Final = (_SAFE, "every value that was right still is")
_STILL_KNOWN: Final = (_SAFE, "every value is one a reader knows")
_REFUSED: Final = (_BREAKING, "a value that was right may be refused")
_OTHER: Final = (_BREAKING, "a reader may get a value of another type")
_SURPRISE: Final = (_DANGEROUS, "a reader may get a value it does not know")
_WORKS: Final = (_SAFE, "it still works")

_NARROWED: Final = Rule(_REFUSED, _STILL_KNOWN)
_WIDENED: Final = Rule(_STILL_RIGHT, _SURPRISE)
_WIDENED_TYPE: Final = Rule(_STILL_RIGHT, _OTHER)
_REPLACED: Final = Rule(_REFUSED, _OTHER)
_DEFAULT: Final = Rule(
    (_DANGEROUS, "a request without it asks for another thing"), (_SAFE, "an answer says what it says")
)
_HARMLESS: Final = Rule(_WORKS, _WORKS)

_LIMITS: Final = (
    "exclusive-maximum",
    "exclusive-minimum",
    "max-items",
    "max-length",
    "max-properties",
    "maximum",
    "min-items",
    "min-length",
    "min-properties",
    "minimum",
    "multiple-of",
    "unique-items",
)


def _limit_rules(limit: str) -> dict[str, Rule]:
    """
    A greatest value that falls accepts less, a smallest one that falls accepts more.
    """
    falls, rises = (_WIDENED, _NARROWED) if "min" in limit else (_NARROWED, _WIDENED)
    rules = {f"{limit}-added": _NARROWED, f"{limit}-removed": _WIDENED}
    if limit == "multiple-of":
        return {**rules, f"{limit}-changed": _REPLACED}
    return (
        rules
        if limit == "unique-items"
        else {**rules, f"{limit}-decreased": falls, f"{limit}-increased": rises}
    )


#: By what happened; the subject, such as ``request-property``, goes before it.
RULES: Final[Mapping[str, Rule]] = {
    "added": Rule((_SAFE, "no request sends it yet"), (_SAFE, "no reader looks for it yet")),
    "added-as-required": Rule(
        (_BREAKING, "a request without it is refused"), (_SAFE, "no reader looks for it yet")
    ),
    "additional-properties-allowed": Rule(
        _STILL_RIGHT, (_SAFE, "a reader that does not know them passes over")
    ),
    "additional-properties-forbidden": _NARROWED,
    "all-of-added": _NARROWED,
    "all-of-removed": _WIDENED,
    "any-of-added": _WIDENED,
    "any-of-removed": _NARROWED,
    "became-not-nullable": Rule((_BREAKING, "null is refused"), _STILL_KNOWN),
    "became-nullable": Rule(_STILL_RIGHT, (_BREAKING, "a reader may get null")),
    "became-optional": Rule(_STILL_RIGHT, (_BREAKING, "a reader may find it missing")),
    "became-read-only": Rule((_DANGEROUS, "it is passed over or refused when it is sent"), _WORKS),
    "became-required": Rule(
        (_BREAKING, "a request without it is refused"), (_SAFE, "a reader may count on it")
    ),
    "became-write-only": Rule(_WORKS, (_BREAKING, "a reader finds it missing")),
    "const-added": _NARROWED,
    "const-changed": _REPLACED,
    "const-removed": _WIDENED,
    "default-added": _DEFAULT,
    "default-changed": _DEFAULT,
    "default-removed": _DEFAULT,
    "deprecated": _HARMLESS,
    "enum-added": _NARROWED,
    "enum-removed": _WIDENED,
    "enum-value-added": _WIDENED,
    "enum-value-removed": _NARROWED,
    "format-added": _NARROWED,
    "format-changed": _REPLACED,
    "format-removed": _WIDENED,
    "no-longer-deprecated": _HARMLESS,
    "no-longer-read-only": _HARMLESS,
    "no-longer-write-only": _HARMLESS,
    "one-of-added": _WIDENED,
    "one-of-names-required": _NARROWED,
    "one-of-names-no-longer-required": Rule(
        _STILL_RIGHT, (_BREAKING, "a reader may find all of them missing")
    ),
    "one-of-removed": _NARROWED,
    "pattern-added": _NARROWED,
    "pattern-changed": Rule((_DANGEROUS, "a value that was right may be refused"), _SURPRISE),
    "pattern-removed": _WIDENED,
    "removed": Rule(
        (_DANGEROUS, "it is passed over when it is sent"), (_BREAKING, "a reader finds it missing")
    ),
    "removed-and-refused": Rule(
        (_BREAKING, "a request with it is refused"), (_BREAKING, "a reader finds it missing")
    ),
    "type-changed": _REPLACED,
    "type-narrowed": _NARROWED,
    "type-widened": _WIDENED_TYPE,
    **{name: rule for limit in _LIMITS for name, rule in _limit_rules(limit).items()},
}

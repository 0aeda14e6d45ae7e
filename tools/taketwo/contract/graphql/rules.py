"""
What each change of a GraphQL schema does to its clients.

The severities are those of the GraphQL reference implementations.
"""

from __future__ import annotations

from typing import Final

from taketwo.contract.changes import by_id

_BREAKING: Final = {
    "argument-removed": "a query that gives it is refused",
    "argument-type-changed": "a value that was right may be refused",
    "directive-argument-removed": "a query that gives it is refused",
    "directive-argument-type-changed": "a value that was right may be refused",
    "directive-location-removed": "a query that has it there is refused",
    "directive-removed": "a query that has it is refused",
    "directive-repeatable-removed": "a query that has it twice in one place is refused",
    "enum-value-removed": "a query that gives it is refused",
    "field-removed": "a query that selects it is refused",
    "field-type-changed": "a reader gets values of another type",
    "input-field-removed": "a query that gives it is refused",
    "input-field-type-changed": "a value that was right may be refused",
    "input-one-of-added": "a value with more than one field is refused",
    "required-argument-added": "a query without it is refused",
    "required-argument-default-removed": "a query without it is refused",
    "required-directive-argument-default-removed": "a query without it is refused",
    "required-input-field-default-removed": "a value without it is refused",
    "required-directive-argument-added": "a query without it is refused",
    "required-input-field-added": "a value without it is refused",
    "schema-mutation-type-changed": "its fields are others",
    "schema-query-type-changed": "its fields are others",
    "schema-subscription-type-changed": "its fields are others",
    "type-interface-removed": "a fragment on the interface no longer applies",
    "type-kind-changed": "it is used in another way",
    "type-removed": "a query that names it is refused",
    "union-member-removed": "a fragment on it is refused",
}

_DANGEROUS: Final = {
    "argument-added": "what happens without it may be another thing",
    "argument-default-added": "the same query asks for another thing",
    "argument-default-changed": "the same query asks for another thing",
    "argument-default-removed": "the same query asks for another thing",
    "directive-argument-default-added": "the same query asks for another thing",
    "directive-argument-default-changed": "the same query asks for another thing",
    "directive-argument-default-removed": "the same query asks for another thing",
    "enum-value-added": "a reader may get a value it does not know",
    "input-field-added": "what happens without it may be another thing",
    "input-field-default-added": "the same value means another thing",
    "input-field-default-changed": "the same value means another thing",
    "input-field-default-removed": "the same value means another thing",
    "scalar-specification-changed": "its values may be written differently",
    "type-interface-added": "a fragment on the interface now applies",
    "union-member-added": "a reader may get a type it does not know",
}

_SAFE: Final = {
    "argument-deprecation-added": "it still works",
    "argument-deprecation-reason-changed": "it still works",
    "argument-deprecation-removed": "it still works",
    "argument-type-widened": "every value that was right still is",
    "directive-added": "no query has it yet",
    "directive-argument-added": "no query gives it yet",
    "directive-argument-deprecation-added": "it still works",
    "directive-argument-deprecation-reason-changed": "it still works",
    "directive-argument-deprecation-removed": "it still works",
    "directive-argument-type-widened": "every value that was right still is",
    "directive-deprecation-added": "it still works",
    "directive-deprecation-reason-changed": "it still works",
    "directive-deprecation-removed": "it still works",
    "directive-location-added": "no query has it there yet",
    "directive-repeatable-added": "no query has it twice yet",
    "documentation-changed": "no request and no answer shows it",
    "enum-value-deprecation-added": "it still works",
    "enum-value-deprecation-reason-changed": "it still works",
    "enum-value-deprecation-removed": "it still works",
    "field-added": "no query selects it yet",
    "field-deprecation-added": "it still works",
    "field-deprecation-reason-changed": "it still works",
    "field-deprecation-removed": "it still works",
    "field-type-narrowed": "every value it has is one a reader knows",
    "input-field-deprecation-added": "it still works",
    "input-field-deprecation-reason-changed": "it still works",
    "input-field-deprecation-removed": "it still works",
    "input-field-type-widened": "every value that was right still is",
    "input-enum-value-added": "no answer has it, and no query gives it yet",
    "input-one-of-removed": "every value that was right still is",
    "schema-mutation-type-added": "nobody asks for its fields yet",
    "schema-query-type-added": "nobody asks for its fields yet",
    "schema-subscription-type-added": "nobody asks for its fields yet",
    "type-added": "no query names it yet",
}

# What may bear a directive that only the service understands, or a gateway before it.
_BEARERS: Final = ("argument", "directive-argument", "enum-value", "field", "input-field", "schema", "type")
_APPLIED: Final = {
    f"{bearer}-directive-{what}": "what that does to requests and answers is not known"
    for bearer in _BEARERS
    for what in ("added", "changed", "removed")
}

#: Severity and reason of each id.
RULES: Final = by_id(breaking=_BREAKING, dangerous=_DANGEROUS | _APPLIED, safe=_SAFE)

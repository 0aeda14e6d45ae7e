"""
What each change of an OpenAPI document does to those who call the service.

Schemas have rules of their own, in ``schema_rules``.
"""

from __future__ import annotations

from typing import Final

from taketwo.contract.changes import Change, Kind, by_id

_BREAKING: Final = {
    "operation-removed": "a request to it finds nothing",
    "operation-security-required": "a request without credentials is refused",
    "operation-security-scheme-removed": "a request with these credentials is refused",
    "request-body-media-type-removed": "a request with it is refused",
    "request-body-became-required": "a request without one is refused",
    "request-body-removed": "what it holds is passed over or refused",
    "request-parameter-became-required": "a request without it is refused",
    "request-parameter-removed": "what it asked for is passed over or refused",
    "request-parameter-style-changed": "a value that was right is read as another one",
    "request-required-body-added": "a request without one is refused",
    "request-required-parameter-added": "a request without it is refused",
    "response-header-became-optional": "a reader may find it missing",
    "response-header-removed": "a reader finds it missing",
    "response-media-type-removed": "a reader gets what it did not ask for",
    "response-success-status-removed": "a reader that waits for it waits in vain",
    "security-scheme-changed": "credentials that were right may be refused",
    "security-scheme-removed": "credentials that were right may be refused",
}

_DANGEROUS: Final = {
    "request-body-added": "what happens without one may be another thing",
    "request-parameter-added": "what happens without it may be another thing",
    "response-success-status-added": "a reader may get a status it does not know",
    "servers-changed": "requests may have to go elsewhere",
}

_SAFE: Final = {
    "operation-added": "no request goes to it yet",
    "operation-deprecated": "it still works",
    "operation-id-changed": "it is not part of any request",
    "operation-no-longer-deprecated": "it still works",
    "operation-security-optional": "a request may still have credentials",
    "operation-security-scheme-added": "the others still work",
    "request-body-became-optional": "a request with one is still right",
    "request-body-media-type-added": "no request has it yet",
    "request-parameter-became-optional": "a request with it is still right",
    "request-parameter-deprecated": "it still works",
    "request-parameter-no-longer-deprecated": "it still works",
    "request-path-parameter-renamed": "requests look the same",
    "response-error-status-added": "a reader treats it as any other error",
    "response-error-status-removed": "a reader waits for it in vain, and does well without",
    "response-header-added": "no reader looks for it yet",
    "response-header-became-required": "a reader may count on it",
    "response-media-type-added": "a reader that does not ask for it does not get it",
    "security-scheme-added": "no operation needs it yet",
}

#: Severity and reason of each id.
RULES: Final = by_id(breaking=_BREAKING, dangerous=_DANGEROUS, safe=_SAFE)


def openapi_change(change_id: str, coordinate: str, what: str) -> Change:
    severity, why = RULES[change_id]
    message = f"{what}: {why}"
    return Change(id=change_id, coordinate=coordinate, severity=severity, message=message, kind=Kind.OPENAPI)

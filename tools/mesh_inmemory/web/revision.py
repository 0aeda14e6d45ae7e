"""
The changes to endpoints.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from mesh_inmemory.errors import StartupError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mesh_inmemory.contract import Change
    from mesh_inmemory.javascript import Json
    from mesh_inmemory.web.endpoint import Endpoint

_STATUSES: Final = range(200, 600)


def revised(endpoints: Sequence[Endpoint], changes: Sequence[Change]) -> tuple[Endpoint, ...]:
    known = {f"{endpoint.method} {endpoint.path}": endpoint for endpoint in endpoints}
    for change in changes:
        if change.at not in known:
            raise StartupError(f"endpoints: there is no {change.at} to {change.verb}")
        endpoint = known.pop(change.at)
        if change.verb != "remove":
            known[change.at] = _revised(endpoint, change)
    return tuple(known.values())


def _revised(endpoint: Endpoint, change: Change) -> Endpoint:
    details = change.details
    if change.verb == "secure":
        return replace(endpoint, header=str(details["header"]))
    if change.verb == "answer":
        status, to = (_status(details[key]) for key in ("status", "to"))
        return replace(endpoint, statuses={**endpoint.statuses, status: to})
    name = str(details["parameter"])
    parameters = tuple(dict.fromkeys([*endpoint.parameters, name]))
    if change.verb == "require":
        return replace(endpoint, parameters=parameters, required=(*endpoint.required, name))
    return replace(endpoint, parameters=parameters, described={**endpoint.described, name: details["schema"]})


def _status(value: Json) -> int:
    if not isinstance(value, int) or value not in _STATUSES:
        raise StartupError(f"endpoints: {value} is no status of an answer")
    return value

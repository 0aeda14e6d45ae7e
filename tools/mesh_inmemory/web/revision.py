"""
The changes to endpoints.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mesh_inmemory.errors import StartupError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mesh_inmemory.contract import Change
    from mesh_inmemory.web.endpoint import Endpoint


def revised(endpoints: Sequence[Endpoint], changes: Sequence[Change]) -> tuple[Endpoint, ...]:
    known = {f"{endpoint.method} {endpoint.path}": endpoint for endpoint in endpoints}
    for change in changes:
        if change.at not in known:
            raise StartupError(f"endpoints: there is no {change.at} to {change.verb}")
        endpoint = known.pop(change.at)
        if change.verb == "require":
            name = str(change.details["parameter"])
            parameters = dict.fromkeys([*endpoint.parameters, name])
            known[change.at] = replace(
                endpoint, parameters=tuple(parameters), required=(*endpoint.required, name)
            )
    return tuple(known.values())

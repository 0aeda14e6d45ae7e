"""
Who may speak.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from chorus_tts.errors import UnauthorizedError

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection

HEADER = "xi-api-key"
PARAMETER = "api_key"


class Access:
    """
    One of *keys*, in the header or in the query.
    """

    def __init__(self, keys: frozenset[str]) -> None:
        self._keys = tuple(key.encode() for key in sorted(keys))

    def admit(self, connection: HTTPConnection) -> None:
        key = connection.headers.get(HEADER) or connection.query_params.get(PARAMETER)
        if not key:
            raise UnauthorizedError(
                f"no key: send one in the header {HEADER}, or in the query as {PARAMETER}",
                code="unauthorized",
            )
        given = key.encode(errors="replace")
        # Every key is compared, so that the time says nothing about which was nearly right.
        if not any([hmac.compare_digest(given, known) for known in self._keys]):  # noqa: C419 - see above
            raise UnauthorizedError("the key is not one of the server's (API_KEYS)", code="unauthorized")

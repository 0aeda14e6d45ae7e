"""
What users of clients write for themselves where the client has no word for it: bodies and addresses.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from tests.toolkit.clients.suite.client import Call


def target(call: Call) -> str:
    return f"{call.path}?{urlencode(call.query)}" if call.query else call.path


def body(call: Call) -> Iterable[bytes] | bytes | None:
    if call.json is not None:
        return json.dumps(call.json).encode()
    if call.form is not None:
        return urlencode(call.form).encode()
    return call.generated() if call.pieces else None


def headers(call: Call) -> Mapping[str, str]:
    if call.json is not None:
        return {**call.headers, "Content-Type": "application/json"}
    if call.form is not None:
        return {**call.headers, "Content-Type": "application/x-www-form-urlencoded"}
    return call.headers

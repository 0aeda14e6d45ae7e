"""
Cassettes as VCR.py writes them: with the values of a replay, and a dummy for each secret.
"""

from __future__ import annotations

import json
from typing import Any

import yaml

from taketwo.cassette.content import whole
from taketwo.cassette.model import Cassette, LiveRequest, LiveResponse, Pairs
from taketwo.cassette.reason_phrases import usual_phrase
from taketwo.cassette.replay import Replay
from taketwo.cassette.secrets.redact import Redactor
from taketwo.errors import CassetteError


def vcrpy_text(cassette: Cassette) -> str:
    """
    *cassette* as VCR.py writes it: with the values of a replay, and a dummy for each secret.
    """
    # Shared values would be written as aliases, which are hard to review.
    dumper = type("_Plain", (yaml.SafeDumper,), {"ignore_aliases": lambda _self, _data: True})
    text: str = yaml.dump(_table(cassette), Dumper=dumper, allow_unicode=True)
    return text


def vcrpy_json(cassette: Cassette) -> str:
    """
    The same as VCR.py writes it in JSON, which has no place for bytes.

    :raises CassetteError: naming the interaction that has a binary body.
    """
    table = _table(cassette)
    for number, one in enumerate(table["interactions"], 1):
        if isinstance(one["request"]["body"], bytes) or isinstance(one["response"]["body"]["string"], bytes):
            call = f"{one['request']['method']} {one['request']['uri']}"
            raise CassetteError(
                f"interaction {number} ({call}) has a binary body, which VCR.py's JSON cannot hold"
            )
    return json.dumps(table, indent=4) + "\n"


def _table(cassette: Cassette) -> dict[str, Any]:
    replay = Replay(cassette, redactor=Redactor({}), reveal={})
    interactions = [
        {
            "request": _request_table(replay.live_request(number)),
            "response": _response_table(replay.response(number)),
        }
        for number in range(len(cassette.interactions))
    ]
    return {"interactions": interactions, "version": 1}


def _request_table(request: LiveRequest) -> dict[str, object]:
    return {
        "body": _readable(request.body) if request.body else None,
        "headers": _grouped(request.headers),
        "method": request.method,
        "uri": request.url,
    }


def _response_table(response: LiveResponse) -> dict[str, object]:
    message = response.reason or usual_phrase(response.status)
    return {
        "body": {"string": _readable(whole(response.body))},
        "headers": _grouped(response.headers),
        "status": {"code": response.status, "message": message},
    }


def _readable(body: bytes) -> str | bytes:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body


def _grouped(pairs: Pairs) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, value in pairs:
        grouped.setdefault(name, []).append(value)
    return grouped

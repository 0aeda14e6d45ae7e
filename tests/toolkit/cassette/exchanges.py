"""
Exchanges to make takes of, said in as few words as the tests need.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from taketwo.cassette.base_urls import BaseUrls
from taketwo.cassette.body.attachments import attachments
from taketwo.cassette.model import Cassette, Exchange, LiveRequest, LiveResponse, Pairs
from taketwo.cassette.record import make_cassette
from taketwo.cassette.replay import Replay
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.text.format import load_cassette
from taketwo.cassette.text.writer import dump_cassette
from taketwo.cassette.volatile.detect import Detector
from taketwo.config.audio import AudioRule

NO_SECRETS = Redactor({})
NO_BASES = BaseUrls({})
JSON: Pairs = (("content-type", "application/json"),)
TEXT: Pairs = (("content-type", "text/plain"),)
FORM: Pairs = (("content-type", "application/x-www-form-urlencoded"),)


def as_json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def get(url: str, headers: Pairs = ()) -> LiveRequest:
    return LiveRequest(method="GET", url=url, headers=headers)


def post(url: str, body: bytes, headers: Pairs = JSON) -> LiveRequest:
    return LiveRequest(method="POST", url=url, headers=headers, body=body)


def answer(body: bytes = b"", headers: Pairs = JSON, *, status: int = 200, reason: str = "") -> LiveResponse:
    return LiveResponse(status=status, reason=reason, headers=headers, body=body)


def in_turn(*pairs: tuple[LiveRequest, LiveResponse]) -> list[Exchange]:
    """
    Exchanges of which each began when the one before had ended.
    """
    return [
        Exchange(request=request, response=response, issued=2 * number + 1, answered=2 * number + 2)
        for number, (request, response) in enumerate(pairs)
    ]


def take_of(
    *pairs: tuple[LiveRequest, LiveResponse],
    redactor: Redactor = NO_SECRETS,
    bases: BaseUrls = NO_BASES,
    test: str = "tests/test_a.py::test_a",
    finder: Detector | None = None,
    audio: Sequence[AudioRule] = (),
) -> Cassette:
    return make_cassette(
        in_turn(*pairs),
        test=test,
        services={},
        redactor=redactor,
        bases=bases,
        finder=finder,
        audio=audio,
    )


def replay_of(
    cassette: Cassette, *, redactor: Redactor = NO_SECRETS, reveal: Mapping[str, str] | None = None
) -> Replay:
    """
    A replay of what the cassette's text says, as every replay is.
    """
    files = attachments(cassette)
    loaded = load_cassette(
        dump_cassette(cassette), name="a.yaml", attached=lambda name, _size: files.get(name)
    )
    return Replay(loaded, redactor=redactor, reveal=reveal or {})

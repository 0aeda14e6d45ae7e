"""
Exchanges to make takes of, said in as few words as the tests need.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from taketwo.audio_rules import AudioRule
from taketwo.cassette import (
    Bases,
    Cassette,
    Exchange,
    Finder,
    LiveRequest,
    LiveResponse,
    Pairs,
    Redactor,
    Replay,
    attachments,
    dump_cassette,
    load_cassette,
    make_take,
)

NO_SECRETS = Redactor({})
NO_BASES = Bases({})
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
    bases: Bases = NO_BASES,
    test: str = "tests/test_a.py::test_a",
    finder: Finder | None = None,
    audio: Sequence[AudioRule] = (),
) -> Cassette:
    return make_take(
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

"""
From a cassette of VCR.py to one of ours, and whether two cassettes play the same.
"""

from __future__ import annotations

from taketwo.cassette.model import Cassette, Interaction
from taketwo.cassette.replay import Replay
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.volatile.generate import seed_of
from taketwo.errors import SecretLeak


def from_vcrpy(cassette: Cassette, *, test: str, redactor: Redactor) -> Cassette:
    """
    What VCR.py recorded, in our form and without secrets.

    Ids and times stay as they are: the tests that were written against it may name them. The next recording
    has placeholders for them.

    :raises SecretLeak: when a secret is still in it.
    """
    items = cassette.interactions
    messages = [message for item in items for message in (item.request, item.response)]
    knowing = redactor.knowing(redactor.found_by_name(messages))
    redacted = tuple(
        Interaction(knowing.request(item.request), knowing.response(item.response)) for item in items
    )
    leaks = knowing.leaks(redacted, [f"interaction {number}" for number in range(1, len(items) + 1)])
    if leaks:
        raise SecretLeak("\n".join(["it still holds a secret:", *(f"  - {leak}" for leak in leaks)]))
    return Cassette(test=test, interactions=redacted, seed=seed_of(test))


def same_exchanges(one: Cassette, other: Cassette) -> bool:
    """
    Whether a client that sends what was recorded is given the same.
    """
    return _played(one) == _played(other)


def _played(cassette: Cassette) -> list[object]:
    replay = Replay(cassette, redactor=Redactor({}), reveal={})
    played: list[object] = []
    for number in range(len(cassette.interactions)):
        request, response = replay.live_request(number), replay.response(number)
        played.append((request.method, request.url, request.body, response.status, response.body))
    return played

"""
Conversations with equal openings: what a client sends tells which recorded one is its own.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence

import pytest

from taketwo.cassette.base_urls import BaseUrls
from taketwo.cassette.body.codec import body_to_bytes
from taketwo.cassette.model import (
    Close,
    Closer,
    Direction,
    LiveConversation,
    LiveFrame,
    LiveRequest,
    LiveResponse,
)
from taketwo.cassette.record import make_cassette
from taketwo.cassette.secrets.redact import Redactor
from taketwo.config.playback import Manner
from taketwo.playback.conversations.player import ConversationPlayer
from taketwo.playback.conversations.router import ConversationRouter
from taketwo.playback.player import Player, play

URL = "ws://s.test/talk"
HELLO, READY = '{"do":"hello"}', '{"event":"ready"}'


def conversation(start: int, *said: str) -> LiveConversation:
    """
    What was said in turn, beginning with the service where the first is empty.
    """
    frames = [
        LiveFrame(
            direction=Direction.RECEIVE if place % 2 else Direction.SEND,
            at=place,
            content=text.encode(),
            moment=start + 2 + place,
        )
        for place, text in enumerate(said)
        if text
    ]
    return LiveConversation(
        request=LiveRequest(method="GET", url=URL),
        response=LiveResponse(status=101),
        issued=start,
        answered=start + 1,
        frames=tuple(frames),
        close=Close(code=1000, reason="", by=Closer.CLIENT, at=99),
    )


def router_of(*conversations: LiveConversation) -> tuple[ConversationRouter, Player]:
    cassette = make_cassette(
        [], test="t", services={}, redactor=Redactor({}), bases=BaseUrls({}), conversations=conversations
    )
    player = play(cassette, name="a.yaml", test="t", redactor=Redactor({}), reveal={}, bases=BaseUrls({}))
    return ConversationRouter(player, None, Manner()), player


def opened(router: ConversationRouter, count: int) -> list[ConversationPlayer]:
    found = [router.connect(URL, lambda: 0.0) for _ in range(count)]
    assert all(isinstance(one, ConversationPlayer) for one in found)
    return [one for one in found if isinstance(one, ConversationPlayer)]


def say(player: ConversationPlayer, text: str) -> list[str]:
    """
    What the client is told when it has sent *text*.
    """
    player.receive(text.encode(), is_binary=False)
    return told(player)


def told(player: ConversationPlayer) -> list[str]:
    return [body_to_bytes(frame.body).decode() for frame, _ in player.release()]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_each_client_gets_the_conversation_that_begins_as_its_own(order: Sequence[int]) -> None:
    numbers = [json.dumps({"number": number}) for number in range(3)]
    answers = [json.dumps({"told": number}) for number in range(3)]
    router, player = router_of(*(conversation(1, numbers[n], answers[n]) for n in range(3)))

    clients = opened(router, 3)
    found = [say(client, numbers[number]) for client, number in zip(clients, order, strict=True)]

    assert found == [[answers[number]] for number in order]
    assert (player.unmatched, sorted(router.opened)) == ([], [0, 1, 2])


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_what_they_have_in_common_decides_nothing(order: Sequence[int]) -> None:
    """
    Each is told the same first, and sends the same first, as where a protocol begins with a greeting.
    """
    topics = [f'{{"topic":"{name}"}}' for name in "abc"]
    router, player = router_of(*(conversation(1, HELLO, READY, topic, topic.upper()) for topic in topics))

    clients = opened(router, 3)
    greeted = [say(client, HELLO) for client in clients]
    found = [say(clients[n], topics[order[n]]) for n in (2, 0, 1)]

    assert greeted == [[READY]] * 3
    assert found == [[topics[order[n]].upper()] for n in (2, 0, 1)]
    assert player.unmatched == []


def test_who_is_told_something_else_first_gets_no_other() -> None:
    """
    What a client has been told cannot be taken back.
    """
    one, other = conversation(1, "", READY, "a"), conversation(1, "", READY, "", READY, "b")
    router, player = router_of(one, other)

    first, _ = opened(router, 2)
    assert told(first) == [READY]
    say(first, "b")

    assert [message.splitlines()[1] for message in player.unmatched] == [
        '  - text: recorded "a", received "b"'
    ]


def test_one_that_is_no_other_s_either_is_told_by_the_first() -> None:
    router, player = router_of(conversation(1, "a"), conversation(1, "b"))

    first, second = opened(router, 2)
    say(first, "c")
    say(second, "a")

    assert len(player.unmatched) == 2
    assert "conversation 1" in player.unmatched[0]
    assert 'recorded "a", received "c"' in player.unmatched[0]


def test_one_that_opens_alone_takes_what_nobody_has() -> None:
    router, player = router_of(conversation(1, "a", "A"), conversation(1, "b", "B"))

    (only,) = opened(router, 1)

    assert say(only, "b") == ["B"]
    assert (player.unmatched, router.opened) == ([], frozenset({1}))


def test_an_exchange_may_take_several_steps() -> None:
    """
    The first has what the third needs, the third has what the second needs.
    """
    router, player = router_of(*(conversation(1, HELLO, READY, word, word.upper()) for word in "abc"))

    clients = opened(router, 3)
    for client in clients:
        say(client, HELLO)

    assert [say(clients[n], word) for n, word in ((0, "b"), (1, "c"), (2, "a"))] == [["B"], ["C"], ["A"]]
    assert player.unmatched == []

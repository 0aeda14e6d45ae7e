"""
A WebSocket conversation in a cassette: readable, redacted, and the same after it has been read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence

import pytest

from taketwo.cassette.base_urls import BaseUrls
from taketwo.cassette.body.attachments import attachments
from taketwo.cassette.model import (
    Cassette,
    Close,
    Closer,
    Direction,
    Exchange,
    LiveConversation,
    LiveFrame,
    LiveRequest,
    LiveResponse,
)
from taketwo.cassette.record import make_cassette
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.text.format import load_cassette
from taketwo.cassette.text.writer import dump_cassette
from taketwo.errors import CassetteFormatError, SecretLeak
from tests.toolkit.cassette.exchanges import JSON, NO_BASES, NO_SECRETS, answer, as_json, get, post, replay_of

ID = "7d8f2c9e-4f5e-4a41-9f3d-1b2c3d4e5f60"
OTHER = "1d8f2c9e-4f5e-4a41-9f3d-1b2c3d4e5f61"
UPGRADED = LiveResponse(
    status=101,
    reason="Switching Protocols",
    headers=(
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Accept", "x3JJHMbDL1EzLkh9GBhXDw=="),
        ("Sec-WebSocket-Protocol", "speech.v1"),
    ),
)


def opening(url: str = "ws://127.0.0.1:9999/talk", headers: Sequence[tuple[str, str]] = ()) -> LiveRequest:
    noise = (
        ("Host", "127.0.0.1:9999"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Extensions", "permessage-deflate"),
        ("User-Agent", "Python/3.11 websockets"),
    )
    return LiveRequest(method="GET", url=url, headers=(*noise, *headers))


def sent(moment: int, content: object) -> LiveFrame:
    return _frame(Direction.SEND, moment, content)


def received(moment: int, content: object) -> LiveFrame:
    return _frame(Direction.RECEIVE, moment, content)


def _frame(direction: Direction, moment: int, content: object) -> LiveFrame:
    is_binary = isinstance(content, bytes)
    text = content if isinstance(content, str) else json.dumps(content) if not is_binary else ""
    return LiveFrame(
        direction=direction,
        at=10 * moment,
        content=content if isinstance(content, bytes) else text.encode(),
        is_binary=is_binary,
        moment=moment,
    )


def conversation(
    *frames: LiveFrame, request: LiveRequest | None = None, close: Close | None = None
) -> LiveConversation:
    return LiveConversation(
        request=request or opening(),
        response=UPGRADED,
        issued=1,
        answered=2,
        frames=frames,
        close=close,
    )


def take(
    *conversations: LiveConversation,
    exchanges: Sequence[Exchange] = (),
    redactor: Redactor = NO_SECRETS,
    bases: BaseUrls = NO_BASES,
) -> Cassette:
    return make_cassette(
        exchanges,
        test="tests/test_a.py::test_a",
        services={},
        redactor=redactor,
        bases=bases,
        conversations=conversations,
    )


def loaded(cassette: Cassette) -> Cassette:
    files = attachments(cassette)
    return load_cassette(dump_cassette(cassette), name="a.yaml", attached=lambda name, _size: files.get(name))


def test_a_conversation_reads_as_what_was_said() -> None:
    cassette = take(
        conversation(
            received(3, {"event": "connected", "session_id": ID}),
            sent(4, {"text": "Hello", "session": ID}),
            received(5, "a plain word"),
            sent(6, b"\x00\x01"),
            request=opening("ws://127.0.0.1:9999/talk?format=pcm&api_key=k3y-of-all", [("X-Client", "bot")]),
            close=Close(code=1000, reason="bye", by=Closer.CLIENT, at=70),
        ),
        bases=BaseUrls({"http://127.0.0.1:9999": "http://chorus.test"}),
    )

    assert dump_cassette(cassette) == (
        """\
taketwo: 1
test: tests/test_a.py::test_a
services: {}
seed: 3544782601
time: "2026-01-01T00:00:00Z"
holds:
  interactions: 0
  conversations: 1
interactions: []
conversations:
- request:
    url: ws://chorus.test/talk
    query:
      format: pcm
      api_key: <secret:api_key>
    headers:
      x-client: bot
  response:
    status: 101
    headers:
      sec-websocket-protocol: speech.v1
  frames:
  - at: 30
    receive:
      json:
        event: connected
        session_id: <uuid:1>
      style: spaced
  - at: 40
    send:
      json:
        text: Hello
        session: <uuid:1>
      style: spaced
  - at: 50
    receive:
      text: a plain word
  - at: 60
    send:
      base64: |
        AAE=
  close:
    at: 70
    code: 1000
    reason: bye
    by: client
"""
    )
    assert loaded(cassette) == cassette


def test_a_cassette_without_conversations_is_as_it_was() -> None:
    assert "conversations" not in dump_cassette(take())


@pytest.mark.parametrize(
    "frames",
    [
        [received(3, "")],
        [received(3, b"")],
        [received(3, b'{"json":"in a binary frame"}')],
        [received(3, b"text in a binary frame")],
        [received(3, bytes(1000))],
        [received(3, '{"a":1,"a":2}')],
        [received(3, "123")],
        [received(3, '<uuid:1> {"<secret:A>": 1}')],
        [received(3, '  { "spaced" :\n 1.50 }')],
    ],
    ids=str,
)
def test_a_frame_comes_back_to_the_byte(frames: list[LiveFrame]) -> None:
    replay = replay_of(take(conversation(*frames)))

    assert replay.messages(0) == [(frame.content, frame.is_binary) for frame in frames]


def test_the_code_that_answers_a_close_is_kept_where_it_is_another() -> None:
    close = Close(code=4001, reason="enough", by=Closer.CLIENT, at=3, answer=1000)
    made = take(conversation(sent(3, "hello"), close=close))

    text = dump_cassette(made)

    assert text.endswith(
        "  close:\n    at: 3\n    code: 4001\n    reason: enough\n    by: client\n    answer: 1000\n"
    )
    assert loaded(made) == made


def test_an_id_that_a_frame_brings_is_one_in_later_requests_too() -> None:
    exchange = Exchange(
        request=get(f"http://shop.test/sessions/{ID}"),
        response=answer(as_json({"id": ID, "next": OTHER})),
        issued=5,
        answered=6,
    )

    cassette = take(
        conversation(received(3, {"session": ID}), sent(8, {"next": OTHER})), exchanges=[exchange]
    )

    assert cassette.interactions[0].request.url == "http://shop.test/sessions/<uuid:1>"
    assert [getattr(frame.body, "value", None) for frame in cassette.conversations[0].frames] == [
        {"session": "<uuid:1>"},
        {"next": "<uuid:2>"},
    ]


def test_an_id_that_the_test_sent_first_stays() -> None:
    exchange = Exchange(
        request=post("http://shop.test/sessions", as_json({"id": ID}), JSON),
        response=answer(as_json({"ok": True})),
        issued=1,
        answered=2,
    )

    cassette = take(
        conversation(sent(3, {"mine": OTHER}), received(4, {"yours": [ID, OTHER]})), exchanges=[exchange]
    )

    assert "<uuid:" not in dump_cassette(cassette)


@pytest.mark.parametrize(
    "talk",
    [
        conversation(sent(3, {"note": "s3cret-of-ours"})),
        conversation(received(3, {"note": "it is s3cret-of-ours!"})),
        conversation(received(3, "czNjcmV0LW9mLW91cnM=")),
        conversation(
            received(3, {"token": "m1nted-by-the-service-1"}), received(4, "m1nted-by-the-service-1")
        ),
        conversation(request=opening(headers=[("xi-api-key", "s3cret-of-ours")])),
        conversation(request=opening("ws://chorus.test/?api_key=s3cret-of-ours")),
        conversation(close=Close(code=4001, reason="not s3cret-of-ours", by=Closer.SERVICE)),
        conversation(close=Close(code=4001, reason="not s3cret-of-ours", by=Closer.CLIENT)),
    ],
)
def test_no_secret_is_kept_wherever_it_stands(talk: LiveConversation) -> None:
    text = dump_cassette(take(talk, redactor=Redactor({"KEY": "s3cret-of-ours"})))

    assert "<secret:" in text
    assert not any(word in text for word in ("s3cret-of-ours", "czNjcmV0", "minted-by-the-service"))


def test_a_take_is_refused_when_a_binary_frame_holds_a_secret() -> None:
    talk = conversation(received(3, "hello"), received(4, b"\x00\xffs3cret-of-ours"))

    with pytest.raises(SecretLeak, match="KEY in conversation 1, frame 2, response body"):
        take(talk, redactor=Redactor({"KEY": "s3cret-of-ours"}))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("  conversations: 1", "  conversations: 2", "the header says 2 conversations but the file holds 1"),
        ("  conversations: 1\n", "", "the header says 0 conversations but the file holds 1"),
        ("    receive:", "    heard:", "'heard' is not a known key; known keys are at, send, receive"),
        ("by: client", "by: nobody", "'by' is not one of client, service"),
        ("  - at: 30", "  - at: soon", "'at' is not a whole number"),
    ],
)
def test_a_damaged_conversation_is_refused_with_the_reason(old: str, new: str, reason: str) -> None:
    cassette = take(conversation(received(3, "x"), close=Close(code=1000)))
    text = dump_cassette(cassette)
    assert old in text

    with pytest.raises(CassetteFormatError, match=reason):
        load_cassette(text.replace(old, new), name="a.yaml")


@pytest.mark.parametrize("count", [2, 3, 7])
@pytest.mark.parametrize("form", ["json", "text"])
def test_a_secret_that_comes_in_pieces_is_put_together_and_taken_out(count: int, form: str) -> None:
    secret = "s3cret-of-ours"
    words = f"it is {secret}, yes"
    size = -(-len(words) // count)
    parts = [words[start : start + size] for start in range(0, len(words), size)]
    frames = [received(3 + n, {"delta": part} if form == "json" else part) for n, part in enumerate(parts)]

    cassette = take(conversation(*frames), redactor=Redactor({"KEY": secret}))

    assert (
        "".join(re.findall(r"(?:delta|text): \"?(.*?)\"?\n", dump_cassette(cassette))).count("<secret:KEY>")
        == 1
    )
    assert not any(part in dump_cassette(cassette) for part in ("s3cret", "of-ours"))
    played = replay_of(cassette, redactor=Redactor({"KEY": secret}), reveal={"KEY": secret}).messages(0)
    texts = [json.loads(content)["delta"] if form == "json" else content.decode() for content, _ in played]
    assert "".join(texts) == words


@pytest.mark.parametrize("part", [str, lambda text: {"delta": text}, str.encode])
def test_a_take_is_refused_when_the_test_sends_a_secret_in_pieces(part: Callable[[str], object]) -> None:
    talk = conversation(sent(3, part("my s3cret-")), sent(4, part("of-ours")))

    with pytest.raises(SecretLeak, match="a secret in "):
        take(talk, redactor=Redactor({"KEY": "s3cret-of-ours"}))


def test_equal_openings_beside_each_other_are_sorted_by_what_is_sent() -> None:
    def words(*order: str) -> list[str]:
        cassette = take(
            *(
                LiveConversation(
                    request=opening(),
                    response=UPGRADED,
                    issued=place + 1,
                    answered=10 + place,
                    frames=(
                        received(
                            20 + place,
                            {"event": "connected", "session_id": ID.replace("7d8f2c9", f"{ord(word):07x}")},
                        ),
                        sent(30 + place, {"word": word}),
                    ),
                )
                for place, word in enumerate(order)
            )
        )
        return [str(one.frames[1].body) for one in cassette.conversations]

    assert words("b", "c", "a") == words("c", "a", "b") == words("a", "b", "c")


def test_equal_openings_one_after_the_other_stay_so() -> None:
    first = conversation(sent(3, "b"))
    second = LiveConversation(
        request=opening(), response=UPGRADED, issued=4, answered=5, frames=(sent(6, "a"),)
    )

    cassette = take(first, second)

    assert [str(one.frames[0].body) for one in cassette.conversations] == [
        "TextBody(text='b')",
        "TextBody(text='a')",
    ]


def test_equal_openings_of_which_one_only_listens_stay_as_they_were_opened() -> None:
    def talk(issued: int, *frames: LiveFrame) -> LiveConversation:
        return LiveConversation(
            request=opening(), response=UPGRADED, issued=issued, answered=3, frames=frames
        )

    cassette = take(talk(1, sent(5, "b")), talk(2, received(6, "a")))

    assert [frame.direction for one in cassette.conversations for frame in one.frames] == [
        Direction.SEND,
        Direction.RECEIVE,
    ]


@pytest.mark.parametrize("threads", [(1, 2), (1, 1), (0, 1)])
def test_equal_openings_of_threads_are_sorted_also_where_they_came_in_turn(threads: tuple[int, int]) -> None:
    """
    Of a pool, chance decides whether one thread begins before another one has ended.
    """
    first, second = (
        LiveConversation(
            request=opening(),
            response=UPGRADED,
            issued=4 * place + 1,
            answered=4 * place + 2,
            frames=(sent(4 * place + 3, word),),
            thread=thread,
        )
        for place, (thread, word) in enumerate(zip(threads, "ba", strict=True))
    )

    found = [str(one.frames[0].body)[-3] for one in take(first, second).conversations]

    assert found == (["a", "b"] if threads == (1, 2) else ["b", "a"])

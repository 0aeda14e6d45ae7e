"""
Audio and other long base64 are files beside the cassette, and come back to the byte.
"""

from __future__ import annotations

import base64
import json
import wave
from dataclasses import replace

import pytest

from taketwo.cassette.body.attachments import attachments
from taketwo.cassette.content import as_file
from taketwo.cassette.model import Cassette, LiveFrame, Sound
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.text.writer import dump_cassette
from taketwo.config.audio import AudioRule
from tests.toolkit.cassette.exchanges import JSON, NO_BASES, answer, as_json, get, post, replay_of, take_of
from tests.toolkit.cassette.test_conversations import conversation, loaded, opening, received, sent, take

TONE = bytes(value % 251 for value in range(1600))
OTHER = bytes(value % 249 for value in range(800))
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 2


def said(content: bytes, **more: object) -> dict[str, object]:
    return {"event": "audio", "audio": base64.b64encode(content).decode(), **more}


def heard(cassette: Cassette) -> list[object]:
    """
    What the frames of the only conversation hold, as the file has it.
    """
    return [getattr(frame.body, "value", frame.body) for frame in cassette.conversations[0].frames]


def played(cassette: Cassette) -> list[bytes]:
    return [content for content, _ in replay_of(cassette).messages(0)]


def test_a_stream_is_one_file_that_can_be_played() -> None:
    frames = [
        received(3, said(TONE, sample_rate=8000)),
        received(4, said(OTHER, sample_rate=8000)),
        received(5, {"event": "done"}),
        received(6, said(TONE + OTHER, sample_rate=8000)),
    ]

    cassette = take(conversation(*frames))

    (name, wav), *others = attachments(cassette).items()
    assert not others
    with wave.open(as_file(wav)) as file:
        assert (file.getframerate(), file.getsampwidth(), file.getnchannels()) == (8000, 2, 1)
        assert file.readframes(10_000) == TONE + OTHER
    references = [f"<pcm:{name}:0-800>", f"<pcm:{name}:800-1200>", f"<pcm:{name}>"]
    assert [value["audio"] for value in heard(cassette) if "audio" in value] == references  # type: ignore[index,operator]
    assert len(wav) == len(TONE + OTHER) + 44
    assert played(cassette) == [frame.content for frame in frames]
    assert loaded(cassette) == cassette


def test_silence_at_the_end_of_a_stream_is_part_of_it() -> None:
    frames = [received(3, said(TONE, sample_rate=8000)), received(4, said(bytes(900), sample_rate=8000))]

    cassette = take(conversation(*frames))

    ((name, _),) = attachments(cassette).items()
    assert [value["audio"] for value in heard(cassette)] == [  # type: ignore[index]
        f"<pcm:{name}:0-800>",
        f"<pcm:{name}:800-1250>",
    ]
    assert played(cassette) == [frame.content for frame in frames]


def test_a_file_is_named_once_with_its_size_and_hash() -> None:
    text = dump_cassette(take(conversation(received(3, said(TONE, sample_rate=8000)))))

    assert "files:\n- name: " in text
    assert f"  size: {len(TONE) + 44}\n  sha256: " in text


@pytest.mark.parametrize(
    ("url", "headers", "value"),
    [
        ("ws://chorus.test/?output_format=pcm_24000", [], said(TONE)),
        ("ws://chorus.test/?sample_rate=16000", [], said(TONE)),
        ("ws://chorus.test/", [("X-Sample-Rate", "16000")], said(TONE)),
        (
            "ws://chorus.test/",
            [],
            {"data": [said(TONE)], "sampleRateHertz": 1, "x": said(TONE, sampleRate=8000)},
        ),
    ],
)
def test_the_rate_is_found_where_it_is_told(
    url: str, headers: list[tuple[str, str]], value: dict[str, object]
) -> None:
    cassette = take(conversation(received(3, value), request=opening(url, headers)))

    assert "<pcm:" in dump_cassette(cassette)
    assert played(cassette) == [json.dumps(value).encode()]


@pytest.mark.parametrize(
    ("content", "form"),
    [(TONE, ".bin>"), (PICTURE, ".png>"), (b"RIFF\x00\x00\x00\x00WAVE" + TONE, ".wav>")],
)
def test_what_is_no_raw_audio_is_a_file_as_it_is(content: bytes, form: str) -> None:
    cassette = take(conversation(received(3, said(content)), sent(4, said(content))))

    ((name, kept),) = attachments(cassette).items()
    assert (kept, name[16:] + ">") == (content, form)
    assert f"audio: <file:{name}>" in dump_cassette(cassette)
    assert played(cassette) == [json.dumps(said(content)).encode()] * 2


@pytest.mark.parametrize(
    "text",
    [
        base64.b64encode(b"words that are read " * 30).decode(),
        base64.urlsafe_b64encode(bytes(range(256)) * 2).decode(),
        base64.b64encode(TONE).decode().rstrip("="),
        base64.b64encode(TONE[:150]).decode(),
        "A" * 1000 + "=B==",
        "<pcm:0123456789abcdef.wav>",
        "<file:0123456789abcdef.bin:0-7> and <\\pcm:0123456789abcdef.wav>",
    ],
)
def test_other_texts_stay_and_come_back(text: str) -> None:
    cassette = take(conversation(received(3, {"audio": text, "sample_rate": 8000}), received(4, text)))

    assert attachments(cassette) == {}
    assert played(cassette) == [json.dumps({"audio": text, "sample_rate": 8000}).encode(), text.encode()]
    assert loaded(cassette) == cassette


def test_binary_frames_of_audio_are_one_file_too() -> None:
    frames = [received(3, TONE), received(4, OTHER), sent(5, TONE)]

    cassette = take(conversation(*frames, request=opening("ws://a.test/?output_format=pcm_8000")))

    assert len(attachments(cassette)) == 2
    assert played(cassette) == [TONE, OTHER, TONE]
    assert loaded(cassette) == cassette


@pytest.mark.parametrize("frame", [sent(3, said(TONE, rate=8000)), sent(3, TONE)])
def test_what_the_client_sends_is_compared_by_its_file(frame: LiveFrame) -> None:
    talk = conversation(frame, request=opening("ws://a.test/?output_format=pcm_8000"))
    replay = replay_of(take(talk))

    body = replay.incoming_frame(0, frame.content, bases=NO_BASES, is_binary=frame.is_binary)

    assert body == replay.expected(0).frames[0].body


def test_bodies_of_http_have_files_too() -> None:
    exchange = post("http://a.test/", as_json(said(TONE, rate=8000))), answer(as_json(said(PICTURE)))

    cassette = take_of(exchange)

    assert sorted(name[16:] for name in attachments(cassette)) == [".png", ".wav"]
    replay = replay_of(cassette)
    assert replay.response(0).body == exchange[1].body
    assert replay.live_request(0).body == exchange[0].body
    assert replay.incoming(exchange[0], NO_BASES) == replay.requests()[0]


def test_a_secret_inside_of_base64_is_not_put_into_a_file() -> None:
    content = b"\x00\xffs3cret-of-ours" + TONE
    cassette = take_of(
        (get("http://a.test/"), answer(as_json(said(content)), JSON)),
        redactor=Redactor({"KEY": "s3cret-of-ours"}),
    )

    assert attachments(cassette) == {}
    assert "<secret:KEY:base64>" in dump_cassette(cassette)


def test_a_secret_by_name_leaves_no_file() -> None:
    cassette = take_of((get("http://a.test/"), answer(as_json({"token": said(TONE)["audio"]}), JSON)))

    assert attachments(cassette) == {}
    assert "token: <secret:token>" in dump_cassette(cassette)


def test_a_body_of_raw_samples_is_a_file_that_can_be_played() -> None:
    exchange = (
        get("http://a.test/speech"),
        answer(TONE, (("content-type", "audio/L16; rate=16000; channels=2"),)),
    )

    cassette = take_of(exchange)

    ((name, wav),) = attachments(cassette).items()
    with wave.open(as_file(wav)) as file:
        assert (file.getframerate(), file.getnchannels(), file.readframes(9999)) == (16000, 2, TONE)
    assert f'name: "{name}"' in dump_cassette(cassette) or f"name: {name}" in dump_cassette(cassette)
    assert replay_of(cassette).response(0).body == TONE
    assert loaded(cassette) == cassette


def test_a_rule_tells_what_raw_samples_are_where_nothing_else_does() -> None:
    rules = [AudioRule(rate=22050, content_type="audio/x-samples", path="/speech/*")]
    exchanges = [
        (get("http://a.test/speech/1"), answer(TONE, (("content-type", "audio/x-samples; x=1"),))),
        (get("http://a.test/music/1"), answer(OTHER, (("content-type", "audio/x-samples"),))),
    ]

    cassette = take_of(*exchanges, audio=rules)

    sounds = [getattr(item.response.body, "sound", None) for item in cassette.interactions]
    assert sounds == [Sound(22050, 2, 1), None]
    assert [replay_of(cassette).response(number).body for number in (0, 1)] == [TONE, OTHER]


def test_json_that_came_in_chunks_has_files_too() -> None:
    whole = answer(as_json(said(TONE, sample_rate=8000)), JSON)
    chunked = replace(whole, chunks=(1000, len(whole.body) - 1000))

    cassette = take_of((get("http://a.test/"), chunked))

    assert [name[-4:] for name in attachments(cassette)] == [".wav"]
    assert replay_of(cassette).response(0).body == whole.body

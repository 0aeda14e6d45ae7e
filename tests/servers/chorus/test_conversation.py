"""
The protocol of a conversation over a WebSocket, as its clients speak it.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest
from websockets.exceptions import ConnectionClosedOK, InvalidStatus

if TYPE_CHECKING:
    from tests.servers.chorus.conftest import Meet, Server

BOT = "output_format=pcm_22050&auto_mode=false&enable_logging=true&enable_ssml_parsing=false"


def test_the_first_word_is_the_servers(server: Server, meet: Meet) -> None:
    connected = meet(server, BOT).connected

    session = connected.pop("session_id")
    assert str(uuid.UUID(session)) == session
    assert connected == {"event": "connected", "voice_id": "af_heart"}


def test_each_conversation_has_an_id_of_its_own(server: Server, meet: Meet) -> None:
    first, second = meet(server).connected, meet(server).connected

    assert first["session_id"] != second["session_id"]


def test_the_bots_sequence_is_spoken(server: Server, meet: Meet) -> None:
    talk = meet(server, BOT)

    talk.say(" ", voice_settings={"stability": 0.5, "similarity_boost": 0.5, "speed": 1.0})
    heard = talk.flush("Hello world ok ")

    assert heard.end == {"event": "finalOutput", "chunks": len(heard.frames), "duration_ms": 1240}
    assert heard.rates == {22050}
    assert len(heard.samples) == 2 * 22050 * 1240 // 1000


def test_many_utterances_are_spoken_on_one_connection(server: Server, meet: Meet) -> None:
    talk = meet(server, BOT)

    heard = [talk.flush(text) for text in ("One. ", "Two. ", "One. ")]

    assert heard[0] == heard[2]
    assert heard[0].samples != heard[1].samples


def test_the_dashboards_sequence_is_spoken_to_its_end(server: Server, meet: Meet) -> None:
    talk = meet(server, "api_key=test-key&output_format=pcm_24000", key=None)

    talk.say(" ", voice_settings={"stability": 0.5, "similarity_boost": 0.5, "style": 0, "speed": 1})
    talk.say("This is my voice. Do you like it?", flush=True)
    talk.say("")
    heard = talk.hear()

    assert heard.end["event"] == "finalOutput"
    assert heard.samples == server.speech("This is my voice. Do you like it?")
    with pytest.raises(ConnectionClosedOK):
        talk.event()


def test_what_was_not_flushed_is_said_at_the_end(server: Server, meet: Meet) -> None:
    talk = meet(server)

    talk.say("Good ")
    talk.say("bye.")
    talk.say("")

    assert talk.hear().samples == server.speech("Good bye.")


def test_an_empty_text_alone_closes(server: Server, meet: Meet) -> None:
    talk = meet(server)

    talk.say("")

    with pytest.raises(ConnectionClosedOK) as closed:
        talk.event()
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1000, "everything is said")


def test_a_trigger_says_whole_sentences_only(server: Server, meet: Meet) -> None:
    talk = meet(server)

    talk.say("It rains. The sun ", try_trigger_generation=True)
    heard = talk.flush("shines.")

    assert heard.samples == server.speech("It rains.") + server.speech("The sun shines.")
    assert heard.end["chunks"] == len(heard.frames)


def test_automatic_mode_needs_no_trigger(server: Server, meet: Meet) -> None:
    talk = meet(server, "auto_mode=true")

    talk.say("It rains. ")

    assert talk.event()["event"] == "audioOutput"


def test_the_schedule_says_when_enough_has_come(server: Server, meet: Meet) -> None:
    talk = meet(server)

    talk.say(" ", generation_config={"chunk_length_schedule": [20, 5000]})
    talk.say("It rains. The sun shines. And")
    heard = talk.flush(" so on.")

    assert heard.samples == b"".join(
        [server.speech("It rains. The sun shines."), server.speech("And so on.")]
    )


def test_settings_hold_from_the_message_that_brings_them(server: Server, meet: Meet) -> None:
    talk = meet(server)

    before = talk.flush("It is getting late.")
    slow = talk.flush("It is getting late.", voice_settings={"speed": 0.5})
    still = talk.flush("It is getting late.")

    assert slow.end["duration_ms"] > 1.5 * before.end["duration_ms"]
    assert still == slow


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 24000, 44100])
def test_every_rate_lasts_as_long(server: Server, meet: Meet, rate: int) -> None:
    heard = meet(server, f"output_format=pcm_{rate}").flush("The same words.")

    assert heard.rates == {rate}
    assert len(heard.samples) == 2 * rate * heard.end["duration_ms"] // 1000
    assert heard.end["duration_ms"] == len(server.speech("The same words.")) // 48


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("nonsense", "the message is no JSON: Expecting value: line 1 column 1 (char 0)"),
        ("[]", "the message must be a JSON object, not []"),
        ("{}", "text is missing; it is what to say, and empty to end"),
        ('{"text":5}', "text must be a string, not 5"),
        ('{"text":"a","flush":"yes"}', "flush must be true or false, not 'yes'"),
        (
            '{"text":"a","flsh":true}',
            (
                "the message's 'flsh' is unknown (nearest is 'flush'); "
                "known: flush, generation_config, text, try_trigger_generation, voice_settings"
            ),
        ),
        ('{"text":"a","voice_settings":{"speed":9}}', "speed must be from 0.5 to 2, not 9"),
        ('{"text":"a","voice_settings":{"speed":NaN}}', "the message is no JSON: NaN is no JSON"),
        ('{"text":"a","voice_settings":3}', "voice_settings must be an object, not 3"),
        (
            '{"text":"a","voice_settings":{"stability":"x"}}',
            "stability must be a number from 0 to 1, not 'x'",
        ),
        (
            '{"text":"a","generation_config":{"chunk_length_schedule":[0]}}',
            "chunk_length_schedule must list 1 to 50 whole numbers from 1 to 5000, not [0]",
        ),
        ('{"text":"...","flush":true}', "there is nothing to say in '...'"),
        ('{"text":" ","flush":true}', "there is nothing to say in ' '"),
        ('{"text":"🙂🙂","flush":true}', "there is nothing to say in '🙂🙂'"),
        (
            '{"text":"Привет","flush":true}',
            "the text has 'Привет', which is Cyrillic; only English is spoken here, in Latin letters",
        ),
    ],
)
def test_an_error_is_told_and_the_conversation_goes_on(
    server: Server, meet: Meet, message: str, told: str
) -> None:
    talk = meet(server)

    talk.socket.send(message)
    error = talk.event()
    heard = talk.flush("Hello.")

    assert (error["event"], error["message"]) == ("error", told)
    assert heard.samples == server.speech("Hello.")


def test_a_binary_message_is_refused(server: Server, meet: Meet) -> None:
    talk = meet(server)

    talk.socket.send(b'{"text":"Hello.","flush":true}')

    assert talk.event()["message"] == "the message is binary; send JSON as text"
    assert talk.flush("Hello.").end["event"] == "finalOutput"


def test_more_text_than_is_said_at_once_is_left_out(server: Server, meet: Meet) -> None:
    talk = meet(server)

    talk.say("Hello. ", generation_config={"chunk_length_schedule": [5000]})
    talk.say("x" * 5000)
    error = talk.event()
    heard = talk.flush("World.")

    assert error["code"] == "text_too_long"
    assert heard.samples == server.speech("Hello. World.")


@pytest.mark.parametrize(
    ("voice", "query", "status", "code"),
    [
        ("af_alloy", "", 404, "unknown_voice"),
        ("af_heart", "output_format=mp3_44100", 400, "bad_parameter"),
        ("af_heart", "output_format=wav_24000", 400, "bad_parameter"),
        ("af_heart", "outputformat=pcm_24000", 400, "unknown_parameter"),
        ("af_heart", "auto_mode=maybe", 400, "bad_parameter"),
        ("af_heart", "auto_mode=true&auto_mode=true", 400, "bad_parameter"),
        ("af_heart", "inactivity_timeout=0", 400, "bad_parameter"),
        ("af_heart", "inactivity_timeout=nan", 400, "bad_parameter"),
        ("af_heart", "language_code=fr", 400, "bad_parameter"),
        ("af_heart", "seed=-1", 400, "bad_parameter"),
        ("af_heart", "enable_ssml_parsing=true", 400, "bad_parameter"),
        ("af_heart/x", "", 404, "not_found"),
    ],
)
def test_what_cannot_be_agreed_on_is_refused_before_the_conversation(
    server: Server, meet: Meet, voice: str, query: str, status: int, code: str
) -> None:
    with pytest.raises(InvalidStatus) as refused:
        meet(server, query, voice=voice)

    assert refused.value.response.status_code == status
    assert f'"code":"{code}"'.encode() in bytes(refused.value.response.body or b"")


@pytest.mark.parametrize(("key", "query"), [(None, ""), ("wrong", ""), (None, "api_key=wrong")])
def test_without_a_key_nobody_is_let_in(server: Server, meet: Meet, key: str | None, query: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        meet(server, query, key=key)

    assert refused.value.response.status_code == 401


def test_whoever_says_nothing_is_let_go(server: Server, meet: Meet) -> None:
    talk = meet(server, "inactivity_timeout=1")

    with pytest.raises(ConnectionClosedOK) as closed:
        talk.event()

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.reason == "nothing was said for 1 s"


def test_keys_never_reach_the_log(server: Server, meet: Meet) -> None:
    meet(server, "api_key=test-key", key=None)

    assert "test-key" not in server.log.read_text()

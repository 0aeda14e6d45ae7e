"""
Speech over HTTP, at once and as a stream; and what the server tells about itself.
"""

from __future__ import annotations

import io
import wave
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import httpx

    from tests.servers.chorus.conftest import Server, Start

SPEECH = "/v1/text-to-speech/af_heart"
TEXT = "The same words. And some more."


def test_it_is_healthy_once_a_voice_can_speak(start: Start) -> None:
    server = start("--engine", "small", ready=False)

    with server.client() as http:
        before = http.get("/healthz")
        refused = http.post(SPEECH, json={"text": "Hello."})
        server.await_voices()
        after = http.get("/healthz")
        spoken = http.post(SPEECH, json={"text": "Hello."})

    assert (before.status_code, before.json()["error"]["code"]) == (503, "not_ready")
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert (after.status_code, after.json()) == (200, {"status": "ok"})
    assert spoken.status_code == 200


def test_the_voices_are_listed_with_their_engine(http: httpx.Client) -> None:
    assert http.get("/v1/voices").json() == {
        "voices": [
            {
                "voice_id": "af_heart",
                "name": "Heart",
                "engine": "small",
                "language": "en-US",
                "gender": "female",
            }
        ],
        "default_voice_id": "af_heart",
    }


def test_speech_is_a_wav_file_unless_asked_otherwise(http: httpx.Client) -> None:
    answer = http.post(SPEECH, json={"text": TEXT})

    assert answer.headers["content-type"] == "audio/wav"
    with wave.open(io.BytesIO(answer.content)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 24000)
        assert file.getnframes() * 2 == len(answer.content) - 44


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 24000, 44100])
def test_every_format_has_the_same_duration(server: Server, rate: int) -> None:
    reference = server.speech(TEXT)

    samples = server.speech(TEXT, output=f"pcm_{rate}")
    file = server.speech(TEXT, output=f"wav_{rate}")

    assert len(samples) * 24000 == len(reference) * rate
    assert file[44:] == samples
    with wave.open(io.BytesIO(file)) as opened:
        assert (opened.getframerate(), opened.getnframes() * 2) == (rate, len(samples))


def test_samples_say_their_rate(http: httpx.Client) -> None:
    answer = http.post(SPEECH, params={"output_format": "pcm_16000"}, json={"text": TEXT})

    assert answer.headers["content-type"] == "audio/pcm;rate=16000;channels=1;bits=16"


def chunks(http: httpx.Client, output: str) -> list[bytes]:
    with http.stream(
        "POST", f"{SPEECH}/stream", params={"output_format": output}, json={"text": TEXT}
    ) as answer:
        assert answer.status_code == 200
        return list(answer.iter_raw())


def test_a_stream_has_the_same_samples(server: Server, http: httpx.Client) -> None:
    assert b"".join(chunks(http, "pcm_16000")) == server.speech(TEXT, output="pcm_16000")


def test_a_stream_as_a_file_can_be_played_to_its_end(server: Server, http: httpx.Client) -> None:
    streamed, whole = b"".join(chunks(http, "wav_24000")), server.speech(TEXT, output="wav_24000")

    assert streamed[44:] == whole[44:]
    assert (streamed[4:8], streamed[40:44]) == (b"\xff" * 4, b"\xff" * 4)
    assert streamed[8:40] == whole[8:40]


@pytest.mark.parametrize(
    ("body", "status", "code", "told"),
    [
        ({}, 400, "missing_parameter", "text is missing; it is what to say"),
        ({"text": 5}, 400, "bad_parameter", "text must be a string, not 5"),
        ({"text": ""}, 422, "empty_text", "there is nothing to say in ''"),
        ({"text": " \n\t "}, 422, "empty_text", "there is nothing to say in ' \\n\\t '"),
        ({"text": "?!... --"}, 422, "empty_text", "there is nothing to say in '?!... --'"),
        ({"text": "👍🏽❤️"}, 422, "empty_text", "there is nothing to say in '👍🏽❤️'"),
        (
            {"text": "你好"},
            422,
            "unspeakable_text",
            "the text has '你好', which is Cjk; only English is spoken here, in Latin letters",
        ),
        (
            {"text": "a" * 5001},
            422,
            "text_too_long",
            "the text has 5001 characters, but 5000 are said at once; send it in parts",
        ),
        ({"text": "a", "speed": 1}, 400, "unknown_parameter", None),
        (
            {"text": "a", "voice_settings": {"speed": 3}},
            400,
            "bad_parameter",
            "speed must be from 0.5 to 2, not 3",
        ),
        ({"text": "a", "voice_settings": {"speed": True}}, 400, "bad_parameter", None),
        ({"text": "a", "voice_settings": {"sped": 1}}, 400, "unknown_parameter", None),
        (
            {"text": "a", "voice_settings": []},
            400,
            "bad_parameter",
            "voice_settings must be an object, not []",
        ),
        ({"text": "a", "language_code": "de"}, 400, "bad_parameter", None),
        ({"text": "a", "seed": 1.5}, 400, "bad_parameter", None),
        ({"text": "a", "seed": 2**32}, 400, "bad_parameter", None),
        ({"text": "a", "apply_text_normalization": "maybe"}, 400, "bad_parameter", None),
        ({"text": "a", "model_id": "m" * 101}, 400, "bad_parameter", None),
    ],
)
@pytest.mark.parametrize("path", [SPEECH, f"{SPEECH}/stream"])
def test_a_body_that_cannot_be_said_is_refused(
    http: httpx.Client, path: str, body: dict[str, object], status: int, code: str, told: str | None
) -> None:
    answer = http.post(path, json=body)

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (status, code)
    assert told is None or error["message"] == told


@pytest.mark.parametrize(
    ("method", "target", "status", "code"),
    [
        ("POST", "/v1/text-to-speech/af_alloy", 404, "unknown_voice"),
        ("POST", f"{SPEECH}?output_format=mp3_44100", 400, "bad_parameter"),
        ("POST", f"{SPEECH}?format=pcm_24000", 400, "unknown_parameter"),
        ("POST", f"{SPEECH}?output_format=pcm_8000&output_format=pcm_8000", 400, "bad_parameter"),
        ("GET", SPEECH, 405, "method_not_allowed"),
        ("POST", "/healthz", 405, "method_not_allowed"),
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/v1/voices?engine=small", 400, "unknown_parameter"),
        ("GET", "/v1/voices/", 404, "not_found"),
    ],
)
def test_what_is_not_there_is_refused(
    http: httpx.Client, method: str, target: str, status: int, code: str
) -> None:
    answer = http.request(method, target, json={"text": "Hello."})

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_an_unknown_voice_is_told_the_nearest_and_all_others(http: httpx.Client) -> None:
    answer = http.post("/v1/text-to-speech/af_alloy", json={"text": "Hello."})

    assert answer.json()["error"]["message"] == (
        "there is no voice 'af_alloy' here; nearest is 'af_heart'; known: af_heart. "
        "Kokoro's other voices are spoken when KOKORO_VOICES_PATH names them"
    )


@pytest.mark.parametrize(("method", "target"), [("GET", "/v1/voices"), ("POST", SPEECH)])
def test_a_key_opens_the_door_from_the_header_or_the_query(
    http: httpx.Client, method: str, target: str
) -> None:
    def status(key: str, query: str = "") -> int:
        headers = [(b"xi-api-key", key.encode())]
        return http.request(method, target + query, headers=headers, json={"text": "Hello."}).status_code

    assert status("test-key") == status("", "?api_key=test-key") == 200
    assert status("") == status("wrong") == status("wröng") == status("", "?api_key=wrong") == 401


def test_keys_come_from_the_environment(start: Start) -> None:
    server = start("--engine", "small", environment={"API_KEYS": " first , second"})

    with server.client() as http:
        statuses = [
            http.get("/v1/voices", headers={"xi-api-key": key}).status_code
            for key in ("first", "second", "test-key", "first , second")
        ]

    assert statuses == [200, 200, 401, 401]

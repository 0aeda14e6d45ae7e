"""
The API document holds what the server does.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator

if TYPE_CHECKING:
    import httpx

    from tests.servers.chorus.conftest import Json, Meet, Server

PACKAGE = Path(__file__).parents[3] / "tools" / "chorus_tts"


def document(http: httpx.Client) -> Json:
    answer: Json = http.get("/openapi.json", headers={"xi-api-key": ""}).json()
    return answer


def complaints(promised: Json, schema: str, value: Any) -> list[str]:  # noqa: ANN401 - JSON
    whole = {**promised, "$ref": f"#/components/schemas/{schema}"}
    return [error.message for error in Draft202012Validator(whole).iter_errors(value)]


def references(value: object) -> set[str]:
    if isinstance(value, dict):
        own = {str(value["$ref"])} if "$ref" in value else set()
        return own.union(*map(references, value.values()))
    return set().union(*map(references, value)) if isinstance(value, list) else set()


def test_it_is_the_same_each_time(http: httpx.Client) -> None:
    assert http.get("/openapi.json").content == http.get("/openapi.json").content


def test_every_reference_leads_somewhere_and_every_schema_is_used(http: httpx.Client) -> None:
    promised = document(http)

    there = {
        f"#/components/{kind}/{name}"
        for kind in ("responses", "schemas")
        for name in promised["components"][kind]
    }
    assert references(promised) == there


def test_answers_are_as_promised(http: httpx.Client) -> None:
    promised = document(http)

    assert complaints(promised, "Health", http.get("/healthz").json()) == []
    assert complaints(promised, "Voices", http.get("/v1/voices").json()) == []
    refused = http.post("/v1/text-to-speech/nobody", json={"text": "Hello."})
    assert complaints(promised, "Error", refused.json()) == []


def test_events_are_as_promised(http: httpx.Client, server: Server, meet: Meet) -> None:
    promised = document(http)
    talk = meet(server)

    talk.say("Hello.", flush=True)
    sound, final = talk.event(), talk.event()
    while final["event"] != "finalOutput":
        final = talk.event()
    talk.say("...", flush=True)
    error = talk.event()

    assert complaints(promised, "Connected", talk.connected) == []
    assert complaints(promised, "AudioOutput", sound) == []
    assert complaints(promised, "FinalOutput", final) == []
    assert complaints(promised, "ErrorEvent", error) == []


def test_what_is_promised_to_be_understood_is(http: httpx.Client) -> None:
    promised = document(http)
    body = {
        "text": "Hello.",
        "apply_text_normalization": "on",
        "language_code": "en-GB",
        "model_id": "any",
        "seed": 3,
        "voice_settings": {
            "speed": 1.5,
            "stability": 0,
            "similarity_boost": 1,
            "style": 0.5,
            "use_speaker_boost": True,
        },
    }

    assert complaints(promised, "Speech", body) == []
    assert set(promised["components"]["schemas"]["Speech"]["properties"]) == set(body)
    assert http.post("/v1/text-to-speech/af_heart", json=body).status_code == 200


def test_every_code_of_an_error_is_promised(http: httpx.Client) -> None:
    sources = "".join(file.read_text(encoding="utf-8") for file in PACKAGE.rglob("*.py"))

    promised = document(http)["components"]["schemas"]["ErrorEvent"]["properties"]["code"]["enum"]
    used = {code.lower() for code in re.findall(r'code="(\w+)"', sources)}
    assert sorted(used) == promised

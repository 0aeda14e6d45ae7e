"""
The API as a document: what is promised, nothing that depends on what is installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chorus_tts.audio.formats import FORMATS, RATES
from chorus_tts.parameters import FASTEST, HIGHEST_SEED, NORMALIZATION, SLOWEST
from chorus_tts.settings import LONGEST_TEXT
from chorus_tts.web.access import HEADER, PARAMETER
from chorus_tts.web.conversation import DEFAULT_FORMAT as CONVERSATION_FORMAT
from chorus_tts.web.query import LONGEST_SILENCE, SILENCE
from chorus_tts.web.speech import DEFAULT_FORMAT

if TYPE_CHECKING:
    from collections.abc import Mapping

    Schema = dict[str, object]

_CODES: Final = (
    "bad_json",
    "bad_parameter",
    "bad_request",
    "body_timeout",
    "empty_text",
    "internal_error",
    "method_not_allowed",
    "missing_parameter",
    "not_found",
    "not_ready",
    "payload_too_large",
    "request_timeout",
    "text_too_long",
    "unauthorized",
    "unknown_parameter",
    "unknown_voice",
    "unspeakable_text",
    "unsupported_body",
)


def _object(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    """
    Without *optional* members an answer; with them, possibly none, a message whose other members are refused.
    """
    schema: Schema = {
        "type": "object",
        "required": list(required),
        "properties": {**required, **(optional or {})},
    }
    return schema if optional is None else {**schema, "additionalProperties": False}


def _one_of(*values: object) -> Schema:
    return {"type": "string", "enum": list(values)}


def _number(low: float, high: float, default: float | None = None) -> Schema:
    limits: Schema = {"type": "number", "minimum": low, "maximum": high}
    return limits if default is None else {**limits, "default": default}


def _whole(low: int, high: int, default: int | None = None) -> Schema:
    return {**_number(low, high, default), "type": "integer"}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _said(text: str, schema: Schema) -> Schema:
    return {**schema, "description": text}


_STRING: Final[Schema] = {"type": "string"}
_FLAG: Final[Schema] = {"type": "boolean", "default": False}
_MANNER: Final[dict[str, Schema]] = {
    "apply_text_normalization": {**_one_of(*NORMALIZATION), "default": "auto"},
    "language_code": _said("English only", {"type": "string", "pattern": "^[eE][nN]([-_].*)?$"}),
    "model_id": _said("Without effect", {"type": "string", "maxLength": 100}),
    "seed": _said("Draws the noise of the small voice", _whole(0, HIGHEST_SEED, 0)),
}
_SCHEMAS: Final[dict[str, Schema]] = {
    "AudioOutput": _object(
        {
            "event": _one_of("audioOutput"),
            "audio": {"type": "string", "contentEncoding": "base64"},
            "sample_rate": {"type": "integer", "enum": list(RATES)},
        }
    ),
    "Connected": _object(
        {
            "event": _one_of("connected"),
            "session_id": {"type": "string", "format": "uuid"},
            "voice_id": _STRING,
        }
    ),
    "Error": _object({"error": _object({"code": _one_of(*_CODES), "message": _STRING})}),
    "ErrorEvent": _object({"event": _one_of("error"), "message": _STRING, "code": _one_of(*_CODES)}),
    "FinalOutput": _object(
        {
            "event": _one_of("finalOutput"),
            "chunks": {"type": "integer", "minimum": 0},
            "duration_ms": {"type": "integer", "minimum": 0},
        }
    ),
    "GenerationConfig": _object(
        {},
        {
            "chunk_length_schedule": {
                "type": "array",
                "minItems": 1,
                "maxItems": 50,
                "items": _whole(1, LONGEST_TEXT),
            }
        },
    ),
    "Health": _object({"status": _one_of("ok")}),
    "Speech": _object(
        {"text": {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}},
        {**_MANNER, "voice_settings": _ref("VoiceSettings")},
    ),
    "Text": _object(
        {"text": _said("Empty to end", {"type": "string", "maxLength": LONGEST_TEXT})},
        {
            "flush": _said("Say all that has come", _FLAG),
            "generation_config": _ref("GenerationConfig"),
            "try_trigger_generation": _said("Say the whole sentences that have come", _FLAG),
            "voice_settings": _ref("VoiceSettings"),
        },
    ),
    "Voice": _object(
        {
            "voice_id": _STRING,
            "name": _STRING,
            "engine": _one_of("small", "kokoro"),
            "language": _said("Whose speakers the voice was made from; it speaks English", _STRING),
            "gender": _one_of("female", "male", "unknown"),
        }
    ),
    "VoiceSettings": _object(
        {},
        {
            "similarity_boost": _said("Without effect", _number(0, 1)),
            "speed": _number(SLOWEST, FASTEST, 1.0),
            "stability": _said("Without effect", _number(0, 1)),
            "style": _said("Without effect", _number(0, 1)),
            "use_speaker_boost": _said("Without effect", _FLAG),
        },
    ),
    "Voices": _object({"voices": {"type": "array", "items": _ref("Voice")}, "default_voice_id": _STRING}),
}


def _json(name: str) -> Schema:
    return {"application/json": {"schema": _ref(name)}}


def _in_query(name: str, schema: Schema) -> Schema:
    return {"name": name, "in": "query", "required": False, "schema": schema}


def _refusals(*statuses: str) -> Schema:
    return {status: {"$ref": f"#/components/responses/{_REFUSALS[status]}"} for status in statuses}


_REFUSALS: Final = {
    "400": "BadRequest",
    "401": "Unauthorized",
    "404": "UnknownVoice",
    "408": "TooSlow",
    "413": "TooLarge",
    "415": "UnsupportedBody",
    "422": "Unspeakable",
    "503": "NotReady",
}
_REASONS: Final = {
    "BadRequest": "What was sent cannot be understood",
    "NotReady": "The voices are still being loaded",
    "TooLarge": "The body is too large",
    "TooSlow": "The body did not arrive in time",
    "Unauthorized": "No key, or a wrong one",
    "UnknownVoice": "There is no such voice",
    "Unspeakable": "No voice can say this text",
    "UnsupportedBody": "The body is no JSON in plain UTF-8",
}
_VOICE_ID: Final[Schema] = {"name": "voice_id", "in": "path", "required": True, "schema": _STRING}
_LOGGING: Final = _in_query("enable_logging", {"type": "boolean", "default": True})
_FORMAT: Final = _in_query("output_format", {**_one_of(*FORMATS), "default": DEFAULT_FORMAT})
_PCM: Final = [name for name, chosen in FORMATS.items() if chosen.container == "pcm"]
_SOUND: Final[Schema] = {
    media: {"schema": {"type": "string", "format": "binary"}} for media in ("audio/pcm", "audio/wav")
}


def _speaking(operation: str, summary: str) -> Schema:
    return {
        "operationId": operation,
        "summary": summary,
        "parameters": [_VOICE_ID, _FORMAT, _LOGGING],
        "requestBody": {"required": True, "content": _json("Speech")},
        "responses": {
            "200": {"description": "The speech", "content": _SOUND},
            **_refusals("400", "401", "404", "408", "413", "415", "422", "503"),
        },
    }


_CONVERSATION: Final[Schema] = {
    "operationId": "streamInput",
    "summary": "Say text that comes in pieces, over a WebSocket",
    "parameters": [
        _VOICE_ID,
        *(_in_query(name, schema) for name, schema in sorted(_MANNER.items())),
        _in_query("auto_mode", _said("Say each whole sentence as it comes", _FLAG)),
        _in_query("enable_ssml_parsing", {"type": "boolean", "default": False, "enum": [False]}),
        _in_query("inactivity_timeout", _number(1, LONGEST_SILENCE, SILENCE)),
        _in_query("output_format", {**_one_of(*_PCM), "default": CONVERSATION_FORMAT}),
        _LOGGING,
    ],
    "responses": {
        "101": {
            "description": "A conversation; what is sent and received is described in x-websocket",
            "x-websocket": {
                "send": _ref("Text"),
                "receive": {
                    "oneOf": [_ref("Connected"), _ref("AudioOutput"), _ref("FinalOutput"), _ref("ErrorEvent")]
                },
            },
        },
        **_refusals("400", "401", "404", "503"),
    },
}


def _listing(operation: str, summary: str, schema: str, *refusals: str) -> Schema:
    return {
        "operationId": operation,
        "summary": summary,
        "responses": {"200": {"description": summary, "content": _json(schema)}, **_refusals(*refusals)},
    }


DOCUMENT: Final[Schema] = {
    "openapi": "3.1.0",
    "info": {"title": "Chorus", "version": "1.0.0", "description": "English speech by Kokoro"},
    "security": [{"header": []}, {"query": []}],
    "paths": {
        "/healthz": {
            "get": {**_listing("health", "Whether a voice can speak", "Health", "503"), "security": []}
        },
        "/v1/voices": {"get": _listing("voices", "The voices", "Voices", "400", "401", "503")},
        "/v1/text-to-speech/{voice_id}": {
            "post": _speaking("speak", "Say a text, and answer when it is said")
        },
        "/v1/text-to-speech/{voice_id}/stream": {
            "post": _speaking("speakAsStream", "Say a text, and answer while it is said")
        },
        "/v1/text-to-speech/{voice_id}/stream-input": {"get": _CONVERSATION},
    },
    "components": {
        "responses": {
            name: {"description": text, "content": _json("Error")} for name, text in _REASONS.items()
        },
        "schemas": _SCHEMAS,
        "securitySchemes": {
            "header": {"type": "apiKey", "in": "header", "name": HEADER},
            "query": {"type": "apiKey", "in": "query", "name": PARAMETER},
        },
    },
}

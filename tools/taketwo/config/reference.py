"""
Every key of ``[tool.taketwo]``: what the configuration reference and the JSON Schema are generated from.

The parsers (:mod:`taketwo.config.project` and its neighbours) decide what is accepted; a test holds the two
together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | float | bool | None"
Schema: TypeAlias = Mapping[str, Json]

STRING: Schema = {"type": "string", "minLength": 1}
STRINGS: Schema = {"type": "array", "items": {"type": "string"}}
BOOLEAN: Schema = {"type": "boolean"}
SECONDS: Schema = {"type": "number", "exclusiveMinimum": 0}
AMOUNT: Schema = {"type": "number", "minimum": 0}
PATH: Schema = {"type": "string", "pattern": "^/"}
TABLE_OF_STRINGS: Schema = {"type": "object", "additionalProperties": {"type": "string"}}
TYPES: Schema = {"enum": ["counter", "id", "time", "uuid", "etag", "any", "text", "drop"]}
ENTRIES: Schema = {"type": "object", "additionalProperties": {"anyOf": [TYPES, {"const": False}]}}
PATH_OR_SOURCE: Schema = {
    "anyOf": [
        PATH,
        *(
            {
                "type": "object",
                "properties": dict.fromkeys(names, STRING),
                "required": names,
                "additionalProperties": False,
            }
            for names in (["file"], ["url"], ["url", "sha256"], ["package", "path"])
        ),
    ]
}
CHECK: Schema = {"enum": ["off", "warn", "fail"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """
    One key of a table: its *kind* in words, its *default* as TOML (empty for none), what it does, and the
    JSON Schema of its values.
    """

    name: str
    kind: str
    meaning: str
    schema: Schema
    default: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """
    One table; *name* is its header, ``tool.taketwo.services.NAME``. A *listed* one is written ``[[…]]``.
    """

    name: str
    summary: str
    keys: tuple[Key, ...]
    listed: bool = False
    required: tuple[str, ...] = ()


_PROJECT = Section(
    name="tool.taketwo",
    summary="The project. The plugin does nothing in a project without this table; it may be empty.",
    keys=(
        Key(
            name="cassettes",
            kind="folder",
            default='"cassettes"',
            meaning="where the cassettes are; their folders mirror those of the tests",
            schema=STRING,
        ),
        Key(
            name="tests",
            kind="folder",
            default='"tests"',
            meaning="where the tests are that the refresh tool runs",
            schema=STRING,
        ),
        Key(
            name="secrets",
            kind="list of names",
            default="[]",
            meaning="environment variables whose values are never written, beside those with a secret's name",
            schema=STRINGS,
        ),
        Key(
            name="redact",
            kind="list",
            default="[]",
            meaning="what is secret beside the usual: names, paths (`data.code`), `cookie:NAME`, `/pattern/`",
            schema=STRINGS,
        ),
        Key(
            name="keep",
            kind="list",
            default="[]",
            meaning="what is no secret: names, paths (`data.token`), `cookie:NAME`, `/pattern/` of values",
            schema=STRINGS,
        ),
        Key(
            name="dotenv",
            kind="file, or false",
            default='".env"',
            meaning="a file of environment variables; those that are already set keep their values",
            schema={"anyOf": [STRING, {"const": False}]},
        ),
        Key(
            name="order",
            kind='"any" or "recorded"',
            default='"any"',
            meaning="whether interactions may be played in any order, or only in the recorded one",
            schema={"enum": ["any", "recorded"]},
        ),
        Key(
            name="repeats",
            kind="boolean",
            default="false",
            meaning="whether the last answer to equal requests is given again",
            schema=BOOLEAN,
        ),
        Key(
            name="freeze",
            kind="boolean",
            default="false",
            meaning="whether tests have the clock and the random numbers of their recording",
            schema=BOOLEAN,
        ),
        Key(
            name="match_headers",
            kind="list of names",
            default="[]",
            meaning="request headers that have to be equal too, beside the usual ones",
            schema=STRINGS,
        ),
        Key(
            name="unplayed",
            kind='"allow", "report" or "fail"',
            default='"report"',
            meaning="what happens when a test passes without requesting everything that was recorded",
            schema={"enum": ["allow", "report", "fail"]},
        ),
        Key(
            name="unused",
            kind='"off", "warn" or "fail"',
            default='"warn"',
            meaning="what happens about cassettes that no test uses; checked on complete runs only",
            schema=CHECK,
        ),
        Key(
            name="missing",
            kind='"off", "warn" or "fail"',
            default='"warn"',
            meaning="what happens about tests without a cassette; checked on complete runs only",
            schema=CHECK,
        ),
        Key(
            name="allowed_hosts",
            kind="list",
            default="[]",
            meaning=(
                "what a replay may reach: hosts, addresses, networks (`10.0.0.0/8`), Unix sockets and "
                "regular expressions, each optionally with `:port`"
            ),
            schema=STRINGS,
        ),
        Key(
            name="block_network",
            kind="boolean",
            default="true",
            meaning="whether the network is blocked for tests without a cassette too",
            schema=BOOLEAN,
        ),
        Key(
            name="sleep",
            kind='"wait" or "skip"',
            default='"wait"',
            meaning="whether a replayed test sleeps as long as it asks for, or a thousandth of that",
            schema={"enum": ["wait", "skip"]},
        ),
        Key(
            name="patience",
            kind="seconds",
            default="30",
            meaning="how long to wait for another process that records the same cassette",
            schema=SECONDS,
        ),
        Key(
            name="max_age",
            kind="time",
            meaning="how old cassettes may grow, such as `90d`: `taketwo age`, and a scheduled `refresh`",
            schema={"type": "string", "pattern": "^[0-9]+(\\.[0-9]+)? ?[hdw]$"},
        ),
    ),
)
_CONVERSATIONS = Section(
    name="tool.taketwo.conversations",
    summary="How WebSocket conversations, and streamed responses, are replayed.",
    keys=(
        Key(
            name="pace",
            kind='"fast" or "recorded"',
            default='"fast"',
            meaning=(
                "whether frames, and the pieces of streamed responses, arrive as soon as they may, or at "
                "their recorded times"
            ),
            schema={"enum": ["fast", "recorded"]},
        ),
        Key(
            name="patience",
            kind="seconds",
            default="3",
            meaning="how long a client may wait for a frame that cannot come before its test fails",
            schema=SECONDS,
        ),
    ),
)
_CONTRACT = Section(
    name="tool.taketwo.contract",
    summary="What a replay does about cassettes that contradict the lock of their service.",
    keys=(
        Key(
            name="check",
            kind='"off", "warn" or "fail"',
            default='"fail"',
            meaning="whether such a cassette is ignored, reported, or fails its test",
            schema=CHECK,
        ),
        Key(
            name="warn",
            kind="list of texts",
            default="[]",
            meaning=(
                "places of contracts, as the message of a contradiction names them, `*` for anything: "
                "a contradiction there fails no test"
            ),
            schema={"type": "array", "items": {"type": "string", "minLength": 1}},
        ),
        Key(
            name="rules",
            kind="table",
            default="{}",
            meaning=(
                "another severity (`off`, `safe`, `dangerous`, `breaking`) for kinds of changes, by "
                "patterns such as `*-deprecation-*`"
            ),
            schema={
                "type": "object",
                "additionalProperties": {"enum": ["off", "safe", "dangerous", "breaking"]},
            },
        ),
        Key(
            name="extensions",
            kind="boolean or list of texts",
            default="false",
            meaning=(
                "whether vendor extensions (`x-…`) are compared: all of them, or those of these names, `*` "
                "for anything; a change of one is `extension-changed`, `dangerous`"
            ),
            schema={
                "anyOf": [
                    {"type": "boolean"},
                    {"type": "array", "items": {"type": "string", "pattern": "^x-"}},
                ]
            },
        ),
    ),
)
_PLACEHOLDERS = Section(
    name="tool.taketwo.placeholders",
    summary="A rule for a value that the service generates, and that its format does not give away.",
    listed=True,
    required=("type",),
    keys=(
        Key(
            name="type",
            kind='"counter", "id", "time", "uuid", "etag", "any", "text" or "drop"',
            meaning="what stands in its place; `drop` leaves a header out",
            schema=TYPES,
        ),
        Key(
            name="path",
            kind="path",
            meaning="where it is: `response.json.items.*.id`; `*` is one step, `**` any number of them",
            schema=STRING,
        ),
        Key(
            name="pattern",
            kind="pattern",
            meaning="what it looks like, anywhere: `sess_[a-z0-9]{12}`",
            schema=STRING,
        ),
    ),
)
_VOLATILE = Section(
    name="tool.taketwo.volatile",
    summary="Changes to the catalogue of volatile values: the type of each, or `false` to leave it alone.",
    keys=(
        Key(
            name="off",
            kind="list of names",
            default="[]",
            meaning="vendors whose entries are not used: `openai`, `stripe`, ...",
            schema=STRINGS,
        ),
        Key(
            name="prefixes",
            kind="table",
            default="{}",
            meaning="ids in any text that begin so: `ord_`",
            schema=ENTRIES,
        ),
        Key(
            name="patterns",
            kind="table",
            default="{}",
            meaning="ids in any text, as regular expressions",
            schema=ENTRIES,
        ),
        Key(
            name="members",
            kind="table",
            default="{}",
            meaning="values of JSON members of that name",
            schema=ENTRIES,
        ),
        Key(
            name="elements",
            kind="table",
            default="{}",
            meaning="what is in elements of XML of that name",
            schema=ENTRIES,
        ),
        Key(
            name="response_headers",
            kind="table",
            default="{}",
            meaning="headers of responses; `*` is any part of a name",
            schema=ENTRIES,
        ),
        Key(
            name="request_headers",
            kind="table",
            default="{}",
            meaning="headers of requests, likewise",
            schema=ENTRIES,
        ),
        Key(
            name="request_members",
            kind="table",
            default="{}",
            meaning="what a client draws anew each time: names of members, fields, parameters, headers",
            schema=ENTRIES,
        ),
    ),
)
_PRICES = Section(
    name="tool.taketwo.prices.MODEL",
    summary="What a million tokens of the models with that name cost; `*` is any part of a name.",
    keys=(
        Key(
            name="input",
            kind="number",
            default="0",
            meaning="for tokens that are sent",
            schema=AMOUNT,
        ),
        Key(
            name="output",
            kind="number",
            default="0",
            meaning="for tokens that a model writes",
            schema=AMOUNT,
        ),
    ),
)
_STORE = Section(
    name="tool.taketwo.store",
    summary="A store for recordings that are not kept in the repository: `taketwo push`, `pull`, `gc`.",
    required=("url",),
    keys=(
        Key(
            name="url",
            kind="URL",
            meaning="of fsspec: `s3://`, `gs://`, `az://`, `sftp://`, `file://`; `https://` only reads",
            schema={"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9+.-]*://[^?]+$"},
        ),
        Key(
            name="larger_than",
            kind="bytes",
            default="100000",
            meaning="which files are kept there: cassettes and bodies of more bytes; 0 for all",
            schema={"type": "integer", "minimum": 0},
        ),
        Key(
            name="options",
            kind="table",
            default="{}",
            meaning="what fsspec's file system takes, without credentials, such as `endpoint_url`",
            schema={"type": "object", "additionalProperties": {"type": ["string", "integer", "boolean"]}},
        ),
    ),
)
_AUDIO = Section(
    name="tool.taketwo.audio",
    summary="What raw audio is, where nothing beside it says so. Samples have 16 bits.",
    listed=True,
    required=("rate",),
    keys=(
        Key(
            name="rate",
            kind="samples per second",
            meaning="from 4000 to 384000",
            schema={"type": "integer", "minimum": 4000, "maximum": 384_000},
        ),
        Key(
            name="channels",
            kind="number",
            default="1",
            meaning="from 1 to 8",
            schema={"type": "integer", "minimum": 1, "maximum": 8},
        ),
        Key(name="path", kind="path", meaning="of the URL, with `*` as in a shell", schema=PATH),
        Key(name="content_type", kind="media type", meaning="such as `audio/pcm`", schema=STRING),
    ),
)
_SERVICE = Section(
    name="tool.taketwo.services.NAME",
    summary="A server that a recording needs.",
    keys=(
        Key(
            name="command",
            kind="list",
            meaning="what starts it; a first word `python` is the interpreter in use",
            schema=STRINGS,
        ),
        Key(
            name="port",
            kind="number",
            meaning="where it listens; otherwise a free one replaces `{port}` in `command` or `environment`",
            schema={"type": "integer", "minimum": 1, "maximum": 65_535},
        ),
        Key(
            name="health",
            kind="path",
            default='"/"',
            meaning="is polled until it answers 2xx; by default, only where a command starts the service",
            schema=PATH,
        ),
        Key(
            name="startup",
            kind="seconds",
            default="30",
            meaning="how long that may take",
            schema=SECONDS,
        ),
        Key(
            name="reset",
            kind='path, list, or "restart"',
            meaning="before each recorded test: a path to `POST` to, a command, or a restart of the service",
            schema={"anyOf": [PATH, {**STRINGS, "minItems": 1}, {"const": "restart"}]},
        ),
        Key(
            name="contract",
            kind="table",
            default="{}",
            meaning="where the service publishes its contract; see below",
            schema={},
        ),
        Key(
            name="address",
            kind="variable",
            meaning="the environment variable that names a server which already runs; it is used when set",
            schema=STRING,
        ),
        Key(
            name="health_address",
            kind="variable",
            meaning="the environment variable that names what is polled there in the place of `health`",
            schema=STRING,
        ),
        Key(
            name="environment",
            kind="table",
            default="{}",
            meaning="variables for the service and for the code under test; `{url}` is where it listens",
            schema=TABLE_OF_STRINGS,
        ),
        Key(
            name="secrets",
            kind="table",
            default="{}",
            meaning="the same, for values that never reach a cassette",
            schema=TABLE_OF_STRINGS,
        ),
        Key(
            name="headers",
            kind="table",
            default="{}",
            meaning="are sent with the requests for the reset and the contract",
            schema=TABLE_OF_STRINGS,
        ),
        Key(
            name="url",
            kind="URL",
            default='"http://NAME.test"',
            meaning=(
                "what recordings call it, whatever its port is; with neither `command` nor `address`, the "
                "service is recorded there"
            ),
            schema={"type": "string", "pattern": "^https?://[^/\\s?#]+"},
        ),
        Key(
            name="tests",
            kind="list of paths",
            default="[]",
            meaning="the tests that need it, with `*` as in a shell; every test, without it",
            schema=STRINGS,
        ),
        Key(
            name="rate",
            kind="rate",
            meaning="how many requests it is sent while recording, evenly spaced: `3/s`, `100/m`, `5000/h`",
            schema={
                "type": "string",
                "pattern": "^[0-9]+(\\.[0-9]+)? */ *[0-9]*(s|m|h|d|second|minute|hour|day)$",
            },
        ),
        Key(
            name="concurrency",
            kind="number",
            meaning="how many requests may be under way while recording",
            schema={"type": "integer", "minimum": 1, "maximum": 10_000},
        ),
        Key(
            name="retry",
            kind="boolean, or seconds",
            default="120",
            meaning=(
                "how long a recording waits where it answers 429, or 503 with `Retry-After`; used with "
                "`rate`, `concurrency` or by itself"
            ),
            schema={"anyOf": [BOOLEAN, SECONDS]},
        ),
        Key(
            name="autostart",
            kind="table",
            default="{}",
            meaning=(
                "`on` and `off`: lists of `NAME=value` of the environment that start it with any "
                "recording, or keep it from being started"
            ),
            schema={
                "type": "object",
                "properties": {"on": STRINGS, "off": STRINGS},
                "additionalProperties": False,
            },
        ),
    ),
)
_SERVICE_CONTRACT = Section(
    name="tool.taketwo.services.NAME.contract",
    summary=(
        "Where each kind of a contract is: a path of the service, or "
        '`{ file = "…" }`, `{ url = "…", sha256 = "…" }`, `{ package = "…", path = "…" }`.'
    ),
    keys=(
        Key(
            name="graphql",
            kind="path or table",
            meaning="the endpoint that answers an introspection, or where the SDL is",
            schema=PATH_OR_SOURCE,
        ),
        Key(name="openapi", kind="path or table", meaning="the OpenAPI document", schema=PATH_OR_SOURCE),
        Key(
            name="definitions",
            kind="path or table",
            meaning="JSON Schema definitions of content, by name",
            schema=PATH_OR_SOURCE,
        ),
        Key(
            name="content",
            kind="list of paths",
            default="[]",
            meaning="paths that name a definition, such as `/content/{definition}`",
            schema=STRINGS,
        ),
    ),
)

SECTIONS = (
    _PROJECT,
    _SERVICE,
    _SERVICE_CONTRACT,
    _CONTRACT,
    _CONVERSATIONS,
    _PLACEHOLDERS,
    _VOLATILE,
    _PRICES,
    _STORE,
    _AUDIO,
)
"""
All tables, in the order of the reference.
"""


def schema() -> dict[str, Json]:
    """
    The JSON Schema (draft 2020-12) of a ``pyproject.toml`` with a ``[tool.taketwo]``.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "[tool.taketwo] in pyproject.toml",
        "type": "object",
        "properties": {
            "tool": {"type": "object", "properties": {"taketwo": _table("tool.taketwo")}},
        },
    }


def _table(name: str) -> dict[str, Json]:
    """
    The schema of one table, those inside it included.
    """
    section = next(each for each in SECTIONS if each.name == name)
    properties: dict[str, Json] = {
        key.name: {**key.schema, "description": key.meaning} for key in section.keys
    }
    for inner in SECTIONS:
        parent, _, key = inner.name.rpartition(".")
        if parent == name:
            properties[key] = _listed(inner)
    if name == "tool.taketwo":
        properties["services"] = {
            "type": "object",
            "additionalProperties": _table("tool.taketwo.services.NAME"),
        }
        properties["prices"] = {
            "type": "object",
            "additionalProperties": _table("tool.taketwo.prices.MODEL"),
        }
    return {
        "type": "object",
        "description": section.summary,
        "properties": properties,
        "additionalProperties": False,
        **({"required": list(section.required)} if section.required else {}),
    }


def _listed(section: Section) -> dict[str, Json]:
    table = _table(section.name)
    return {"type": "array", "items": table} if section.listed else table

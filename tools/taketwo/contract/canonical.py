"""
One text for each contract, however the server ordered and formatted it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Final, NoReturn, TypeAlias
from urllib.parse import urlsplit

from taketwo.contract.changes import Kind

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
JsonObject: TypeAlias = dict[str, Json]

#: A server gives these to the row that stores a definition; they say nothing about the definition.
VOLATILE: Final = frozenset({"_id", "block_id", "createdAt", "page_id", "updatedAt"})

# Beyond this a double no longer holds every integer, and 1e300 is better kept as it is than spelled out.
_EXACT: Final = 2**53

# The order of these lists means nothing, and servers that build them from a set change it at will.
_SETS: Final = frozenset(
    {"allOf", "anyOf", "enum", "oneOf", "parameters", "required", "security", "tags", "type"}
)

#: Under these a key is a name somebody chose: a property may be called "enum".
NAMES: Final = frozenset(
    {
        "$defs",
        "callbacks",
        "content",
        "definitions",
        "dependentSchemas",
        "encoding",
        "headers",
        "links",
        "mapping",
        "parameters",
        "pathItems",
        "paths",
        "patternProperties",
        "properties",
        "requestBodies",
        "responses",
        "schemas",
        "securitySchemes",
        "variables",
        "webhooks",
    }
)

#: Under these is data, in which the order of a list counts.
DATA: Final = frozenset({"const", "default", "example", "examples"})

_KEYS: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)
_SCALARS: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


def parse_json(text: str | bytes) -> Json:
    """
    The JSON in *text*; ValueError for anything else, and for what cannot be written again (NaN, half a
    surrogate pair, a nesting no person wrote).
    """
    try:
        value: Json = json.loads(text, parse_constant=_refuse)
        json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("it is nested too deep to be read") from None
    return value


def json_text(value: Json) -> str:
    """
    Indented JSON with sorted keys: a diff of two shows lines that changed and no others.
    """
    # What json.dumps writes, four times as fast: with an indent it does without its fast encoder.
    return _written(value, "\n") + "\n"


def json_key(value: Json) -> str:
    """
    Short text that is equal for equal values, and only for them.

    Python holds ``True == 1``; JSON does not, so values are compared by this.
    """
    return _KEYS.encode(value)


def copied(value: Json) -> Json:
    """
    A copy to be changed in place.
    """
    copy: Json = json.loads(json.dumps(value, ensure_ascii=False, allow_nan=False))
    return copy


def canonical_openapi(document: JsonObject) -> JsonObject:
    """
    *document* as written, but for what means nothing: the order of sets, and the port of the day.

    It is changed in place: some are so large that a second one does not fit beside it.
    """
    normal = _objects(_node(document))
    if isinstance(servers := normal.get("servers"), list):
        normal["servers"] = [_without_loopback(server) for server in servers]
    return normal


def canonical_definitions(definitions: JsonObject) -> JsonObject:
    """
    *definitions* as written, but for the order of sets and the ids that the server generated.
    """
    return {name: _definition(definition) for name, definition in definitions.items()}


#: What brings the JSON of each kind into its canonical form.
CANONICAL: Final[Mapping[Kind, Callable[[JsonObject], JsonObject]]] = {
    Kind.OPENAPI: canonical_openapi,
    Kind.DEFINITIONS: canonical_definitions,
}


def _written(value: Json, line: str) -> str:
    """
    *value* as text, where *line* begins a new line at the depth of the value.
    """
    if not value or not isinstance(value, dict | list):
        return _SCALARS.encode(value)
    within = line + "  "
    if isinstance(value, list):
        return f"[{within}{f',{within}'.join([_written(item, within) for item in value])}{line}]"
    members = [f"{_SCALARS.encode(name)}: {_written(value[name], within)}" for name in sorted(value)]
    return f"{{{within}{f',{within}'.join(members)}{line}}}"


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _definition(definition: Json) -> Json:
    if not isinstance(definition, dict):
        return _data(definition)
    kept: JsonObject = {key: value for key, value in definition.items() if key not in VOLATILE}
    model = kept.get("dataModel")
    if not isinstance(model, dict):
        return _node(kept)
    return {**_objects(_data(kept)), "dataModel": {key: _model(key, value) for key, value in model.items()}}


def _model(key: str, value: Json) -> Json:
    if key == "jsonSchema":
        return _node(value)
    return _sorted(value) if key == "indexer" else _data(value)


def _node(value: Json) -> Json:
    if isinstance(value, dict):
        for key, member in value.items():
            value[key] = _member(key, member)
        return value
    if isinstance(value, list):
        value[:] = map(_node, value)
        return value
    return _number(value)


def _member(key: str, value: Json) -> Json:
    if key in DATA or key.startswith("x-"):
        return _data(value)
    if key in NAMES and isinstance(value, dict):
        for name, member in value.items():
            value[name] = _node(member)
        return value
    if key in _SETS and isinstance(value, list):
        return sorted((_item(key, item) for item in value), key=json_key)
    return _node(value)


def _item(key: str, item: Json) -> Json:
    if key == "security" and isinstance(item, dict):
        return {name: _sorted(scopes) for name, scopes in item.items()}
    return _data(item) if key == "enum" else _node(item)


def _sorted(value: Json) -> Json:
    return sorted(map(_data, value), key=json_key) if isinstance(value, list) else _data(value)


def _data(value: Json) -> Json:
    if isinstance(value, dict):
        for key, member in value.items():
            value[key] = _data(member)
        return value
    if isinstance(value, list):
        value[:] = map(_data, value)
        return value
    return _number(value)


def _number(value: Json) -> Json:
    """
    ``1.0`` and ``1`` are one number in JSON, and serialisers disagree on how to write it.
    """
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return int(value)
    return value


def _without_loopback(server: Json) -> Json:
    """
    A service under test listens on a free port and may write it into its own document.
    """
    if not isinstance(server, dict) or not isinstance(url := server.get("url"), str):
        return server
    try:
        parts = urlsplit(url)
    except ValueError:
        return server
    return {**server, "url": parts.path or "/"} if parts.hostname in _LOOPBACK else server


def _objects(value: Json) -> JsonObject:
    return value if isinstance(value, dict) else {}

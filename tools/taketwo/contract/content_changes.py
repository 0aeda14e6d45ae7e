"""
What changed between two sets of content definitions.

Content is written and read, so a change is as bad as it is for the worse off of the two.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from taketwo.contract.canonical import VOLATILE, Json, JsonObject, json_key
from taketwo.contract.changes import Change, Kind, Severity
from taketwo.contract.definitions import shared_definition_changes
from taketwo.contract.dictdiff import DictDiff, renamed_to
from taketwo.contract.references import same
from taketwo.contract.roots import Roots
from taketwo.contract.schema.changes import SchemaComparer
from taketwo.contract.schema.fallback import unknown_changes
from taketwo.contract.schema.location import SchemaLocation
from taketwo.contract.schema.rules import Direction

_RULES: Final = {
    "definition-added": (Severity.SAFE, "no request names it yet"),
    "definition-indexer-added": (Severity.SAFE, "more can be asked for than before"),
    "definition-indexer-removed": (Severity.BREAKING, "a filter on it finds nothing"),
    "definition-parent-changed": (Severity.BREAKING, "content is found under another parent"),
    "definition-removed": (Severity.BREAKING, "content of this type is refused"),
}

#: The ids of changes that only definitions have.
IDS: Final = frozenset(_RULES)


def definition_changes(old: JsonObject, new: JsonObject) -> Iterator[Change]:
    """
    Every change from *old* to *new*, definitions by name, in no particular order.
    """
    definitions = DictDiff.of(old, new)
    renames = definitions.renames(lambda definition: json_key(schema_of(definition)))
    for name in definitions.removed:
        what = f"type {name} was removed{renamed_to(renames.get(name))}"
        yield _change("definition-removed", name, what)
    for name in definitions.added:
        yield _change("definition-added", name, f"type {name} was added")
    for name, (before, after) in definitions.kept.items():
        yield from _kept_changes(name, before, after)


def _change(change_id: str, coordinate: str, what: str) -> Change:
    severity, why = _RULES[change_id]
    message = f"{what}: {why}"
    return Change(
        id=change_id, coordinate=coordinate, severity=severity, message=message, kind=Kind.DEFINITIONS
    )


def _kept_changes(name: str, old: Json, new: Json) -> Iterator[Change]:
    roots = Roots(old=schema_of(old), new=schema_of(new))
    place = SchemaLocation(
        kind=Kind.DEFINITIONS,
        subject="definition",
        inner="property",
        coordinate=name,
        owner=name,
        direction=Direction.BOTH,
    )
    roots.learn([roots.old], [roots.new], place.direction)
    yield from SchemaComparer(roots=roots).changes(roots.old, roots.new, place)
    yield from shared_definition_changes(
        roots, ("$defs", "definitions"), coordinate=name, kind=Kind.DEFINITIONS
    )
    yield from _index_changes(name, model_of(old), model_of(new))
    yield from _parent_changes(name, model_of(old), model_of(new))
    yield from unknown_changes(_rest(old), _rest(new), coordinate=name, kind=Kind.DEFINITIONS)


def model_of(definition: Json) -> JsonObject:
    """
    What a definition says of its content, within the envelope; nothing when it comes without one.
    """
    model = definition.get("dataModel") if isinstance(definition, dict) else None
    return model if isinstance(model, dict) else {}


def schema_of(definition: Json) -> Json:
    """
    The JSON Schema within the envelope, or the definition itself when it comes without one.
    """
    if isinstance(definition, dict) and "dataModel" in definition:
        return model_of(definition).get("jsonSchema", {})
    return definition


def _index_changes(name: str, old: JsonObject, new: JsonObject) -> Iterator[Change]:
    fields = DictDiff.of(_indexed(old), _indexed(new))
    for field in fields.removed:
        yield _change("definition-indexer-removed", f"{name}.{field}", f"{field} is no longer indexed")
    for field in fields.added:
        yield _change("definition-indexer-added", f"{name}.{field}", f"{field} is indexed")


def _indexed(model: JsonObject) -> dict[str, None]:
    fields = model.get("indexer")
    return {str(field): None for field in fields} if isinstance(fields, list) else {}


def _parent_changes(name: str, old: JsonObject, new: JsonObject) -> Iterator[Change]:
    before, after = old.get("parent"), new.get("parent")
    if not same(before, after):
        what = f"the parent is {json_key(after)} and was {json_key(before)}"
        yield _change("definition-parent-changed", name, what)


def _rest(definition: Json) -> JsonObject:
    """
    What is left of a definition when its schema, its index, its parent and its generated ids are removed.
    """
    if not isinstance(definition, dict) or "dataModel" not in definition:
        return {}
    known = {"jsonSchema", "parent"} | (
        {"indexer"} if isinstance(model_of(definition).get("indexer"), list) else set()
    )
    model: JsonObject = {key: value for key, value in model_of(definition).items() if key not in known}
    around: JsonObject = {key: value for key, value in definition.items() if key not in VOLATILE}
    return {**around, "dataModel": model}

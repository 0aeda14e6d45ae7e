"""
What changed between two OpenAPI documents: the operations they have, and what applies to all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Final

from taketwo.contract.canonical import Json, JsonObject, json_key
from taketwo.contract.changes import Change, Kind
from taketwo.contract.definitions import shared_definition_changes
from taketwo.contract.dictdiff import DictDiff, renamed_to
from taketwo.contract.openapi.document import (
    METHODS,
    Operation,
    aligned,
    as_list,
    as_object,
    operations,
    schemas_of,
    schemes_of,
    without,
)
from taketwo.contract.openapi.messages import FOR_PEOPLE, Messages, flag_changes
from taketwo.contract.openapi.rules import openapi_change
from taketwo.contract.references import resolved, same
from taketwo.contract.roots import Roots
from taketwo.contract.schema.changes import SchemaComparer
from taketwo.contract.schema.fallback import (
    documentation_change,
    other_changes,
    place_of,
    step,
    unknown_change,
)
from taketwo.contract.schema.rules import Direction

# Security schemes are referred to by name, and therefore compared on their own.
_SHELVES: Final = (
    "components/callbacks",
    "components/examples",
    "components/headers",
    "components/links",
    "components/mediaTypes",
    "components/parameters",
    "components/pathItems",
    "components/requestBodies",
    "components/responses",
    "components/schemas",
)
_SCHEMES: Final = "/components/securitySchemes"


def openapi_changes(old: JsonObject, new: JsonObject) -> Iterator[Change]:
    """
    Every change from *old* to *new*, in no particular order.
    """
    roots = Roots(old=old, new=new)
    yield from _document_changes(roots, old, new)
    yield from _path_changes(roots, DictDiff.of(as_object(old.get("paths")), as_object(new.get("paths"))))
    schemes = DictDiff.of(schemes_of(old), schemes_of(new))
    renames = schemes.renames(lambda scheme: json_key(_scheme(scheme)))
    yield from _scheme_changes(roots, schemes, renamed={*renames, *renames.values()})
    new_names = {name: old_name for old_name, name in renames.items()}
    before, after = aligned(operations(old), operations(new, schemes=new_names))
    _learn(roots, before.values(), after.values())
    yield from _operations_changes(SchemaComparer(roots=roots), DictDiff.of(before, after))
    yield from shared_definition_changes(roots, _SHELVES, coordinate="#", kind=Kind.OPENAPI)


def _learn(roots: Roots, old: Iterable[Operation], new: Iterable[Operation]) -> None:
    """
    All schemas of both documents, towards each direction, before the first of them are compared.
    """
    for direction in (Direction.REQUEST, Direction.ANSWER):
        before, after = (
            [schema for operation in side for schema in schemas_of(root, operation, direction)]
            for root, side in ((roots.old, old), (roots.new, new))
        )
        roots.learn(before, after, direction)


def _document_changes(roots: Roots, old: JsonObject, new: JsonObject) -> Iterator[Change]:
    for_people = {*FOR_PEOPLE, "info"}
    if not same(*(without(side, {*side} - for_people) for side in (old, new))):
        yield documentation_change("#", Kind.OPENAPI)
    if _servers(old) != _servers(new):
        yield openapi_change("servers-changed", "#/servers", "the servers are others")
    known = {*for_people, "components", "openapi", "paths", "security", "servers"}
    yield from other_changes(roots, (old, new), known, coordinate="#", kind=Kind.OPENAPI)
    components = as_object(old.get("components")), as_object(new.get("components"))
    known = {"securitySchemes", *(shelf.rpartition("/")[2] for shelf in _SHELVES)}
    yield from other_changes(roots, components, known, coordinate="#/components", kind=Kind.OPENAPI)


def _servers(document: JsonObject) -> set[str]:
    """
    Where the servers are, in no order; a document that names none is served where it is.
    """
    servers = as_list(document.get("servers")) or [{"url": "/"}]
    return {
        json_key(
            {
                key: str(value).rstrip("/") if key == "url" else value
                for key, value in as_object(server).items()
                if key not in FOR_PEOPLE and not key.startswith("x-")
            }
        )
        for server in servers
    }


def _path_changes(roots: Roots, paths: DictDiff[Json]) -> Iterator[Change]:
    """
    What a path says beside its operations and their parameters.
    """
    for path, (old, new) in paths.kept.items():
        sides = _beside_operations(resolved(roots.old, old)), _beside_operations(resolved(roots.new, new))
        known = {*METHODS, *FOR_PEOPLE, "parameters"}
        at = place_of("#", f"/paths{step(path)}")
        yield from other_changes(roots, sides, known, coordinate=at, kind=Kind.OPENAPI)
        if not same(*(without(side, {*side} - FOR_PEOPLE) for side in sides)):
            yield documentation_change(at, Kind.OPENAPI)
    for path, item in {**paths.removed, **paths.added}.items():
        # One with operations is reported by them.
        if not as_object(item).keys() & {*METHODS, "$ref", "additionalOperations"}:
            yield unknown_change("#", Kind.OPENAPI, path=f"/paths{step(path)}")


def _beside_operations(item: Json) -> JsonObject:
    """
    A path without the operations of methods that have no key of their own; what is none of these is left.
    """
    others = as_object(item).get("additionalOperations")
    if isinstance(others, dict):
        others = {name: other for name, other in others.items() if not isinstance(other, dict)}
    left: JsonObject = {"additionalOperations": others} if others else {}
    return {**without(as_object(item), {"additionalOperations"}), **left}


def _scheme_changes(
    roots: Roots, schemes: DictDiff[JsonObject], *, renamed: Collection[str]
) -> Iterator[Change]:
    """
    Schemes that came, went or changed; no request shows what one is called.
    """
    for name in schemes.removed.keys() - renamed:
        yield openapi_change("security-scheme-removed", f"#{_SCHEMES}{step(name)}", f"{name} was removed")
    for name in schemes.added.keys() - renamed:
        yield openapi_change("security-scheme-added", f"#{_SCHEMES}{step(name)}", f"{name} was added")
    for name, (old, new) in schemes.kept.items():
        at = f"#{_SCHEMES}{step(name)}"
        if not roots.same_part(_scheme(old), _scheme(new)):
            yield openapi_change("security-scheme-changed", at, f"{name} is another scheme")
        elif not same(_for_people(old), _for_people(new)):
            yield documentation_change(at, Kind.OPENAPI)


def _scheme(scheme: JsonObject) -> JsonObject:
    """
    A scheme without what is for people; ``Bearer`` and ``bearer`` are one.
    """
    name = scheme.get("scheme")
    lowered: JsonObject = {"scheme": name.lower()} if isinstance(name, str) else {}
    return {**without(scheme, FOR_PEOPLE), **lowered}


def _for_people(node: JsonObject) -> JsonObject:
    return without(node, node.keys() - FOR_PEOPLE)


def _operations_changes(schemas: SchemaComparer, pairs: DictDiff[Operation]) -> Iterator[Change]:
    renames = pairs.renames(lambda operation: json_key(without(operation.own, {*FOR_PEOPLE, "operationId"})))
    for name in pairs.removed:
        what = f"{name} was removed{renamed_to(renames.get(name))}"
        yield openapi_change("operation-removed", name, what)
    for name in pairs.added:
        yield openapi_change("operation-added", name, f"{name} was added")
    for name, (old, new) in pairs.kept.items():
        yield from _operation_changes(Messages(schemas=schemas, operation=name), old, new)


def _operation_changes(messages: Messages, old: Operation, new: Operation) -> Iterator[Change]:
    name = messages.operation
    yield from flag_changes("operation", name, old.own, new.own, flags=("deprecated",))
    if old.own.get("operationId") != new.own.get("operationId"):
        what = f"the operation's id is {new.own.get('operationId')} and was {old.own.get('operationId')}"
        yield openapi_change("operation-id-changed", name, what)
    yield from _security_changes(name, DictDiff.of(old.security, new.security))
    yield from messages.changes(old, new)
    known = {"deprecated", "operationId", "parameters", "requestBody", "responses", "security"}
    yield from messages.beside(old.own, new.own, name, known)


def _security_changes(name: str, ways: DictDiff[Json]) -> Iterator[Change]:
    lets_all_in = "{}" in {*ways.added, *ways.kept}
    for way, schemes in ways.removed.items():
        if schemes and lets_all_in:
            # A request with these credentials is one that needs none.
            continue
        if schemes:
            what = f"{_spoken(way)} is no longer enough"
            yield openapi_change("operation-security-scheme-removed", name, what)
        else:
            yield openapi_change("operation-security-required", name, "not everybody is let in any more")
    for way, schemes in ways.added.items():
        if schemes:
            yield openapi_change("operation-security-scheme-added", name, f"{_spoken(way)} is enough")
        else:
            yield openapi_change("operation-security-optional", name, "everybody is let in")


def _spoken(way: str) -> str:
    """
    ``{"key":[],"user":["read"]}`` as ``key with user:[read]``.
    """
    return way.replace(":[]", "").strip("{}").replace('"', "").replace(",", " with ")

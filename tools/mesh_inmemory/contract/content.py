"""
The changes to definitions: what they become, and what content becomes with them.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from mesh_inmemory.contract.typed import in_type
from mesh_inmemory.definitions import Definition
from mesh_inmemory.errors import StartupError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mesh_inmemory.contract.changes import Change
    from mesh_inmemory.javascript import Json

Content = dict[str, "Json"]


class ContentContract:
    def __init__(self, changes: Sequence[Change]) -> None:
        self._types = [change for change in changes if not change.member]
        self._properties: dict[str, list[Change]] = {}
        for change in changes:
            if change.member:
                self._properties.setdefault(change.owner, []).append(change)

    def platform(self, known: Mapping[str, Definition]) -> dict[str, Definition]:
        """
        The platform's definitions under this contract.
        """
        revised = {name: self.revised(definition) for name, definition in known.items()}
        for change in self._types:
            _apply_to_types(revised, change)
        return revised

    def revised(self, definition: Definition) -> Definition:
        """
        *definition* with the changes to its properties; what it lacks cannot be changed.
        """
        changes = self._properties.get(definition.block)
        if not changes:
            return definition
        document: Any = copy.deepcopy(definition.document)
        for change in changes:
            _apply_to_document(document, change)
        return Definition(document, shared=definition.shared)

    def incoming(self, type_name: str, content: Content, *, whole: bool) -> Content:
        """
        *content* as it is stored and answered; only *whole* content gets the values of added properties.
        """
        for change in self._properties.get(type_name, ()):
            content = _apply_to_content(content, change, whole=whole)
        return content


def _apply_to_types(known: dict[str, Definition], change: Change) -> None:
    if change.verb == "add":
        definition = Definition.read(change.details.get("definition"))
        if definition is None:
            raise StartupError(
                f"definitions: add {change.at} needs a definition with a block and a jsonSchema"
            )
        known[change.at] = Definition(definition.document, shared=True)
        return
    if change.at not in known:
        raise StartupError(f"definitions: there is no type {change.at} to {change.verb}")
    removed = known.pop(change.at)
    if change.verb == "rename":
        document: Any = copy.deepcopy(removed.document)
        document["name"] = document["dataModel"]["block"] = change.to
        known[change.to] = Definition(document, shared=True)


def _apply_to_document(document: Any, change: Change) -> None:  # noqa: ANN401 - JSON that is edited in place
    model, name = document["dataModel"], change.member
    properties, required = model["jsonSchema"].get("properties", {}), model["jsonSchema"].get("required", [])
    if change.verb == "add":
        properties[name] = change.details.get("schema", {})
    elif name not in properties:
        return
    elif change.verb == "retype":
        properties[name] = change.details["schema"]
    elif change.verb in {"rename", "remove"}:
        _rename_everywhere(document, name, change.to or None)
        return
    wanted = change.verb == "require" or bool(change.details.get("required"))
    if wanted and name not in required:
        model["jsonSchema"]["required"] = [*required, name]
    if change.verb == "relax":
        model["jsonSchema"]["required"] = [one for one in required if one != name]


def _rename_everywhere(document: Any, name: str, to: str | None) -> None:  # noqa: ANN401 - see above
    """
    Give the property another name, or none, wherever the definition mentions it.
    """
    model, schema = document["dataModel"], document["dataModel"]["jsonSchema"]
    schema["properties"] = _with_key(schema["properties"], name, to)
    for owner, key in ((schema, "required"), (model, "indexer")):
        if isinstance(owner.get(key), list):
            owner[key] = _with_name(owner[key], name, to)
    parent = model.get("parent", {})
    if parent.get("field") == name:
        model["parent"] = {**parent, "field": to} if to else {"type": "none"}
    for view in document.get("uiConfig", {}).values():
        if "displayFields" in view:
            view["displayFields"] = _with_name(view["displayFields"], name, to)
        else:
            view.update({part: to for part, field in view.items() if field == name})


def _with_key(properties: dict[str, Json], name: str, to: str | None) -> dict[str, Json]:
    return {
        (to or key) if key == name else key: value for key, value in properties.items() if key != name or to
    }


def _with_name(names: list[str], name: str, to: str | None) -> list[str]:
    named = [(one, one.split(".")[0] == name) for one in names]
    return [(f"{to}{one[len(name) :]}" if same else one) for one, same in named if not same or to]


def _apply_to_content(content: Content, change: Change, *, whole: bool) -> Content:
    name = change.member
    if change.verb == "add" and whole and "value" in change.details:
        return {name: change.details["value"], **content}
    if name not in content:
        return content
    if change.verb == "retype":
        return {**content, name: in_type(content[name], change.details["schema"])}
    if change.verb == "remove" or (change.verb == "rename" and change.to in content):
        return {key: value for key, value in content.items() if key != name}
    if change.verb == "rename":
        return {change.to if key == name else key: value for key, value in content.items()}
    return content

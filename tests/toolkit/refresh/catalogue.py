"""
A small service that changes its contract and has bugs, each switched on without the other.

``python catalogue.py PORT``; CATALOGUE_CHANGES names changes of its contract, which it keeps to, and
CATALOGUE_BUGS what it does wrong whatever its contract is. Both are lists of words.
"""

from __future__ import annotations

import json
import os
import sys
import uuid
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

CHANGES = frozenset(os.environ.get("CATALOGUE_CHANGES", "").split())
BUGS = frozenset(os.environ.get("CATALOGUE_BUGS", "").split())

JSON = dict[str, Any]
_SHORT = 3
_LEAST = 3


def _without(item: JSON, name: str) -> JSON:
    return {key: value for key, value in item.items() if key != name}


_AS_THE_CONTRACT_SAYS: dict[str, Callable[[JSON], JSON]] = {
    "note-added": lambda item: {**item, "note": "new"},
    "revision-added": lambda item: {"revision": str(uuid.uuid5(uuid.NAMESPACE_URL, item["id"])), **item},
    "author-removed": lambda item: _without(item, "author"),
    "author-object": lambda item: {**item, "author": {"name": "Ada"}},
    "title-renamed": lambda item: {**_without(item, "title"), "name": item["title"]},
    "archived-added": lambda item: {
        **item,
        "status": "archived" if item["status"] == "draft" else item["status"],
    },
    "draft-removed": lambda item: {**item, "status": "live"},
    "price-text": lambda item: {**item, "price": str(item["price"])},
    "price-nullable": lambda item: {**item, "price": None},
    "price-optional": lambda item: _without(item, "price"),
    "price-number": lambda item: {**item, "price": item["price"] + 0.5},
    "price-at-least": lambda item: {**item, "price": max(item["price"], _LEAST)},
    "currency-required": lambda item: {**item, "currency": "EUR"},
    "title-trimmed": lambda item: {**item, "title": item["title"][:_SHORT]},
    "title-in-capitals": lambda item: {**item, "title": item["title"].upper()},
    "status-const": lambda item: {**item, "status": "live"},
    "status-open": lambda item: {**item, "status": f"{item['status']}!"},
    "author-either": lambda item: {**item, "author": {"name": "Ada"}},
    "author-may-be-null": lambda item: {**item, "author": None},
    "maker-added": lambda item: {**item, "maker": {"name": "Ada", "town": "London"}},
    "tags-added": lambda item: {**item, "tags": ["new", item["title"]]},
}
_AS_THE_BUGS_HAVE_IT: dict[str, Callable[[JSON], JSON]] = {
    "always-live": lambda item: {**item, "status": "live"},
    "price-doubled": lambda item: {**item, "price": item["price"] * 2},
    "price-lost": lambda item: _without(item, "price"),
    "colour-leaks": lambda item: {**item, "colour": "red"},
    "author-wrong": lambda item: {**item, "author": "Bob"},
    "title-lost": lambda item: _without(item, "title"),
}


def _item() -> JSON:
    required = ["id", "name" if "title-renamed" in CHANGES else "title", "price"]
    if "price-optional" in CHANGES:
        required.remove("price")
    if "currency-required" in CHANGES:
        required.append("currency")
    return {"type": "object", "properties": _properties(), "required": required}


def _properties() -> JSON:
    properties: JSON = {
        "id": {"type": "string", "format": "uuid"},
        "title": {"type": "string"},
        "price": _price(),
        "author": {"type": "string"},
    }
    properties |= _status()
    if "note-added" in CHANGES:
        properties["note"] = {"type": "string"}
    if "revision-added" in CHANGES:
        properties = {"revision": {"type": "string", "format": "uuid"}, **properties}
    if "author-removed" in CHANGES:
        del properties["author"]
    if "author-object" in CHANGES:
        properties["author"] = {"type": "object", "properties": {"name": {"type": "string"}}}
    if "title-renamed" in CHANGES:
        properties["name"] = properties.pop("title")
    properties |= {name: schema for change, name, schema in _REPLACED if change in CHANGES}
    return properties


_NAMED: JSON = {"type": "object", "properties": {"name": {"type": "string"}}}
_REPLACED: list[tuple[str, str, JSON]] = [
    ("price-number", "price", {"type": "number"}),
    ("price-at-least", "price", {"type": "integer", "minimum": _LEAST}),
    ("currency-required", "currency", {"type": "string"}),
    ("title-trimmed", "title", {"type": "string", "maxLength": _SHORT}),
    ("title-in-capitals", "title", {"type": "string", "pattern": "^[A-Z]+$"}),
    ("status-const", "status", {"type": "string", "enum": ["live"]}),
    ("status-open", "status", {"type": "string"}),
    ("author-either", "author", {"oneOf": [{"type": "string"}, _NAMED]}),
    ("author-may-be-null", "author", {"type": "string", "nullable": True}),
    ("maker-added", "maker", {**_NAMED, "properties": {**_NAMED["properties"], "town": {"type": "string"}}}),
    ("tags-added", "tags", {"type": "array", "items": {"type": "string"}}),
    ("title-described", "title", {"type": "string", "description": "what it is called"}),
    ("title-extended", "title", {"type": "string", "x-order": 1}),
]


def _status() -> JSON:
    values = ["draft", "live"]
    if {"archived-added", "archived-unseen"} & CHANGES:
        values.append("archived")
    if "draft-removed" in CHANGES:
        values.remove("draft")
    return {"status": {"type": "string", "enum": values}}


def _price() -> JSON:
    kind = "string" if "price-text" in CHANGES else "integer"
    return {"type": kind, **({"nullable": True} if "price-nullable" in CHANGES else {})}


def document() -> JSON:
    document: JSON = {
        "openapi": "3.0.3",
        "info": {"title": "Catalogue", "version": "1"},
        "paths": {
            "/items": {"get": _listing(), "post": _creation()},
            "/items/{id}": _one(),
            "/motd": {"get": {"responses": {"200": {"description": "a text", **_motd()}}}},
        },
        "components": {
            "schemas": {"Item": _item()},
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }
    if "key-required" in CHANGES:
        document["paths"]["/motd"]["get"]["security"] = [{"key": []}]
    if "motd-moved" in CHANGES:
        document["paths"]["/message"] = document["paths"].pop("/motd")
    if "motd-deprecated" in CHANGES:
        document["paths"]["/motd"]["get"]["deprecated"] = True
    if "ping-added" in CHANGES:
        document["paths"]["/ping"] = {"get": {"responses": {"204": {"description": "it is there"}}}}
    return _written(document)


def _written(document: JSON) -> JSON:
    """
    The same contract, as another program would write it.
    """
    text = json.dumps(document)
    if "item-renamed" in CHANGES:
        text = text.replace("/schemas/Item", "/schemas/Article").replace('"Item":', '"Article":')
    if "newer-openapi" in CHANGES:
        text = text.replace('"openapi": "3.0.3"', '"openapi": "3.1.0"')
    written: JSON = json.loads(text)
    return written


def _listing() -> JSON:
    listed: JSON = {"description": "items", **_content({"type": "array", "items": _ITEM})}
    headers = {"x-total": {"schema": {"type": "integer"}}, "x-pages": {"schema": {"type": "integer"}}}
    if "total-removed" in CHANGES:
        del headers["x-total"]
    if "pages-added" not in CHANGES:
        del headers["x-pages"]
    limit = {"type": "integer", "default": 1 if "limit-default" in CHANGES else 10}
    parameters: list[JSON] = [{"name": "limit", "in": "query", "schema": limit}]
    if "order-added" in CHANGES:
        parameters.append({"name": "order", "in": "query", "schema": {"type": "string"}})
    if "page-required" in CHANGES:
        page = {"name": "page", "in": "query", "required": True, "schema": {"type": "integer"}}
        parameters.append(page)
    if "list-wrapped" in CHANGES:
        wrapped = {"type": "object", "properties": {"items": {"type": "array", "items": _ITEM}}}
        listed = {"description": "items", **_content(wrapped)}
    return {"parameters": parameters, "responses": {"200": {**listed, "headers": headers}}}


def _creation() -> JSON:
    default = "live" if "status-default" in CHANGES else "draft"
    properties: JSON = {
        "title": {"type": "string", **({"maxLength": _SHORT} if "title-shorter" in CHANGES else {})},
        "status": {"type": "string", "enum": ["draft", "live", "archived"], "default": default},
    }
    required = ["title"]
    if "tag-required" in CHANGES:
        required.append("tag")
        properties["tag"] = {"type": "string"}
    created = "200" if "created-200" in CHANGES else "201"
    kind = "application/x-www-form-urlencoded" if "form-expected" in CHANGES else "application/json"
    draft: JSON = {"type": "object", "required": required, "properties": properties}
    return {
        "requestBody": {"required": True, "content": {kind: {"schema": draft}}},
        "responses": {created: {"description": "made", **_content(_ITEM)}, "400": {"description": "refused"}},
    }


def _one() -> JSON:
    found = {"200": {"description": "it", **_content(_ITEM)}, "404": {"description": "no"}}
    identity = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    one: JSON = {"get": {"responses": found}, "parameters": [identity]}
    if "delete-removed" not in CHANGES:
        one["delete"] = {"responses": {"204": {"description": "gone"}}}
    if "deleted-200" in CHANGES:
        one["delete"] = {"responses": {"200": {"description": "it, as it was", **_content(_ITEM)}}}
    return one


_ITEM = {"$ref": "#/components/schemas/Item"}


def _motd() -> JSON:
    kind = "text/plain" if "motd-text" in CHANGES else "application/json"
    return {
        "content": {kind: {"schema": {"type": "object"} if kind.endswith("json") else {"type": "string"}}}
    }


def _content(schema: JSON) -> JSON:
    return {"content": {"application/json": {"schema": schema}}}


class Catalogue(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    items: ClassVar[list[JSON]] = []

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        match path.split("/")[1:]:
            case ["health"]:
                self._answer({"status": "ok"})
            case ["openapi.json"]:
                self._answer(document())
            case ["items"]:
                self._list(query)
            case ["items", identity]:
                found = next((one for one in self.items if one["id"] == identity), None)
                self._answer(
                    self._shown(found) if found else {"error": "no such item"}, 200 if found else 404
                )
            case ["motd"] if "motd-moved" not in CHANGES:
                self._motd()
            case _:
                self._answer({"error": "no such path"}, 404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.path == "/reset":
            self.items.clear()
            self._answer({"reset": True})
            return
        draft = json.loads(body)
        if "title-shorter" in CHANGES and len(draft["title"]) > _SHORT:
            self._answer({"error": "title is too long"}, 400)
        elif "form-expected" in CHANGES:
            self._answer({"error": "this is no form"}, 415)
        elif "tag-required" in CHANGES and "tag" not in draft:
            self._answer({"error": "tag is missing"}, 400)
        elif "crash" in BUGS:
            self._answer({"error": "out of order"}, 500)
        else:
            default = "live" if "status-default" in CHANGES else "draft"
            item = {"id": str(uuid.uuid4()), "title": draft["title"], "status": draft.get("status", default)}
            self.items.append(item)
            is_200 = {"created-200"} & CHANGES or {"answers-200"} & BUGS
            self._answer(self._shown(item), 200 if is_200 else 201)

    def do_DELETE(self) -> None:
        if "delete-removed" in CHANGES:
            self._answer({"error": "not allowed"}, 405)
            return
        gone = [one for one in self.items if self.path.endswith(one["id"])]
        self.items[:] = [one for one in self.items if one not in gone]
        if "deleted-200" in CHANGES:
            self._answer(self._shown(gone[0]))
            return
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        sys.stderr.write(f"catalogue: {format % args}\n")

    def _list(self, query: str) -> None:
        if "page-required" in CHANGES and "page=" not in query:
            self._answer({"error": "which page?"}, 400)
            return
        limit = int(query.partition("limit=")[2] or (1 if "limit-default" in CHANGES else 10))
        shown = [self._shown(one) for one in self.items][:limit]
        headers = (
            {} if {"total-removed"} & CHANGES or {"total-lost"} & BUGS else {"x-total": str(len(self.items))}
        )
        if "pages-added" in CHANGES:
            headers["x-pages"] = "1"
        if "list-reversed" in BUGS:
            shown = shown[::-1]
        if "list-doubled" in BUGS:
            shown = [*shown, *shown]
        found = [] if "empty-list" in BUGS else shown
        self._answer({"items": found} if "list-wrapped" in CHANGES else found, headers=headers)

    def _motd(self) -> None:
        if "key-required" in CHANGES:
            self._answer({"error": "a key is needed"}, 401)
        elif "motd-text" in CHANGES:
            self._send(b"hello", 200, {"content-type": "text/plain"})
        else:
            self._answer({"text": "bye" if "motd-bye" in BUGS else "hello"})

    def _shown(self, item: JSON) -> JSON:
        """
        An item as the contract says, then as the bugs have it.
        """
        shown: JSON = {**item, "price": len(item["title"]), "author": "Ada"}
        for name, change in _AS_THE_CONTRACT_SAYS.items():
            if name in CHANGES:
                shown = change(shown)
        for name, bug in _AS_THE_BUGS_HAVE_IT.items():
            if name in BUGS:
                shown = bug(shown)
        return shown

    def _answer(self, value: object, status: int = 200, headers: dict[str, str] | None = None) -> None:
        content = json.dumps(value, separators=(",", ":")).encode()
        self._send(content, status, {"content-type": "application/json", **(headers or {})})

    def _send(self, content: bytes, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Catalogue).serve_forever()

"""What Mesh is given as the definition of a note."""

from __future__ import annotations

from typing import Final

_TEXT: Final = {"type": "string"}
_NUMBER: Final = {"type": "number"}

NOTES: Final[dict[str, object]] = {
    "name": "Notes",
    "description": "User Notes",
    "access": {"tenantRole": "member", "allowAnonymous": False},
    "dataModel": {
        "block": "Notes",
        "parent": {"type": "field", "field": "userId"},
        "indexer": ["title", "normalizedTitle", "mode", "tenantId", "sourceFile.type"],
        "jsonSchema": {
            "type": "object",
            "additionalProperties": False,
            "required": ["tenantId", "title", "mode"],
            "properties": {
                "_id": {"type": "string", "format": "uuid"},
                "userId": _TEXT,
                "tenantId": _TEXT,
                "title": _TEXT,
                "normalizedTitle": _TEXT,
                "content": _TEXT,
                "timestamp": _TEXT,
                "mode": {"type": "string", "enum": ["personal", "work"]},
                "sourceFile": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        "name": _TEXT,
                        "size": _NUMBER,
                        "type": {"type": "string", "enum": ["pdf", "text"]},
                        "extractedAt": _TEXT,
                        "pageCount": _NUMBER,
                    },
                },
            },
        },
    },
    "uiConfig": {
        "card": {"titleField": "title", "descriptionField": "content"},
        "listView": {"displayFields": ["title"]},
        "detailView": {"displayFields": ["title", "content", "metadata"]},
    },
}

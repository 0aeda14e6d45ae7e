"""What Mesh is given as the definition of an HtmlGeneration."""

from __future__ import annotations

from typing import Final

_TEXT: Final = {"type": "string"}
_UUID: Final = {"type": "string", "format": "uuid"}
_TIME: Final = {"type": "string", "format": "date-time"}

HTML_GENERATION: Final[dict[str, object]] = {
    "name": "HtmlGeneration",
    "description": "A page of HTML that the bot wrote: a game, an app, a tool",
    "access": {"tenantRole": "member", "allowAnonymous": False},
    "dataModel": {
        "block": "HtmlGeneration",
        "parent": {"type": "field", "field": "createdBy"},
        "indexer": ["title", "contentType", "tenantId", "createdBy", "tags", "sourceNoteId"],
        "jsonSchema": {
            "type": "object",
            "additionalProperties": False,
            "required": ["title", "contentType", "htmlContent", "userRequest", "tenantId", "createdBy"],
            "properties": {
                "_id": _UUID,
                "title": _TEXT,
                "contentType": {"type": "string", "enum": ["game", "app", "tool", "interactive"]},
                "htmlContent": _TEXT,
                "userRequest": _TEXT,
                "isAiGenerated": {"type": "boolean", "default": True},
                "createdAt": _TIME,
                "updatedAt": _TIME,
                "createdBy": _TEXT,
                "tenantId": _TEXT,
                "sourceNoteId": _UUID | {"description": "The note it was made from"},
                "tags": {"type": "array", "items": _TEXT},
                "metadata": {"type": "object", "additionalProperties": True},
            },
        },
    },
    "uiConfig": {
        "card": {"titleField": "title", "descriptionField": "userRequest"},
        "listView": {"displayFields": ["title", "contentType", "createdAt"]},
        "detailView": {
            "displayFields": ["title", "contentType", "userRequest", "htmlContent", "tags", "metadata"]
        },
    },
}

"""
The types that every Mesh knows from the start.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from mesh_inmemory.definitions.assistants import ASSISTANT, THEME
from mesh_inmemory.definitions.definition import Definition
from mesh_inmemory.definitions.shapes import (
    EMAIL,
    FLAG,
    MOMENT,
    NUMBER,
    OPEN,
    OPEN_RECORD,
    TEXT,
    UUID,
    Schema,
    closed,
    keyed,
    loose,
    many,
    one_of,
    texts,
    with_,
)

if TYPE_CHECKING:
    from mesh_inmemory.javascript import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class _Type:
    """
    One platform type. Lists of names are separated by spaces; ``card`` reads "descriptionField=email …".

    An empty *parent* stands for "has none", None for a definition that does not say. Without *listed* there
    is no ``uiConfig``, without *card* an empty one. An ``_id`` among the properties replaces the usual one.
    """

    description: str
    indexer: str
    properties: dict[str, Schema]
    required: str
    parent: str | None = None
    card: str = ""
    detail: str = ""
    listed: str | None = None
    access: dict[str, Json] = field(default_factory=dict)
    typed: bool = True

    def document(self, name: str) -> dict[str, Json]:
        schema = closed({"_id": UUID, **self.properties}, required=self.required)
        if not self.typed:
            del schema["type"]
        model: dict[str, Json] = {"block": name, "indexer": list(self.indexer.split()), "jsonSchema": schema}
        if self.parent is not None:
            model["parent"] = {"type": "field", "field": self.parent} if self.parent else {"type": "none"}
        document: dict[str, Json] = {
            "access": dict(self.access),
            "dataModel": model,
            "description": self.description,
            "name": name,
        }
        if self.listed is not None:
            document["uiConfig"] = self._interface()
        return document

    def _interface(self) -> dict[str, Json]:
        if not self.card:
            return {}
        card: dict[str, Json] = {}
        for entry in self.card.split():
            part, _, field = entry.partition("=")
            card[part] = field
        return {
            "card": card,
            "detailView": {"displayFields": list(self.detail.split())},
            "listView": {"displayFields": list((self.listed or "").split())},
        }


_optional: Final[dict[str, Json]] = {"optional": True}
_MESSAGES: Final = many(
    closed({"content": TEXT, "timestamp": MOMENT, "type": TEXT}, required="content"),
)
_EVENTS: Final = many(
    closed({"details": many(TEXT), "eventType": TEXT, "timestamp": MOMENT}, required="eventType"),
)
_CHAT: Final = many(
    closed(
        {"message": TEXT, "metadata": OPEN_RECORD, "sender": TEXT, "timestamp": MOMENT},
        required="message sender",
    ),
)
_BEATS: Final = many(
    closed({"message": TEXT, "start_time": with_(NUMBER, minimum=0)}, required="message start_time"),
)
_REVISION: Final = {"userId": TEXT, "delta": TEXT, "modifiedAt": MOMENT}
_REVISIONS: Final = many(closed(_REVISION, required=" ".join(_REVISION)))
_SESSIONS: Final = many(
    loose(
        {
            "time": MOMENT,
            "action": TEXT,
            "sessionId": TEXT,
            "refIds": with_(
                many(
                    loose(
                        {"type": TEXT, "id": TEXT, "description": with_(TEXT, optional=True)},
                        required="type id",
                    )
                ),
                optional=True,
            ),
        },
        required="time action sessionId",
    )
)
_VOICE_CHOICE: Final = loose(
    {
        **texts("personalityId name voiceId voiceProvider"),
        "voiceParameters": with_(OPEN, optional=True),
        "lastUpdated": MOMENT,
    },
    required="personalityId name voiceId voiceProvider",
)
_SUMMARY: Final = loose(
    {
        "summary": TEXT,
        "sessionId": TEXT,
        "timestamp": MOMENT,
        "assistantName": TEXT,
        "participantCount": with_(NUMBER, optional=True),
        "durationSeconds": with_(NUMBER, optional=True),
    },
    required="summary sessionId timestamp assistantName",
)
_LOGINS: Final = "googleAuth guestLogin passwordLogin"
_ARGUMENTS: Final = closed(
    {"properties": keyed(closed(texts("description type"))), "required": many(TEXT), "type": TEXT}
)
_FUNCTION: Final = closed({**texts("description name"), "parameters": _ARGUMENTS, "strict": FLAG})
_SPOKEN: Final = closed(texts("content role type"))
_REQUEST_MESSAGES: Final = closed(
    {
        "completed": _SPOKEN,
        "delayed": closed({**texts("content role"), "timingMilliseconds": NUMBER, "type": TEXT}),
        "failed": _SPOKEN,
        "start": _SPOKEN,
    }
)

_TYPES: Final[dict[str, _Type]] = {
    "Account": _Type(
        description="Dynamic Account content type",
        indexer="provider providerAccountId type",
        parent="userId",
        properties={
            **texts("userId provider providerAccountId type refresh_token"),
            "expires_at": NUMBER,
            "scope": TEXT,
        },
        required="userId provider providerAccountId type",
        card="descriptionField=providerAccountId tagField=provider titleField=type",
        detail="userId provider providerAccountId type session_state",
        listed="provider providerAccountId type",
    ),
    "AnonymousUser": _Type(
        description="Dynamic AnonymousUser content type",
        indexer="sessionId",
        parent="sessionId",
        properties={
            "sessionId": TEXT,
            "messages": _MESSAGES,
            "eventHistory": _EVENTS,
            "chatHistory": _CHAT,
            "metadata": OPEN,
        },
        required="sessionId",
        card="descriptionField=sessionId titleField=sessionId",
        detail="sessionId messages eventHistory chatHistory metadata",
        listed="sessionId",
    ),
    "Assistant": _Type(
        description="Dynamic Assistant content type",
        indexer="name tenantId subDomain",
        parent="tenantId",
        properties=ASSISTANT,
        required="tenantId name",
        card="descriptionField=template_description imageField=template_icon_url tagField=template_category "
        "titleField=name",
        detail="subDomain template_icon_url model",
        listed="subDomain",
    ),
    "AssistantFeedback": _Type(
        description="Dynamic Assistant Feedback content type",
        indexer="assistant_id call_id feedback_type status severity reported_by",
        parent="assistant_id",
        properties={
            "assistant_id": TEXT,
            "call_id": TEXT,
            "feedback_type": one_of("mistake", "improvement", "bug", "other"),
            **texts("description conversation_context reported_by"),
            "reported_at": MOMENT,
            "status": one_of("new", "under_review", "resolved", "wont_fix"),
            "resolution_notes": TEXT,
            "severity": one_of("low", "medium", "high", "critical"),
        },
        required="assistant_id call_id feedback_type description",
        card="descriptionField=description tagField=feedback_type titleField=assistant_id",
        detail="call_id feedback_type description status severity reported_by reported_at resolution_notes "
        "conversation_context",
        listed="feedback_type status severity reported_by reported_at",
    ),
    "AssistantTheme": _Type(
        description="Dynamic AssistantTheme content type",
        indexer="assistant_id assistant_name enabled",
        parent="assistant_id",
        properties=THEME,
        required="assistant_id assistant_name theme_config",
        card="descriptionField=assistant_name tagField=enabled titleField=assistant_id",
        detail="assistant_name enabled theme_config",
        listed="assistant_name enabled",
    ),
    "FunctionalPrompt": _Type(
        description="Feature-specific functional prompts for system composition",
        indexer="featureKey",
        properties={
            **texts("featureKey promptContent"),
            "lastModifiedByUserId": {**TEXT, **_optional},
            "history": {**many(loose(_REVISION, required=" ".join(_REVISION))), **_optional},
            "createdAt": {**MOMENT, **_optional},
            "updatedAt": {**MOMENT, **_optional},
        },
        required="featureKey promptContent",
        typed=False,
        card="titleField=featureKey descriptionField=promptContent",
        detail="featureKey promptContent lastModifiedByUserId",
        listed="featureKey lastModifiedByUserId",
    ),
    "GlobalSettings": _Type(
        description="Platform-wide settings that control application surface behavior.",
        indexer="singletonKey",
        properties={
            "_id": {**UUID, **_optional},
            "denyListEmails": with_(many(TEXT), default=[]),
            "singletonKey": with_(one_of("platform"), default="platform"),
            "interfaceLogin": closed(
                dict.fromkeys(_LOGINS.split(), with_(FLAG, default=True)), required=_LOGINS
            ),
            "createdAt": {**MOMENT, **_optional},
            "updatedAt": {**MOMENT, **_optional},
        },
        required="singletonKey interfaceLogin",
        typed=False,
        card="titleField=singletonKey descriptionField=interfaceLogin",
        detail="interfaceLogin",
        listed="singletonKey",
    ),
    "LinkMap": _Type(
        description="URL Shortener Map",
        indexer="key",
        parent="tenantId",
        properties=texts("json key createdAt expiresAt tenantId"),
        required="key json",
        access={"tenantRole": "viewer", "allowAnonymous": True},
        typed=False,
        listed="",
    ),
    "Organization": _Type(
        description="Dynamic Organization content type",
        indexer="name tenantId sharedResources sharedToAllReadOnly",
        parent="tenantId",
        properties={
            **texts("name tenantId description"),
            "sharedToAllReadOnly": FLAG,
            "metadata": OPEN,
            "settings": OPEN,
            "sharedResources": keyed(one_of("Notes", "HtmlGeneration")),
        },
        required="name tenantId",
    ),
    "Personality": _Type(
        description="Configurable assistant personality with primary and event-based prompts",
        indexer="name tenantId",
        parent="tenantId",
        properties={
            **texts("key name description primaryPrompt"),
            "variables": many(one_of("username", "roomName", "topic")),
            "beats": _BEATS,
            "tenantId": TEXT,
            "version": NUMBER,
            "lastModifiedByUserId": TEXT,
            "history": _REVISIONS,
            "createdAt": MOMENT,
            "updatedAt": MOMENT,
        },
        required="key primaryPrompt tenantId",
        card="titleField=name descriptionField=description tagField=key",
        detail="key name primaryPrompt variables beats",
        listed="key name",
    ),
    "ResetPasswordToken": _Type(
        description="Password reset & invite activation token (hashed, single-use, expiring)",
        indexer="tokenHash userId expiresAt",
        parent="userId",
        properties={
            **texts("tokenHash userId"),
            "email": EMAIL,
            "issuedAt": MOMENT,
            "expiresAt": MOMENT,
            "consumedAt": MOMENT,
            "purpose": one_of("password_reset", "invite_activation"),
            "attempts": NUMBER,
            **texts("ipIssued uaIssued"),
        },
        required="tokenHash userId expiresAt purpose",
        card="descriptionField=email tagField=purpose titleField=userId",
        detail="email purpose issuedAt expiresAt consumedAt attempts ipIssued uaIssued",
        listed="purpose expiresAt consumedAt",
    ),
    "ResourceShareToken": _Type(
        description="Time-limited token for sharing resources",
        indexer="token resourceId resourceType createdBy tenantId isActive",
        parent="createdBy",
        properties={
            **texts("token assistantName resourceId"),
            "resourceType": one_of("HtmlGeneration", "Notes"),
            "role": one_of("viewer", "member"),
            **texts("createdBy tenantId"),
            "expiresAt": MOMENT,
            "redeemedBy": many(TEXT),
            "maxRedemptions": NUMBER,
            "isActive": FLAG,
            "createdAt": MOMENT,
            "updatedAt": MOMENT,
        },
        required="token resourceId resourceType role createdBy expiresAt isActive",
    ),
    "Sprite": _Type(
        description="User-owned AI companion with embedded personality and voice",
        indexer="name tenantId parent_id",
        parent="parent_id",
        properties={
            "parent_id": with_(TEXT, description="userId (owner)"),
            **texts("tenantId name description"),
            "originalRequest": with_(TEXT, description="User original summon prompt"),
            "gifData": with_(TEXT, description="Base64-encoded GIF binary"),
            "gifMimeType": with_(TEXT, description="MIME type (image/gif)"),
            "primaryPrompt": TEXT,
            "voiceProvider": one_of("kokoro"),
            "voiceId": TEXT,
            "voiceParameters": with_(OPEN, description="Provider-specific voice parameters"),
            "lastConversationSummary": TEXT,
            "lastConversationAt": MOMENT,
            "createdAt": MOMENT,
            "updatedAt": MOMENT,
        },
        required="parent_id tenantId name description originalRequest gifData gifMimeType primaryPrompt "
        "voiceProvider voiceId",
        card="titleField=name descriptionField=description",
        detail="name description primaryPrompt voiceProvider voiceId",
        listed="name description",
    ),
    "Tenant": _Type(
        description="Dynamic Tenant content type",
        indexer="name domain",
        parent="",
        properties={**texts("domain name planTier"), "settings": OPEN},
        required="name",
        card="descriptionField=domain tagField=planTier titleField=name",
        detail="name domain planTier settings",
        listed="name",
    ),
    "Tool": _Type(
        description="Dynamic Tool content type",
        indexer="userId type baseType",
        parent="userId",
        properties={
            "async": FLAG,
            **texts("baseType description"),
            "function": _FUNCTION,
            "name": TEXT,
            "requestMessages": _REQUEST_MESSAGES,
            "server": closed(
                {"headers": keyed(TEXT), **texts("secret timeoutSeconds url")},
            ),
            **texts("type userId"),
        },
        required="type",
        card="descriptionField=description tagField=type titleField=name",
        detail="baseType",
        listed="baseType",
    ),
    "User": _Type(
        description="Dynamic User content type",
        indexer="name email phone_number",
        parent="",
        properties={
            "chatHistory": _CHAT,
            "email": EMAIL,
            "emailVerified": MOMENT,
            "eventHistory": _EVENTS,
            "image": TEXT,
            "messages": _MESSAGES,
            "metadata": OPEN_RECORD,
            **texts("name password_hash phone_number status"),
        },
        required="name",
        card="descriptionField=email imageField=image tagField=phone_number titleField=name",
        detail="interests social_styles status password_hash emailVerified metadata messages eventHistory "
        "chatHistory",
        listed="",
    ),
    "UserOrganizationRole": _Type(
        description="Dynamic UserOrganizationRole content type",
        indexer="userId organizationId role",
        parent="userId",
        properties=texts("userId organizationId role"),
        required="userId organizationId role",
    ),
    "UserProfile": _Type(
        description="User profile information",
        indexer="first_name email userId",
        properties={
            **texts("first_name email"),
            "userId": {**TEXT, **_optional},
            "onboardingComplete": {**FLAG, **_optional},
            "overlayDismissed": {**FLAG, **_optional},
            "createdAt": {**MOMENT, **_optional},
            "metadata": {**OPEN, **_optional},
            "sessionHistory": {**_SESSIONS, **_optional},
            "personalityVoiceConfig": {**_VOICE_CHOICE, **_optional},
            "lastConversationSummary": {**_SUMMARY, **_optional},
        },
        required="first_name email",
        access={"allowAnonymous": True},
        typed=False,
        card="titleField=first_name descriptionField=email",
        detail="first_name email metadata sessionHistory personalityVoiceConfig lastConversationSummary",
        listed="first_name email",
    ),
    "UserTenantRole": _Type(
        description="Dynamic UserTenantRole content type",
        indexer="tenantId",
        parent="userId",
        properties={**texts("userId tenantId"), "role": one_of("owner", "admin", "member")},
        required="userId tenantId role",
        card="descriptionField=role tagField=role titleField=userId",
        detail="userId tenantId role",
        listed="userId tenantId role",
    ),
}

PLATFORM: Final[dict[str, Definition]] = {
    name: Definition(entry.document(name), shared=True) for name, entry in _TYPES.items()
}

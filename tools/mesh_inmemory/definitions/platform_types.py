"""
The types that every Mesh knows from the start.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mesh_inmemory.definitions.assistants import ASSISTANT, THEME
from mesh_inmemory.definitions.definition import Definition
from mesh_inmemory.definitions.shapes import (
    ANYTHING,
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
    flags,
    keyed,
    loose,
    many,
    numbers,
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

    An empty *parent* stands for "has none", None for a definition that does not say.
    """

    description: str
    indexer: str
    properties: dict[str, Schema]
    required: str
    parent: str | None = None
    card: str = ""
    detail: str = ""
    listed: str | None = None
    access: tuple[str, ...] = ()
    typed: bool = True

    def document(self, name: str) -> dict[str, Json]:
        schema = closed({"_id": UUID, **self.properties}, required=self.required)
        if not self.typed:
            del schema["type"]
        model: dict[str, Json] = {"block": name, "indexer": list(self.indexer.split()), "jsonSchema": schema}
        if self.parent is not None:
            model["parent"] = {"type": "field", "field": self.parent} if self.parent else {"type": "none"}
        access: dict[str, Json] = {}
        access.update(dict.fromkeys(self.access, True))
        document: dict[str, Json] = {
            "access": access,
            "dataModel": model,
            "description": self.description,
            "name": name,
        }
        if self.listed is not None:
            document["uiConfig"] = self._interface()
        return document

    def _interface(self) -> dict[str, Json]:
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
_REVISIONS: Final = many(
    closed({"userId": TEXT, "delta": TEXT, "modifiedAt": MOMENT}, required="userId delta modifiedAt"),
)
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

_TYPES: Final[dict[str, _Type]] = {
    "Account": _Type(
        description="Dynamic Account content type",
        indexer="provider providerAccountId type",
        parent="userId",
        properties={
            **texts(
                "userId provider providerAccountId type access_token refresh_token id_token scope token_type"
            ),
            "expires_at": NUMBER,
            "session_state": TEXT,
        },
        required="userId provider providerAccountId type",
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
    ),
    "FunctionalPrompt": _Type(
        description="Prompt of one feature",
        indexer="featureKey",
        properties={
            **texts("featureKey promptContent lastModifiedByUserId"),
            "history": _REVISIONS,
            "createdAt": MOMENT,
            "updatedAt": MOMENT,
        },
        required="featureKey promptContent",
    ),
    "GlobalSettings": _Type(
        description="Settings of the whole platform",
        indexer="singletonKey",
        properties={
            "singletonKey": TEXT,
            "interfaceLogin": closed(flags("googleAuth guestLogin passwordLogin")),
            "createdAt": MOMENT,
            "updatedAt": MOMENT,
        },
        required="singletonKey interfaceLogin",
    ),
    "LinkMap": _Type(
        description="Short links",
        indexer="key",
        parent="tenantId",
        properties={**texts("key json tenantId"), "createdAt": MOMENT, "expiresAt": MOMENT},
        required="key json",
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
            **texts("userId type baseType name description"),
            "function": ANYTHING,
            "server": ANYTHING,
            "messages": many(ANYTHING),
            "async": FLAG,
            **numbers("timeoutSeconds"),
            "createdAt": MOMENT,
            "updatedAt": MOMENT,
        },
        required="userId type",
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
        access=("allowAnonymous",),
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

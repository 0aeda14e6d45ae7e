"""
The properties of Assistant and AssistantTheme, the longest of the platform's types.
"""

from __future__ import annotations

from typing import Final

from mesh_inmemory.definitions.shapes import (
    ANYTHING,
    EMPTY,
    FLAG,
    MOMENT,
    NUMBER,
    OPEN_RECORD,
    TEXT,
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

_VOICE: Final = closed(
    {
        **flags("applyGreenscreen enableRecording enableTranscription"),
        **texts("awsAssumeRoleArn callbackUrl conversationName conversationalContext customGreeting"),
        "fallbackPlan": closed({"voices": many(closed(texts("provider voiceId")))}),
        **texts("language model personaId provider recordingS3BucketName recordingS3BucketRegion voiceId"),
        **numbers("maxCallDuration optimizeStreamingLatency participantAbsentTimeout participantLeftTimeout"),
        **numbers("similarityBoost speed stability style"),
    }
)
_PERSONA_FIELDS: Final = "personalityId personalityName personaName"
_PERSONA: Final = loose({**texts(_PERSONA_FIELDS), "voice": _VOICE}, required=f"{_PERSONA_FIELDS} voice")
_ROOM_PERSONA: Final = loose(
    {**texts(f"{_PERSONA_FIELDS} room_name"), "voice": _VOICE}, required=f"{_PERSONA_FIELDS} voice"
)
_SERVER: Final = closed({"headers": EMPTY, "secret": TEXT, "timeoutSeconds": NUMBER, "url": TEXT})
_MODEL: Final = closed(
    {
        "emotionRecognitionEnabled": FLAG,
        "functions": many(ANYTHING),
        "knowledgeBase": closed({"server": _SERVER}),
        "knowledgeBaseId": TEXT,
        "messages": many(closed(texts("content role"))),
        **texts("model provider systemPrompt"),
        **numbers("maxTokens numFastTurns temperature"),
        "tools": many(TEXT),
    }
)
_TRANSCRIBER: Final = closed(
    {
        **flags("backgroundDenoising endCall"),
        **texts("language model provider"),
        "stopSpeakingPlan": closed(numbers("backoffSeconds numWords voiceSeconds")),
    }
)
_FEATURES: Final = (
    "appletApi avatar avatarLipsync summonSpriteTool googleAuth guestLogin browserAutomation dailyCall "
    "assistantSelfClose requireUserProfile gmail googleDrive htmlContent maneuverableWindow miniBrowser "
    "passwordLogin notes onboarding openclawBridge enhancedBrowser pearlMultiMenu resourceSharing "
    "screenSharePrompt terminal soundtrack userProfile wikipedia youtube smartSilence lullDetection "
    "spriteVoice"
)
_MODES: Final = ("default", "home", "work", "creative", "gaming", "focus", "relaxation", "quiet")
_SIZE: Final = closed(texts("width height"))
_THEME_CONFIG: Final = closed(
    {
        "colors": closed(
            {
                **texts("primary secondary accent background surface"),
                "text": closed(texts("primary secondary accent")),
            }
        ),
        "components": closed(
            {
                "button": closed({"sizes": closed({"active": _SIZE, "inactive": _SIZE})}),
                "logo": closed(texts("src alt")),
                "branding": closed({"ringText": TEXT, "smsNumbers": keyed(TEXT)}),
            }
        ),
        "typography": closed({"linkText": closed(texts("more"))}),
    }
)

ASSISTANT: Final[dict[str, Schema]] = {
    **texts(
        "assistantPhoneNumber backgroundSound endCallMessage firstMessage firstMessageMode knowledgeBaseId"
    ),
    **texts("name serverSecret serverUrl special_instructions subDomain tenantId user"),
    **texts("template_description template_display_name template_icon_url"),
    **numbers("maxDurationSeconds serverTimeoutSeconds silenceTimeoutSeconds template_category"),
    **flags(
        "backchannelingEnabled backgroundDenoisingEnabled emotionRecognitionEnabled endCall hipaaEnabled"
    ),
    **flags("is_template modelOutputInMessagesEnabled"),
    **dict.fromkeys(
        ["clientMessages", "contentTypes", "credentialIds", "endCallPhrases", "openAITools"], many(TEXT)
    ),
    "messages": many(ANYTHING),
    "serverMessages": many(ANYTHING),
    "createdAt": MOMENT,
    "updatedAt": MOMENT,
    "generationModelConfig": many(closed(texts("model provider"), required="model provider")),
    "knowledgeBase": EMPTY,
    "serverHeaders": EMPTY,
    "metadata": OPEN_RECORD,
    "model": _MODEL,
    "transcriber": _TRANSCRIBER,
    "modePersonalityVoiceConfig": keyed(_ROOM_PERSONA),
    "dailyCallPersonalityVoiceConfig": keyed(_ROOM_PERSONA),
    "allowedPersonalities": keyed(_PERSONA),
    "allowAnonymousLogin": with_(
        FLAG,
        default=False,
        description="Controls whether anonymous guest sessions are allowed for this Assistant.",
    ),
    "startFullScreen": with_(
        FLAG,
        default=False,
        description="Transition to full-screen browser mode when the assistant button is clicked.",
    ),
    "desktopMode": with_(
        one_of(*_MODES), default="home", description="Initial desktop mode for the Interface background."
    ),
    "supportedFeatures": with_(
        many(one_of(*_FEATURES.split())),
        description="List of features this Assistant supports; if provided, "
        "features not listed are disabled.",
    ),
    "voiceProvider": with_(one_of("pipecat"), default="pipecat"),
}

THEME: Final[dict[str, Schema]] = {
    **texts("assistant_id assistant_name"),
    "enabled": FLAG,
    "theme_config": _THEME_CONFIG,
    "createdAt": MOMENT,
    "updatedAt": MOMENT,
}

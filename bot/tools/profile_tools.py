"""What is known of the user, for the LLM."""

from __future__ import annotations

from typing import Final

from bot.actions import profile_actions
from bot.actions.profile_actions import UserProfile
from bot.mesh import Mesh
from bot.tools.calls import Bot, ForwarderRef
from bot.tools.handler import Handler, handlers_of
from bot.tools.tool import Arguments, Event, Outcome, Parameter, Session, Tool, Unable


def get_handlers(bot: Bot, forwarder_ref: ForwarderRef, *, mesh: Mesh | None = None) -> dict[str, Handler]:
    return handlers_of(TOOLS, bot, forwarder_ref, mesh=mesh)


async def _get(session: Session, args: Arguments) -> Outcome:
    del args  # it takes none
    profile = await profile_actions.get_user_profile(session.user_id, mesh=session.mesh)
    if profile is None:
        return Outcome("I do not know anything about you yet.", {"profile": {}})
    return Outcome("This is what I know about you.", {"profile": _described(profile)})


async def _update(session: Session, args: Arguments) -> Outcome:
    profile = await profile_actions.upsert_user_profile(
        session.user_id,
        first_name=args.text_or_none("first_name"),
        email=args.text_or_none("email"),
        metadata=args.mapping_or_none("facts"),
        mesh=session.mesh,
    )
    described = _described(profile)
    return Outcome("I will remember that.", {"profile": described}, Event("profile.updated", described))


async def _forget(session: Session, args: Arguments) -> Outcome:
    keys = args.texts_or_none("keys") or []
    if not await profile_actions.delete_profile_metadata_keys(session.user_id, keys, mesh=session.mesh):
        raise Unable("I did not know that about you anyway.")
    return Outcome("I forgot it.", {"forgotten": keys}, Event("profile.updated", {"forgotten": keys}))


def _described(profile: UserProfile) -> dict[str, object]:
    last = profile.get("lastConversationSummary")
    described = {
        "first_name": profile.get("first_name"),
        "name": profile.get("name"),
        "email": profile.get("email"),
        "facts": profile["metadata"],
        "last_conversation": None if last is None else last["summary"],
    }
    return {name: value for name, value in described.items() if value is not None}


TOOLS: Final = (
    Tool("get_user_profile", "Say what is known of the user.", (), _get),
    Tool(
        "update_user_profile",
        "Remember something about the user; what is known already and not mentioned stays.",
        (
            Parameter("first_name", "What the user wants to be called."),
            Parameter("email", "The user's email address."),
            Parameter("facts", "Anything else, by a short name each: likes, city, birthday.", "object"),
        ),
        _update,
    ),
    Tool(
        "forget_user_facts",
        "Forget facts about the user.",
        (Parameter("keys", "The short names under which they are remembered.", "array", required=True),),
        _forget,
    ),
)

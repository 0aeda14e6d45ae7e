"""The HTML applets, for the LLM."""

from __future__ import annotations

from typing import Final

from bot.actions import html_actions
from bot.actions.html_actions import HtmlGeneration, LibraryEntry
from bot.actions.titles import plain
from bot.mesh import Mesh
from bot.tools.calls import Bot, ForwarderRef
from bot.tools.handler import Handler, handlers_of
from bot.tools.tool import Arguments, Event, Outcome, Parameter, Session, Tool, Unable

_TYPES: Final = ("game", "app", "tool", "interactive")
_WHICH: Final = (
    Parameter("applet_id", "The applet's id, where it is known."),
    Parameter("title", "The applet's title, or what the user calls it, where the id is not known."),
)


def get_handlers(bot: Bot, forwarder_ref: ForwarderRef, *, mesh: Mesh | None = None) -> dict[str, Handler]:
    return handlers_of(TOOLS, bot, forwarder_ref, mesh=mesh)


async def _create(session: Session, args: Arguments) -> Outcome:
    applet = await html_actions.create_html_generation(
        session.tenant_id,
        session.user_id,
        args.text("title"),
        args.text("html_content"),
        content_type=args.text_or_none("content_type") or "app",
        user_request=args.text_or_none("user_request") or "",
        source_note_id=args.text_or_none("source_note_id"),
        tags=args.texts_or_none("tags"),
        unique=True,
        mesh=session.mesh,
    )
    return Outcome(
        f"I made {applet['title']}.", {"applet": _described(applet)}, _shown("html.created", applet)
    )


async def _update(session: Session, args: Arguments) -> Outcome:
    title, html, tags = (
        args.text_or_none("new_title"),
        args.text_or_none("html_content"),
        args.texts_or_none("tags"),
    )
    if title is None and html is None and tags is None:
        raise Unable("What shall I change about it?")
    wanted = await _wanted(session, args)
    await html_actions.update_html_generation(
        session.tenant_id, wanted["page_id"], title, html, tags, user_id=session.user_id, mesh=session.mesh
    )
    applet = await _loaded(session, wanted["page_id"])
    return Outcome(
        f"I changed {applet['title']}.", {"applet": _described(applet)}, _shown("html.updated", applet)
    )


async def _load(session: Session, args: Arguments) -> Outcome:
    applet = await _wanted(session, args)
    described = _described(applet)
    if args.flag("include_html"):
        described["html_content"] = applet["htmlContent"]
    return Outcome(f"Here is {applet['title']}.", {"applet": described}, _shown("html.loaded", applet))


async def _list(session: Session, args: Arguments) -> Outcome:
    del args  # it takes none
    library = await html_actions.list_html_library(session.tenant_id, session.user_id, mesh=session.mesh)
    if not library:
        return Outcome("There is nothing in your library yet.", {"applets": []})
    titles = ", ".join(entry["title"] for entry in library)
    return Outcome(f"In your library there is: {titles}.", {"applets": [_listed(each) for each in library]})


async def _delete(session: Session, args: Arguments) -> Outcome:
    applet = await _wanted(session, args, exactly=True)
    if not await html_actions.delete_html_generation(
        session.tenant_id, applet["page_id"], user_id=session.user_id, mesh=session.mesh
    ):
        raise Unable(f"{applet['title']} was gone already.")
    gone = {"applet_id": applet["page_id"], "title": applet["title"]}
    return Outcome(f"I deleted {applet['title']}.", gone, Event("html.deleted", gone))


async def _wanted(session: Session, args: Arguments, *, exactly: bool = False) -> HtmlGeneration:
    """
    The applet by its id, or else by its title; *exactly* does not take the most alike for the one meant.
    """
    applet_id, title = args.text_or_none("applet_id"), args.text_or_none("title")
    if applet_id:
        return await _loaded(session, applet_id)
    if not title:
        raise Unable("Which one do you mean? Please tell me its title.")
    found = await html_actions.fuzzy_search_html_library(
        session.tenant_id, session.user_id, title, mesh=session.mesh
    )
    if not found:
        raise Unable(f"I could not find anything called {title}.")
    if exactly and plain(found[0]["title"]) != plain(title):
        raise Unable(f"There is nothing called {title}. Did you mean {found[0]['title']}?")
    return await _loaded(session, found[0]["page_id"])


async def _loaded(session: Session, applet_id: str) -> HtmlGeneration:
    applet = await html_actions.get_html_generation_by_id(
        session.tenant_id, applet_id, user_id=session.user_id, mesh=session.mesh
    )
    if applet is None:
        raise Unable("I could not find that. It may have been deleted.")
    return applet


def _described(applet: HtmlGeneration) -> dict[str, object]:
    return {
        "applet_id": applet["page_id"],
        "title": applet["title"],
        "content_type": applet["contentType"],
        "tags": applet["tags"],
    }


def _listed(entry: LibraryEntry) -> dict[str, object]:
    return {
        "applet_id": entry["page_id"],
        "title": entry["title"],
        "content_type": entry["contentType"],
        "tags": entry["tags"],
        "access": entry["access"],
    }


def _shown(name: str, applet: HtmlGeneration) -> Event:
    # The screen needs the page itself; the LLM would only have to read it.
    return Event(name, {**_described(applet), "html_content": applet["htmlContent"]})


TOOLS: Final = (
    Tool(
        "create_html_applet",
        "Make an applet (a game, an app, a tool) from HTML, keep it and show it.",
        (
            Parameter("title", "What it is called.", required=True),
            Parameter("html_content", "The whole page: HTML with its styles and scripts.", required=True),
            Parameter("content_type", "What kind of applet it is.", choices=_TYPES),
            Parameter("user_request", "What the user asked for, in the user's words."),
            Parameter("source_note_id", "The id of the note it is made from."),
            Parameter("tags", "A few words to find it by.", "array"),
        ),
        _create,
    ),
    Tool(
        "update_html_applet",
        "Change an applet's title, page or tags.",
        (
            *_WHICH,
            Parameter("new_title", "The new title."),
            Parameter("html_content", "The new page, all of it."),
            Parameter("tags", "The new tags, all of them.", "array"),
        ),
        _update,
    ),
    Tool(
        "load_html_applet",
        "Show an applet of the user's library.",
        (*_WHICH, Parameter("include_html", "Whether you need to read its HTML, to change it.", "boolean")),
        _load,
    ),
    Tool("list_html_applets", "Say what is in the user's library, what is shared included.", (), _list),
    Tool("delete_html_applet", "Delete an applet for good. Ask the user first.", _WHICH, _delete),
)

"""The notes, for the LLM."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

from bot.actions import notes_actions
from bot.actions.notes_actions import Mode, Note, NoteMetadata
from bot.actions.titles import plain
from bot.mesh import Mesh
from bot.tools.calls import Bot, ForwarderRef
from bot.tools.handler import Handler, handlers_of
from bot.tools.tool import Arguments, Event, Outcome, Parameter, Session, Tool, Unable

_MODES: Final = ("work", "personal")
_WHICH: Final = (
    Parameter("note_id", "The note's id, where it is known."),
    Parameter("title", "The note's title, or what the user calls it, where the id is not known."),
)


def get_handlers(bot: Bot, forwarder_ref: ForwarderRef, *, mesh: Mesh | None = None) -> dict[str, Handler]:
    return handlers_of(TOOLS, bot, forwarder_ref, mesh=mesh)


async def _create(session: Session, args: Arguments) -> Outcome:
    note = await notes_actions.create_note(
        session.tenant_id,
        session.user_id,
        args.text("title"),
        args.text_or_none("content") or "",
        cast("Mode", args.text_or_none("mode") or "work"),
        mesh=session.mesh,
    )
    return _outcome(f"I created the note {note['title']}.", note, "note.created")


async def _list(session: Session, args: Arguments) -> Outcome:
    mode = cast("Mode | None", args.text_or_none("mode"))
    notes = await notes_actions.list_notes(session.tenant_id, session.user_id, mode=mode, mesh=session.mesh)
    counted = "is one note" if len(notes) == 1 else f"are {len(notes) or 'no'} notes"
    return Outcome(f"There {counted}.", {"notes": [_described(note) for note in notes]})


async def _read(session: Session, args: Arguments) -> Outcome:
    note = await _wanted(session, args)
    return _outcome(f"Here is the note {note['title']}.", note, "note.opened")


async def _replace(session: Session, args: Arguments) -> Outcome:
    note_id = (await _wanted(session, args))["page_id"]
    changed = await notes_actions.update_note_content(
        session.tenant_id, session.user_id, note_id, args.text("content"), mesh=session.mesh
    )
    return _changed("I rewrote the note {title}.", changed)


async def _append(session: Session, args: Arguments) -> Outcome:
    note_id = (await _wanted(session, args))["page_id"]
    changed = await notes_actions.append_to_note(
        session.tenant_id, session.user_id, note_id, args.text("text"), mesh=session.mesh
    )
    return _changed("I added it to the note {title}.", changed)


async def _rename(session: Session, args: Arguments) -> Outcome:
    note_id = (await _wanted(session, args))["page_id"]
    changed = await notes_actions.update_note_title(
        session.tenant_id, session.user_id, note_id, args.text("new_title"), mesh=session.mesh
    )
    return _changed("The note is called {title} now.", changed)


async def _change_mode(session: Session, args: Arguments) -> Outcome:
    note_id = (await _wanted(session, args))["page_id"]
    mode = cast("Mode", args.text("mode"))
    changed = await notes_actions.update_note_mode(
        session.tenant_id, session.user_id, note_id, mode, mesh=session.mesh
    )
    now = "for everybody at work" if mode == "work" else "personal"
    return _changed("The note {title} is " + now + " now.", changed)


async def _delete(session: Session, args: Arguments) -> Outcome:
    note = await _wanted(session, args, exactly=True)
    if not await notes_actions.delete_note(
        session.tenant_id, session.user_id, note["page_id"], mesh=session.mesh
    ):
        raise Unable(f"The note {note['title']} was gone already.")
    gone = {"note_id": note["page_id"], "title": note["title"]}
    return Outcome(f"I deleted the note {note['title']}.", gone, Event("note.deleted", gone))


async def _wanted(session: Session, args: Arguments, *, exactly: bool = False) -> Note:
    """
    The note by its id, or else by its title; *exactly* does not take the most alike for the one meant.
    """
    note_id, title = args.text_or_none("note_id"), args.text_or_none("title")
    if note_id:
        note = await notes_actions.get_note_by_id(
            session.tenant_id, session.user_id, note_id, mesh=session.mesh
        )
        if note is None:
            raise Unable("I could not find that note.")
        return note
    if not title:
        raise Unable("Which note do you mean? Please tell me its title.")
    return await _titled(session, title, exactly=exactly)


async def _titled(session: Session, title: str, *, exactly: bool) -> Note:
    found = await notes_actions.fuzzy_search_notes(
        session.tenant_id, session.user_id, title, mesh=session.mesh
    )
    if not found:
        raise Unable(f"I could not find a note called {title}.")
    if exactly and plain(found[0]["title"]) != plain(title):
        raise Unable(f"There is no note called {title}. Did you mean {found[0]['title']}?")
    return found[0]


def _changed(message: str, note: Note | None) -> Outcome:
    if note is None:
        raise Unable("That note was deleted just now.")
    return _outcome(message.replace("{title}", note["title"]), note, "note.updated")


def _outcome(message: str, note: Note, event: str) -> Outcome:
    described = {**_described(note), "content": note["content"]}
    return Outcome(message, {"note": described}, Event(event, described))


def _described(note: Note | NoteMetadata) -> Mapping[str, object]:
    return {"note_id": note["page_id"], "title": note["title"], "mode": note["mode"]}


TOOLS: Final = (
    Tool(
        "create_note",
        "Write a new note.",
        (
            Parameter("title", "What the note is called.", required=True),
            Parameter("content", "What is written in it."),
            Parameter("mode", "Everybody's at work, which is usual, or the user's alone.", choices=_MODES),
        ),
        _create,
    ),
    Tool(
        "list_notes",
        "Say which notes there are, without what is written in them.",
        (Parameter("mode", "Only the notes of one mode.", choices=_MODES),),
        _list,
    ),
    Tool("read_note", "Open a note and read what is written in it.", _WHICH, _read),
    Tool(
        "replace_note",
        "Put a new text in the place of all that is written in a note.",
        (*_WHICH, Parameter("content", "The new text, all of it.", required=True)),
        _replace,
    ),
    Tool(
        "append_to_note",
        "Add a line at the end of a note.",
        (*_WHICH, Parameter("text", "What is added.", required=True)),
        _append,
    ),
    Tool(
        "rename_note",
        "Give a note another title.",
        (*_WHICH, Parameter("new_title", "The new title.", required=True)),
        _rename,
    ),
    Tool(
        "change_note_mode",
        "Make a note personal, or let everybody at work read it.",
        (*_WHICH, Parameter("mode", "The new mode.", required=True, choices=_MODES)),
        _change_mode,
    ),
    Tool(
        "delete_note",
        "Delete a note for good. Ask the user first.",
        _WHICH,
        _delete,
    ),
)
